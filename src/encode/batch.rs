//! Batches of like length under a budget of tokens, without repetitions.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

/// The distinct members of `inputs`, in the order of their first appearance, and for each input the place of its
/// equal among them.
pub fn distinct<T: Copy + Eq + Hash>(inputs: impl IntoIterator<Item = T>) -> (Vec<T>, Vec<usize>) {
    let mut unique = Vec::new();
    let mut place_of = HashMap::new();
    let places = inputs.into_iter().map(|input| {
        *place_of.entry(input).or_insert_with(|| {
            unique.push(input);
            unique.len() - 1
        })
    });
    let places = places.collect();
    (unique, places)
}

/// Groups inputs of the given `lengths` (in tokens) so that no group, were it padded to its longest member,
/// holds more than `token_budget` tokens. An input beyond the budget has a group of its own.
///
/// Longest first, so that the last groups handed to threads are the cheap ones; ties keep the order of the
/// input. The result depends on the arguments only, and every index stands in exactly one group.
pub fn batches(lengths: &[usize], token_budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| (Reverse(lengths[index]), index));
    let mut groups = Vec::new();
    let mut rest = order.as_slice();
    while let Some(&first) = rest.first() {
        // The first member is the longest, hence the width of the whole group.
        let room = token_budget / lengths[first].max(1);
        let (group, later) = rest.split_at(room.clamp(1, rest.len()));
        groups.push(group.to_vec());
        rest = later;
    }
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn groups_are_filled_up_to_the_budget() {
        assert_eq!(batches(&[5, 10, 5, 9], 20), [vec![1, 3], vec![0, 2]]);
        assert_eq!(batches(&[], 20), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn repetitions_share_a_place() {
        assert_eq!(distinct(["b", "a", "b", "c", "a"]), (vec!["b", "a", "c"], vec![0, 1, 0, 2, 1]));
        assert_eq!(distinct::<u8>([]), (vec![], vec![]));
    }

    #[test]
    fn an_input_beyond_the_budget_stands_alone() {
        assert_eq!(batches(&[3, 50, 3], 10), [vec![1], vec![0, 2]]);
        assert_eq!(batches(&[4, 4], 0), [vec![0], vec![1]]);
    }

    proptest! {
        #[test]
        fn every_index_once_and_never_over_budget(
            lengths in prop::collection::vec(0_usize..300, 0..200),
            budget in 0_usize..2000,
        ) {
            let groups = batches(&lengths, budget);
            let mut seen: Vec<usize> = groups.concat();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for group in groups {
                let longest = group.iter().map(|&index| lengths[index]).max().unwrap_or(0);
                prop_assert!(group.len() == 1 || longest * group.len() <= budget);
            }
        }
    }
}

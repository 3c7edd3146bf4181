//! A few labelled sentences out of many, to learn what few can teach.

use std::collections::HashSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::labels::{LabelSet, Labelled};
use crate::classify::Codebook;

/// The same sets and number give the same sentences.
const SEED: u64 = 2017;

/// Keeps of all sets together `shots` sentences for each pole of `codebook` (one that supports two poles counts for the
/// first that still needs it) and `shots` without a position for each pole; all where there are fewer.
pub(crate) fn draw(sets: &mut [LabelSet], codebook: &Codebook, shots: usize) {
    let n_poles = 2 * codebook.axes.len();
    let mut places: Vec<(usize, usize)> = sets
        .iter()
        .enumerate()
        .flat_map(|(set, labels)| (0..labels.records.len()).map(move |record| (set, record)))
        .collect();
    shuffle(&mut places);
    // For each pole the sentences still needed; the last place is for those without a position.
    let mut needed = vec![shots; n_poles];
    needed.push(shots * n_poles);
    let mut kept = HashSet::new();
    for (set, record) in places {
        let poles = poles(&sets[set].records[record], n_poles);
        if let Some(pole) = poles.into_iter().find(|pole| needed[*pole] > 0) {
            needed[pole] -= 1;
            kept.insert((set, record));
        }
    }
    for (number, set) in sets.iter_mut().enumerate() {
        let mut record = 0;
        set.records.retain(|_| {
            record += 1;
            kept.contains(&(number, record - 1))
        });
    }
}

/// The poles that anybody in the sentence supports; a last one of those that support none.
fn poles(record: &Labelled, n_poles: usize) -> Vec<usize> {
    let mut held = vec![false; n_poles];
    for coded in &record.statements {
        for (axis, side) in coded.sides.iter().enumerate() {
            let [first, second] = side.unwrap_or_default().poles();
            held[2 * axis] |= first;
            held[2 * axis + 1] |= second;
        }
    }
    let poles: Vec<usize> = (0..n_poles).filter(|pole| held[*pole]).collect();
    if poles.is_empty() { vec![n_poles] } else { poles }
}

/// Fisher and Yates's way.
fn shuffle<T>(items: &mut [T]) {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    for last in (1..items.len()).rev() {
        items.swap(last, rng.random_range(0..=last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Side;
    use crate::document::Manner;
    use crate::train::Coded;

    fn set(n: usize) -> LabelSet {
        let record = |i: usize| {
            let side = [Side::Neither, Side::First, Side::Second, Side::Neither][i % 4];
            let sides = vec![Some(side), Some(Side::Neither)];
            Labelled {
                id: i.to_string(),
                group: i.to_string(),
                corpus: String::new(),
                actor: String::new(),
                actor_type: String::new(),
                language: String::new(),
                prev: String::new(),
                sentence: i.to_string(),
                next: String::new(),
                statements: vec![Coded { holder: None, manner: Manner::Own, sides }],
                labelled: vec![true; 2],
            }
        };
        LabelSet { path: "l".into(), sha256: String::new(), records: (0..n).map(record).collect() }
    }

    #[test]
    fn each_pole_has_its_share() {
        let codebook = Codebook::built_in();
        let mut sets = [set(200), set(120)];
        draw(&mut sets, &codebook, 8);
        let kept: Vec<usize> =
            sets.iter().flat_map(|set| &set.records).map(|one| poles(one, 4)[0]).collect();
        let count = |pole: usize| kept.iter().filter(|kept| **kept == pole).count();
        // The second axis has no supporter of either pole: nothing to draw.
        assert_eq!([0, 1, 2, 3, 4].map(count), [8, 8, 0, 0, 32]);
        assert!(
            sets.iter()
                .all(|set| set.records.is_sorted_by_key(|one| one.id.parse::<usize>().unwrap()))
        );
        let mut again = [set(200), set(120)];
        draw(&mut again, &codebook, 8);
        assert_eq!(again, sets);
    }

    #[test]
    fn all_are_kept_where_there_are_fewer() {
        let mut sets = [set(8)];
        draw(&mut sets, &Codebook::built_in(), 100);
        assert_eq!(sets, [set(8)]);
    }
}

//! Cross-validation folds that keep a document together and spread rare poles evenly.

use std::collections::BTreeMap;

/// Puts each row into one of `n_folds` folds; rows of one group share a fold.
///
/// Groups are dealt from the richest in positives to the poorest, each to the fold that has least of
/// what the group has: the greedy scheme of Sechidis, Tsoumakas & Vlahavas (2011), On the
/// stratification of multi-label data, with groups in the place of examples. No chance is involved.
///
/// `positives[row]` says for each pole whether the row supports it.
pub(super) fn grouped(groups: &[&str], positives: &[Vec<bool>], n_folds: usize) -> Vec<usize> {
    let n_poles = positives.first().map_or(0, Vec::len);
    let mut counts: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (group, row) in groups.iter().zip(positives) {
        let count = counts.entry(group).or_insert_with(|| vec![0.0; n_poles + 1]);
        count[n_poles] += 1.0;
        for (total, positive) in count.iter_mut().zip(row) {
            *total += f64::from(*positive);
        }
    }
    let fold_of = deal(counts.into_iter().collect(), n_poles, n_folds);
    groups.iter().map(|group| fold_of[group]).collect()
}

/// Deals groups with their counts (positives for each pole, then rows) to folds.
fn deal(
    mut groups: Vec<(&str, Vec<f64>)>,
    n_poles: usize,
    n_folds: usize,
) -> BTreeMap<&str, usize> {
    let totals: Vec<f64> = (0..=n_poles)
        .map(|k| groups.iter().map(|(_, count)| count[k]).sum::<f64>().max(1.0))
        .collect();
    let weight = |count: &[f64]| count.iter().zip(&totals).map(|(c, t)| c / t).sum::<f64>();
    groups.sort_by(|a, b| weight(&b.1).total_cmp(&weight(&a.1)).then_with(|| a.0.cmp(b.0)));
    let mut filled = vec![vec![0.0; n_poles + 1]; n_folds];
    let mut fold_of = BTreeMap::new();
    for (group, count) in groups {
        let crowding = |fold: &[f64]| -> f64 {
            count.iter().zip(fold).zip(&totals).map(|((c, f), t)| c * f / (t * t)).sum()
        };
        let best = (0..n_folds)
            .min_by(|a, b| crowding(&filled[*a]).total_cmp(&crowding(&filled[*b])))
            .expect("there is at least one fold");
        for (total, more) in filled[best].iter_mut().zip(&count) {
            *total += more;
        }
        fold_of.insert(group, best);
    }
    fold_of
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stay_together_and_rare_poles_are_spread() {
        let names: Vec<String> = (0..200).map(|row| format!("doc{}", row / 4)).collect();
        let groups: Vec<&str> = names.iter().map(String::as_str).collect();
        let positives: Vec<Vec<bool>> =
            (0..200).map(|row| vec![row % 20 == 0, row % 3 == 0]).collect();
        let folds = grouped(&groups, &positives, 5);
        for row in 1..200 {
            assert!(groups[row] != groups[row - 1] || folds[row] == folds[row - 1]);
        }
        for fold in 0..5 {
            let rows: Vec<usize> = (0..200).filter(|row| folds[*row] == fold).collect();
            assert!((36..=44).contains(&rows.len()), "fold {fold} has {} rows", rows.len());
            assert_eq!(rows.iter().filter(|row| positives[**row][0]).count(), 2);
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        let groups = ["a", "b", "c", "d", "e", "f", "g", "a"];
        let positives: Vec<Vec<bool>> = groups.iter().map(|g| vec![*g < "c"]).collect();
        let forward = grouped(&groups, &positives, 3);
        let reversed: Vec<&str> = groups.iter().rev().copied().collect();
        let mut backward =
            grouped(&reversed, &positives.iter().rev().cloned().collect::<Vec<_>>(), 3);
        backward.reverse();
        assert_eq!(forward, backward);
    }
}

//! How well holders are named: the names and actors found for attributed words against those that people wrote down.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::attribution::{Agreement, Marked, ratio};
use crate::attribute::same_name;

/// The scores of the names of holders.
///
/// The unit is a name of a marked attribution. It is found where one of the attributions found whose content shares
/// a character with the marked one has it. A name found there that was not marked is a false alarm; names of
/// attributions that touch nothing marked are judged by the spans alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NameRow {
    /// `holder` (names; case, diacritics and titles make no difference) or `actor` (identifiers).
    pub what: &'static str,
    /// Names written down.
    pub n_expected: usize,
    /// Names found for the contents that touch.
    pub n_found: usize,
    /// Names found that were written down.
    pub n_right: usize,
    /// Precision, recall and F1 of the names.
    pub agreement: Agreement,
}

/// The rows for texts given as pairs of what was found and what was marked; none for what no text gives.
pub(super) fn rows(texts: &[(&[Marked], &[Marked])]) -> Vec<NameRow> {
    let names: fn(&Marked) -> &[String] = |marked| &marked.holders;
    let actors: fn(&Marked) -> &[String] = |marked| &marked.actor_ids;
    let equal: fn(&str, &str) -> bool = |one, other| one == other;
    [("holder", names, same_name as fn(&str, &str) -> bool), ("actor", actors, equal)]
        .into_iter()
        .filter_map(|(what, of, same)| row(what, texts, of, same))
        .collect()
}

fn row(
    what: &'static str,
    texts: &[(&[Marked], &[Marked])],
    of: fn(&Marked) -> &[String],
    same: fn(&str, &str) -> bool,
) -> Option<NameRow> {
    let (mut expected, mut found, mut right) = (0, 0, 0);
    for (ours, theirs) in texts {
        for marked in theirs.iter().filter(|marked| !of(marked).is_empty()) {
            let touching = ours.iter().filter(|one| touches(one, marked));
            let names: BTreeSet<&String> = touching.flat_map(of).collect();
            let known = |name: &&String| names.iter().any(|other| same(name, other));
            expected += of(marked).len();
            found += names.len();
            right += of(marked).iter().filter(known).count();
        }
    }
    let agreement = Agreement::new(ratio(right.min(found), found), ratio(right, expected));
    (expected > 0).then_some(NameRow {
        what,
        n_expected: expected,
        n_found: found,
        n_right: right,
        agreement,
    })
}

/// Whether two attributions share a character of their contents.
fn touches(one: &Marked, other: &Marked) -> bool {
    one.content.iter().any(|(start, end)| {
        other.content.iter().any(|(other_start, other_end)| start < other_end && other_start < end)
    })
}

/// The rows as a table of their own.
pub(super) fn write(f: &mut fmt::Formatter<'_>, rows: &[NameRow]) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n| name | expected | found | right | P | R | F1 |")?;
    writeln!(f, "|---|---:|---:|---:|---:|---:|---:|")?;
    for NameRow { what, n_expected, n_found, n_right, agreement } in rows {
        let [p, r, f1] = [agreement.precision, agreement.recall, agreement.f1].map(|v| 100.0 * v);
        writeln!(
            f,
            "| {what} | {n_expected} | {n_found} | {n_right} | {p:.1} | {r:.1} | {f1:.1} |"
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(content: (usize, usize), holders: &[&str]) -> Marked {
        let holders = holders.iter().map(|name| (*name).to_owned()).collect();
        Marked { source: None, cue: None, content: vec![content], holders, actor_ids: Vec::new() }
    }

    #[test]
    fn names_count_where_contents_touch() {
        let ours = [
            marked((0, 10), &["President Aru Telnik"]),
            marked((20, 30), &["Ruvania"]),
            marked((20, 30), &["Dovia"]),
            marked((90, 99), &["Mira Solheim"]),
        ];
        let theirs = [
            marked((5, 12), &["Aru Telnik"]),
            marked((20, 30), &["Ruvania", "Tessaly"]),
            marked((40, 50), &["Ada Okoro"]),
            marked((60, 70), &[]),
        ];
        let rows = rows(&[(&ours, &theirs)]);
        let [row] = rows.as_slice() else { panic!("only names were given: {rows:?}") };
        assert_eq!((row.n_expected, row.n_found, row.n_right), (4, 3, 2));
        assert!((row.agreement.recall - 0.5).abs() < 1e-9);
        assert!((row.agreement.precision - 2.0 / 3.0).abs() < 1e-9);
    }
}

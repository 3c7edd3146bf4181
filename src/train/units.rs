//! What is counted once when predictions are judged: sentences, or statements, with a decision for each pole.

use super::evaluate::Contender;
use super::labels::{Coded, Labelled};
use super::report::Level;
use super::rows::Row;
use crate::classify::Lean;
use crate::document::Manner;

/// One decision on one pole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Decision {
    pub(crate) truth: bool,
    pub(crate) found: bool,
    pub(crate) p: f64,
    pub(crate) unsure: bool,
}

/// A sentence or a statement, with a decision for each pole that was labelled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    /// Index of its sentence.
    pub(crate) record: usize,
    pub(crate) manner: Option<Manner>,
    pub(crate) decisions: Vec<Option<Decision>>,
}

/// What is judged at `level`: as many units, and of the same sentences, for every contender.
pub(crate) fn units(
    level: Level,
    records: &[Labelled],
    rows: &[Row],
    contender: &Contender,
    n_axes: usize,
) -> Vec<Unit> {
    match level {
        Level::Sentence => sentence_units(records, rows, contender, n_axes),
        Level::Holder => holder_units(rows, &contender.leans),
        Level::EndToEnd => end_to_end_units(records, rows, &contender.leans),
    }
}

fn sentence_units(
    records: &[Labelled],
    rows: &[Row],
    contender: &Contender,
    n_axes: usize,
) -> Vec<Unit> {
    let wholes = match &contender.sentence_leans {
        Some(leans) => leans.clone(),
        None => leans_of_sentences(records.len(), rows, &contender.leans, n_axes),
    };
    let unit = |(index, leans): (usize, Vec<Lean>)| sentence_unit(index, &records[index], &leans);
    wholes.into_iter().enumerate().map(unit).collect()
}

/// For each sentence the leans of the statements in it that the program finds, together.
fn leans_of_sentences(
    n_sentences: usize,
    rows: &[Row],
    leans: &[Vec<Lean>],
    n_axes: usize,
) -> Vec<Vec<Lean>> {
    let mut wholes = vec![vec![Lean::default(); n_axes]; n_sentences];
    for (row, leans) in rows.iter().zip(leans).filter(|(row, _)| row.found) {
        let whole = wholes[row.record].iter_mut();
        whole.zip(leans).for_each(|(all, one)| *all = all.or(*one));
    }
    wholes
}

/// A sentence with what was coded in it, by whomever held, and what was found.
fn sentence_unit(index: usize, record: &Labelled, leans: &[Lean]) -> Unit {
    let decision = |axis: usize, side: usize| {
        let supports = |coded: &Coded| coded.sides[axis].is_some_and(|found| found.poles()[side]);
        let lean = leans[axis];
        record.labelled[axis].then(|| Decision {
            truth: record.statements.iter().any(supports),
            found: lean.lean.poles()[side],
            p: lean.p[side],
            unsure: lean.abstain,
        })
    };
    let axes = 0..leans.len();
    let decisions = axes.flat_map(|axis| [decision(axis, 0), decision(axis, 1)]).collect();
    Unit { record: index, manner: None, decisions }
}

fn holder_units(rows: &[Row], leans: &[Vec<Lean>]) -> Vec<Unit> {
    let coded = rows.iter().zip(leans).filter(|(row, _)| row.coded);
    coded.map(|(row, leans)| unit(row, decisions(row, leans, false))).collect()
}

fn end_to_end_units(records: &[Labelled], rows: &[Row], leans: &[Vec<Lean>]) -> Vec<Unit> {
    let judged = rows.iter().zip(leans).map(|(row, leans)| {
        let mut decisions = decisions(row, leans, true);
        let known = records[row.record].labelled.iter().flat_map(|known| [*known, *known]);
        for (decision, known) in decisions.iter_mut().zip(known) {
            *decision = decision.filter(|_| known).map(|decision| Decision {
                found: decision.found && row.found,
                p: if row.found { decision.p } else { 0.0 },
                ..decision
            });
        }
        unit(row, decisions)
    });
    judged.collect()
}

fn unit(row: &Row, decisions: Vec<Option<Decision>>) -> Unit {
    Unit { record: row.record, manner: Some(row.features.manner), decisions }
}

/// The decisions on a row's poles. Where nothing was coded there is none, or, if `unlabelled_is_none`,
/// the truth is "no position".
fn decisions(row: &Row, leans: &[Lean], unlabelled_is_none: bool) -> Vec<Option<Decision>> {
    let axes = row.sides.iter().zip(leans);
    axes.flat_map(|(side, lean)| {
        let found = lean.lean.poles();
        let truth = side.or(unlabelled_is_none.then(Default::default));
        [0, 1].map(|pole| {
            truth.map(|truth| Decision {
                truth: truth.poles()[pole],
                found: found[pole],
                p: lean.p[pole],
                unsure: lean.abstain,
            })
        })
    })
    .collect()
}

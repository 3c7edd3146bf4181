//! Judges predictions against labels, at the level of sentences and of statements.

use std::collections::{BTreeMap, BTreeSet};

use super::bootstrap;
use super::labels::Labelled;
use super::metrics::{Counts, average_precision, expected_calibration_error};
use super::report::{Evaluation, Level, PoleScore, Slice, Table};
use super::rows::Row;
use crate::classify::{Codebook, Lean};
use crate::document::Manner;

/// Something that predicts: a name and one list of leans for each row.
#[derive(Clone, Debug)]
pub struct Contender {
    /// The name in reports.
    pub name: String,
    /// For each row, one lean per axis of the codebook.
    pub leans: Vec<Vec<Lean>>,
    /// For each sentence, one lean per axis, where the contender judges sentences as wholes. Otherwise a
    /// sentence leans where a statement in it does that the program finds by itself.
    pub sentence_leans: Option<Vec<Vec<Lean>>>,
}

/// One decision on one pole.
#[derive(Clone, Copy, Debug)]
struct Decision {
    truth: bool,
    found: bool,
    p: f64,
    unsure: bool,
}

/// What is counted once: a sentence or a statement, with a decision for each pole that was labelled.
#[derive(Clone, Debug)]
struct Unit<'a> {
    document: &'a str,
    corpus: &'a str,
    manner: Option<Manner>,
    decisions: Vec<Option<Decision>>,
}

/// Judges `contender` on the statements `rows` of `records`, which come from `file`.
///
/// Intervals are bootstrapped over documents with a fixed seed.
pub fn evaluate(
    codebook: &Codebook,
    file: &str,
    records: &[Labelled],
    rows: &[Row],
    contender: &Contender,
) -> Evaluation {
    let poles: Vec<&str> = codebook.poles().map(|(_, pole)| pole.id.as_str()).collect();
    let mut tables = Vec::new();
    for level in [Level::Sentence, Level::Holder, Level::EndToEnd] {
        let units = match level {
            Level::Sentence => sentence_units(records, rows, contender, codebook.axes.len()),
            Level::Holder => holder_units(records, rows, &contender.leans),
            Level::EndToEnd => end_to_end_units(records, rows, &contender.leans),
        };
        for slice in slices(&units) {
            let kept: Vec<&Unit<'_>> = units.iter().filter(|unit| unit.is_in(&slice)).collect();
            tables.push(table(level, slice, &kept, &poles));
        }
    }
    Evaluation {
        contender: contender.name.clone(),
        file: file.to_owned(),
        n_sentences: records.len(),
        tables,
    }
}

impl Unit<'_> {
    fn is_in(&self, slice: &Slice) -> bool {
        match slice {
            Slice::All => true,
            Slice::Corpus(corpus) => self.corpus == corpus,
            Slice::Manner(manner) => self.manner == Some(*manner),
        }
    }
}

/// All units, each corpus where there are several, each manner where units have one and there are several.
fn slices(units: &[Unit<'_>]) -> Vec<Slice> {
    let corpora: BTreeSet<&str> = units.iter().map(|unit| unit.corpus).collect();
    let manners: BTreeSet<Manner> = units.iter().filter_map(|unit| unit.manner).collect();
    let mut slices = vec![Slice::All];
    if corpora.len() > 1 {
        slices.extend(corpora.into_iter().map(|corpus| Slice::Corpus(corpus.to_owned())));
    }
    if manners.len() > 1 {
        slices.extend(manners.into_iter().map(Slice::Manner));
    }
    slices
}

fn sentence_units<'a>(
    records: &'a [Labelled],
    rows: &[Row],
    contender: &Contender,
    n_axes: usize,
) -> Vec<Unit<'a>> {
    let wholes = match &contender.sentence_leans {
        Some(leans) => leans.clone(),
        None => leans_of_sentences(records.len(), rows, &contender.leans, n_axes),
    };
    records.iter().zip(wholes).map(|(record, leans)| sentence_unit(record, &leans)).collect()
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
fn sentence_unit<'a>(record: &'a Labelled, leans: &[Lean]) -> Unit<'a> {
    let decision = |axis: usize, side: usize| {
        let supports = |coded: &super::labels::Coded| {
            coded.sides[axis].is_some_and(|found| found.poles()[side])
        };
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
    Unit { document: &record.group, corpus: &record.corpus, manner: None, decisions }
}

fn holder_units<'a>(records: &'a [Labelled], rows: &[Row], leans: &[Vec<Lean>]) -> Vec<Unit<'a>> {
    let coded = rows.iter().zip(leans).filter(|(row, _)| row.coded);
    coded.map(|(row, leans)| unit(records, row, decisions(row, leans, false))).collect()
}

fn end_to_end_units<'a>(
    records: &'a [Labelled],
    rows: &[Row],
    leans: &[Vec<Lean>],
) -> Vec<Unit<'a>> {
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
        unit(records, row, decisions)
    });
    judged.collect()
}

fn unit<'a>(records: &'a [Labelled], row: &Row, decisions: Vec<Option<Decision>>) -> Unit<'a> {
    let record = &records[row.record];
    Unit {
        document: &record.group,
        corpus: &record.corpus,
        manner: Some(row.features.manner),
        decisions,
    }
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

fn table(level: Level, slice: Slice, units: &[&Unit<'_>], poles: &[&str]) -> Table {
    let documents = counts_by_document(units, poles.len(), |_| true);
    let [all, mean] = bootstrap::intervals(&documents, poles.len(), |sums| {
        let all = sums.iter().fold(Counts::default(), |all, pole| all.plus(*pole));
        let mean = sums.iter().map(|pole| pole.f1()).sum::<f64>() / sums.len().max(1) as f64;
        [all.f1(), mean]
    });
    Table {
        level,
        slice,
        n_units: units.len(),
        n_documents: documents.len(),
        poles: (0..poles.len()).map(|pole| score(poles[pole], pole, units, &documents)).collect(),
        micro_f1: all,
        macro_f1: mean,
    }
}

fn score(name: &str, pole: usize, units: &[&Unit<'_>], documents: &[Vec<Counts>]) -> PoleScore {
    let of_pole: Vec<Vec<Counts>> = documents.iter().map(|document| vec![document[pole]]).collect();
    let [precision, recall, f1] = bootstrap::intervals(&of_pole, 1, |sums| {
        [sums[0].precision(), sums[0].recall(), sums[0].f1()]
    });
    let decisions: Vec<Decision> = units.iter().filter_map(|unit| unit.decisions[pole]).collect();
    let probabilities: Vec<f64> = decisions.iter().map(|decision| decision.p).collect();
    let truth: Vec<bool> = decisions.iter().map(|decision| decision.truth).collect();
    let n_unsure = decisions.iter().filter(|decision| decision.unsure).count();
    let kept = counts_by_document(units, pole + 1, |decision| !decision.unsure);
    let kept = kept.iter().fold(Counts::default(), |all, document| all.plus(document[pole]));
    let support = of_pole.iter().map(|document| document[0].support()).sum::<u64>();
    PoleScore {
        pole: name.to_owned(),
        support,
        precision,
        recall,
        f1,
        average_precision: average_precision(&probabilities, &truth),
        calibration_error: expected_calibration_error(&probabilities, &truth),
        unsure: n_unsure as f64 / decisions.len().max(1) as f64,
        sure_precision: kept.precision(),
        sure_recall: kept.true_positive as f64 / support.max(1) as f64,
    }
}

/// For each document its counts on the first `n_poles` poles, over the decisions that `keep` keeps.
fn counts_by_document(
    units: &[&Unit<'_>],
    n_poles: usize,
    keep: impl Fn(&Decision) -> bool,
) -> Vec<Vec<Counts>> {
    let mut documents: BTreeMap<&str, Vec<Counts>> = BTreeMap::new();
    for unit in units {
        let counts =
            documents.entry(unit.document).or_insert_with(|| vec![Counts::default(); n_poles]);
        for (count, decision) in counts.iter_mut().zip(&unit.decisions) {
            if let Some(decision) = decision.as_ref().filter(|decision| keep(decision)) {
                count.add(decision.found, decision.truth);
            }
        }
    }
    documents.into_values().collect()
}

//! Judges predictions against labels, at the level of sentences and of statements.

use std::collections::{BTreeMap, BTreeSet};

use super::bootstrap;
use super::labels::Labelled;
use super::metrics::{Counts, average_precision, expected_calibration_error};
use super::report::{Evaluation, Level, PoleScore, Slice, Table};
use super::rows::Row;
use super::units::{Decision, Unit, units};
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
    for level in Level::ALL {
        let units = units(level, records, rows, contender, codebook.axes.len());
        for slice in slices(records, &units) {
            let is_in = |unit: &&Unit| slice.holds(&records[unit.record].corpus, unit.manner);
            let kept: Vec<&Unit> = units.iter().filter(is_in).collect();
            tables.push(table(level, slice, records, &kept, &poles));
        }
    }
    Evaluation {
        contender: contender.name.clone(),
        file: file.to_owned(),
        n_sentences: records.len(),
        tables,
    }
}

/// All units, each corpus where there are several, each manner where units have one and there are several.
fn slices(records: &[Labelled], units: &[Unit]) -> Vec<Slice> {
    let corpora: BTreeSet<&str> =
        units.iter().map(|unit| records[unit.record].corpus.as_str()).collect();
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

fn table(
    level: Level,
    slice: Slice,
    records: &[Labelled],
    units: &[&Unit],
    poles: &[&str],
) -> Table {
    let documents = counts_by_document(records, units, poles.len(), |_| true);
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
        poles: (0..poles.len())
            .map(|pole| score(poles[pole], pole, records, units, &documents))
            .collect(),
        micro_f1: all,
        macro_f1: mean,
    }
}

fn score(
    name: &str,
    pole: usize,
    records: &[Labelled],
    units: &[&Unit],
    documents: &[Vec<Counts>],
) -> PoleScore {
    let of_pole: Vec<Vec<Counts>> = documents.iter().map(|document| vec![document[pole]]).collect();
    let [precision, recall, f1] = bootstrap::intervals(&of_pole, 1, |sums| {
        [sums[0].precision(), sums[0].recall(), sums[0].f1()]
    });
    let decisions: Vec<Decision> = units.iter().filter_map(|unit| unit.decisions[pole]).collect();
    let probabilities: Vec<f64> = decisions.iter().map(|decision| decision.p).collect();
    let truth: Vec<bool> = decisions.iter().map(|decision| decision.truth).collect();
    let n_unsure = decisions.iter().filter(|decision| decision.unsure).count();
    let kept = counts_by_document(records, units, pole + 1, |decision| !decision.unsure);
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
    records: &[Labelled],
    units: &[&Unit],
    n_poles: usize,
    keep: impl Fn(&Decision) -> bool,
) -> Vec<Vec<Counts>> {
    let mut documents: BTreeMap<&str, Vec<Counts>> = BTreeMap::new();
    for unit in units {
        let document = records[unit.record].group.as_str();
        let counts = documents.entry(document).or_insert_with(|| vec![Counts::default(); n_poles]);
        for (count, decision) in counts.iter_mut().zip(&unit.decisions) {
            if let Some(decision) = decision.as_ref().filter(|decision| keep(decision)) {
                count.add(decision.found, decision.truth);
            }
        }
    }
    documents.into_values().collect()
}

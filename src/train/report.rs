//! What an evaluation found, as data, as Markdown and as CSV.

use std::fmt::{self, Write};

use serde::Serialize;

use crate::document::Manner;

/// A value with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} [{:.2}, {:.2}]", self.value, self.low, self.high)
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Sentences: a pole is true when any coded holder supports it, and found when the heads for whole
    /// sentences say so or, where there are none, when any statement that the program finds by itself
    /// supports it.
    Sentence,
    /// Pairs of sentence and holder, holders given: the voice of the text in every sentence, and each
    /// other holder that was coded. As others were coded only where they hold a position, precision on
    /// reported statements is flattered.
    Holder,
    /// Pairs of sentence and holder, holders found by the program: a coded holder who is not found is
    /// missed, a found one who was not coded is false when it leans.
    EndToEnd,
}

/// Which units are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Slice {
    /// All.
    All,
    /// Those of one corpus.
    Corpus(String),
    /// Statements of one manner.
    Manner(Manner),
}

/// How well one pole is found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PoleScore {
    /// Its id.
    pub pole: String,
    /// Units that support it.
    pub support: u64,
    /// Share of the found that are true.
    pub precision: Interval,
    /// Share of the true that are found.
    pub recall: Interval,
    /// Harmonic mean of the two.
    pub f1: Interval,
    /// Area under the precision-recall curve.
    pub average_precision: f64,
    /// Expected calibration error over ten bins.
    pub calibration_error: f64,
    /// Share of units whose decision on the axis is flagged as unsure.
    pub unsure: f64,
    /// Precision of the decisions that are not.
    pub sure_precision: f64,
    /// Share of the true that are found for sure.
    pub sure_recall: f64,
}

/// The scores of one level and slice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// What is counted.
    pub level: Level,
    /// Which of them.
    pub slice: Slice,
    /// How many units there are.
    pub n_units: usize,
    /// In how many documents, which are what the intervals resample.
    pub n_documents: usize,
    /// In the order of the codebook.
    pub poles: Vec<PoleScore>,
    /// F1 of the decisions on all poles together.
    pub micro_f1: Interval,
    /// Mean of the poles' F1.
    pub macro_f1: Interval,
}

/// How well a contender does on one file of labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// What was judged: trained heads, a baseline.
    pub contender: String,
    /// The label file's name without folders.
    pub file: String,
    /// Sentences in it.
    pub n_sentences: usize,
    /// One for each level and slice.
    pub tables: Vec<Table>,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sentence, Self::Holder, Self::EndToEnd];

    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sentence => "sentence",
            Self::Holder => "holder",
            Self::EndToEnd => "end_to_end",
        }
    }
}

impl Slice {
    /// Whether a unit of this corpus and manner is in the slice.
    pub(super) fn holds(&self, corpus: &str, manner: Option<Manner>) -> bool {
        match self {
            Self::All => true,
            Self::Corpus(own) => own == corpus,
            Self::Manner(own) => Some(*own) == manner,
        }
    }

    /// The name used in files.
    pub fn name(&self) -> String {
        match self {
            Self::All => "all".into(),
            Self::Corpus(corpus) => format!("corpus {corpus}"),
            Self::Manner(manner) => format!("manner {}", manner.as_str()),
        }
    }
}

impl Evaluation {
    /// The table of one level over all units.
    pub fn overall(&self, level: Level) -> Option<&Table> {
        self.tables.iter().find(|table| table.level == level && table.slice == Slice::All)
    }
}

const HEADER: [&str; 15] = [
    "file",
    "contender",
    "level",
    "slice",
    "pole",
    "n",
    "support",
    "precision",
    "recall",
    "f1",
    "average_precision",
    "calibration_error",
    "unsure",
    "sure_precision",
    "sure_recall",
];

/// Evaluations as a Markdown table, one row for each level, slice and pole.
pub fn markdown(evaluations: &[Evaluation]) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let header = HEADER.map(|name| name.replace('_', " "));
    let mut text = row(&header) + &row(&HEADER.map(|_| "---".into()));
    for (cells, intervals) in rows(evaluations) {
        let [precision, recall, f1] =
            intervals.map(|interval| interval.map_or_else(String::new, |one| one.to_string()));
        text += &row(&[&cells[..7], &[precision, recall, f1], &cells[7..]].concat());
    }
    text
}

/// Evaluations as CSV; each interval takes three columns.
pub fn csv(evaluations: &[Evaluation]) -> String {
    let intervals = ["precision", "recall", "f1"];
    let mut columns: Vec<String> = HEADER[..7].iter().map(ToString::to_string).collect();
    columns.extend(
        intervals.iter().flat_map(|n| [n.to_string(), format!("{n}_low"), format!("{n}_high")]),
    );
    columns.extend(HEADER[10..].iter().map(ToString::to_string));
    let mut text = columns.join(",") + "\n";
    for (cells, intervals) in rows(evaluations) {
        let numbers = intervals.iter().flat_map(|interval| {
            let part = |get: fn(&Interval) -> f64| {
                interval.as_ref().map(get).map_or_else(String::new, |v| format!("{v:.4}"))
            };
            [part(|i| i.value), part(|i| i.low), part(|i| i.high)]
        });
        let cells: Vec<String> =
            cells[..7].iter().cloned().chain(numbers).chain(cells[7..].iter().cloned()).collect();
        text += &(cells.join(",") + "\n");
    }
    text
}

/// A short table of the micro-averaged F1 of each contender at each level.
pub fn summary(evaluations: &[Evaluation]) -> String {
    let mut text = "| file | contender | sentence | holder given | end to end |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for evaluation in evaluations {
        let f1 = |level| {
            let table = evaluation.overall(level);
            table.map_or_else(String::new, |table| table.micro_f1.to_string())
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            evaluation.file,
            evaluation.contender,
            f1(Level::Sentence),
            f1(Level::Holder),
            f1(Level::EndToEnd)
        );
    }
    text
}

type Cells = (Vec<String>, [Option<Interval>; 3]);

fn rows(evaluations: &[Evaluation]) -> impl Iterator<Item = Cells> {
    evaluations.iter().flat_map(|evaluation| {
        evaluation.tables.iter().flat_map(move |table| table_rows(evaluation, table))
    })
}

/// The cells and three intervals of each pole and of the averages.
fn table_rows(evaluation: &Evaluation, table: &Table) -> Vec<Cells> {
    let support: u64 = table.poles.iter().map(|pole| pole.support).sum();
    let start = |pole: &str, support: u64| {
        vec![
            evaluation.file.clone(),
            evaluation.contender.clone(),
            table.level.as_str().to_owned(),
            table.slice.name(),
            pole.to_owned(),
            table.n_units.to_string(),
            support.to_string(),
        ]
    };
    let pole = |score: &PoleScore| {
        let rest = [
            score.average_precision,
            score.calibration_error,
            score.unsure,
            score.sure_precision,
            score.sure_recall,
        ];
        let mut cells = start(&score.pole, score.support);
        cells.extend(rest.map(|value| format!("{value:.3}")));
        (cells, [Some(score.precision), Some(score.recall), Some(score.f1)])
    };
    let average = |name: &str, f1: Interval| {
        let mut cells = start(name, support);
        cells.extend(vec![String::new(); 5]);
        (cells, [None, None, Some(f1)])
    };
    let averages = [average("micro", table.micro_f1), average("macro", table.macro_f1)];
    table.poles.iter().map(pole).chain(averages).collect()
}

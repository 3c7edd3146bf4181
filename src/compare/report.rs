//! A comparison as text: the table of the terminal, and JSON in the shape that the MTEB leaderboard reads.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Comparand, Comparison, Score};
use crate::train::{Interval, Level};

/// What [`cells`] gives.
pub(super) const COLUMNS: [&str; 13] = [
    "model",
    "micro-F1",
    "macro-F1",
    "AUPRC",
    "ECE",
    "micro-F1 against the first",
    "p",
    "McNemar p",
    "sentences/s",
    "start s",
    "memory MB",
    "size MB",
    "threads",
];

/// The short tables, one for each label file: sentences as wholes, all poles.
pub fn summary(comparison: &Comparison) -> String {
    let mut text = String::new();
    for labels in &comparison.labels {
        let _ = writeln!(text, "{}: {} sentences", labels.file, labels.n_sentences);
        let rows = comparison.rows.iter().map(|row| cells(row, &labels.file));
        let rows: Vec<Vec<String>> =
            std::iter::once(COLUMNS.map(str::to_owned).to_vec()).chain(rows).collect();
        text += &aligned(&rows);
        text.push('\n');
    }
    text += &footnote(comparison);
    text
}

/// What the numbers rest on.
pub(super) fn footnote(comparison: &Comparison) -> String {
    let processor = comparison.machine.processor.as_deref().unwrap_or("unknown processor");
    let rounds = comparison.rows.first().map_or(0, |row| row.speed.rounds.len());
    let mut text = format!(
        "95 % intervals by bootstrap over documents. Speed: median of {rounds} rounds in turn over {} sentences, {} threads each, {processor}.\n",
        comparison.n_timed, comparison.threads
    );
    for row in comparison.rows.iter().filter(|row| row.speed.over_budget) {
        let busy = row.speed.busy_threads.unwrap_or_default();
        let _ = writeln!(
            text,
            "{} kept {busy:.1} threads busy: its speed is not comparable.",
            row.model
        );
    }
    text
}

/// A contender's line on one file.
pub(super) fn cells(row: &Comparand, file: &str) -> Vec<String> {
    let micro = overall(row, file, "micro");
    let mean = overall(row, file, "macro");
    let difference = micro.and_then(|score| score.difference);
    let show = |interval: Interval| interval.to_string();
    let megabytes = |bytes: u64| format!("{:.0}", bytes as f64 / 1e6);
    vec![
        row.model.clone(),
        micro.map_or_else(String::new, |score| show(score.f1)),
        mean.map_or_else(String::new, |score| show(score.f1)),
        mean.and_then(|score| score.average_precision).map_or_else(String::new, show),
        mean.and_then(|score| score.calibration_error).map_or_else(String::new, show),
        difference.map_or_else(String::new, |difference| signed(difference.f1)),
        difference.map_or_else(String::new, |difference| probability(difference.p)),
        micro.and_then(|score| score.mcnemar).map_or_else(String::new, |test| probability(test.p)),
        format!("{:.0}", row.speed.sentences_per_second),
        format!("{:.2}", row.speed.start_seconds),
        row.speed.peak_memory.map_or_else(String::new, megabytes),
        megabytes(row.about.size),
        row.speed.busy_threads.map_or_else(String::new, |busy| format!("{busy:.1}")),
    ]
}

/// The scores of sentences as wholes, all of them, one for each pole and average.
fn of_sentences<'a>(row: &'a Comparand, file: &str) -> impl Iterator<Item = &'a Score> {
    row.scores.iter().filter(move |score| {
        score.file == file && score.level == Level::Sentence && score.slice.by == "all"
    })
}

/// That of one pole or average.
pub(super) fn overall<'a>(row: &'a Comparand, file: &str, pole: &str) -> Option<&'a Score> {
    of_sentences(row, file).find(|score| score.pole == pole)
}

/// A probability as tests report it.
pub(super) fn probability(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { format!("{p:.3}") }
}

fn signed(interval: Interval) -> String {
    format!("{:+.2} [{:+.2}, {:+.2}]", interval.value, interval.low, interval.high)
}

/// Columns side by side: the first to the left, the others to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// One label file as a task of MTEB (Muennighoff et al. 2023: MTEB: Massive text embedding benchmark) that one
/// contender did: the JSON of a `TaskResult` of the package `mteb`, version 1.14 and later. The main score is the macro-F1 of sentences.
pub fn mteb(comparison: &Comparison, row: &Comparand, file: &str) -> Value {
    let labels = comparison.labels.iter().find(|labels| labels.file == file);
    let overall = |pole: &str| overall(row, file, pole);
    let mean = overall("macro");
    let micro = overall("micro");
    let mut scores = serde_json::Map::new();
    let mut put = |name: String, value: Option<f64>| {
        if let Some(value) = value {
            scores.insert(name, json!(value));
        }
    };
    put("main_score".into(), mean.map(|score| score.f1.value));
    put("f1".into(), mean.map(|score| score.f1.value));
    put("f1_micro".into(), micro.map(|score| score.f1.value));
    put("ap".into(), mean.and_then(|score| score.average_precision).map(|ap| ap.value));
    put("ece".into(), mean.and_then(|score| score.calibration_error).map(|ece| ece.value));
    for score in of_sentences(row, file) {
        if !["micro", "macro"].contains(&score.pole.as_str()) {
            put(format!("f1_{}", score.pole), Some(score.f1.value));
            put(format!("ap_{}", score.pole), score.average_precision.map(|ap| ap.value));
        }
    }
    scores.insert("hf_subset".into(), json!("default"));
    scores.insert("languages".into(), json!(["eng-Latn"]));
    json!({
        "dataset_revision": labels.map(|labels| labels.sha256.as_str()),
        "task_name": task_name(file),
        "mteb_version": "1.14.0",
        "scores": { "test": [scores] },
        "evaluation_time": row.speed.rounds.iter().sum::<f64>() / row.speed.rounds.len().max(1) as f64,
        "kg_co2_emissions": null,
    })
}

/// `model_meta.json` beside the results, as MTEB has it.
pub fn model_meta(row: &Comparand) -> Value {
    json!({
        "name": row.model,
        "revision": row.about.fingerprint,
        "release_date": null,
        "languages": null,
        "embed_dim": row.about.dimension,
        "memory_usage_mb": row.about.size as f64 / 1e6,
        "framework": [row.about.backend],
    })
}

/// The label file's name as that of a task.
pub fn task_name(file: &str) -> String {
    let stem = file.split('.').next().unwrap_or(file);
    format!("Plenary-{stem}")
}

/// A contender's name as that of a folder.
pub fn folder_name(model: &str) -> String {
    model.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

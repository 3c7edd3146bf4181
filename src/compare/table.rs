//! `comparison.parquet`: one row per model, file, level, slice and pole, with the model's speed repeated in each.

use std::path::Path;

use super::{Comparand, Comparison, Score};
use crate::error::Result;
use crate::sink::parquet::ParquetTable;
use crate::sink::{Cell, Field, Kind, TableSink};
use crate::train::Interval;

/// Columns that hold a value with its interval: `f1`, `f1_low`, `f1_high` and so on.
const INTERVALS: [&str; 6] =
    ["precision", "recall", "f1", "average_precision", "calibration_error", "f1_difference"];

/// The columns.
pub fn fields() -> Vec<Field> {
    let texts = [
        "model",
        "kind",
        "encoder",
        "backend",
        "arithmetic",
        "file",
        "level",
        "slice_by",
        "slice",
        "pole",
    ];
    let mut fields: Vec<Field> = texts.map(|name| Field::new(name, Kind::Text)).into();
    fields.extend(["n", "support"].map(|name| Field::new(name, Kind::Int)));
    for name in INTERVALS {
        let columns = [name.to_owned(), format!("{name}_low"), format!("{name}_high")];
        fields.extend(columns.map(|name| Field::new(name, Kind::Float)));
    }
    let numbers = [
        "f1_difference_p",
        "mcnemar_p",
        "sentences_per_second",
        "start_seconds",
        "peak_memory_mb",
        "model_size_mb",
        "busy_threads",
    ];
    fields.extend(numbers.map(|name| Field::new(name, Kind::Float)));
    fields.push(Field::new("threads", Kind::Int));
    fields.extend(["processor", "plenary"].map(|name| Field::new(name, Kind::Text)));
    fields
}

/// Writes the table to `path`.
///
/// # Errors
/// When the disk refuses it.
pub fn write(comparison: &Comparison, path: &Path) -> Result<()> {
    let mut table = Box::new(ParquetTable::create(path, &fields())?);
    for row in &comparison.rows {
        for score in &row.scores {
            table.row(&cells(comparison, row, score))?;
        }
    }
    table.finish().map(|_| ())
}

fn cells<'a>(comparison: &'a Comparison, row: &'a Comparand, score: &'a Score) -> Vec<Cell<'a>> {
    let about = &row.about;
    let mut cells = vec![
        Cell::text(row.model.as_str()),
        Cell::text(about.kind.as_str()),
        Cell::maybe(about.encoder.as_deref()),
        Cell::maybe(about.backend.as_deref()),
        Cell::maybe(about.arithmetic.as_deref()),
        Cell::text(score.file.as_str()),
        Cell::text(score.level.as_str()),
        Cell::text(score.slice.by),
        Cell::text(score.slice.value.as_str()),
        Cell::text(score.pole.as_str()),
        Cell::count(score.n),
        Cell::count(usize::try_from(score.support).unwrap_or(usize::MAX)),
    ];
    let intervals = [
        score.precision,
        score.recall,
        Some(score.f1),
        score.average_precision,
        score.calibration_error,
        score.difference.map(|difference| difference.f1),
    ];
    for found in intervals {
        cells.extend(interval(found));
    }
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let speed = &row.speed;
    let numbers = [
        score.difference.map(|difference| difference.p),
        score.mcnemar.map(|test| test.p),
        Some(speed.sentences_per_second),
        Some(speed.start_seconds),
        speed.peak_memory.map(megabytes),
        Some(megabytes(about.size)),
        speed.busy_threads,
    ];
    cells.extend(numbers.map(Cell::number));
    cells.push(Cell::count(comparison.threads));
    cells.push(Cell::maybe(comparison.machine.processor.as_deref()));
    cells.push(Cell::text(comparison.plenary));
    cells
}

fn interval<'a>(interval: Option<Interval>) -> [Cell<'a>; 3] {
    let part = |value: fn(Interval) -> f64| Cell::number(interval.map(value));
    [part(|one| one.value), part(|one| one.low), part(|one| one.high)]
}

//! Parquet tables: one record a row, one row group in memory at a time.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use polars::io::mmap::MmapBytesReader;
use polars::prelude::{
    AnyValue, ArrowDataType, DataFrame, ParallelStrategy, ParquetReader, PolarsError, SerReader,
    TimeUnit,
};

use crate::document::MetaValue;
use crate::error::{Error, ErrorKind, Result};

use super::contain::contain;
use super::record::{Columns, Record, Records, at_least_one};
use super::{Limits, SourceOptions, columns, json, parquet_guard};

/// The records of the Parquet file at `path`.
pub(crate) fn read_file<'a>(path: &'a Path, options: &'a SourceOptions) -> Result<Records<'a>> {
    let open = move || {
        let file = fs_err::File::open(path).map_err(|error| {
            Error::new(ErrorKind::Io, "cannot open").in_file(path).caused_by(error)
        })?;
        Ok(file.into_file())
    };
    read(open, options)
}

/// The records of a Parquet file in memory.
pub(crate) fn read_bytes(bytes: Vec<u8>, options: &SourceOptions) -> Result<Records<'_>> {
    let bytes: Arc<[u8]> = bytes.into();
    read(move || Ok(Cursor::new(Arc::clone(&bytes))), options)
}

fn read<'a, R: MmapBytesReader + 'a>(
    open: impl Fn() -> Result<R> + Send + 'a,
    options: &'a SourceOptions,
) -> Result<Records<'a>> {
    let layout = contain(|| Layout::of(open()?, options))?;
    let batches: Vec<(usize, usize)> = layout.batches.clone();
    let names: Arc<[String]> = layout.names.into();
    let (text, notes) = (layout.text, layout.notes);
    let limits = options.limits;
    let records = batches.into_iter().enumerate().flat_map(move |(group, (start, length))| {
        let frame = contain(|| {
            let mut reader = open()?;
            check_group(&mut reader, group, limits)?;
            batch(reader, &names, start, length)
        });
        let notes = notes.clone();
        let (rows, error) = match frame {
            Ok(frame) => (Some(frame), None),
            Err(error) => (None, Some(Err(error.at_record(start as u64 + 1)))),
        };
        let names = Arc::clone(&names);
        let rows = rows.into_iter().flat_map(move |frame| {
            let (names, notes) = (Arc::clone(&names), notes.clone());
            (0..frame.height()).map(move |row| record(&frame, &names, text, row, start, &notes))
        });
        rows.chain(error)
    });
    Ok(at_least_one(records))
}

/// What the file's footer says.
struct Layout {
    /// Columns that can be read.
    names: Vec<String>,
    /// Which of them holds the text.
    text: usize,
    /// First row and number of rows of each row group.
    batches: Vec<(usize, usize)>,
    notes: Vec<String>,
}

impl Layout {
    fn of<R: MmapBytesReader>(reader: R, options: &SourceOptions) -> Result<Self> {
        let mut reader = ParquetReader::new(reader);
        let schema = reader.schema().map_err(broken)?;
        let fields = || schema.iter().map(|(name, field)| (name.to_string(), field.dtype()));
        let names: Vec<String> =
            fields().filter(|(_, kind)| is_flat(kind)).map(|(name, _)| name).collect();
        let left_out: Vec<String> =
            fields().filter(|(_, kind)| !is_flat(kind)).map(|(name, _)| name).collect();
        let asked = options.text_column.as_deref();
        let all = names.iter().map(String::as_str);
        let Some(text) = columns::text_position(all.clone(), asked) else {
            return Err(json::no_text(all, asked));
        };
        let groups = &reader.get_metadata().map_err(broken)?.row_groups;
        let mut start = 0;
        let batches = groups.iter().map(|group| {
            start += group.num_rows();
            (start - group.num_rows(), group.num_rows())
        });
        let batches = batches.collect();
        let note = (!left_out.is_empty())
            .then(|| format!("columns of unsupported type left out: {}", left_out.join(", ")));
        Ok(Self { names, text, batches, notes: note.into_iter().collect() })
    }
}

fn check_group<R: MmapBytesReader>(reader: &mut R, group: usize, limits: Limits) -> Result<()> {
    let metadata = polars_parquet::read::read_metadata(reader).map_err(broken)?;
    match metadata.row_groups.get(group) {
        Some(group) => parquet_guard::check(reader, group, limits),
        None => Err(Error::new(ErrorKind::Input, "has changed while it was read")),
    }
}

fn batch<R: MmapBytesReader>(
    reader: R,
    names: &[String],
    start: usize,
    length: usize,
) -> Result<DataFrame> {
    ParquetReader::new(reader)
        .with_columns(Some(names.to_vec()))
        .with_slice(Some((start, length)))
        .read_parallel(ParallelStrategy::None)
        .finish()
        .map_err(broken)
}

fn record(
    frame: &DataFrame,
    names: &[String],
    text: usize,
    row: usize,
    start: usize,
    notes: &[String],
) -> Result<Record> {
    let number = (start + row + 1) as u64;
    let value = |name: &String| {
        let value = frame.column(name).and_then(|column| column.get(row)).map_err(broken)?;
        Ok(meta_value(&value))
    };
    let mut columns = Columns::new();
    let mut record = Record { number: Some(number), notes: notes.to_vec(), ..Record::default() };
    for (index, name) in names.iter().enumerate() {
        match value(name).map_err(|error: Error| error.at_record(number))? {
            Some(MetaValue::Text(found)) if index == text => record.text = found,
            Some(_) if index == text => {
                let message = format!("\"{name}\" holds no string");
                return Err(Error::new(ErrorKind::Input, message).at_record(number));
            }
            Some(found) => columns.push((name.clone(), found)),
            None => {}
        }
    }
    Ok(Record { columns, ..record })
}

/// Types that have a place in a flat table.
fn is_flat(kind: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    match kind {
        T::Struct(_) | T::FixedSizeList(..) | T::Map(..) | T::Union(_) | T::Interval(_) => false,
        T::List(inner) | T::LargeList(inner) => {
            !matches!(inner.dtype(), T::List(_) | T::LargeList(_)) && is_flat(inner.dtype())
        }
        other => !format!("{other:?}").starts_with("Decimal"),
    }
}

fn meta_value(value: &AnyValue<'_>) -> Option<MetaValue> {
    if let Some(text) = value.get_str() {
        return Some(MetaValue::Text(text.to_owned()));
    }
    match value {
        AnyValue::Null => None,
        AnyValue::Boolean(flag) => Some(MetaValue::Bool(*flag)),
        AnyValue::Float32(number) => Some(MetaValue::Float(f64::from(*number))),
        AnyValue::Float64(number) => Some(MetaValue::Float(*number)),
        AnyValue::Date(days) => date(i64::from(*days)).map(MetaValue::Text),
        AnyValue::Datetime(time, unit, _) | AnyValue::DatetimeOwned(time, unit, _) => {
            date_time(*time, *unit).map(MetaValue::Text)
        }
        AnyValue::Binary(bytes) => Some(MetaValue::Text(String::from_utf8_lossy(bytes).into())),
        AnyValue::BinaryOwned(bytes) => {
            Some(MetaValue::Text(String::from_utf8_lossy(bytes).into()))
        }
        AnyValue::List(series) => {
            let values = series.iter().filter_map(|value| meta_value(&value));
            Some(MetaValue::Text(
                values.map(|value| value.to_string()).collect::<Vec<_>>().join("; "),
            ))
        }
        other if other.is_integer() => {
            let whole = other.extract::<i64>().map(MetaValue::Int);
            whole.or_else(|| other.extract::<f64>().map(MetaValue::Float))
        }
        other => Some(MetaValue::Text(other.to_string())),
    }
}

/// The day `days` after 1 January 1970.
fn date(days: i64) -> Option<String> {
    let span = jiff::Span::new().try_days(days).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok().map(|date| date.to_string())
}

/// The day, with the time of day unless that is midnight.
fn date_time(time: i64, unit: TimeUnit) -> Option<String> {
    let time = match unit {
        TimeUnit::Nanoseconds => jiff::Timestamp::from_nanosecond(time.into()),
        TimeUnit::Microseconds => jiff::Timestamp::from_microsecond(time),
        TimeUnit::Milliseconds => jiff::Timestamp::from_millisecond(time),
    };
    let time = time.ok()?.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let midnight = time.time() == jiff::civil::Time::midnight();
    Some(if midnight { time.date().to_string() } else { time.to_string() })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: PolarsError) -> Error {
    Error::new(ErrorKind::Input, "is a broken Parquet file, or one of a kind that cannot be read")
        .caused_by(error.to_string())
        .hint("write it again with pandas, polars or arrow, without encryption")
}

#[cfg(test)]
#[path = "tests/parquet.rs"]
mod tests;

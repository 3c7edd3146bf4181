//! Tables with separated values (CSV, TSV): one record a row.

use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::ByteRecord;

use crate::document::MetaValue;
use crate::error::{Error, ErrorKind, Result};

use super::record::{Columns, Record, Records, at_least_one};
use super::{SourceOptions, columns, encoding, json, open};

/// The records of a table.
pub(crate) fn read<'a>(
    bytes: open::Bytes<'a>,
    separator: u8,
    options: &'a SourceOptions,
    path: &'a Path,
) -> Result<Records<'a>> {
    let rows = Rows::new(bytes, separator, options, path)?;
    let asked = options.text_column.as_deref();
    let names = rows.names.clone();
    let names = names.iter().map(String::as_str);
    let Some(text) = columns::text_position(names.clone(), asked) else {
        return Err(json::no_text(names, asked));
    };
    Ok(at_least_one(rows.map(move |row| row.map(|row| record(row, text)))))
}

/// The rows of a table as columns with their line, for metadata.
pub(crate) fn rows<'a>(
    bytes: open::Bytes<'a>,
    separator: u8,
    options: &SourceOptions,
    path: &'a Path,
) -> Result<impl Iterator<Item = Result<(Columns, u64)>> + use<'a>> {
    let rows = Rows::new(bytes, separator, options, path)?;
    Ok(rows.map(|row| row.map(|row| (columns(row.fields), row.line))))
}

fn record(mut row: Row, text: usize) -> Record {
    let (_, text) = row.fields.remove(text);
    let (notes, number) = (row.notes, Some(row.number));
    Record { text, columns: columns(row.fields), notes, number, ..Record::default() }
}

/// The fields that are not empty.
fn columns(fields: Vec<(String, String)>) -> Columns {
    let given = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
    given.map(|(name, value)| (name, MetaValue::Text(value))).collect()
}

/// One row of a table.
struct Row {
    fields: Vec<(String, String)>,
    notes: Vec<String>,
    number: u64,
    line: u64,
}

/// Reads one row at a time; ends after an error of the file itself, goes on after one of a row.
struct Rows<'a> {
    reader: csv::Reader<Capped<Box<dyn BufRead + Send + 'a>>>,
    names: Vec<String>,
    record: ByteRecord,
    number: u64,
    note: Option<String>,
    /// Bytes read since the last row.
    since_row: Arc<AtomicU64>,
    limit: u64,
    path: &'a Path,
    ended: bool,
}

impl<'a> Rows<'a> {
    fn new(
        bytes: open::Bytes<'a>,
        separator: u8,
        options: &SourceOptions,
        path: &'a Path,
    ) -> Result<Self> {
        let io = |error| open::read_error(&error, path);
        let (mut inner, note) = encoding::utf8_reader(bytes).map_err(io)??;
        let head = inner.fill_buf().map_err(io)?;
        if head.trim_ascii().is_empty() {
            return Err(Error::new(ErrorKind::Input, "is empty"));
        }
        let separator = if separator == b',' { likely_separator(head) } else { separator };
        let since_row = Arc::new(AtomicU64::new(0));
        let limit = options.limits.max_document_bytes;
        let capped = Capped { inner, count: Arc::clone(&since_row), limit };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .buffer_capacity(128 << 10)
            .from_reader(capped);
        let header = reader.byte_headers();
        let header = header.map_err(|error| table_error(error, limit, path))?;
        let names = unique_names(header);
        let record = ByteRecord::new();
        Ok(Self { reader, names, record, number: 0, note, since_row, limit, path, ended: false })
    }

    fn row(&self) -> Row {
        let position = self.record.position();
        let start = position.map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
        let mut notes: Vec<String> = self.note.clone().into_iter().collect();
        let mut field = |(name, bytes): (&String, &[u8])| {
            let (text, note) = encoding::lossy(bytes, 0);
            if note.is_some() {
                let row = format!("the row that starts at byte {start}");
                notes.push(format!("invalid UTF-8 replaced by U+FFFD in column {name} of {row}"));
            }
            (name.clone(), text)
        };
        let fields = self.names.iter().zip(&self.record).map(&mut field).collect();
        let line = position.map_or(0, csv::Position::line);
        Row { fields, notes, number: self.number, line }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.since_row.store(0, Ordering::Relaxed);
        let read = self.reader.read_byte_record(&mut self.record);
        self.number += 1;
        match read {
            Ok(true) => Some(Ok(self.row())),
            Ok(false) => None,
            Err(error) => {
                self.ended = error.is_io_error();
                Some(Err(table_error(error, self.limit, self.path).at_record(self.number)))
            }
        }
    }
}

/// Names without white space around them; empty ones are numbered, repeated ones get a number behind them.
fn unique_names(header: &ByteRecord) -> Vec<String> {
    let mut seen = std::collections::HashMap::new();
    let unique = |(index, bytes): (usize, &[u8])| {
        let name = String::from_utf8_lossy(bytes).trim().to_owned();
        let name = if name.is_empty() { format!("column_{}", index + 1) } else { name };
        let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1_usize);
        if *count == 1 { name } else { format!("{name}_{count}") }
    };
    header.iter().enumerate().map(unique).collect()
}

/// The separator the header line has most of: spreadsheets in much of Europe write `;` into `.csv`.
fn likely_separator(head: &[u8]) -> u8 {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in line {
        quoted ^= *byte == b'"';
        if let Some((_, count)) =
            counts.iter_mut().find(|(separator, _)| separator == byte && !quoted)
        {
            *count += 1;
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

fn table_error(error: csv::Error, limit: u64, path: &Path) -> Error {
    let at = error.position().map(|position| (position.line(), position.byte()));
    let place = |error: Error| match at {
        Some((line, byte)) => error.at_line(line).at_byte(byte),
        None => error,
    };
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded => {
            open::too_large(limit).hint("is a quotation mark left open in this row?")
        }
        csv::ErrorKind::Io(error) => open::read_error(&error, path),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let message = format!("has {len} fields where the header has {expected_len}");
            let hint = "quote fields that hold separators, line ends or quotation marks";
            place(Error::new(ErrorKind::Input, message).hint(hint))
        }
        kind => place(Error::new(ErrorKind::Input, format!("is no table: {kind:?}"))),
    }
}

/// Fails where one row runs on for more than `limit` bytes: a quotation mark left open swallows the file.
struct Capped<R> {
    inner: R,
    count: Arc<AtomicU64>,
    limit: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        if self.count.fetch_add(length as u64, Ordering::Relaxed) > self.limit {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        Ok(length)
    }
}

#[cfg(test)]
#[path = "tests/table.rs"]
mod tests;

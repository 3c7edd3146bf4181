//! JSON Lines, and JSON arrays of objects: one record an object.

use std::io::BufRead;
use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

use super::json_frames::{Frame, Frames, Framing};
use super::record::{Columns, Record, Records, at_least_one};
use super::{SourceOptions, columns, encoding, json_values, open};

type Object = Map<String, Value>;

/// The records of a file of JSON objects.
pub(crate) fn read<'a>(
    bytes: open::Bytes<'a>,
    framing: Framing,
    options: &'a SourceOptions,
    path: &'a Path,
) -> Result<Records<'a>> {
    let asked = options.text_column.as_deref();
    let objects = Objects::new(bytes, framing, options, path)?;
    let records = objects.map(move |object| {
        let Row { object, number, notes, place } = object?;
        let record = record(object, asked, number, notes);
        record.map_err(|error| error.at_record(number).at_line(place.line))
    });
    Ok(at_least_one(records))
}

/// The objects of a file as columns, for metadata.
pub(crate) fn rows<'a>(
    bytes: open::Bytes<'a>,
    options: &SourceOptions,
    path: &'a Path,
) -> Result<impl Iterator<Item = Result<(Columns, u64)>> + use<'a>> {
    let objects = Objects::new(bytes, Framing::Lines, options, path)?;
    Ok(objects.map(|row| row.map(|row| (flat_columns(row.object), row.place.line))))
}

fn record(
    mut object: Object,
    asked: Option<&str>,
    number: u64,
    mut notes: Vec<String>,
) -> Result<Record> {
    let position = columns::text_position(object.keys().map(String::as_str), asked);
    let name = position.and_then(|at| object.keys().nth(at).cloned());
    let Some(name) = name else { return Err(no_text(object.keys().map(String::as_str), asked)) };
    let text = match object.shift_remove(&name) {
        Some(Value::String(text)) => text,
        Some(Value::Null) | None => String::new(),
        Some(_) => {
            let message = format!("\"{name}\" holds no string");
            return Err(Error::new(ErrorKind::Input, message));
        }
    };
    let turns = match object.shift_remove("turns").map(|turns| json_values::turns(&turns, &text)) {
        None => Vec::new(),
        Some(Ok(turns)) => turns,
        Some(Err(cause)) => {
            notes.push(format!("turns left out: {cause}"));
            Vec::new()
        }
    };
    let columns = flat_columns(object);
    Ok(Record { text, columns, turns, notes, number: Some(number), ..Record::default() })
}

/// The error for a record or table without a text column.
pub(crate) fn no_text<'a>(names: impl Iterator<Item = &'a str>, asked: Option<&str>) -> Error {
    let message = match asked {
        Some(asked) => format!("has no column \"{asked}\""),
        None => "has no text column".to_owned(),
    };
    let names: Vec<&str> = names.take(16).collect();
    let hint = format!(
        "its columns are {}; name the one that holds the text with --text-column, \
         or give a table about other files with --metadata",
        names.join(", ")
    );
    Error::new(ErrorKind::Input, message).hint(hint)
}

fn flat_columns(object: Object) -> Columns {
    let column = |(name, value)| Some((name, json_values::flat(value)?));
    object.into_iter().filter_map(column).collect()
}

/// One parsed object and where it stands.
struct Row {
    object: Object,
    number: u64,
    notes: Vec<String>,
    place: Frame,
}

/// Parses one object at a time; ends after an error of the file itself, goes on after one of a record.
struct Objects<'a> {
    frames: Frames<open::Bytes<'a>>,
    buffer: Vec<u8>,
    number: u64,
    note: Option<String>,
    limit: u64,
    path: &'a Path,
    ended: bool,
}

impl<'a> Objects<'a> {
    fn new(
        bytes: open::Bytes<'a>,
        framing: Framing,
        options: &SourceOptions,
        path: &'a Path,
    ) -> Result<Self> {
        let io = |error| open::read_error(&error, path);
        let (mut reader, note) = encoding::utf8_reader(bytes).map_err(io)??;
        if reader.fill_buf().map_err(io)?.is_empty() {
            return Err(Error::new(ErrorKind::Input, "is empty"));
        }
        let limit = options.limits.max_document_bytes;
        let frames = Frames::new(reader, framing, limit);
        Ok(Self { frames, buffer: Vec::new(), number: 0, note, limit, path, ended: false })
    }

    fn parse(&self, place: Frame) -> Result<Row> {
        if place.too_long {
            return Err(open::too_large(self.limit));
        }
        let mut notes: Vec<String> = self.note.clone().into_iter().collect();
        let object = serde_json::from_slice(&self.buffer).or_else(|error| {
            // A stray byte in a string is worth a note, not a lost record.
            let offset = usize::try_from(place.byte).unwrap_or(0);
            let (text, Some(note)) = encoding::lossy(&self.buffer, offset) else {
                return Err(error);
            };
            notes.push(note);
            serde_json::from_str(&text)
        });
        let number = self.number;
        match object {
            Ok(object) => Ok(Row { object, number, notes, place }),
            Err(error) => Err(self.syntax_error(&error, place)),
        }
    }

    fn syntax_error(&self, error: &serde_json::Error, place: Frame) -> Error {
        let before = memchr::memchr_iter(b'\n', &self.buffer).take(error.line().saturating_sub(1));
        let line_start = before.last().map_or(0, |at| at + 1);
        let byte = place.byte + (line_start + error.column().saturating_sub(1)) as u64;
        let text = error.to_string();
        let cause = text.split(" at line ").next().unwrap_or(&text).to_owned();
        let hint = if error.is_eof() {
            "the record ends too early; was the file cut short?"
        } else {
            "every record must be one JSON object"
        };
        Error::new(ErrorKind::Input, "is not a JSON object")
            .at_byte(byte)
            .hint(hint)
            .caused_by(cause)
    }
}

impl Iterator for Objects<'_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.frames.next(&mut self.buffer) {
            Ok(None) => None,
            Ok(Some(place)) => {
                self.number += 1;
                let parsed = self.parse(place);
                Some(parsed.map_err(|error| error.at_record(self.number).at_line(place.line)))
            }
            Err(error) => {
                self.ended = true;
                Some(Err(open::read_error(&error, self.path).at_record(self.number + 1)))
            }
        }
    }
}

#[cfg(test)]
#[path = "tests/json.rs"]
mod tests;

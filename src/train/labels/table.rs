//! Labels as CSV or TSV.

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::{Coded, Labelled, default_manner, finish, holder, manner, side};
use crate::classify::Codebook;
use crate::error::{Error, ErrorKind, Result};

/// Where each known column stands.
struct Columns<'a> {
    header: &'a StringRecord,
    axes: Vec<Option<usize>>,
    text: usize,
}

/// The records of a file called `name`.
pub(super) fn records(
    bytes: &[u8],
    delimiter: u8,
    name: &str,
    codebook: &Codebook,
) -> Result<Vec<Labelled>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(bytes);
    let header = reader.headers().map_err(|error| malformed(&error))?.clone();
    let columns = Columns::new(&header, codebook)?;
    let mut records = Vec::new();
    for (index, row) in reader.byte_records().enumerate() {
        let row = row.map_err(|error| malformed(&error))?;
        let line = row.position().map_or(0, csv::Position::line);
        let record = columns
            .record(&row, codebook)
            .and_then(|record| finish(record, name, index + 1))
            .map_err(|error| error.at_line(line))?;
        records.push(record);
    }
    Ok(records)
}

impl<'a> Columns<'a> {
    fn new(header: &'a StringRecord, codebook: &Codebook) -> Result<Self> {
        let find = |name: &str| header.iter().position(|column| column.trim() == name);
        let axes: Vec<_> = codebook.axes.iter().map(|axis| find(&axis.id)).collect();
        let text = find("text").or_else(|| find("sentence")).ok_or_else(|| {
            missing("has no column `text`", header).hint("name the column of sentences `text`")
        })?;
        if axes.iter().all(Option::is_none) {
            let ids: Vec<&str> = codebook.axes.iter().map(|axis| axis.id.as_str()).collect();
            return Err(missing("has no column for any axis of the codebook", header)
                .hint(format!("name a column after an axis: {}", ids.join(", "))));
        }
        Ok(Self { header, axes, text })
    }

    fn record(&self, row: &ByteRecord, codebook: &Codebook) -> Result<Labelled> {
        let row = StringRecord::from_byte_record(row.clone()).map_err(|error| {
            Error::new(ErrorKind::Labels, "is not UTF-8").caused_by(error.utf8_error().clone())
        })?;
        let sides = self.axes.iter().enumerate().map(|(axis, column)| {
            column.map(|column| side(codebook, axis, &row[column])).transpose()
        });
        let source = holder(&self.value(&row, "holder"));
        let told = match self.value(&row, "manner").as_str() {
            "" => default_manner(source.as_deref()),
            name => manner(name)?,
        };
        let coded = Coded { holder: source, manner: told, sides: sides.collect::<Result<_>>()? };
        Ok(Labelled {
            id: self.value(&row, "id"),
            group: self.value(&row, "doc_id"),
            corpus: self.value(&row, "corpus"),
            actor: self.value(&row, "actor"),
            actor_type: self.value(&row, "actor_type"),
            language: self.value(&row, "language"),
            prev: self.value(&row, "prev"),
            sentence: row[self.text].trim().to_owned(),
            next: self.value(&row, "next"),
            labelled: coded.sides.iter().map(Option::is_some).collect(),
            statements: vec![coded],
        })
    }

    /// The trimmed value of an optional column.
    fn value(&self, row: &StringRecord, name: &str) -> String {
        let column = self.header.iter().position(|column| column.trim() == name);
        column.map_or_else(String::new, |column| row[column].trim().to_owned())
    }
}

fn missing(what: &str, header: &StringRecord) -> Error {
    let found: Vec<&str> = header.iter().collect();
    Error::new(ErrorKind::Labels, format!("{what} (it has {})", found.join(", "))).at_line(1)
}

fn malformed(error: &csv::Error) -> Error {
    let wrong = Error::new(ErrorKind::Labels, format!("is not a well-formed table: {error}"));
    match error.position() {
        Some(position) => wrong.at_line(position.line()).at_record(position.record()),
        None => wrong,
    }
}

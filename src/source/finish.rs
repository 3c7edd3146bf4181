//! From a file to its records, and from a record to a finished document.

use std::collections::HashSet;

use crate::document::{Document, GivenTurn};
use crate::error::{Error, ErrorKind, Result};

use super::format::{self, Format};
use super::json_frames::Framing;
use super::record::{Columns, Record, Records, single};
use super::{
    InputFile, Sources, columns, docx, html, json, language, open, parquet, pdf, table, tei, text,
};

impl Sources {
    /// Opens file number `index` with the reader for its format.
    pub(super) fn records(&self, index: usize) -> Result<Records<'_>> {
        let file = &self.files[index];
        let limits = self.options.limits;
        let mut bytes = open::open(file, limits, &self.traces[index])?;
        let format = match format::of_name(&file.name) {
            Some(format) if !file.is_stdin() => format,
            _ => {
                let head = bytes.fill_buf();
                format::sniff(head.map_err(|error| open::read_error(&error, &file.path))?)
            }
        };
        let options = &self.options;
        match format {
            Format::Table(separator) => return table::read(bytes, separator, options, &file.path),
            Format::Parquet if !file.is_stdin() => return parquet::read_file(&file.path, options),
            Format::JsonLines => return json::read(bytes, Framing::Lines, options, &file.path),
            Format::Json => return json::read(bytes, Framing::Braces, options, &file.path),
            _ => {}
        }
        let all = open::read_all(&mut bytes, limits, &file.path)?;
        Ok(match format {
            Format::Html => single(html::read(all)),
            Format::Pdf => single(pdf::read(&all, limits)),
            Format::Docx => single(docx::read(all, limits)),
            Format::Parquet => parquet::read_bytes(all, options)?,
            Format::Tei => tei::read(all, &self.people, &file.path)?.map_or_else(
                || Box::new(std::iter::empty()) as Records<'_>,
                |record| single(Ok(record)),
            ),
            _ => single(text::read(all)),
        })
    }

    /// Joins the metadata, names the document and finds its language.
    pub(super) fn finish(&self, file: &InputFile, mut record: Record) -> Result<Document> {
        let number = record.number;
        if record.text.trim().is_empty() {
            let error = no_text(&record);
            return Err(number.into_iter().fold(error, Error::at_record));
        }
        if memchr::memchr(0, record.text.as_bytes()).is_some() {
            record.notes.push("zero bytes replaced by U+FFFD".to_owned());
            record.text = without_zeros(&record.text, &mut record.turns);
        }
        let (doc_id, columns) = self.join(file, &mut record);
        let mut meta = columns::metadata(&columns, &mut record.notes);
        if meta.lang.is_none() {
            meta.lang = language::detect(&record.text);
        }
        let path = file.path.display();
        let path = number.map_or_else(|| path.to_string(), |number| format!("{path}#{number}"));
        let Record { text, turns, notes, .. } = record;
        Ok(Document { doc_id, path, text, meta, turns, notes })
    }

    /// The record's identifier and all columns that any source has for it.
    fn join(&self, file: &InputFile, record: &mut Record) -> (String, Columns) {
        let asked = self.options.id_column.as_deref();
        let own_id = columns::identifier(&record.columns, asked);
        let row =
            self.sidecars.iter().find_map(|sidecar| sidecar.find(own_id.as_deref(), &file.name));
        if row.is_none() && record.number.is_none() && !self.sidecars.is_empty() {
            record.notes.push("no row in the metadata file".to_owned());
        }
        let named = self.pattern.as_ref().map(|pattern| pattern.columns(&file.name));
        if named == Some(None) {
            record.notes.push("file name does not fit the name pattern".to_owned());
        }
        let doc_id = own_id.unwrap_or_else(|| {
            let base = row.and_then(|row| columns::identifier(row, asked));
            let base = base.unwrap_or_else(|| default_id(file));
            record.number.map_or_else(|| base.clone(), |number| format!("{base}.{number}"))
        });
        let columns = merged([
            row.cloned().unwrap_or_default(),
            std::mem::take(&mut record.columns),
            named.flatten().unwrap_or_default(),
            std::mem::take(&mut record.properties),
        ]);
        (doc_id, columns)
    }
}

/// `sub/a` for `sub/a.txt.gz`.
fn default_id(file: &InputFile) -> String {
    let folder = file.name.rfind('/').map_or("", |at| &file.name[..=at]);
    format!("{folder}{}", file.stem())
}

/// All columns in order of authority; a name that an earlier source has given is dropped from the later ones.
fn merged(sources: [Columns; 4]) -> Columns {
    let mut all = Columns::new();
    let mut known: HashSet<String> = HashSet::new();
    for source in sources {
        let start = all.len();
        all.extend(source.into_iter().filter(|(name, _)| !known.contains(name)));
        known.extend(all[start..].iter().map(|(name, _)| name.clone()));
    }
    all
}

/// `text` with U+FFFD for each zero byte: R cannot hold a string with a zero in it.
fn without_zeros(text: &str, turns: &mut [GivenTurn]) -> String {
    let zeros: Vec<usize> = memchr::memchr_iter(0, text.as_bytes()).collect();
    let grown = '\u{fffd}'.len_utf8() - 1;
    let moved = |byte: usize| byte + grown * zeros.partition_point(|zero| *zero < byte);
    for turn in turns {
        turn.span.start = moved(turn.span.start);
        turn.span.end = moved(turn.span.end);
    }
    text.replace('\0', "\u{fffd}")
}

fn no_text(record: &Record) -> Error {
    let (message, hint) = match record.number {
        Some(_) => ("has an empty text", "leave rows without text out, or fill them"),
        None => ("holds no text", "the file has nothing but white space or markup"),
    };
    Error::new(ErrorKind::Input, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{MetaValue, Span};

    #[test]
    fn zeros_go_and_turns_move_with_the_text() {
        let text = "a\0b\0c";
        let mut turns = [GivenTurn { span: Span::new(2, 5), speaker: None }];
        let text = without_zeros(text, &mut turns);
        assert_eq!(text, "a\u{fffd}b\u{fffd}c");
        assert_eq!(turns[0].span.of(&text), "b\u{fffd}c");
    }

    #[test]
    fn earlier_sources_win() {
        let column = |name: &str, value: i64| (name.to_owned(), MetaValue::Int(value));
        let all = merged([
            vec![column("a", 1)],
            vec![column("a", 2), column("b", 2)],
            vec![],
            vec![column("b", 3), column("c", 3)],
        ]);
        assert_eq!(all, [column("a", 1), column("b", 2), column("c", 3)]);
    }
}

//! DOCX: the running text of the document part, paragraph by paragraph, and the core properties.
//!
//! A DOCX is a ZIP archive of XML parts. Three of them are read, each up to a limit, and nothing is ever
//! written to disk. Page headers and footers, notes and comments are parts of their own and stay out.

use std::io::{Cursor, Read};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, ErrorKind, Result};

use super::record::{Columns, Record, text_column};
use super::{Limits, encoding, format, xml};

type Archive = ZipArchive<Cursor<Vec<u8>>>;

/// Elements whose content is no running text: properties, deleted words, fallback copies, ruby glosses.
const SKIPPED: [&str; 9] =
    ["pPr", "rPr", "tblPr", "sectPr", "del", "moveFrom", "Fallback", "rt", "object"];
/// Core properties and the columns they become. A file's creator is seldom who speaks in it: no actor.
const PROPERTIES: [(&str, &str); 7] = [
    ("title", "title"),
    ("creator", "creator"),
    ("subject", "subject"),
    ("description", "description"),
    ("keywords", "keywords"),
    ("language", "lang"),
    ("created", "created"),
];

/// The record of a DOCX file.
pub(crate) fn read(bytes: Vec<u8>, limits: Limits) -> Result<Record> {
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        let error = Error::new(ErrorKind::Input, "is an encrypted or an old Word file, not DOCX");
        return Err(error.hint("remove its password, or save it as .docx"));
    }
    if !bytes.starts_with(b"PK") {
        let kind = format::binary_kind(&bytes).unwrap_or("something else");
        let error = Error::new(ErrorKind::Input, "is not a DOCX file");
        return Err(error.hint(format!("it looks like {kind}; give it the right extension")));
    }
    let allowed = (bytes.len() as u64).saturating_mul(limits.max_inflation);
    let allowed = limits.free_inflation.max(allowed).min(limits.max_document_bytes);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(error, None))?;
    let main = main_part(&mut archive, allowed)?;
    let Some(document) = part(&mut archive, &main, allowed)? else {
        let error = Error::new(ErrorKind::Input, format!("has no part {main}"));
        return Err(error.hint("it is a ZIP archive, but not of a Word document"));
    };
    let properties = match part(&mut archive, "docProps/core.xml", allowed)? {
        Some(core) => properties(&core)?,
        None => Columns::new(),
    };
    Ok(Record { text: Body::read(&document)?.join("\n\n"), properties, ..Record::default() })
}

/// The name of the part that holds the text, as the package's relations tell it.
fn main_part(archive: &mut Archive, limit: u64) -> Result<String> {
    let usual = "word/document.xml";
    let Some(relations) = part(archive, "_rels/.rels", limit)? else { return Ok(usual.to_owned()) };
    let mut reader = xml::reader(&relations);
    loop {
        match reader.read_event().map_err(|error| xml::syntax_error(error, &reader))? {
            Event::Empty(tag) | Event::Start(tag)
                if xml::attribute(&tag, "Type")
                    .is_some_and(|kind| kind.ends_with("/officeDocument")) =>
            {
                let target = xml::attribute(&tag, "Target").unwrap_or_default();
                return Ok(target.trim_start_matches('/').to_owned());
            }
            Event::Eof => return Ok(usual.to_owned()),
            _ => {}
        }
    }
}

/// The XML of the part `name`; `None` where the archive has none.
fn part(archive: &mut Archive, name: &str, limit: u64) -> Result<Option<String>> {
    let entry = match archive.by_name(name) {
        Ok(entry) => entry,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(broken(error, Some(name))),
    };
    let mut bytes = Vec::new();
    entry
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| broken(ZipError::Io(error), Some(name)))?;
    if bytes.len() as u64 > limit {
        let cause = format!("{name} unpacks to more than {} MiB", limit >> 20);
        let error = Error::new(ErrorKind::Input, "inflates beyond all measure").caused_by(cause);
        return Err(
            error.hint("the file is an archive bomb, or too large to be read as one document")
        );
    }
    let declared = super::html::declared_encoding(&bytes);
    Ok(Some(encoding::decode(bytes, declared.as_deref())?.0))
}

fn broken(error: ZipError, part: Option<&str>) -> Error {
    let what = part
        .map_or_else(|| "is a broken DOCX".to_owned(), |part| format!("has a broken part {part}"));
    let hint = "was the file cut short? open it in a word processor and save it again";
    Error::new(ErrorKind::Input, what).caused_by(error).hint(hint)
}

fn properties(core: &str) -> Result<Columns> {
    let mut reader = xml::reader(core);
    let (mut columns, mut name, mut value) = (Columns::new(), None, String::new());
    loop {
        match reader.read_event().map_err(|error| xml::syntax_error(error, &reader))? {
            Event::Start(tag) => {
                let known = PROPERTIES.iter().find(|(name, _)| *name == tag.local_name().as_ref());
                name = known.map(|(_, column)| *column);
                value.clear();
            }
            Event::Text(text) => value.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => value.push_str(&xml::reference(&reference)),
            Event::End(_) => {
                columns.extend(name.take().and_then(|name| text_column(name, &*value)));
            }
            Event::Eof => return Ok(columns),
            _ => {}
        }
    }
}

/// Walks the document part.
#[derive(Default)]
struct Body {
    paragraphs: Vec<String>,
    /// The paragraphs that are open: text boxes put paragraphs inside paragraphs.
    open: Vec<String>,
    /// Depth inside an element whose content is skipped.
    skipping: usize,
    in_text: bool,
    /// The paragraph is a line of the table of contents.
    is_contents: bool,
}

impl Body {
    fn read(document: &str) -> Result<Vec<String>> {
        let mut reader = xml::reader(document);
        let mut body = Self::default();
        loop {
            match reader.read_event().map_err(|error| xml::syntax_error(error, &reader))? {
                Event::Start(tag) => body.start(&tag),
                Event::Empty(tag) => body.empty(&tag),
                Event::End(tag) => body.end(tag.local_name().as_ref()),
                Event::Text(text) => body.push(&text.xml10_content()),
                Event::CData(text) => body.push(&text.xml10_content()),
                Event::GeneralRef(reference) => body.push(&xml::reference(&reference)),
                Event::Eof => return Ok(body.paragraphs),
                _ => {}
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        let name = name.as_ref();
        if self.skipping > 0 || SKIPPED.contains(&name) {
            self.style(tag);
            self.skipping += 1;
            return;
        }
        match name {
            "p" => self.open.push(String::new()),
            "t" => self.in_text = true,
            _ => self.empty(tag),
        }
    }

    fn empty(&mut self, tag: &BytesStart<'_>) {
        if self.skipping > 0 {
            self.style(tag);
            return;
        }
        let character = match tag.local_name().as_ref() {
            "tab" | "ptab" => '\t',
            "br" | "cr" => '\n',
            "noBreakHyphen" => '-',
            _ => return,
        };
        if let Some(text) = self.open.last_mut() {
            text.push(character);
        }
    }

    fn end(&mut self, name: &str) {
        if self.skipping > 0 {
            self.skipping -= 1;
            return;
        }
        match name {
            "t" => self.in_text = false,
            "p" => {
                let text = self.open.pop().unwrap_or_default();
                let is_contents = std::mem::take(&mut self.is_contents);
                if !is_contents && !text.trim().is_empty() {
                    self.paragraphs.push(text.trim().to_owned());
                }
            }
            _ => {}
        }
    }

    fn style(&mut self, tag: &BytesStart<'_>) {
        if tag.local_name().as_ref() == "pStyle" {
            let style = xml::attribute(tag, "val").unwrap_or_default();
            self.is_contents |=
                style.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("toc"));
        }
    }

    fn push(&mut self, text: &str) {
        if self.in_text
            && self.skipping == 0
            && let Some(paragraph) = self.open.last_mut()
        {
            paragraph.extend(text.chars().filter(|c| *c != '\u{ad}'));
        }
    }
}

#[cfg(test)]
#[path = "tests/docx.rs"]
mod tests;

//! PDF: the text of all pages as paragraphs, without page numbers, running heads and hard line ends.

use pdf_extract::{Document, Object};

use crate::error::{Error, ErrorKind, Result};

use super::contain::contain;
use super::pdf_lines::{Collector, Page};
use super::record::{Columns, Record, text_column};
use super::{Limits, format, open, pdf_fonts, pdf_guard, pdf_layout, pdf_prepare};

/// The record of a PDF file.
pub(crate) fn read(bytes: &[u8], limits: Limits) -> Result<Record> {
    if memchr::memmem::find(&bytes[..bytes.len().min(1024)], b"%PDF").is_none() {
        let kind = format::binary_kind(bytes).unwrap_or("something else");
        let error = Error::new(ErrorKind::Input, "is not a PDF file");
        return Err(error.hint(format!("it looks like {kind}; give it the right extension")));
    }
    pdf_guard::check(bytes, limits)?;
    let mut document = contain(|| load(bytes))?;
    let properties = contain(|| Ok(properties(&document)))?;
    contain(|| {
        pdf_fonts::repair_tables(&mut document);
        pdf_prepare::prepare(&mut document, limits.max_document_bytes)
    })?;
    let mut notes = Vec::new();
    let pages = pages(&mut document, limits, &mut notes)?;
    if pages.iter().all(Vec::is_empty) {
        let error = Error::new(ErrorKind::Input, "has no text");
        return Err(
            error.hint("its pages are probably pictures; run a text recognition (OCR) on it first")
        );
    }
    let (text, cleaned) = pdf_layout::text(&pages);
    notes.extend(cleaned);
    Ok(Record { text, properties, notes, ..Record::default() })
}

fn load(bytes: &[u8]) -> Result<Document> {
    let broken = |error: pdf_extract::Error| {
        Error::new(ErrorKind::Input, "is a broken PDF")
            .caused_by(error)
            .hint("was the file cut short? open it in a viewer and print it into a new PDF")
    };
    let encrypted = |error: pdf_extract::Error| {
        Error::new(ErrorKind::Input, "is encrypted")
            .caused_by(error)
            .hint("remove its password first")
    };
    let mut document = Document::load_mem(bytes).map_err(|error| match error {
        pdf_extract::Error::Decryption(_) | pdf_extract::Error::InvalidPassword => encrypted(error),
        other => broken(other),
    })?;
    if document.is_encrypted() {
        // Many PDFs are encrypted with an empty password: open to read, closed to change.
        document.decrypt("").map_err(encrypted)?;
    }
    Ok(document)
}

/// The lines of every page; a page that cannot be read costs a note, all pages an error.
fn pages(document: &mut Document, limits: Limits, notes: &mut Vec<String>) -> Result<Vec<Page>> {
    let count = u32::try_from(document.page_iter().count()).unwrap_or(u32::MAX);
    let mut budget = usize::try_from(limits.max_document_bytes).unwrap_or(usize::MAX);
    let mut pages = Vec::new();
    let mut failed = Vec::new();
    let mut cause = String::new();
    for number in 1..=count {
        let read = page(document, number, budget).or_else(|_| {
            pdf_fonts::drop_programs(document);
            page(document, number, budget)
        });
        match read {
            Ok(page) => {
                let size = page.iter().map(|line| line.text.len()).sum();
                budget = budget
                    .checked_sub(size)
                    .ok_or_else(|| open::too_large(limits.max_document_bytes))?;
                pages.push(page);
            }
            Err(error) if failed.len() + 1 == count as usize => return Err(error),
            Err(error) => {
                failed.push(number.to_string());
                cause = error.cause();
            }
        }
    }
    if !failed.is_empty() {
        notes.push(format!("could not read pages {}: {cause}", failed.join(", ")));
    }
    Ok(pages)
}

fn page(document: &Document, number: u32, budget: usize) -> Result<Page> {
    contain(|| {
        let mut collector = Collector::new(budget);
        pdf_extract::output_doc_page(document, &mut collector, number).map_err(|error| {
            Error::new(ErrorKind::Input, "has a broken page").caused_by(error.to_string())
        })?;
        Ok(collector.into_page())
    })
}

/// Title and the like. A file's author is seldom who speaks in it: kept as `creator`.
fn properties(document: &Document) -> Columns {
    let info = document.trailer.get(b"Info").and_then(|info| document.dereference(info));
    let Ok(info) = info.and_then(|(_, info)| info.as_dict()) else { return Columns::new() };
    let value = |key: &str| {
        let value = document.dereference(info.get(key.as_bytes()).ok()?).ok()?.1;
        decoded(value)
    };
    let title = value("Title").filter(|title| !title.starts_with("Microsoft Word -"));
    let found = [("title", title), ("creator", value("Author")), ("subject", value("Subject"))];
    found.into_iter().filter_map(|(name, value)| text_column(name, value?)).collect()
}

/// Where `PDFDocEncoding` differs from Latin-1: 0x18 to 0x1f and 0x80 to 0xa0 (ISO 32000-1, annex D.2).
const LOW: &str = "˘ˇˆ˙˝˛˚˜";
const HIGH: &str = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž\u{fffd}€";

/// A string of the information dictionary: UTF-16 or UTF-8 where marked, else in `PDFDocEncoding`.
fn decoded(value: &Object) -> Option<String> {
    let bytes = value.as_str().ok()?;
    let text = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]).0,
        None => bytes.iter().map(|byte| in_pdf_doc_encoding(*byte)).collect(),
    };
    Some(text.replace(|c: char| c.is_control(), ""))
}

fn in_pdf_doc_encoding(byte: u8) -> char {
    let found = match byte {
        0x18..=0x1f => LOW.chars().nth(usize::from(byte) - 0x18),
        0x80..=0xa0 => HIGH.chars().nth(usize::from(byte) - 0x80),
        _ => None,
    };
    found.unwrap_or(char::from(byte))
}

#[cfg(test)]
#[path = "tests/pdf.rs"]
mod tests;

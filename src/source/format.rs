//! Which format a file is in: by its name, or by its first bytes where the name does not tell.

use super::columns;

/// A format with a reader of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Plain text and Markdown, both kept as they are.
    Text,
    Html,
    Pdf,
    Docx,
    /// A table with this byte between its fields.
    Table(u8),
    /// JSON Lines, one record a line.
    JsonLines,
    /// A JSON array of records, or records one after the other.
    Json,
    Parquet,
    Tei,
}

/// How the bytes of a file are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

const EXTENSIONS: [(&str, Format); 18] = [
    ("txt", Format::Text),
    ("text", Format::Text),
    ("md", Format::Text),
    ("markdown", Format::Text),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("xhtml", Format::Html),
    ("pdf", Format::Pdf),
    ("docx", Format::Docx),
    ("csv", Format::Table(b',')),
    ("tsv", Format::Table(b'\t')),
    ("tab", Format::Table(b'\t')),
    ("jsonl", Format::JsonLines),
    ("ndjson", Format::JsonLines),
    ("json", Format::Json),
    ("parquet", Format::Parquet),
    ("pq", Format::Parquet),
    ("xml", Format::Tei),
];

const PACKINGS: [(&str, Packing); 3] =
    [("gz", Packing::Gzip), ("zst", Packing::Zstd), ("zstd", Packing::Zstd)];

/// The format that the extension of `name` stands for, whatever it is packed with.
pub(crate) fn of_name(name: &str) -> Option<Format> {
    let (stem, extension) = split_extension(name)?;
    if lookup(&PACKINGS, extension).is_some() {
        return lookup(&EXTENSIONS, split_extension(stem)?.1);
    }
    lookup(&EXTENSIONS, extension)
}

/// How the first bytes of a file say it is packed.
pub(crate) fn packing(head: &[u8]) -> Option<Packing> {
    match head {
        [0x1f, 0x8b, ..] => Some(Packing::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
        _ => None,
    }
}

/// A file name without the extensions this library knows: `a.b` for `a.b.txt.gz`.
pub(crate) fn without_extensions(name: &str) -> &str {
    let mut rest = name;
    while let Some((stem, extension)) = split_extension(rest) {
        let packed = lookup(&PACKINGS, extension).is_some();
        if !packed && lookup(&EXTENSIONS, extension).is_none() {
            break;
        }
        rest = stem;
        if !packed {
            break;
        }
    }
    rest
}

/// The format that the first bytes of an input look like; plain text where nothing else fits.
pub(crate) fn sniff(head: &[u8]) -> Format {
    let body = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match body {
        [b'%', b'P', b'D', b'F', ..] => Format::Pdf,
        [b'P', b'K', 3, 4, ..] => Format::Docx,
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        [b'{', ..] if one_line_object(body) => Format::JsonLines,
        [b'{', ..] => Format::Json,
        [b'[', rest @ ..] if matches!(rest.trim_ascii_start(), [b'{', ..]) => Format::Json,
        [b'<', ..] => markup(body),
        _ => table(body).map_or(Format::Text, Format::Table),
    }
}

/// What kind of binary file `head` starts like, for the message that refuses it.
pub(crate) fn binary_kind(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 9] = [
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive (DOCX, ODT, XLSX, EPUB, …)"),
        (b"PAR1", "a Parquet file"),
        (b"\xd0\xcf\x11\xe0", "an old Word, Excel or PowerPoint file"),
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"\x7fELF", "a program"),
        (b"SQLite format 3", "a SQLite database"),
    ];
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| *kind)
}

/// Whether the first line is an object of its own, as far as it can be seen.
fn one_line_object(body: &[u8]) -> bool {
    let line = body.split(|byte| *byte == b'\n').next().unwrap_or(body);
    line.len() == body.len() || line.trim_ascii_end().ends_with(b"}")
}

fn markup(body: &[u8]) -> Format {
    let head = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
    let html = ["<!doctype html", "<html", "<head", "<body", "<p>", "<p ", "<div", "<h1"];
    let at = |needle: &str| head.find(needle).unwrap_or(usize::MAX);
    let tei = at("<tei").min(at("<teicorpus"));
    let html = html.iter().map(|needle| at(needle)).min().unwrap_or(usize::MAX);
    match (tei, html) {
        (usize::MAX, usize::MAX) if !head.starts_with("<?xml") => Format::Text,
        _ if html < tei => Format::Html,
        _ => Format::Tei,
    }
}

/// The separator of a table whose first line names a text column.
fn table(body: &[u8]) -> Option<u8> {
    let line = body.split(|byte| *byte == b'\n').next().unwrap_or(body);
    let line = String::from_utf8_lossy(&line[..line.len().min(65_536)]);
    let names_text = |separator: u8| {
        let mut names = line.split(char::from(separator));
        names.clone().count() > 1
            && names.any(|name| columns::is_text_name(name.trim().trim_matches('"')))
    };
    [b'\t', b',', b';'].into_iter().find(|separator| names_text(*separator))
}

fn split_extension(name: &str) -> Option<(&str, &str)> {
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty() && !stem.ends_with('/')).then_some((stem, extension))
}

fn lookup<T: Copy>(table: &[(&str, T)], extension: &str) -> Option<T> {
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension)).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_format_through_the_packing() {
        assert_eq!(of_name("sub/a.TXT"), Some(Format::Text));
        assert_eq!(of_name("a.jsonl.gz"), Some(Format::JsonLines));
        assert_eq!(of_name("a.tsv.zst"), Some(Format::Table(b'\t')));
        assert_eq!(of_name("a.gz"), None);
        assert_eq!(of_name("README"), None);
        assert_eq!(of_name(".txt"), None);
    }

    #[test]
    fn only_known_extensions_are_cut() {
        assert_eq!(without_extensions("v1.2.txt.gz"), "v1.2");
        assert_eq!(without_extensions("a.txt.txt"), "a.txt");
        assert_eq!(without_extensions("report.final"), "report.final");
    }

    #[test]
    fn first_bytes_tell_the_format() {
        assert_eq!(sniff(b"%PDF-1.7"), Format::Pdf);
        assert_eq!(sniff(b"\xef\xbb\xbf {\"text\": 1}\n{"), Format::JsonLines);
        assert_eq!(sniff(b"{\n\"text\": 1}"), Format::Json);
        assert_eq!(sniff(b"[\n {\"text\""), Format::Json);
        assert_eq!(sniff(b"[Applause] Thank you."), Format::Text);
        assert_eq!(sniff(b"<?xml version='1.0'?><TEI xmlns='x'>"), Format::Tei);
        assert_eq!(sniff(b"<?xml version='1.0'?><html>"), Format::Html);
        assert_eq!(sniff(b"<!DOCTYPE html><title>"), Format::Html);
        assert_eq!(sniff(b"id;\"text\"\n1;a"), Format::Table(b';'));
        assert_eq!(sniff(b"In the text, we say\nthis"), Format::Text);
        assert_eq!(sniff(b""), Format::Text);
    }
}

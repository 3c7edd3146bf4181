//! A table of metadata beside the texts, joined on `doc_id` or on the file's name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};

use super::format::{self, Format};
use super::record::Columns;
use super::{InputFile, SourceOptions, columns, json, open, table};

/// Columns that name a document's file.
const NAME: [&str; 5] = ["filename", "file", "path", "file_name", "filepath"];
/// Rows of a kind that are listed one by one in a warning.
const LISTED: usize = 5;

/// A loaded metadata table.
#[derive(Debug)]
pub(crate) struct Sidecar {
    path: PathBuf,
    rows: Vec<Row>,
    by_id: HashMap<String, usize>,
    /// By path, by file name and by file name without extension; `None` where several rows claim one.
    by_name: HashMap<String, Option<usize>>,
    warnings: Vec<String>,
}

#[derive(Debug)]
struct Row {
    columns: Columns,
    line: u64,
    used: AtomicBool,
}

impl Sidecar {
    /// Reads the table at `path`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is no CSV, TSV or JSON Lines, or has no column to join on.
    pub(crate) fn load(path: &Path, options: &SourceOptions) -> Result<Self> {
        let sidecar = Self::read(path, options)?;
        if sidecar.can_join() {
            Ok(sidecar)
        } else {
            Err(unusable(path, no_key(&sidecar.rows[0].columns)))
        }
    }

    /// As [`Sidecar::load`], for a table that nobody asked for: it was found beside the texts. Without a column to
    /// join on it need not be about them, so that it is left out, with a warning.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no CSV, TSV or JSON Lines.
    pub(crate) fn load_found(
        path: &Path,
        options: &SourceOptions,
    ) -> Result<std::result::Result<Self, String>> {
        let sidecar = Self::read(path, options)?;
        if sidecar.can_join() {
            return Ok(Ok(sidecar));
        }
        let reason = no_key(&sidecar.rows[0].columns);
        let hint = reason.remedy().unwrap_or_default();
        Ok(Err(format!("{}: left out: {}; {hint}", path.display(), reason.cause())))
    }

    fn can_join(&self) -> bool {
        !(self.by_id.is_empty() && self.by_name.is_empty())
    }

    fn read(path: &Path, options: &SourceOptions) -> Result<Self> {
        let mut sidecar = Self {
            path: path.to_owned(),
            rows: Vec::new(),
            by_id: HashMap::new(),
            by_name: HashMap::new(),
            warnings: Vec::new(),
        };
        sidecar.read_rows(options).map_err(|error| unusable(path, error))?;
        if sidecar.rows.is_empty() {
            return Err(unusable(path, Error::new(ErrorKind::Metadata, "holds no rows")));
        }
        Ok(sidecar)
    }

    fn read_rows(&mut self, options: &SourceOptions) -> Result<()> {
        let name = self.path.to_string_lossy().into_owned();
        let path = self.path.clone();
        let file = InputFile { path: path.clone(), name, bytes: 0 };
        let trace = open::Trace::default();
        let bytes = open::open(&file, options.limits, &trace)?;
        match format::of_name(&file.name) {
            Some(Format::Table(separator)) => {
                table::rows(bytes, separator, options, &path)?
                    .for_each(|row| self.add(row, options));
            }
            Some(Format::JsonLines) => {
                json::rows(bytes, options, &path)?.for_each(|row| self.add(row, options));
            }
            _ => {
                let error =
                    Error::new(ErrorKind::Metadata, "is in no format metadata is read from");
                return Err(error.hint("give a .csv, .tsv or .jsonl file"));
            }
        }
        Ok(())
    }

    fn add(&mut self, row: Result<(Columns, u64)>, options: &SourceOptions) {
        let (columns, line) = match row {
            Ok(row) => row,
            Err(error) => {
                let place = self.path.display();
                let at =
                    error.location().line.map_or_else(String::new, |at| format!(", line {at}"));
                self.warnings.push(format!("{place}{at}: row left out: {}", error.cause()));
                return;
            }
        };
        let index = self.rows.len();
        if let Some(id) = columns::identifier(&columns, options.id_column.as_deref())
            && self.by_id.insert(id.clone(), index).is_some()
        {
            let place = self.path.display();
            self.warnings
                .push(format!("{place}, line {line}: \"{id}\" again; the later row counts"));
        }
        if let Some(name) = NAME.iter().find_map(|name| columns::find(&columns, name)) {
            for key in keys(&name.to_string().replace('\\', "/")) {
                let claim = self.by_name.entry(key).or_insert(Some(index));
                *claim = claim.filter(|claimed| *claimed == index);
            }
        }
        self.rows.push(Row { columns, line, used: AtomicBool::new(false) });
    }

    /// The row about the document `id` of the file `name`.
    pub(crate) fn find(&self, id: Option<&str>, name: &str) -> Option<&Columns> {
        let by_id = |id: &str| self.by_id.get(id).copied();
        let by_name = || keys(name).find_map(|key| self.by_name.get(&key).copied().flatten());
        let by_name_as_id = || keys(name).find_map(|key| by_id(&key));
        let index = id.and_then(by_id).or_else(by_name).or_else(by_name_as_id)?;
        self.rows[index].used.store(true, Ordering::Relaxed);
        Some(&self.rows[index].columns)
    }

    /// Rows that were left out, and those that no document has asked for so far.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let unused: Vec<&Row> =
            self.rows.iter().filter(|row| !row.used.load(Ordering::Relaxed)).collect();
        let mut warnings = self.warnings.clone();
        if !unused.is_empty() {
            let lines: Vec<String> =
                unused.iter().take(LISTED).map(|row| row.line.to_string()).collect();
            let more = if unused.len() > LISTED { ", …" } else { "" };
            let (place, count, lines) = (self.path.display(), unused.len(), lines.join(", "));
            warnings.push(format!("{place}: {count} rows match no document (lines {lines}{more})"));
        }
        warnings
    }
}

/// The ways to say `name`, the most exact first.
fn keys(name: &str) -> impl Iterator<Item = String> + use<> {
    let name = name.trim().trim_start_matches("./");
    let base = name.rsplit('/').next().unwrap_or(name);
    let folder = &name[..name.len() - base.len()];
    let stem = format::without_extensions(base);
    [name.to_owned(), format!("{folder}{stem}"), base.to_owned(), stem.to_owned()]
        .into_iter()
        .filter(|key| !key.is_empty())
}

/// Says which table an error is about.
fn unusable(path: &Path, error: Error) -> Error {
    let hint = error.remedy().unwrap_or("check the file given with --metadata").to_owned();
    let location = error.location().clone();
    let again = Error::new(ErrorKind::Metadata, "cannot use the metadata file").hint(hint);
    location.line.into_iter().fold(again, Error::at_line).in_file(path).caused_by(error)
}

fn no_key(columns: &Columns) -> Error {
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let message = "has no column to join on";
    Error::new(ErrorKind::Metadata, message).hint(format!(
        "it needs one named doc_id, id, filename, file or path; its columns are {}",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(name: &str, content: &str) -> Result<Sidecar> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs_err::write(&path, content).unwrap();
        Sidecar::load(&path, &SourceOptions::default())
    }

    fn title(sidecar: &Sidecar, id: Option<&str>, name: &str) -> Option<String> {
        columns::find(sidecar.find(id, name)?, "title").map(ToString::to_string)
    }

    #[test]
    fn rows_are_found_by_id_and_by_every_way_to_write_a_name() {
        let table = "filename,doc_id,title\nsub/a.txt,A1,one\nb,B1,two\n./c.txt.gz,C1,three\n";
        let sidecar = load("m.csv", table).unwrap();
        assert_eq!(title(&sidecar, Some("B1"), "x").as_deref(), Some("two"));
        assert_eq!(title(&sidecar, None, "sub/a.txt").as_deref(), Some("one"));
        assert_eq!(title(&sidecar, None, "a.md").as_deref(), Some("one"));
        assert_eq!(title(&sidecar, None, "b.txt").as_deref(), Some("two"));
        assert_eq!(title(&sidecar, None, "deep/c.txt").as_deref(), Some("three"));
        assert_eq!(title(&sidecar, None, "A1.txt").as_deref(), Some("one"));
        assert_eq!(title(&sidecar, None, "d.txt"), None);
    }

    #[test]
    fn the_same_name_in_two_folders_is_not_confused() {
        let table = "file\ttitle\nx/a.txt\tone\ny/a.txt\ttwo\n";
        let sidecar = load("m.tsv", table).unwrap();
        assert_eq!(title(&sidecar, None, "y/a.txt").as_deref(), Some("two"));
        assert_eq!(title(&sidecar, None, "z/a.txt"), None);
    }

    #[test]
    fn rows_nobody_asked_for_are_reported() {
        let lines =
            "{\"doc_id\": \"a\", \"n\": 1}\n{\"doc_id\": \"b\"}\nbroken\n{\"doc_id\": \"b\"}\n";
        let sidecar = load("m.jsonl", lines).unwrap();
        assert!(sidecar.find(Some("a"), "").is_some());
        let warnings = sidecar.warnings().join("\n");
        assert!(warnings.contains("line 3: row left out"), "{warnings}");
        assert!(warnings.contains("line 4: \"b\" again"), "{warnings}");
        assert!(warnings.contains("2 rows match no document (lines 2, 4)"), "{warnings}");
    }

    #[test]
    fn a_table_found_without_a_column_to_join_on_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metadata.csv");
        fs_err::write(&path, "title,date\na,2018\n").unwrap();
        let warning = Sidecar::load_found(&path, &SourceOptions::default()).unwrap().unwrap_err();
        assert!(warning.contains("no column to join on"), "{warning}");
        assert!(warning.contains("title, date"), "{warning}");
        fs_err::write(&path, "doc_id,title\na,one\n").unwrap();
        assert!(Sidecar::load_found(&path, &SourceOptions::default()).unwrap().is_ok());
    }

    #[test]
    fn unusable_tables_are_refused() {
        for (name, content, cause) in [
            ("m.csv", "title,date\na,2018\n", "no column to join on"),
            ("m.csv", "", "is empty"),
            ("m.csv", "doc_id,title\n", "holds no rows"),
            ("m.xlsx", "PK", "no format metadata is read from"),
        ] {
            let error = load(name, content).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Metadata);
            assert!(error.cause().contains(cause), "{}", error.cause());
        }
        let missing = Sidecar::load(Path::new("no/such.csv"), &SourceOptions::default());
        assert!(missing.unwrap_err().to_string().contains("no/such.csv"));
    }
}

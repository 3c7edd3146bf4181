//! Folders, files and standard input become [`Document`]s with their metadata.
//!
//! The way of a document: [`Sources::resolve`] lists the files, `open` unpacks and guards their bytes,
//! one reader per format makes `Record`s, and `finish` joins the metadata and names the document.
//! Readers stream: at no time is more than one record of a table or JSON Lines file held in memory.
//!
//! Metadata comes from four places. Where two of them name the same column, the first in this list wins:
//!
//! 1. the sidecar (`--metadata`, or `metadata.csv` in an input folder), joined on `doc_id` or on the file's name;
//! 2. the record itself: table columns, JSON fields, YAML front matter;
//! 3. the file-name pattern (`--name-pattern`);
//! 4. the properties of the format: `<meta>` of HTML, core properties of DOCX, `teiHeader`.
//!
//! Nothing here trusts its input: sizes and inflation are bounded by [`Limits`], and a broken record or file
//! is an `Err` item after which iteration goes on.

mod columns;
mod contain;
mod country;
mod dates;
mod docx;
mod encoding;
mod finish;
mod format;
mod front_matter;
mod html;
mod html_blocks;
mod json;
mod json_frames;
mod json_values;
mod language;
mod name_pattern;
mod open;
mod parquet;
mod parquet_guard;
mod pdf;
mod pdf_fonts;
mod pdf_furniture;
mod pdf_guard;
mod pdf_layout;
mod pdf_lines;
mod pdf_prepare;
mod record;
mod resolve;
mod sidecar;
mod table;
mod tei;
mod tei_header;
mod tei_people;
mod text;
mod xml;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use crate::document::Document;
use crate::error::{Error, ErrorKind, Result};

/// The folder inside an output folder that marks it as one and holds the state of its runs.
pub const STATE_FOLDER: &str = ".plenary";

/// The table of actors (`actors.csv`) right inside the first of the input folders that has one.
pub fn actors_file(inputs: &[PathBuf]) -> Option<PathBuf> {
    inputs.iter().map(|input| input.join(resolve::ACTORS)).find(|path| path.is_file())
}

/// What to read and how.
#[derive(Clone, Debug, Default)]
pub struct SourceOptions {
    /// Globs a file found in a folder must match one of; empty takes every known format.
    ///
    /// A glob with a slash is held against the path below the folder, one without against the file name too.
    pub include: Vec<String>,
    /// Globs that leave out files found in a folder, read like `include`.
    pub exclude: Vec<String>,
    /// A table (CSV, TSV, JSON Lines) of metadata, joined on `doc_id` or the file's name. Without it, a
    /// `metadata.csv` right inside an input folder is taken.
    pub metadata: Option<PathBuf>,
    /// A pattern with named parts for metadata in file names, such as `{country_iso}_{un_session}_{year}`.
    pub name_pattern: Option<String>,
    /// The column of a table or JSON record that holds the text; `text` and its usual synonyms without it.
    pub text_column: Option<String>,
    /// The column that holds the document's identifier; `doc_id` or `id` without it.
    pub id_column: Option<String>,
    /// Bounds on what a hostile or broken input may cost.
    pub limits: Limits,
}

/// Bounds on what a hostile or broken input may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one document or record, unpacked (default 256 MiB).
    pub max_document_bytes: u64,
    /// How many times its packed size a gz, zst, docx or pdf may inflate to (default 200), beyond
    /// [`Limits::free_inflation`].
    pub max_inflation: u64,
    /// Unpacked bytes that are never held against a file, however well it was packed (default 64 MiB).
    pub free_inflation: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_document_bytes: 256 << 20, max_inflation: 200, free_inflation: 64 << 20 }
    }
}

/// One input file, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Where it is, as the user named it; `-` for standard input.
    pub path: PathBuf,
    /// Its path below the input folder with `/` between the parts; sidecars and patterns are joined on it.
    pub name: String,
    /// Its size on disk; 0 for standard input.
    pub bytes: u64,
}

impl InputFile {
    /// Whether this is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path == Path::new("-")
    }

    /// The name without folders and extensions: `a` for `sub/a.txt.gz`.
    pub(crate) fn stem(&self) -> &str {
        let base = self.name.rsplit('/').next().unwrap_or(&self.name);
        format::without_extensions(base)
    }
}

/// Resolved inputs, ready to be read any number of times (standard input once).
#[derive(Debug)]
pub struct Sources {
    files: Vec<InputFile>,
    /// What was read of each file.
    traces: Vec<open::Trace>,
    /// What the walk through the folders could not read.
    problems: Vec<resolve::Problem>,
    warnings: Vec<String>,
    people: tei_people::People,
    sidecars: Vec<sidecar::Sidecar>,
    pattern: Option<name_pattern::NamePattern>,
    options: SourceOptions,
}

impl Sources {
    /// Lists the files behind `inputs`: files, folders (recursive, sorted by name) and `-` for standard input.
    ///
    /// # Errors
    ///
    /// When nothing is left to read, when a named input does not exist, when a glob or the name pattern is
    /// malformed, and when the metadata file cannot be read or joined. A single unreadable file inside a folder
    /// is no error here; [`Sources::documents`] reports it.
    pub fn resolve(inputs: &[PathBuf], options: &SourceOptions) -> Result<Self> {
        let pattern = options.name_pattern.as_deref().map(name_pattern::NamePattern::parse);
        let metadata = resolve::metadata_files(inputs, options);
        let mut found = resolve::find(inputs, &metadata, options)?;
        let mut sidecars = Vec::with_capacity(metadata.len());
        for path in &metadata {
            if options.metadata.is_some() {
                sidecars.push(sidecar::Sidecar::load(path, options)?);
                continue;
            }
            match sidecar::Sidecar::load_found(path, options)? {
                Ok(sidecar) => sidecars.push(sidecar),
                Err(warning) => found.warnings.push(warning),
            }
        }
        Ok(Self {
            traces: found.files.iter().map(|_| open::Trace::default()).collect(),
            files: found.files,
            problems: found.problems,
            warnings: found.warnings,
            people: tei_people::People::default(),
            sidecars,
            pattern: pattern.transpose()?,
            options: options.clone(),
        })
    }

    /// The files, in reading order.
    pub fn files(&self) -> &[InputFile] {
        &self.files
    }

    /// All documents in order, read one record at a time.
    ///
    /// An `Err` is one bad document, or the bad rest of a file; the iterator goes on after it.
    pub fn documents(&self) -> impl Iterator<Item = Result<Document>> + Send + '_ {
        let problems = self.problems.iter().map(|problem| Err(problem.to_error()));
        problems.chain((0..self.files.len()).flat_map(|index| self.documents_of(index)))
    }

    /// The documents of file number `index` of [`Sources::files`]; see [`Sources::documents`].
    pub fn documents_of(
        &self,
        index: usize,
    ) -> Box<dyn Iterator<Item = Result<Document>> + Send + '_> {
        let file = &self.files[index];
        let records = match self.records(index) {
            Ok(records) => records,
            Err(error) => return Box::new(std::iter::once(Err(error.in_file(&file.path)))),
        };
        Box::new(records.map(move |record| {
            let document = record.and_then(|record| self.finish(file, record));
            document.map_err(|error| error.in_file(&file.path))
        }))
    }

    /// The lowercase hexadecimal SHA-256 of file number `index` as it lies on disk.
    ///
    /// Known for free once the file was read to its end; read here otherwise.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, and for standard input that has not been read to its end.
    pub fn file_sha256(&self, index: usize) -> Result<String> {
        if let Some(digest) = self.traces[index].digest.get() {
            return Ok(digest.clone());
        }
        let file = &self.files[index];
        if file.is_stdin() {
            let message = "cannot hash standard input before it was read to its end";
            return Err(Error::new(ErrorKind::Input, message));
        }
        let digest = open::sha256(&file.path)?;
        Ok(self.traces[index].digest.get_or_init(|| digest).clone())
    }

    /// Bytes read so far from all files, as they lie on disk.
    pub fn bytes_read(&self) -> u64 {
        self.traces.iter().map(|trace| trace.bytes.load(Ordering::Relaxed)).sum()
    }

    /// What deserves a word but stops nothing: files of unknown type, metadata rows that match no document.
    ///
    /// Rows are known to match nothing only after [`Sources::documents`] has run to its end.
    pub fn warnings(&self) -> Vec<String> {
        let unused = self.sidecars.iter().flat_map(sidecar::Sidecar::warnings);
        self.warnings.iter().cloned().chain(unused).collect()
    }
}

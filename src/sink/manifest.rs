//! `manifest.json`: how the tables came about, for people and for the next run.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::replace::ReplaceFile;
use super::schema::SCHEMA_VERSION;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};

/// The name of the manifest in an output folder.
pub const FILE_NAME: &str = "manifest.json";

/// How the tables of an output folder came about. All but `timings` is the same for the same inputs.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest<'a> {
    /// `plenary`.
    pub program: &'static str,
    /// The program's version.
    pub version: &'static str,
    /// The version of the tables' schema.
    pub schema_version: u32,
    /// The files read.
    pub inputs: Vec<InputRecord>,
    /// The settings, with defaults filled in.
    pub config: &'a Config,
    /// The codebook's identifier, version and hash.
    pub codebook: Identity,
    /// The encoder's name and hash.
    pub encoder: Identity,
    /// The hash of heads and calibration.
    pub heads: Identity,
    /// Rows of each table.
    pub tables: Vec<TableRecord>,
    /// Statements that were longer than the model reads.
    pub truncated_statements: u64,
    /// Documents left out, and why.
    pub skipped: Vec<SkippedRecord>,
    /// Warnings, such as files without a row of metadata.
    pub warnings: Vec<String>,
    /// How long the last run took; the only part that differs between equal runs.
    pub timings: Timings,
}

/// An input file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// As the user named it.
    pub path: String,
    /// Size on disk.
    pub bytes: u64,
    /// SHA-256 of the file in hexadecimal; missing for standard input and files that cannot be read.
    pub sha256: Option<String>,
}

/// What something is called and the hash of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Name, with the version where there is one.
    pub name: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A table and its length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRecord {
    /// The table's name, without extension.
    pub name: String,
    /// Its rows.
    pub rows: u64,
}

/// A document that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRecord {
    /// The file.
    pub file: Option<String>,
    /// The record in it, counted from 1.
    pub record: Option<u64>,
    /// The line in it, counted from 1.
    pub line: Option<u64>,
    /// The byte in it, counted from 0.
    pub byte: Option<u64>,
    /// What is wrong.
    pub cause: String,
    /// What can be done.
    pub hint: Option<String>,
}

impl From<&Error> for SkippedRecord {
    fn from(error: &Error) -> Self {
        let place = error.location();
        Self {
            file: place.file.as_ref().map(|file| file.display().to_string()),
            record: place.record,
            line: place.line,
            byte: place.byte,
            cause: error.cause(),
            hint: error.remedy().map(str::to_owned),
        }
    }
}

/// How long the parts of the run took, in seconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Timings {
    /// Worker threads.
    pub threads: usize,
    /// Documents computed by this run; the others were finished before.
    pub computed_documents: u64,
    /// Loading the model.
    pub load_seconds: f64,
    /// Reading and analysing.
    pub analyse_seconds: f64,
    /// Writing the tables.
    pub write_seconds: f64,
}

impl Manifest<'_> {
    /// Writes the manifest into `folder`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let mut json = serde_json::to_vec_pretty(self).map_err(|error| {
            Error::new(ErrorKind::Output, "cannot write the manifest").caused_by(error)
        })?;
        json.push(b'\n');
        ReplaceFile::write_all(&folder.join(FILE_NAME), &json)
    }

    /// The name and version of the program, and of the tables' schema.
    pub fn program() -> (&'static str, &'static str, u32) {
        (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"), SCHEMA_VERSION)
    }
}

//! Labelled sentences: what people (or careful machines) coded, read from JSON Lines or CSV.
//!
//! **JSON Lines** (`.jsonl`, `.ndjson`): an object with `sentence` (or `text`), `statements` (a list of
//! objects with `holder`, `manner` and one key for each axis: the id of a pole, `both` or null) and, as
//! far as known, `id`, `doc_id`, `corpus`, `actor`, `actor_type`, `language`, `prev` and `next`. Other keys are left alone;
//! unknown keys *inside* a statement are errors, since a mistyped axis would pass for "no position".
//!
//! **CSV** (`.csv`, `.tsv`): a column `text` (or `sentence`), a column for each axis (the id of a pole,
//! `both`, `none` or empty) and, as far as known, `id`, `doc_id`, `corpus`, `actor`, `actor_type`, `language`,
//! `prev`, `next`, `holder` and `manner`. An axis without a column is unlabelled, which is not the same as "no
//! position": such rows do not train its heads.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::classify::{Codebook, Side};
use crate::digest;
use crate::document::{Manner, SPEAKER};
use crate::error::{Error, ErrorKind, Result};

mod jsonl;
mod table;

/// A statement as it was coded.
#[derive(Clone, Debug, PartialEq)]
pub struct Coded {
    /// The source as the text names it; `None` is the voice of the text itself (`SPEAKER` in files).
    pub holder: Option<String>,
    /// Own, direct or indirect.
    pub manner: Manner,
    /// For each axis of the codebook its side, or `None` where the axis was not labelled.
    pub sides: Vec<Option<Side>>,
}

/// A sentence with its context and everything that was coded in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// Unique within all label files of one call.
    pub id: String,
    /// What must not be torn apart between training and validation: the document, else the sentence by
    /// itself.
    pub group: String,
    /// The name of the collection, for reports.
    pub corpus: String,
    /// Who speaks or writes, as far as known.
    pub actor: String,
    /// The kind of that actor, for reports, as far as known.
    pub actor_type: String,
    /// The language of the sentence, as far as known.
    pub language: String,
    /// The sentence before, or nothing.
    pub prev: String,
    /// The sentence.
    pub sentence: String,
    /// The sentence after, or nothing.
    pub next: String,
    /// The statements coded in it; none where it holds no position.
    pub statements: Vec<Coded>,
    /// For each axis, whether it was labelled at all.
    pub labelled: Vec<bool>,
}

/// One file of labelled sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelSet {
    /// The file, as the user named it.
    pub path: PathBuf,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Its sentences in order; never empty.
    pub records: Vec<Labelled>,
}

impl LabelSet {
    /// The file's name without folders.
    pub fn file_name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }
}

/// Reads label files for `codebook`.
///
/// # Errors
/// With file, line, field and cause: unreadable or empty files, malformed records, empty text, axes or
/// poles that the codebook lacks, a holder coded twice in one sentence, an `id` that occurs twice in
/// all files together.
pub fn load(paths: &[PathBuf], codebook: &Codebook) -> Result<Vec<LabelSet>> {
    let sets: Vec<LabelSet> =
        paths.iter().map(|path| load_file(path, codebook)).collect::<Result<_>>()?;
    let mut seen: HashMap<&str, &Path> = HashMap::new();
    for set in &sets {
        for record in &set.records {
            if let Some(first) = seen.insert(&record.id, &set.path) {
                let message = format!("the id `{}` occurs twice", record.id);
                let hint = format!("the first one is in {}", first.display());
                return Err(Error::new(ErrorKind::Labels, message).in_file(&set.path).hint(hint));
            }
        }
    }
    Ok(sets)
}

fn load_file(path: &Path, codebook: &Codebook) -> Result<LabelSet> {
    let bytes = fs::read(path).map_err(|error| Error::io("read labels", path, error))?;
    let sha256 = digest::sha256(&bytes);
    let records = parse(path, &bytes, codebook).map_err(|error| error.in_file(path))?;
    if records.is_empty() {
        return Err(Error::new(ErrorKind::Labels, "holds no labelled sentence").in_file(path));
    }
    Ok(LabelSet { path: path.to_owned(), sha256, records })
}

fn parse(path: &Path, bytes: &[u8], codebook: &Codebook) -> Result<Vec<Labelled>> {
    let name =
        path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("jsonl" | "ndjson") => jsonl::records(utf8(bytes)?, &name, codebook),
        Some("csv") => table::records(bytes, b',', &name, codebook),
        Some("tsv") => table::records(bytes, b'\t', &name, codebook),
        _ => Err(Error::new(ErrorKind::Labels, "is not a label file Plenary knows")
            .hint("give .jsonl, .ndjson, .csv or .tsv")),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Error::new(ErrorKind::Labels, "is not UTF-8")
            .at_byte(error.valid_up_to() as u64)
            .caused_by(error)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The side a label names on axis number `axis`; `none`, empty and null mean no position.
fn side(codebook: &Codebook, axis: usize, label: &str) -> Result<Side> {
    let axis = &codebook.axes[axis];
    let all = [Side::Neither, Side::First, Side::Second, Side::Both];
    match label.trim() {
        "" => Ok(Side::Neither),
        label => all.into_iter().find(|side| side.name(axis) == label).ok_or_else(|| {
            let [first, second] = &axis.poles;
            Error::new(ErrorKind::Labels, format!("`{}` is no pole of axis `{}`", label, axis.id))
                .hint(format!("write {}, {}, both or none", first.id, second.id))
        }),
    }
}

fn manner(name: &str) -> Result<Manner> {
    [Manner::Own, Manner::Direct, Manner::Indirect]
        .into_iter()
        .find(|manner| manner.as_str() == name)
        .ok_or_else(|| {
            Error::new(ErrorKind::Labels, format!("`{name}` is no manner"))
                .hint("write own, direct or indirect")
        })
}

/// The holder as coded: `SPEAKER` and nothing at all are the voice of the text.
fn holder(name: &str) -> Option<String> {
    Some(name.trim()).filter(|name| !name.is_empty() && *name != SPEAKER).map(str::to_owned)
}

/// The voice of the text is `own`, others are told indirectly unless the labels say otherwise.
fn default_manner(holder: Option<&str>) -> Manner {
    if holder.is_none() { Manner::Own } else { Manner::Indirect }
}

/// Checks what both formats must have and completes it.
fn finish(mut record: Labelled, name: &str, number: usize) -> Result<Labelled> {
    if record.sentence.trim().is_empty() {
        return Err(Error::new(ErrorKind::Labels, "the sentence is empty"));
    }
    if record.id.is_empty() {
        record.id = format!("{name}.{number}");
    }
    if record.group.is_empty() {
        record.group.clone_from(&record.id);
    }
    if record.corpus.is_empty() {
        name.clone_into(&mut record.corpus);
    }
    for (index, coded) in record.statements.iter().enumerate() {
        let earlier = &record.statements[..index];
        if earlier
            .iter()
            .any(|other| (&other.holder, other.manner) == (&coded.holder, coded.manner))
        {
            let holder = coded.holder.as_deref().unwrap_or(SPEAKER);
            let message = format!("holder `{holder}` is coded twice as {}", coded.manner.as_str());
            return Err(Error::new(ErrorKind::Labels, message));
        }
    }
    Ok(record)
}

#[cfg(test)]
mod tests;

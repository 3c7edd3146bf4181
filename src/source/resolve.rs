//! From what the user named to the list of files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, ErrorKind, Result};

use super::{InputFile, SourceOptions, format};

/// Files of unknown type that are named in a warning.
const LISTED: usize = 5;

/// The usual name of a metadata table inside a folder of texts.
const METADATA: &str = "metadata.csv";

/// The usual name of a table of actors inside a folder of texts; it is read by the registry, not here.
pub(crate) const ACTORS: &str = "actors.csv";

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) files: Vec<InputFile>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<String>,
    seen: HashSet<PathBuf>,
    unknown: Vec<String>,
}

/// Something inside a folder that could not be looked at; kept so that each reading reports it.
#[derive(Debug)]
pub(crate) struct Problem {
    path: PathBuf,
    message: &'static str,
    hint: &'static str,
    cause: String,
}

impl Problem {
    fn new(error: &walkdir::Error, root: &Path) -> Self {
        let (message, hint) = if error.loop_ancestor().is_some() {
            ("is a link to a folder around it", "the rest of the folder was read")
        } else {
            ("cannot read", "check that it exists and that you may read it")
        };
        let cause = error.io_error().map(ToString::to_string).unwrap_or_default();
        Self { path: error.path().unwrap_or(root).to_owned(), message, hint, cause }
    }

    pub(crate) fn to_error(&self) -> Error {
        let error = Error::new(ErrorKind::Io, self.message).in_file(&self.path).hint(self.hint);
        if self.cause.is_empty() { error } else { error.caused_by(self.cause.clone()) }
    }
}

/// Lists the files behind `inputs`; see [`super::Sources::resolve`].
pub(crate) fn find(
    inputs: &[PathBuf],
    metadata: &[PathBuf],
    options: &SourceOptions,
) -> Result<Found> {
    if inputs.is_empty() {
        let error = Error::new(ErrorKind::Config, "no input given");
        return Err(error.hint("name files or folders, or - for standard input"));
    }
    let globs = Globs::new(options)?;
    let mut found = Found::default();
    let actors = inputs.iter().map(|input| input.join(ACTORS));
    found.seen.extend(metadata.iter().cloned().chain(actors).map(|path| identity(&path)));
    for input in inputs {
        if input == Path::new("-") {
            found.add_stdin();
        } else if input.is_dir() {
            found.add_folder(input, &globs);
        } else {
            found.add_file(input)?;
        }
    }
    found.warn_of_unknown();
    if found.files.is_empty() && found.problems.is_empty() {
        return Err(nothing(inputs, &found));
    }
    Ok(found)
}

/// The metadata tables to join: the one asked for, or those that lie in the input folders under their usual name.
pub(crate) fn metadata_files(inputs: &[PathBuf], options: &SourceOptions) -> Vec<PathBuf> {
    match &options.metadata {
        Some(path) => vec![path.clone()],
        None => inputs.iter().map(|i| i.join(METADATA)).filter(|path| path.is_file()).collect(),
    }
}

impl Found {
    fn add_stdin(&mut self) {
        if self.seen.insert(PathBuf::from("-")) {
            self.files.push(InputFile { path: "-".into(), name: "stdin".into(), bytes: 0 });
        }
    }

    fn add_file(&mut self, path: &Path) -> Result<()> {
        let facts = fs_err::metadata(path).map_err(|error| {
            let hint = match error.kind() {
                std::io::ErrorKind::NotFound => "there is no such file or folder",
                _ => "check that you may read it",
            };
            Error::new(ErrorKind::Io, "cannot read").in_file(path).caused_by(error).hint(hint)
        })?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        self.add(path.to_owned(), name, facts.len());
        Ok(())
    }

    fn add_folder(&mut self, root: &Path, globs: &Globs) {
        let visible =
            |entry: &DirEntry| entry.depth() == 0 || !(is_hidden(entry) || is_output(entry));
        let walk = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        let mut files = Vec::new();
        for entry in walk.filter_entry(visible) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => files.push((relative_name(entry.path(), root), entry)),
                Err(error) => self.problems.push(Problem::new(&error, root)),
            }
        }
        files.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, entry) in files {
            if !globs.take(&name) {
            } else if !entry.file_type().is_file() || format::of_name(&name).is_none() {
                self.unknown.push(name);
            } else {
                let bytes = entry.metadata().map_or(0, |facts| facts.len());
                self.add(entry.into_path(), name, bytes);
            }
        }
    }

    fn add(&mut self, path: PathBuf, name: String, bytes: u64) {
        if self.seen.insert(identity(&path)) {
            self.files.push(InputFile { path, name, bytes });
        }
    }

    fn warn_of_unknown(&mut self) {
        if self.unknown.is_empty() {
            return;
        }
        let names: Vec<&str> = self.unknown.iter().take(LISTED).map(String::as_str).collect();
        let more = if self.unknown.len() > LISTED { ", …" } else { "" };
        let count = self.unknown.len();
        let names = names.join(", ");
        self.warnings.push(format!("{count} files of unknown type left out: {names}{more}"));
    }
}

fn nothing(inputs: &[PathBuf], found: &Found) -> Error {
    let names: Vec<String> = inputs.iter().map(|input| input.display().to_string()).collect();
    let message = format!("found nothing to read in {}", names.join(", "));
    let hint = match found.warnings.first() {
        Some(warning) => warning.clone(),
        None => "read are .txt .md .html .pdf .docx .csv .tsv .jsonl .json .parquet and TEI .xml, \
                 plain or packed as .gz or .zst; check --include and --exclude"
            .to_owned(),
    };
    Error::new(ErrorKind::Input, message).hint(hint)
}

/// The same for two ways to name one file.
fn identity(path: &Path) -> PathBuf {
    fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The path below `root` with `/` between its parts; what is no Unicode becomes U+FFFD.
fn relative_name(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Hidden files, and the lock files that word processors leave behind.
fn is_hidden(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.') || name.starts_with("~$")
}

/// Whether a run has written its tables here: they are no input for the next one.
fn is_output(entry: &DirEntry) -> bool {
    entry.path().join(super::STATE_FOLDER).is_dir()
}

/// The include and exclude globs.
struct Globs {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Globs {
    fn new(options: &SourceOptions) -> Result<Self> {
        let include = (!options.include.is_empty()).then(|| glob_set(&options.include));
        Ok(Self { include: include.transpose()?, exclude: glob_set(&options.exclude)? })
    }

    fn take(&self, name: &str) -> bool {
        let base = name.rsplit('/').next().unwrap_or(name);
        let hit = |set: &GlobSet| set.is_match(name) || set.is_match(base);
        self.include.as_ref().is_none_or(hit) && !hit(&self.exclude)
    }
}

fn glob_set(globs: &[String]) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    let bad = |error: globset::Error| {
        let glob = error.glob().unwrap_or_default().to_owned();
        Error::new(ErrorKind::Config, format!("bad glob \"{glob}\""))
            .caused_by(error)
            .hint("write it like *.txt, speeches/** or {a,b}*.md")
    };
    for glob in globs {
        // `drafts/` means all that is in it.
        let glob = if glob.ends_with('/') { format!("{glob}**") } else { glob.clone() };
        set.add(GlobBuilder::new(&glob).literal_separator(true).build().map_err(bad)?);
    }
    set.build().map_err(bad)
}

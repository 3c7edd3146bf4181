//! A run: documents in, tables out, safely.
//!
//! Documents stream from the inputs in chunks. Each chunk is analysed and appended to the journal; when all is
//! read, the tables are written from the journal in the order of the documents' identifiers. What can be lost
//! at any point is the chunk in hand; what can be seen of the output is whole.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use fs_err as fs;
use serde::Serialize;

use crate::config::{Config, Format};
use crate::document::Document;
use crate::engine::{Engine, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::journal::{Journal, Key};
use crate::observe::{Event, Observer};
use crate::schedule::{self, Stop, Workers};
use crate::sink::manifest::{Identity, InputRecord, Manifest, SkippedRecord, TableRecord, Timings};
use crate::sink::schema::ExtraColumns;
use crate::sink::tables::{Known, Layout, Tables};
use crate::sink::{manifest, tables};
use crate::source::{self, InputFile, STATE_FOLDER, Sources};

/// Documents read ahead of the analysis.
const READ_AHEAD: usize = 16;

/// How a run went.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Documents in the tables.
    pub documents: u64,
    /// Those of them that an earlier run had finished.
    pub reused: u64,
    /// Documents left out.
    pub skipped: u64,
    /// Rows of `sentences`.
    pub sentences: u64,
    /// Rows of `statements`.
    pub statements: u64,
    /// Statements that were longer than the model reads.
    pub truncated: u64,
    /// Wall-clock time.
    pub seconds: f64,
}

/// Analyses the documents of `inputs` and writes the tables into the folder `out`.
///
/// # Errors
/// When nothing is usable, the model or the codebook cannot be loaded, the output cannot be written, another
/// run is at work there, or a stop was asked for. One bad document is no error: it is skipped and counted.
pub fn run(
    inputs: &[PathBuf],
    out: &Path,
    config: &Config,
    observer: &dyn Observer,
    stop: &Stop,
) -> Result<Summary> {
    let started = Instant::now();
    config.check()?;
    let workers = Workers::start(config.threads)?;
    let sources = Sources::resolve(inputs, &config.input.source_options())?;
    let mut output = Output::open(out)?;
    let mut config = config.clone();
    config.input.actors = config.input.actors.or_else(|| source::actors_file(inputs));
    let config = &config;
    let engine = Engine::load(config)?;
    let load_seconds = started.elapsed().as_secs_f64();

    let session = Session { workers: &workers, observer, stop };
    let mut run = Run::new(&engine, config, session);
    run.announce(&sources, &output.journal);
    run.analyse(&sources, &mut output.journal)?;
    run.check_usable()?;
    let analyse_seconds = started.elapsed().as_secs_f64() - load_seconds;

    observer.event(&Event::Writing { folder: out });
    let written = run.write_tables(&mut output)?;
    let timings = Timings {
        threads: workers.count(),
        computed_documents: run.documents.len() as u64 - run.reused,
        load_seconds,
        analyse_seconds,
        write_seconds: started.elapsed().as_secs_f64() - load_seconds - analyse_seconds,
    };
    for message in sources.warnings() {
        observer.event(&Event::Warning { message: &message });
    }
    run.write_manifest(out, &sources, &written, timings)?;
    Ok(run.summary(&written, started.elapsed().as_secs_f64()))
}

/// The output folder, locked against other runs.
struct Output {
    folder: PathBuf,
    journal: Journal,
    /// Held open for its lock; the system releases it even after `kill -9`.
    _lock: fs::File,
}

impl Output {
    fn open(folder: &Path) -> Result<Self> {
        let state = folder.join(STATE_FOLDER);
        fs::create_dir_all(&state).map_err(|error| {
            Error::new(ErrorKind::Output, "cannot create the output folder")
                .in_file(folder)
                .caused_by(error)
                .hint("choose a folder you may write to with --out")
        })?;
        let lock = lock(&state.join("lock"), folder)?;
        let journal = Journal::open(&state.join("journal"))?;
        Ok(Self { folder: folder.to_owned(), journal, _lock: lock })
    }

    /// Removes what an earlier run left: the manifest first, since its presence says that the tables are whole,
    /// then tables this run does not write.
    fn remove_outdated(&self, layout: &Layout) -> Result<()> {
        remove_if_there(&self.folder.join(manifest::FILE_NAME))?;
        for (format, extension) in [(Format::Parquet, "parquet"), (Format::Csv, "csv")] {
            let unwanted = tables::NAMES.iter().filter(|name| {
                !layout.formats.contains(&format)
                    || (**name == "texts" && !layout.texts)
                    || (**name == "embeddings" && layout.embeddings.is_none())
            });
            for name in unwanted {
                remove_if_there(&self.folder.join(format!("{name}.{extension}")))?;
            }
        }
        Ok(())
    }
}

fn lock(path: &Path, folder: &Path) -> Result<fs::File> {
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| Error::io("write to the output folder", folder, error))?;
    match file.file().try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Error::new(ErrorKind::Output, "another run is writing to this folder")
                .in_file(folder)
                .hint("wait until it has finished, or choose another folder with --out"))
        }
        // Some network file systems have no locks; a run there is still better than none.
        Err(std::fs::TryLockError::Error(_)) | Ok(()) => Ok(file),
    }
}

fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("replace the file", path, error))
        }
        _ => Ok(()),
    }
}

/// A run in progress.
struct Run<'a> {
    engine: &'a Engine,
    config: &'a Config,
    session: Session<'a>,
    /// The documents of this run, and where each came from.
    documents: HashMap<String, String>,
    extra: ExtraColumns,
    skipped: Vec<SkippedRecord>,
    reused: u64,
    truncated: u64,
}

impl<'a> Run<'a> {
    fn new(engine: &'a Engine, config: &'a Config, session: Session<'a>) -> Self {
        Self {
            engine,
            config,
            session,
            documents: HashMap::new(),
            extra: ExtraColumns::default(),
            skipped: Vec::new(),
            reused: 0,
            truncated: 0,
        }
    }

    fn announce(&self, sources: &Sources, journal: &Journal) {
        let files = sources.files();
        let bytes = files.iter().map(|file| file.bytes).sum();
        self.session.observer.event(&Event::Started { files: files.len(), bytes });
        if !journal.is_empty() {
            self.session.observer.event(&Event::Resumed { documents: journal.len() });
        }
    }

    /// Reads all documents and brings the result of each into the journal.
    fn analyse(&mut self, sources: &Sources, journal: &mut Journal) -> Result<()> {
        let limit = self.config.chunk_chars.saturating_mul(self.session.workers.count());
        let read = |send: &dyn Fn((Result<Document>, u64)) -> bool| {
            for document in sources.documents() {
                if !send((document, sources.bytes_read())) {
                    break;
                }
            }
        };
        schedule::read_ahead(READ_AHEAD, read, |documents| {
            let mut chunk = Chunk::default();
            for (document, bytes) in documents {
                self.session.stop.check()?;
                match document.and_then(|document| self.admit(document)) {
                    Ok((document, key)) => self.take(document, key, journal, &mut chunk),
                    Err(error) => self.skip(&error),
                }
                if chunk.bytes >= limit {
                    self.finish_chunk(&mut chunk, journal)?;
                }
                self.session.observer.event(&Event::Consumed { bytes });
            }
            self.finish_chunk(&mut chunk, journal)
        })
    }

    /// Refuses a second document of the same name.
    fn admit(&mut self, document: Document) -> Result<(Document, Key)> {
        if let Some(other) = self.documents.get(&document.doc_id) {
            return Err(Error::new(
                ErrorKind::Input,
                format!("the doc_id {:?} is taken by {other}", document.doc_id),
            )
            .in_file(&document.path)
            .hint("give each document an identifier of its own, in a doc_id column or by its file name"));
        }
        self.documents.insert(document.doc_id.clone(), document.path.clone());
        self.extra.observe(&document.meta);
        let key = self.engine.key(&document);
        Ok((document, key))
    }

    fn take(&mut self, document: Document, key: Key, journal: &Journal, chunk: &mut Chunk) {
        if journal.contains(&document.doc_id, &key) {
            self.reused += 1;
            self.session
                .observer
                .event(&Event::Finished { doc_id: &document.doc_id, reused: true });
        } else {
            chunk.bytes += document.text.len();
            chunk.keys.push(key);
            chunk.documents.push(document);
        }
    }

    fn skip(&mut self, error: &Error) {
        self.session.observer.event(&Event::Skipped { error });
        self.skipped.push(SkippedRecord::from(error));
    }

    fn finish_chunk(&mut self, chunk: &mut Chunk, journal: &mut Journal) -> Result<()> {
        let Chunk { documents, keys, .. } = std::mem::take(chunk);
        let analyses = self.engine.analyse(documents, self.session)?;
        let results: Vec<_> = analyses
            .into_iter()
            .zip(keys)
            .map(|(analysis, key)| (analysis.document.doc_id.clone(), key, analysis))
            .collect();
        journal.append(&results, self.session.workers)?;
        for (doc_id, ..) in &results {
            self.session.observer.event(&Event::Finished { doc_id, reused: false });
        }
        Ok(())
    }

    fn check_usable(&self) -> Result<()> {
        if !self.documents.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Input, "no input holds a usable document")
            .hint("the messages above say why each was skipped"))
    }

    fn write_tables(&mut self, output: &mut Output) -> Result<Vec<(&'static str, u64)>> {
        self.extra.settle();
        let layout = Layout {
            formats: self.config.formats.clone(),
            texts: self.config.texts,
            embeddings: self.config.embeddings.then(|| self.engine.encoder().dimension()),
            extra: self.extra.clone(),
        };
        let mut doc_ids: Vec<&str> = self.documents.keys().map(String::as_str).collect();
        doc_ids.sort_unstable();
        let known = Known {
            codebook: self.engine.codebook(),
            registry: self.engine.registry(),
            memberships: self.engine.memberships(),
        };
        let mut tables = Tables::create(&output.folder, &layout, known)?;
        for doc_id in doc_ids {
            self.session.stop.check()?;
            let analysis: crate::analysis::Analysis = output.journal.read(doc_id)?;
            self.truncated += u64::from(analysis.truncated);
            tables.add(&analysis)?;
        }
        output.remove_outdated(&layout)?;
        let written = tables.finish()?;
        output.journal.retain(|doc_id| self.documents.contains_key(doc_id))?;
        Ok(written)
    }

    fn write_manifest(
        &self,
        folder: &Path,
        sources: &Sources,
        written: &[(&'static str, u64)],
        timings: Timings,
    ) -> Result<()> {
        let (program, version, schema_version) = Manifest::program();
        let encoder = self.engine.encoder();
        let codebook = self.engine.codebook();
        Manifest {
            program,
            version,
            schema_version,
            inputs: input_records(sources),
            config: self.config,
            codebook: Identity {
                name: format!("{} {}", codebook.id, codebook.version),
                sha256: codebook.sha256(),
            },
            encoder: Identity { name: encoder.name().into(), sha256: encoder.fingerprint().into() },
            heads: Identity {
                name: self.config.model.clone(),
                sha256: self.engine.heads().sha256(),
            },
            tables: written
                .iter()
                .map(|(name, rows)| TableRecord { name: (*name).to_owned(), rows: *rows })
                .collect(),
            truncated_statements: self.truncated,
            skipped: self.skipped.clone(),
            warnings: sources.warnings(),
            timings,
        }
        .write(folder)
    }

    fn summary(&self, written: &[(&'static str, u64)], seconds: f64) -> Summary {
        let rows = |table: &str| {
            written.iter().find(|(name, _)| *name == table).map_or(0, |(_, rows)| *rows)
        };
        Summary {
            documents: rows("documents"),
            reused: self.reused,
            skipped: self.skipped.len() as u64,
            sentences: rows("sentences"),
            statements: rows("statements"),
            truncated: self.truncated,
            seconds,
        }
    }
}

/// Documents to be analysed together.
#[derive(Default)]
struct Chunk {
    documents: Vec<Document>,
    keys: Vec<Key>,
    bytes: usize,
}

fn input_records(sources: &Sources) -> Vec<InputRecord> {
    let record = |(index, file): (usize, &InputFile)| InputRecord {
        path: file.path.display().to_string(),
        bytes: file.bytes,
        sha256: sources.file_sha256(index).ok(),
    };
    sources.files().iter().enumerate().map(record).collect()
}

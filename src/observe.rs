//! What the library tells while it works. The library emits events; only the program draws them.

use std::path::Path;

use crate::error::Error;

/// Something that happened in a run.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The inputs are known.
    Started {
        /// Number of input files.
        files: usize,
        /// Their bytes on disk; 0 when unknown (standard input).
        bytes: u64,
    },
    /// The output folder holds finished work of an earlier run, to be reused where nothing has changed.
    Resumed {
        /// Documents that earlier runs finished.
        documents: usize,
    },
    /// Input was worked off.
    Consumed {
        /// Bytes on disk, since the start.
        bytes: u64,
    },
    /// Sentences were encoded.
    Encoded {
        /// How many.
        sentences: usize,
    },
    /// A document is finished and safe on disk.
    Finished {
        /// Its identifier.
        doc_id: &'a str,
        /// Whether an earlier run had done the work.
        reused: bool,
    },
    /// A document was skipped.
    Skipped {
        /// Why.
        error: &'a Error,
    },
    /// Something the user should know, though nothing failed.
    Warning {
        /// What.
        message: &'a str,
    },
    /// Files of a model are about to be fetched.
    Fetching {
        /// Their bytes; 0 when unknown.
        bytes: u64,
    },
    /// A part of them is here.
    Fetched {
        /// The file in work.
        file: &'a str,
        /// Bytes of all files, since the start; fewer than before where a file starts anew.
        bytes: u64,
    },
    /// The tables are being written.
    Writing {
        /// The output folder.
        folder: &'a Path,
    },
}

/// Receives the events of a run, from any thread.
pub trait Observer: Sync {
    /// Called once for each event.
    fn event(&self, event: &Event<'_>);
}

/// An observer that looks away.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _event: &Event<'_>) {}
}

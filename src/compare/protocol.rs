//! What the parent and a contender's process say to each other: one JSON object a line.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::contender::About;
use crate::classify::{Lean, StatementFeatures};

/// What a process is to load, and with what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) specification: String,
    pub(super) codebook: String,
    pub(super) train: Vec<PathBuf>,
    pub(super) shots: Option<usize>,
    pub(super) threads: usize,
    pub(super) batch_tokens: usize,
}

/// A statement to judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Question {
    pub(super) sentence: String,
    /// `None` is the text's own voice.
    pub(super) holder: Option<String>,
    pub(super) features: StatementFeatures,
}

/// The leans of a statement, one for each axis; for one in the text's own voice also those of its sentence as a
/// whole, from contenders that judge sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) leans: Vec<Lean>,
    pub(super) sentence_leans: Option<Vec<Lean>>,
}

/// From the parent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    Start(Setup),
    Judge(Vec<Question>),
    /// The sentences of the laps to come.
    Sentences(Vec<String>),
    /// Judge the sentences once.
    Lap,
    PeakMemory,
}

/// To the parent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    Started { about: About, seconds: f64 },
    Judged(Vec<Answer>),
    Ready,
    Lap(Lap),
    PeakMemory(Option<u64>),
    Failed { cause: String, remedy: Option<String> },
}

/// One round of one contender.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Lap {
    pub(super) seconds: f64,
    /// Processor time of all its threads, where the system tells.
    pub(super) processor_seconds: Option<f64>,
}

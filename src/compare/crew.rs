//! The parent's end: one process for each contender.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::contender::About;
use super::protocol::{Answer, Lap, Question, Reply, Request, Setup};
use crate::error::{Error, ErrorKind, Result};

/// The verb of the program in which a contender runs.
pub(super) const VERB: &str = "compare-worker";

/// Variables by which libraries bound their threads. Calls come from the contender's own workers, so the libraries
/// get one thread each; polars gets the budget, though no contender uses it.
const ONE_THREAD: [&str; 4] =
    ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"];
const BUDGET: [&str; 2] = ["RAYON_NUM_THREADS", "POLARS_MAX_THREADS"];

/// A contender's process. Ends with its owner.
pub(super) struct Member {
    name: String,
    process: Child,
    requests: BufWriter<ChildStdin>,
    replies: BufReader<ChildStdout>,
    about: Option<About>,
    start_seconds: f64,
}

impl Member {
    /// Starts the process of the contender `name` and lets it load, and learn, what `setup` says.
    pub(super) fn start(program: &Path, name: &str, setup: &Setup) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg(VERB).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        command.envs(ONE_THREAD.map(|name| (name, "1".to_owned())));
        command.envs(BUDGET.map(|name| (name, setup.threads.to_string())));
        let mut process = command
            .spawn()
            .map_err(|error| Error::io("start the process of a model", program, error))?;
        let requests = BufWriter::new(process.stdin.take().expect("standard input is piped"));
        let replies = BufReader::new(process.stdout.take().expect("standard output is piped"));
        let name = name.to_owned();
        let mut member = Self { name, process, requests, replies, about: None, start_seconds: 0.0 };
        match member.ask(&Request::Start(setup.clone()))? {
            Reply::Started { about, seconds } => {
                member.about = Some(about);
                member.start_seconds = seconds;
                Ok(member)
            }
            other => Err(member.unexpected(&other)),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn about(&self) -> About {
        self.about.clone().expect("it has started")
    }

    pub(super) fn start_seconds(&self) -> f64 {
        self.start_seconds
    }

    /// One answer for each question.
    pub(super) fn judge(&mut self, questions: &[Question]) -> Result<Vec<Answer>> {
        match self.ask(&Request::Judge(questions.to_vec()))? {
            Reply::Judged(answers) if answers.len() == questions.len() => Ok(answers),
            other => Err(self.unexpected(&other)),
        }
    }

    /// The sentences of the laps to come.
    pub(super) fn take_sentences(&mut self, sentences: &[String]) -> Result<()> {
        match self.ask(&Request::Sentences(sentences.to_vec()))? {
            Reply::Ready => Ok(()),
            other => Err(self.unexpected(&other)),
        }
    }

    /// Judges the sentences once.
    pub(super) fn lap(&mut self) -> Result<Lap> {
        match self.ask(&Request::Lap)? {
            Reply::Lap(lap) => Ok(lap),
            other => Err(self.unexpected(&other)),
        }
    }

    /// In bytes, where the system tells.
    pub(super) fn peak_memory(&mut self) -> Result<Option<u64>> {
        match self.ask(&Request::PeakMemory)? {
            Reply::PeakMemory(bytes) => Ok(bytes),
            other => Err(self.unexpected(&other)),
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Reply> {
        let sent = serde_json::to_writer(&mut self.requests, request)
            .map_err(std::io::Error::from)
            .and_then(|()| self.requests.write_all(b"\n"))
            .and_then(|()| self.requests.flush());
        let mut line = String::new();
        let received = sent.and_then(|()| self.replies.read_line(&mut line));
        match received {
            Ok(length) if length > 0 => self.read(&line),
            Ok(_) => Err(self.gone(None)),
            Err(error) => Err(self.gone(Some(error))),
        }
    }

    fn read(&self, line: &str) -> Result<Reply> {
        match serde_json::from_str(line) {
            Ok(Reply::Failed { cause, remedy }) => {
                let error = Error::new(ErrorKind::Model, format!("{}: {cause}", self.name));
                Err(match remedy {
                    Some(remedy) => error.hint(remedy),
                    None => error,
                })
            }
            Ok(reply) => Ok(reply),
            Err(error) => {
                let message = format!("{}: its process says what nobody asked for", self.name);
                Err(Error::new(ErrorKind::Model, message)
                    .hint("a library that prints on standard output would do that")
                    .caused_by(error))
            }
        }
    }

    /// The error of a process that has ended by itself.
    fn gone(&mut self, cause: Option<std::io::Error>) -> Error {
        let status =
            self.process.wait().map_or_else(|_| "unknown".into(), |status| status.to_string());
        let message = format!("{}: its process has ended ({status})", self.name);
        let error = Error::new(ErrorKind::Model, message)
            .hint("a crash of the backend's library, or too little memory");
        match cause {
            Some(cause) => error.caused_by(cause),
            None => error,
        }
    }

    fn unexpected(&self, reply: &Reply) -> Error {
        let message = format!("{}: its process answers another question: {reply:?}", self.name);
        Error::new(ErrorKind::Model, message)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // It has nothing to save. Errors mean that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

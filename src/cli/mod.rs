//! The program: arguments, progress, messages, exit codes. The only part that prints.
//!
//! Standard output is data, standard error is talk. Each verb has a file of its own with the arguments it
//! takes and what it does with the library.

#![expect(clippy::print_stderr, reason = "talking is what this module is for")]

mod attribute;
mod attributor;
mod codebook;
mod compare;
mod encode;
mod evaluate;
mod inputs;
mod messages;
mod models;
mod progress;
mod run;
mod segment;
mod statements;
mod train;

use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};

use crate::config::DEFAULT_TOML;
use crate::error::{ErrorKind, Result};

/// Who stands where, sentence by sentence.
///
/// Reads speeches, session reports and articles, finds who takes which position on internet governance (or on
/// the axes of your own codebook) and writes tidy tables for Python and R.
#[derive(Debug, Parser)]
#[command(name = "plenary", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    talk: Talk,
}

/// How much the program says.
#[derive(Clone, Copy, Debug, Args)]
struct Talk {
    /// Say nothing but errors.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Draw no progress bar (none is drawn when standard error is no terminal).
    #[arg(long, global = true)]
    no_progress: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Analyse documents and write the tables.
    Run(Box<run::RunArgs>),
    /// Print the sentences of documents.
    Segment(segment::SegmentArgs),
    /// Print the speaker turns and the reported speech of documents.
    Attribute(attribute::AttributeArgs),
    /// Embed sentences, one a line.
    Encode(encode::EncodeArgs),
    /// Print labelled sentences as training sees them, one statement a line.
    Statements(statements::StatementsArgs),
    /// Learn heads for a codebook from labelled sentences.
    Train(train::TrainArgs),
    /// Measure a model against labelled sentences, or a stage against a public test set.
    Evaluate(evaluate::EvaluateArgs),
    /// Compare models: how right, how sure, how fast, on the same sentences.
    Compare(Box<compare::CompareArgs>),
    /// One model's process in a comparison.
    #[command(hide = true)]
    CompareWorker,
    /// Show or check a codebook.
    #[command(subcommand)]
    Codebook(codebook::CodebookVerb),
    /// List, describe, verify or fetch models.
    #[command(subcommand)]
    Models(models::ModelsVerb),
    /// Print every setting with its default, as a plenary.toml to start from.
    Config,
}

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// All good.
    Success,
    /// Finished, but some documents were skipped.
    SomeSkipped,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Success => Self::SUCCESS,
            Status::SomeSkipped => Self::from(1),
        }
    }
}

/// The exit code of a usage error and of a run in which nothing was usable.
const FAILURE: u8 = 2;
/// The exit code of a run stopped by Ctrl-C: 128 + SIGINT, as shells expect it.
const STOPPED: u8 = 130;

/// Parses the arguments, does what they ask for and says how it went.
pub fn main() -> ExitCode {
    let born = Instant::now();
    let cli = Cli::parse();
    match dispatch(cli, born) {
        Ok(status) => status.into(),
        // Whoever reads our output has seen enough (`plenary segment F | head`).
        Err(error) if messages::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            messages::error(&error);
            ExitCode::from(if error.kind() == ErrorKind::Interrupted { STOPPED } else { FAILURE })
        }
    }
}

fn dispatch(cli: Cli, born: Instant) -> Result<Status> {
    match cli.verb {
        Verb::Run(args) => run::run(&args, cli.talk),
        Verb::Segment(args) => segment::run(&args),
        Verb::Attribute(args) => attribute::run(&args),
        Verb::Encode(args) => encode::run(&args),
        Verb::Statements(args) => statements::run(&args),
        Verb::Train(args) => train::run(&args, cli.talk),
        Verb::Evaluate(args) => evaluate::run(&args),
        Verb::Compare(args) => compare::run(&args, cli.talk),
        Verb::CompareWorker => compare::work(born),
        Verb::Codebook(verb) => codebook::run(&verb),
        Verb::Models(verb) => models::run(&verb, cli.talk),
        Verb::Config => messages::data(DEFAULT_TOML).map(|()| Status::Success),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}

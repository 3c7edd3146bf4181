//! `plenary compare`: models side by side on labelled sentences.

use std::io::{BufReader, stdin, stdout};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use fs_err as fs;

use super::{Status, Talk, messages};
use crate::compare::{self, Comparison, Entry, Options, page, report, table};
use crate::config::{BUILT_IN, Config};
use crate::error::{Error, ErrorKind, Result};
use crate::schedule;
use crate::sink::replace::ReplaceFile;

/// Arguments of `plenary compare`.
#[derive(Clone, Debug, Args)]
pub(super) struct CompareArgs {
    /// The models, separated by commas; differences are to the first. default, a FOLDER by `plenary train`,
    /// ENCODER+FOLDER (its heads on another encoder or backend), heads:ENCODER (learned from --train),
    /// prototypes[:ENCODER], nli:FOLDER, dictionary; NAME=MODEL gives a row a name of its own.
    #[arg(long, value_name = "MODEL", value_delimiter = ',', required = true)]
    models: Vec<Entry>,
    /// Labelled sentences to judge on (JSON Lines or CSV).
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    labels: Vec<PathBuf>,
    /// Labelled sentences that models learn from which have no heads or thresholds of their own.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    train: Vec<PathBuf>,
    /// Learn from so many sentences for each pole, and as many without a position.
    #[arg(long, value_name = "N")]
    shots: Option<usize>,
    /// Take the time with these sentences, one a line, in place of those of the labels.
    #[arg(long, value_name = "FILE")]
    sentences: Option<PathBuf>,
    /// Rounds of timing, the models in turn.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Codebook file; "default" is that of the first model.
    #[arg(long, value_name = "FILE", env = "PLENARY_CODEBOOK", default_value = BUILT_IN)]
    codebook: String,
    /// Threads of each model; 0 is one per core.
    #[arg(long, value_name = "N", env = "PLENARY_THREADS", default_value_t = 0)]
    threads: usize,
    /// Tokens that one encoding step takes at most.
    #[arg(long, value_name = "N", env = "PLENARY_BATCH_TOKENS", default_value_t = Config::default().batch_tokens)]
    batch_tokens: usize,
    /// Write comparison.parquet, comparison.json, comparison.html and mteb/ to this folder.
    #[arg(long, short, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Print everything as JSON in place of the table.
    #[arg(long)]
    json: bool,
}

/// Compares and prints.
pub(super) fn run(args: &CompareArgs, talk: Talk) -> Result<Status> {
    let program = std::env::current_exe().map_err(|error| {
        Error::new(ErrorKind::Io, "cannot find the program itself").caused_by(error)
    })?;
    let options = Options {
        models: args.models.clone(),
        labels: args.labels.clone(),
        train: args.train.clone(),
        shots: args.shots,
        codebook: args.codebook.clone(),
        sentences: args.sentences.as_deref().map(sentences).transpose()?.unwrap_or_default(),
        rounds: args.rounds,
        threads: args.threads,
        batch_tokens: args.batch_tokens,
        program,
    };
    let say = |step: &str| {
        if !talk.quiet {
            eprintln!("{step}");
        }
    };
    let comparison = compare::run(&options, &schedule::stop_on_signals()?, &say)?;
    if let Some(out) = &args.out {
        write(&comparison, out)?;
        say(&format!("{}: wrote comparison.parquet, .json, .html and mteb/", out.display()));
    }
    messages::data(&if args.json { json(&comparison) } else { report::summary(&comparison) })?;
    Ok(Status::Success)
}

/// Serves as one contender's process.
pub(super) fn work(born: Instant) -> Result<Status> {
    compare::worker::serve(BufReader::new(stdin()), stdout(), born)?;
    Ok(Status::Success)
}

fn sentences(path: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let sentences: Vec<String> = lines.map(str::to_owned).collect();
    if sentences.is_empty() {
        return Err(Error::new(ErrorKind::Input, "holds no sentence").in_file(path));
    }
    Ok(sentences)
}

fn write(comparison: &Comparison, out: &Path) -> Result<()> {
    let create = |folder: &Path| {
        fs::create_dir_all(folder).map_err(|error| Error::io("create the folder", folder, error))
    };
    create(out)?;
    table::write(comparison, &out.join("comparison.parquet"))?;
    ReplaceFile::write_all(&out.join("comparison.json"), json(comparison).as_bytes())?;
    ReplaceFile::write_all(&out.join("comparison.html"), page::html(comparison)?.as_bytes())?;
    for row in &comparison.rows {
        // MTEB's own layout: results/MODEL/REVISION/TASK.json.
        let revision = row.about.fingerprint.as_deref().unwrap_or("1");
        let folder = out.join("mteb").join(report::folder_name(&row.model)).join(revision);
        create(&folder)?;
        ReplaceFile::write_all(
            &folder.join("model_meta.json"),
            json(&report::model_meta(row)).as_bytes(),
        )?;
        for labels in &comparison.labels {
            let file = folder.join(report::task_name(&labels.file) + ".json");
            let result = report::mteb(comparison, row, &labels.file);
            ReplaceFile::write_all(&file, json(&result).as_bytes())?;
        }
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).expect("a comparison is plain data") + "\n"
}

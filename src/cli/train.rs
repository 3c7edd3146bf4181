//! `plenary train`: heads for a codebook from labelled sentences.

use std::path::{Path, PathBuf};

use clap::Args;
use fs_err as fs;

use super::{Status, Talk, messages};
use crate::config::BUILT_IN;
use crate::engine;
use crate::error::{Error, Result};
use crate::schedule::Workers;
use crate::sink::replace::ReplaceFile;
use crate::train::{self, Scheme, TrainOptions, report};

/// Arguments of `plenary train`.
#[derive(Clone, Debug, Args)]
pub(super) struct TrainArgs {
    /// Codebook file; "default" is internet governance.
    #[arg(long, value_name = "FILE", env = "PLENARY_CODEBOOK", default_value = BUILT_IN)]
    codebook: String,
    /// Labelled sentences (JSON Lines or CSV; repeatable).
    #[arg(long, value_name = "FILE", required = true)]
    labels: Vec<PathBuf>,
    /// Labelled sentences that only train, with less weight, and neither calibrate nor set thresholds (repeatable).
    #[arg(long, value_name = "FILE")]
    auxiliary: Vec<PathBuf>,
    /// Encoder to train on: a folder, "default" or "hashed".
    #[arg(long, value_name = "FOLDER", default_value = BUILT_IN)]
    encoder: String,
    /// The folder to write the model to.
    #[arg(long, short, value_name = "FOLDER")]
    out: PathBuf,
    /// Folds of the document-grouped cross-validation.
    #[arg(long, value_name = "N", default_value_t = TrainOptions::default().n_folds)]
    folds: usize,
    /// The model abstains when a decision is wrong with a higher probability than this (0 to 0.5).
    #[arg(long, value_name = "P", default_value_t = TrainOptions::default().abstain_error)]
    abstain_error: f64,
    /// Encode reported statements together with their holder. Helps encoders that were trained for it.
    #[arg(long)]
    read_holders: bool,
    /// Worker threads; 0 is one per core.
    #[arg(long, value_name = "N", env = "PLENARY_THREADS", default_value_t = 0)]
    threads: usize,
    /// Print the cross-validation as JSON.
    #[arg(long)]
    json: bool,
}

/// Trains, writes `heads.json`, the codebook and, as a baseline, `prototypes.json`, and prints the
/// cross-validation.
pub(super) fn run(args: &TrainArgs, talk: Talk) -> Result<Status> {
    fs::create_dir_all(&args.out)
        .map_err(|error| Error::io("create the folder of the model", &args.out, error))?;
    let codebook = engine::load_codebook(&args.codebook)?;
    let encoder = engine::load_encoder(&args.encoder)?;
    let workers = Workers::start(args.threads)?;
    let options = TrainOptions {
        labels: args.labels.clone(),
        auxiliary: args.auxiliary.clone(),
        n_folds: args.folds,
        abstain_error: args.abstain_error,
        scheme: Scheme { holder_pairs: args.read_holders, ..Scheme::default() },
        ..TrainOptions::default()
    };
    let trained = train::run(&codebook, encoder.as_ref(), &workers, &options)?;
    if args.codebook != BUILT_IN {
        let codebook = fs::read(&args.codebook)
            .map_err(|error| Error::io("read the codebook", Path::new(&args.codebook), error))?;
        ReplaceFile::write_all(&args.out.join(engine::CODEBOOK_FILE), &codebook)?;
    }
    for (name, heads) in [("prototypes.json", &trained.prototypes), ("heads.json", &trained.heads)]
    {
        ReplaceFile::write_all(&args.out.join(name), heads.to_json().as_bytes())?;
    }
    messages::lines(|out| {
        if args.json {
            messages::json_line(out, &trained.cross_validation)
        } else {
            out.write_all(report::markdown(&trained.cross_validation).as_bytes())
        }
    })?;
    if !talk.quiet {
        eprintln!("{}: wrote heads.json and prototypes.json", args.out.display());
    }
    Ok(Status::Success)
}

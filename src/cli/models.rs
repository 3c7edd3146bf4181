//! `plenary models`: describes or verifies a model.

use clap::Subcommand;
use serde::Serialize;

use super::{Status, messages};
use crate::config::BUILT_IN;
use crate::engine;
use crate::error::Result;

/// Verbs of `plenary models`.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum ModelsVerb {
    /// Load a model, check that its parts fit together, and describe it.
    Info {
        /// Folder of a model; "default" is the one inside the program.
        #[arg(value_name = "FOLDER", default_value = BUILT_IN)]
        model: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Info<'a> {
    name: &'a str,
    dimension: usize,
    sha256: &'a str,
    heads: HeadsInfo,
}

#[derive(Serialize)]
struct HeadsInfo {
    codebook: String,
    sha256: String,
}

/// Describes a model.
pub(super) fn run(verb: &ModelsVerb) -> Result<Status> {
    let ModelsVerb::Info { model, json } = verb;
    let (encoder, heads) = engine::load_model(model)?;
    let info = Info {
        name: encoder.name(),
        dimension: encoder.dimension(),
        sha256: encoder.fingerprint(),
        heads: HeadsInfo {
            codebook: format!("{} {}", heads.codebook.id, heads.codebook.version),
            sha256: heads.sha256(),
        },
    };
    messages::lines(|out| {
        if *json {
            return messages::json_line(out, &info);
        }
        writeln!(out, "{}: {} dimensions, sha256 {}", info.name, info.dimension, info.sha256)?;
        writeln!(out, "heads for {}, sha256 {}", info.heads.codebook, info.heads.sha256)
    })?;
    Ok(Status::Success)
}

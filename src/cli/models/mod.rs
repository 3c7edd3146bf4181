//! `plenary models`: lists, describes, verifies and fetches models.

mod fetch;
mod info;
mod list;
mod verify;

use clap::Subcommand;

use super::{Status, Talk};
use crate::error::Result;

/// Verbs of `plenary models`.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum ModelsVerb {
    /// List the models that are known, and which of them are here.
    List(list::ListArgs),
    /// Describe a model; one that is here is loaded, so its parts are known to fit together.
    Info(info::InfoArgs),
    /// Check the files of a model against its description: sizes and SHA-256.
    Verify(verify::VerifyArgs),
    /// Fetch the files of a model from the Hugging Face hub or a mirror (`HF_ENDPOINT`, `HF_TOKEN`).
    Fetch(fetch::FetchArgs),
}

/// Does what the verb asks for.
pub(super) fn run(verb: &ModelsVerb, talk: Talk) -> Result<Status> {
    match verb {
        ModelsVerb::List(args) => list::run(args),
        ModelsVerb::Info(args) => info::run(args),
        ModelsVerb::Verify(args) => verify::run(args),
        ModelsVerb::Fetch(args) => fetch::run(args, talk),
    }
}

/// Bytes as people read them.
fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

//! `plenary codebook`: shows or checks a codebook.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use super::{Status, messages};
use crate::classify::Codebook;
use crate::config::BUILT_IN;
use crate::engine;
use crate::error::Result;

/// Verbs of `plenary codebook`.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum CodebookVerb {
    /// Print a codebook's axes and poles.
    Show {
        /// Codebook file; "default" is internet governance.
        #[arg(value_name = "FILE", default_value = BUILT_IN)]
        file: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check a codebook file and say what is wrong with it, with the line.
    Check {
        /// Codebook file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// What `show --json` prints: the codebook and the digest by which heads know it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    codebook: &'a Codebook,
    sha256: String,
}

/// Shows or checks.
pub(super) fn run(verb: &CodebookVerb) -> Result<Status> {
    match verb {
        CodebookVerb::Show { file, json } => {
            let codebook = engine::load_codebook(file)?;
            messages::lines(|out| {
                let sha256 = codebook.sha256();
                if *json {
                    return messages::json_line(out, &Shown { codebook: &codebook, sha256 });
                }
                writeln!(out, "{} ({} {})", codebook.title, codebook.id, codebook.version)?;
                writeln!(out, "sha256 {sha256}")?;
                for axis in &codebook.axes {
                    writeln!(out, "\n{}: {}\n  {}", axis.id, axis.name, axis.description)?;
                    for pole in &axis.poles {
                        writeln!(out, "  {}: {}", pole.id, pole.definition)?;
                    }
                }
                Ok(())
            })?;
        }
        CodebookVerb::Check { file } => {
            let codebook = engine::load_codebook(&file.to_string_lossy())?;
            messages::data(&format!(
                "{}: {} axes, sha256 {}\n",
                file.display(),
                codebook.axes.len(),
                codebook.sha256()
            ))?;
        }
    }
    Ok(Status::Success)
}

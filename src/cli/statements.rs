//! `plenary statements`: labelled sentences as training and evaluation see them, one statement a line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{Status, messages};
use crate::classify::{Codebook, StatementFeatures};
use crate::config::BUILT_IN;
use crate::document::SPEAKER;
use crate::engine;
use crate::error::Result;
use crate::schedule::Workers;
use crate::tagging::Finder;
use crate::train::{Labelled, Row, TrainOptions, labels, rows};

/// Arguments of `plenary statements`.
#[derive(Clone, Debug, Args)]
pub(super) struct StatementsArgs {
    /// Labelled sentences (JSON Lines or CSV).
    #[arg(value_name = "FILE", required = true)]
    labels: Vec<PathBuf>,
    /// Codebook file; "default" is internet governance.
    #[arg(long, value_name = "FILE", env = "PLENARY_CODEBOOK", default_value = BUILT_IN)]
    codebook: String,
}

/// A statement with its sentence. `models/training` reads this.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    group: &'a str,
    corpus: &'a str,
    prev: &'a str,
    sentence: &'a str,
    next: &'a str,
    holder: &'a str,
    manner: &'static str,
    /// The inputs of the heads beside the embedding, by name.
    features: BTreeMap<&'static str, f32>,
    own_words: bool,
    /// Whether the statement stands in the labels.
    coded: bool,
    /// Whether the program finds the holder by itself.
    found: bool,
    /// For each axis a pole, `both` or `none`; null where it is not known.
    sides: BTreeMap<&'a str, Option<&'a str>>,
}

/// Prints the statements.
pub(super) fn run(args: &StatementsArgs) -> Result<Status> {
    let codebook = engine::load_codebook(&args.codebook)?;
    let sets = labels::load(&args.labels, &codebook)?;
    let encoder = engine::load_encoder(BUILT_IN)?;
    let workers = Workers::start(0)?;
    let finder = Finder::new(encoder.as_ref(), &workers, TrainOptions::default().batch_tokens)?;
    let rows = sets.iter().map(|set| rows::statements(&set.records, &finder));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    messages::lines(|out| {
        for (set, rows) in sets.iter().zip(rows) {
            for row in rows {
                messages::json_line(out, &line(&codebook, &set.records[row.record], &row))?;
            }
        }
        Ok(())
    })?;
    Ok(Status::Success)
}

fn line<'a>(codebook: &'a Codebook, record: &'a Labelled, row: &'a Row) -> Line<'a> {
    let sides = codebook.axes.iter().zip(&row.sides);
    Line {
        id: &record.id,
        group: &record.group,
        corpus: &record.corpus,
        prev: &record.prev,
        sentence: &record.sentence,
        next: &record.next,
        holder: row.holder.as_deref().unwrap_or(SPEAKER),
        manner: row.features.manner.as_str(),
        features: StatementFeatures::NAMES.into_iter().zip(row.features.values()).collect(),
        own_words: row.features.own_words,
        coded: row.coded,
        found: row.found,
        sides: sides
            .map(|(axis, side)| (axis.id.as_str(), side.map(|side| side.name(axis))))
            .collect(),
    }
}

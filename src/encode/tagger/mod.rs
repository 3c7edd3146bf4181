//! The tagger: finds who says what in a sentence, word by word.
//!
//! It is a branch of the encoder: the embeddings and the lowest layers are shared, the layers above are its own,
//! so a sentence that is encoded anyway is tagged for the price of these. A gate on what the shared layers give
//! keeps sentences that attribute nothing from the branch. `models/training/train_tagger.py` makes it.

mod decode;
mod heads;
mod settings;
mod words;

pub use words::{Reading, Shape, Word};

use super::bert::Branch;
use super::config::Config;
use super::files::Files;
use super::kernel::Kernel;
use super::weights::{Tensors, Weights};
use crate::document::Claim;
use crate::error::{Error, ErrorKind, Result};
use heads::{Dense, Heads};
use settings::Settings;

/// Its weights.
const WEIGHTS: &str = "tagger.safetensors";

/// Rows of the table of quotations: outside and inside.
const QUOTED: usize = 2;

/// A tagger with its weights.
#[derive(Debug)]
pub(super) struct Tagger {
    settings: Settings,
    hidden: usize,
    shapes: Vec<f32>,
    quoted: Vec<f32>,
    gate: Dense<1>,
    branch: Branch,
    heads: Heads,
    fingerprint: String,
}

impl Tagger {
    /// Reads the tagger of a model, where it has one. `trunk` are the weights of the encoder that it belongs to.
    pub(super) fn read(
        kernel: Kernel,
        files: &mut Files<'_>,
        config: &Config,
        trunk: &Tensors<'_>,
    ) -> Result<Option<Self>> {
        let Some(settings) = Settings::read(files, config)? else { return Ok(None) };
        if trunk.digest_of_layers(settings.trunk_layers) != settings.trunk_sha256 {
            return Err(Error::new(ErrorKind::Model, "belongs to an encoder with other weights")
                .in_file(files.path(Settings::FILE))
                .hint("train the tagger again after the shared layers have changed"));
        }
        let weights = Weights::read_file(files, WEIGHTS)?;
        let tensors = weights.tensors()?;
        let hidden = config.hidden;
        Ok(Some(Self {
            shapes: tensors.get("shape.weight", &[Shape::COUNT, hidden])?,
            quoted: tensors.get("quote.weight", &[QUOTED, hidden])?,
            gate: Dense::read(&tensors, "gate", hidden)?,
            branch: Branch::read(kernel, &tensors, config, settings.trunk_layers, settings.layers)?,
            heads: Heads::read(kernel, &tensors, &settings, hidden)?,
            fingerprint: files.fingerprint(),
            hidden,
            settings,
        }))
    }

    /// SHA-256, in hexadecimal, over its files.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The layers of its own.
    pub(super) fn branch(&self) -> &Branch {
        &self.branch
    }

    /// Adds to the states of a sentence's tokens, as the shared layers give them, what the branch is told beside;
    /// gives whether the branch is to read it.
    pub(super) fn admit(&self, reading: &Reading, states: &mut [f32]) -> bool {
        let mut highest = f32::NEG_INFINITY;
        let rows = states.chunks_exact_mut(self.hidden).zip(reading.features());
        for (state, (shape, quoted)) in rows {
            let shape = &self.shapes[shape * self.hidden..][..self.hidden];
            let quoted = &self.quoted[quoted * self.hidden..][..self.hidden];
            for ((x, shape), quoted) in state.iter_mut().zip(shape).zip(quoted) {
                *x = *x + shape + quoted;
            }
            let [score] = self.gate.apply(state);
            highest = highest.max(score);
        }
        highest >= self.settings.gate
    }

    /// The claims of a sentence whose tokens have the states `states` above the branch.
    pub(super) fn claims(&self, kernel: Kernel, reading: &Reading, states: &[f32]) -> Vec<Claim> {
        let word = |word: &Word| &states[word.token * self.hidden..][..self.hidden];
        let words: Vec<f32> = reading.words.iter().flat_map(word).copied().collect();
        self.heads.claims(kernel, &self.settings, reading, &words)
    }
}

//! `tagger.json`: sizes, thresholds, and the encoder that the tagger belongs to.

use std::path::Path;

use serde::Deserialize;

use crate::encode::config::Config;
use crate::encode::files::Files;
use crate::error::{Error, ErrorKind, Result};

/// The format of the file that this program reads.
const FORMAT: u32 = 1;

/// Sizes beyond these are no tagger's.
const LARGEST_WIDTH: usize = 1024;
const LARGEST_REACH: usize = 4096;

/// What a tagger is besides its weights.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    format: u32,
    /// Lowest layers shared with the encoder.
    pub(super) trunk_layers: usize,
    /// Layers of its own.
    pub(super) layers: usize,
    /// Size of the space in which cues and words are compared, for each tag.
    pub(super) width: usize,
    /// Farther words are as far as this many.
    pub(super) reach: usize,
    /// What each cue must be worth more than none, as a difference of log-probabilities.
    pub(super) cue_penalty: f32,
    /// A sentence none of whose tokens reaches this score is not read further.
    pub(super) gate: f32,
    /// From the worth of a claim to its confidence.
    pub(super) calibration: Calibration,
    /// SHA-256 of the shared layers, in hexadecimal.
    pub(super) trunk_sha256: String,
}

/// `1 / (1 + exp(-(slope · x + intercept)))` (Platt scaling).
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Calibration {
    slope: f32,
    intercept: f32,
}

impl Calibration {
    pub(super) fn probability(self, x: f32) -> f32 {
        1.0 / (1.0 + (-(self.slope * x + self.intercept)).exp())
    }
}

impl Settings {
    /// Name of the file.
    pub(super) const FILE: &str = "tagger.json";

    /// Reads the file, where there is one, for an encoder with the given configuration.
    pub(super) fn read(files: &mut Files<'_>, config: &Config) -> Result<Option<Self>> {
        let path = files.path(Self::FILE);
        let settings: Option<Self> = files.json_optional(Self::FILE)?;
        settings.map(|settings| settings.checked(config, &path)).transpose()
    }

    fn checked(self, config: &Config, path: &Path) -> Result<Self> {
        let numbers =
            [self.cue_penalty, self.gate, self.calibration.slope, self.calibration.intercept];
        let problem = if self.format != FORMAT {
            format!("has format {}, this program reads {FORMAT}", self.format)
        } else if self.trunk_layers > config.layers {
            format!("shares {} layers with an encoder of {}", self.trunk_layers, config.layers)
        } else if self.width == 0 || self.width > LARGEST_WIDTH || self.reach > LARGEST_REACH {
            format!("has the width {} and the reach {}", self.width, self.reach)
        } else if numbers.iter().any(|x| !x.is_finite()) {
            "has a setting that is no finite number".to_owned()
        } else {
            return Ok(self);
        };
        Err(Error::new(ErrorKind::Model, problem)
            .in_file(path)
            .hint("tagger.json and the encoder must come from the same model"))
    }
}

//! Whether heads are sound, and whether they fit a codebook and an encoder.

use super::{AxisHeads, FORMAT, Head, Heads};
use crate::classify::{Codebook, StatementFeatures};
use crate::encode::Encoder;
use crate::error::{Error, ErrorKind, Result};

impl Heads {
    /// The version of the file format this program writes.
    pub(crate) const FORMAT: u32 = FORMAT;

    /// Checks that these heads were trained for `codebook` on embeddings of `encoder`.
    ///
    /// # Errors
    /// Where they were not, with what to do about it.
    pub fn check_fits(&self, codebook: &Codebook, encoder: &dyn Encoder) -> Result<()> {
        self.check_codebook(codebook)?;
        if self.encoder.dimension != encoder.dimension()
            || self.encoder.fingerprint != encoder.fingerprint()
        {
            let message = format!(
                "the heads were trained on embeddings of `{}` ({} dimensions), not of this `{}` ({})",
                self.encoder.name,
                self.encoder.dimension,
                encoder.name(),
                encoder.dimension()
            );
            return Err(misfit(message).hint("train heads for this model with `plenary train`"));
        }
        Ok(())
    }

    /// Checks that these heads were trained for `codebook`.
    ///
    /// # Errors
    /// Where they were not, with what to do about it.
    pub fn check_codebook(&self, codebook: &Codebook) -> Result<()> {
        if self.codebook.sha256 != codebook.sha256() {
            let message = format!(
                "the heads were trained for codebook `{}` version {}, not for this `{}` version {}",
                self.codebook.id, self.codebook.version, codebook.id, codebook.version
            );
            return Err(misfit(message).hint("train heads for it with `plenary train --codebook`"));
        }
        let poles = self.axes.iter().flat_map(|axis| axis.poles.iter().map(|head| &head.pole));
        if !poles.eq(codebook.poles().map(|(_, pole)| &pole.id)) {
            return Err(misfit("the heads have other poles than their codebook"));
        }
        Ok(())
    }

    /// Checks versions, lengths and ranges.
    pub(super) fn check(&self) -> Result<()> {
        if self.format != FORMAT {
            let message = format!("is of format {}, this program reads {FORMAT}", self.format);
            return Err(misfit(message).hint("train it again with `plenary train`"));
        }
        if self.features != StatementFeatures::NAMES {
            return Err(misfit("reads other features than this program computes"));
        }
        if self.axes.is_empty() {
            return Err(misfit("has no axes"));
        }
        if !self.words.is_sound() {
            return Err(misfit("the list of words is torn: terms and weights do not match"));
        }
        if !(0.0..=1.0).contains(&self.relevance) {
            return Err(misfit("has a relevance outside 0..=1"));
        }
        let ids = |axes: &[AxisHeads]| -> Vec<[String; 2]> {
            axes.iter().map(|axis| axis.poles.each_ref().map(|head| head.pole.clone())).collect()
        };
        if !self.sentence_axes.is_empty() && ids(&self.sentence_axes) != ids(&self.axes) {
            return Err(misfit("has other poles for sentences than for statements"));
        }
        let mut heads = self.axes.iter().chain(&self.sentence_axes).flat_map(|axis| &axis.poles);
        heads.try_for_each(|head| head.check(self.encoder.dimension, self.words.len()))
    }
}

impl Head {
    fn check(&self, dimension: usize, n_words: usize) -> Result<()> {
        let pole = &self.pole;
        let length = |what: &str, found: usize, wanted: usize| {
            let message = format!("pole `{pole}` has {found} {what}, not {wanted}");
            if found == wanted { Ok(()) } else { Err(misfit(message)) }
        };
        length("weights", self.weights.len(), dimension)?;
        length("feature weights", self.feature_weights.len(), StatementFeatures::NAMES.len())?;
        length("word weights", self.word_weights.len(), n_words)?;
        if !self.reported_weights.is_empty() {
            length("reported weights", self.reported_weights.len(), dimension)?;
        }
        let numbers =
            [&self.weights, &self.feature_weights, &self.reported_weights, &self.word_weights];
        let scalars = [self.bias, self.calibration.slope, self.calibration.intercept];
        if !numbers.into_iter().flatten().chain(&scalars).all(|number| number.is_finite()) {
            return Err(misfit(format!("pole `{pole}` has a number that is not finite")));
        }
        if self.calibration.slope < 0.0 {
            return Err(misfit(format!("pole `{pole}` has a falling calibration")));
        }
        let probabilities = [self.unsure_from, self.threshold, self.unsure_to];
        if !probabilities.iter().all(|p| (0.0..=1.0).contains(p)) || !probabilities.is_sorted() {
            let message = format!(
                "the threshold of pole `{pole}` and the band around it are not ordered within 0..=1"
            );
            return Err(misfit(message));
        }
        Ok(())
    }
}

fn misfit(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Model, message)
}

//! A model for textual entailment as a contender.

use std::path::Path;

use super::{About, Contender};
use crate::catalogue;
use crate::classify::{Codebook, Decisions, Hypotheses, Lean, Margins, Premise};
use crate::compare::find;
use crate::compare::protocol::{Answer, Question, Setup};
use crate::encode::{Entailment, KernelChoice};
use crate::engine;
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::Workers;
use crate::train::{self, Row, TrainOptions, labels, shots};

/// Asks whether a sentence entails that its holder supports a pole.
pub(in crate::compare) struct ByEntailment {
    model: Entailment,
    hypotheses: Hypotheses,
    decisions: Decisions,
    kind: &'static str,
    batch_tokens: usize,
    size: u64,
}

impl ByEntailment {
    /// The model `name`, a folder or an entry of the catalogue, with thresholds of one half.
    pub(super) fn load(name: &str, codebook: &Codebook, setup: &Setup) -> Result<Self> {
        let folder = catalogue::resolve(name)?;
        if !Path::new(&folder).is_dir() {
            return Err(Error::new(ErrorKind::Model, "is no folder of a model").in_file(folder));
        }
        Ok(Self {
            model: Entailment::load(&folder, KernelChoice::from_environment()?)?,
            hypotheses: Hypotheses::of(codebook),
            decisions: Decisions::uncalibrated(codebook, TrainOptions::default().abstain_error),
            kind: "entailment",
            batch_tokens: setup.batch_tokens,
            size: engine::weights_size(name)?,
        })
    }

    /// The same with calibration and thresholds from the training labels, where there are any.
    pub(super) fn learn(
        mut self,
        codebook: &Codebook,
        setup: &Setup,
        workers: &Workers,
    ) -> Result<Self> {
        if setup.train.is_empty() {
            return Ok(self);
        }
        let mut sets = labels::load(&setup.train, codebook)?;
        if let Some(shots) = setup.shots {
            shots::draw(&mut sets, codebook, shots);
        }
        let found = find(&sets, workers, setup.batch_tokens)?;
        let rows: Vec<Row> = found.iter().flatten().cloned().collect();
        let premises = sets.iter().zip(&found).flat_map(|(set, found)| {
            found.iter().map(|row| Premise {
                sentence: &set.records[row.record].sentence,
                holder: row.holder.as_deref(),
                own_words: row.features.own_words,
            })
        });
        let margins = self.ask(&premises.collect::<Vec<_>>(), workers)?.rows;
        let abstain_error = TrainOptions::default().abstain_error;
        self.decisions = train::decisions(codebook, &rows, &margins, abstain_error)?;
        self.kind = "entailment, calibrated here";
        Ok(self)
    }

    fn ask(&self, premises: &[Premise<'_>], workers: &Workers) -> Result<Margins> {
        let (model, hypotheses) = (&self.model, &self.hypotheses);
        Margins::ask(model, hypotheses, premises, self.batch_tokens, workers, |_| Ok(()))
    }
}

impl Contender for ByEntailment {
    fn about(&self) -> About {
        let (precision, instructions) = (self.model.precision(), self.model.instructions());
        About {
            kind: self.kind.to_owned(),
            encoder: Some(self.model.name().to_owned()),
            backend: Some("native".to_owned()),
            arithmetic: Some(format!("{} {}", precision.name(), instructions.name())),
            fingerprint: Some(self.model.fingerprint().to_owned()),
            dimension: None,
            heads: None,
            size: self.size,
            library_threads: 1,
        }
    }

    fn judge(&self, questions: &[Question], workers: &Workers) -> Result<Vec<Answer>> {
        let premises: Vec<Premise<'_>> = questions
            .iter()
            .map(|question| Premise {
                sentence: &question.sentence,
                holder: question.holder.as_deref(),
                own_words: question.features.own_words,
            })
            .collect();
        let margins = self.ask(&premises, workers)?;
        let leans = |row: &Option<Vec<f64>>| -> Vec<Lean> { self.decisions.leans(row.as_deref()) };
        let answer = |row| Answer { leans: leans(row), sentence_leans: None };
        Ok(margins.rows.iter().map(answer).collect())
    }
}

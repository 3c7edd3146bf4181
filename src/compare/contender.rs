//! What judges: heads on an encoder, or the dictionary.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::protocol::{Answer, Question, Setup};
use super::specification::Specification;
use crate::classify::{Codebook, Dictionary, Heads, Lean};
use crate::config::BUILT_IN;
use crate::encode::{self, Encoder};
use crate::engine::{self, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::observe::Silent;
use crate::schedule::{Stop, Workers};
use crate::train::{self, TrainOptions};
use entailment::ByEntailment;

mod entailment;

/// What a contender is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What decides: heads, prototypes, an entailment model, a dictionary.
    pub kind: String,
    /// The encoder's name, where there is one.
    pub encoder: Option<String>,
    /// What runs it.
    pub backend: Option<String>,
    /// Its instructions and precision, where these are known.
    pub arithmetic: Option<String>,
    /// SHA-256 of all that determines its vectors.
    pub fingerprint: Option<String>,
    /// Numbers of a vector.
    pub dimension: Option<usize>,
    /// SHA-256 of its heads.
    pub heads: Option<String>,
    /// Bytes of its weights.
    pub size: u64,
    /// Threads that the backend's library uses within one call.
    pub library_threads: usize,
}

/// Something that judges statements.
pub(super) trait Contender {
    /// What it is.
    fn about(&self) -> About;

    /// One answer for each question; each depends on its question alone.
    fn judge(&self, questions: &[Question], workers: &Workers) -> Result<Vec<Answer>>;
}

/// A contender that needs no more loading, and whatever it still has to learn.
pub(super) enum Loaded {
    Ready(Box<dyn Contender>),
    /// An encoder whose heads come from labels.
    Unlearned {
        encoder: Loadable,
        prototypes: bool,
    },
    /// An entailment model whose thresholds come from labels, where there are any.
    Entailing(Box<ByEntailment>),
}

/// An encoder with the bytes of its weights.
type Loadable = (Arc<dyn Encoder>, u64);

fn load_encoder(name: &str) -> Result<Loadable> {
    Ok((engine::load_encoder(name)?, engine::weights_size(name)?))
}

/// Loads what `setup` names.
///
/// # Errors
/// When a part of it is missing or broken, or the parts do not fit together.
pub(super) fn load(
    specification: &Specification,
    codebook: &Codebook,
    setup: &Setup,
) -> Result<Loaded> {
    let ready = |encoder: Loadable, heads, kind| {
        let (encoder, size) = encoder;
        let batch_tokens = setup.batch_tokens;
        Loaded::Ready(Box::new(OnEncoder { kind, encoder, heads, batch_tokens, size }))
    };
    match specification {
        Specification::Model(name) => {
            let heads = engine::load_heads(name)?;
            let encoder = load_encoder(engine::encoder_of_model(name, &heads))?;
            heads.check_fits(codebook, encoder.0.as_ref())?;
            Ok(ready(encoder, heads, "heads"))
        }
        Specification::Paired { encoder, heads } => {
            let encoder = load_encoder(encoder)?;
            let heads = engine::load_heads(heads)?;
            heads.check_codebook(codebook)?;
            check_dimension(&heads, encoder.0.as_ref())?;
            Ok(ready(encoder, heads, "heads"))
        }
        Specification::Prototypes(name) if name == BUILT_IN && setup.train.is_empty() => {
            let heads = engine::load_prototypes(name)?.expect("the built-in model has prototypes");
            let encoder = load_encoder(name)?;
            heads.check_fits(codebook, encoder.0.as_ref())?;
            Ok(ready(encoder, heads, "prototypes"))
        }
        Specification::Prototypes(name) => {
            Ok(Loaded::Unlearned { encoder: load_encoder(name)?, prototypes: true })
        }
        Specification::Learned(name) => {
            Ok(Loaded::Unlearned { encoder: load_encoder(name)?, prototypes: false })
        }
        Specification::Entailment(folder) => ByEntailment::load(folder, codebook, setup)
            .map(|model| Loaded::Entailing(Box::new(model))),
        Specification::Dictionary => {
            if codebook.id != Codebook::built_in().id {
                let message = format!("there is no dictionary for the codebook `{}`", codebook.id);
                return Err(Error::new(ErrorKind::Config, message)
                    .hint("leave it out; the dictionary is that of the built-in codebook"));
            }
            Ok(Loaded::Ready(Box::new(ByPhrases(Dictionary::built_in()))))
        }
    }
}

impl Loaded {
    /// The contender; learns what is still to be learned.
    ///
    /// # Errors
    /// As [`train::run`].
    pub(super) fn learn(
        self,
        codebook: &Codebook,
        setup: &Setup,
        workers: &Workers,
    ) -> Result<Box<dyn Contender>> {
        let ((encoder, size), prototypes) = match self {
            Self::Ready(contender) => return Ok(contender),
            Self::Entailing(model) => return Ok(Box::new(model.learn(codebook, setup, workers)?)),
            Self::Unlearned { encoder, prototypes } => (encoder, prototypes),
        };
        let options = TrainOptions {
            labels: setup.train.clone(),
            shots: setup.shots,
            batch_tokens: setup.batch_tokens,
            ..TrainOptions::default()
        };
        let trained = train::run(codebook, encoder.as_ref(), workers, &options)?;
        let (heads, kind) = if prototypes {
            (trained.prototypes, "prototypes")
        } else {
            (trained.heads, "heads learned here")
        };
        Ok(Box::new(OnEncoder { kind, encoder, heads, batch_tokens: setup.batch_tokens, size }))
    }
}

/// Heads, or prototypes in their form, on an encoder.
struct OnEncoder {
    kind: &'static str,
    encoder: Arc<dyn Encoder>,
    heads: Heads,
    batch_tokens: usize,
    size: u64,
}

impl Contender for OnEncoder {
    fn about(&self) -> About {
        let encoder = self.encoder.as_ref();
        About {
            kind: self.kind.to_owned(),
            encoder: Some(encoder.name().to_owned()),
            backend: Some(encoder.backend().to_owned()),
            arithmetic: encoder.native().map(|encoder| {
                format!("{} {}", encoder.precision().name(), encoder.instructions().name())
            }),
            fingerprint: Some(encoder.fingerprint().to_owned()),
            dimension: Some(encoder.dimension()),
            heads: Some(self.heads.sha256()),
            size: self.size,
            library_threads: encoder.library_threads(),
        }
    }

    fn judge(&self, questions: &[Question], workers: &Workers) -> Result<Vec<Answer>> {
        let inputs =
            questions.iter().map(|one| self.heads.input(one.holder.as_deref(), &one.sentence));
        let (unique, places) = encode::distinct(inputs);
        let tokens = workers.try_map(unique, |input| self.encoder.tokenize(input))?;
        let session = Session { workers, observer: &Silent, stop: &Stop::default() };
        let encoder = self.encoder.as_ref();
        let embeddings = engine::encode_all(encoder, &tokens, self.batch_tokens, session)?;
        let places = questions.iter().zip(places).collect();
        let mut answers = workers.map(places, |(question, place): (&Question, usize)| {
            let embedding = embeddings.row(place);
            let embedding = embedding.to_slice().expect("rows are contiguous");
            let Question { sentence, holder, features } = question;
            let whole = || self.heads.predict_sentence(sentence, embedding, features);
            let judges_sentences = holder.is_none() && !self.heads.sentence_axes.is_empty();
            Answer {
                leans: self.heads.predict(sentence, embedding, features),
                sentence_leans: judges_sentences.then(whole),
            }
        });
        self.pass_over(questions, &mut answers);
        Ok(answers)
    }
}

impl OnEncoder {
    /// Takes the leans from reported statements in sentences that are not relevant, as a run does.
    fn pass_over(&self, questions: &[Question], answers: &mut [Answer]) {
        let wholes: HashMap<&str, Vec<Lean>> = questions
            .iter()
            .zip(answers.iter())
            .filter_map(|(one, answer)| Some((&*one.sentence, answer.sentence_leans.clone()?)))
            .collect();
        for (question, answer) in questions.iter().zip(answers) {
            let whole = wholes.get(&*question.sentence).filter(|_| question.holder.is_some());
            if let Some(whole) = whole.filter(|whole| !self.heads.is_relevant(whole)) {
                answer.leans = Heads::reported(whole);
            }
        }
    }
}

/// The dictionary.
struct ByPhrases(Dictionary);

impl Contender for ByPhrases {
    fn about(&self) -> About {
        About {
            kind: "dictionary".to_owned(),
            encoder: None,
            backend: None,
            arithmetic: None,
            fingerprint: None,
            dimension: None,
            heads: None,
            size: Dictionary::SIZE,
            library_threads: 1,
        }
    }

    fn judge(&self, questions: &[Question], workers: &Workers) -> Result<Vec<Answer>> {
        Ok(workers.map(questions.iter().collect(), |question: &Question| Answer {
            leans: self.0.predict(&question.sentence),
            sentence_leans: None,
        }))
    }
}

fn check_dimension(heads: &Heads, encoder: &dyn Encoder) -> Result<()> {
    let (wanted, found) = (heads.encoder.dimension, encoder.dimension());
    if wanted == found {
        return Ok(());
    }
    let message = format!("the heads read {wanted} numbers, `{}` gives {found}", encoder.name());
    Err(Error::new(ErrorKind::Model, message)
        .hint("heads go with the model they were trained on, through whatever backend"))
}

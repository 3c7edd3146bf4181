//! From a document to its analysis: segment, attribute, encode, classify.
//!
//! An [`Engine`] holds everything that results depend on beside the document. What it computes for a document
//! is a function of the two alone: neither the other documents, nor the threads, nor the size of the steps
//! show in a single bit.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::analysis::{Analysis, Statement};
use crate::attribute::{self, ActorContext, ActorRegistry, StatementDraft};
use crate::classify::codebook::Codebook;
use crate::classify::{Heads, Lean, StatementFeatures};
use crate::config::{BUILT_IN, Config};
use crate::document::{Document, Manner, Sentence};
use crate::encode::{self, Encoder, Input, Tokens};
use crate::error::{Error, ErrorKind, Result};
use crate::journal::Key;
use crate::observe::{Event, Observer};
use crate::schedule::{Stop, Workers};
use crate::segment::Segmenters;

/// Statements scored in one go. Bounds the memory for embeddings, whatever the length of a document.
const WINDOW: usize = 8192;

/// The stages of the analysis, ready to work.
pub struct Engine {
    segmenters: Segmenters,
    registry: ActorRegistry,
    encoder: Arc<dyn Encoder>,
    heads: Heads,
    codebook: Codebook,
    attribution: bool,
    embeddings: bool,
    batch_tokens: usize,
    fingerprint: Key,
}

impl Engine {
    /// Loads what `config` asks for.
    ///
    /// # Errors
    /// When the model, the codebook or the actors cannot be loaded or do not fit together.
    pub fn load(config: &Config) -> Result<Self> {
        let codebook = load_codebook(&config.codebook)?;
        let (encoder, heads) = load_model(&config.model)?;
        heads.check_fits(&codebook, encoder.as_ref())?;
        let mut registry = ActorRegistry::built_in();
        if let Some(path) = &config.input.actors {
            registry = registry.with_csv(path)?;
        }
        let mut engine = Self {
            segmenters: Segmenters::new(),
            registry,
            encoder,
            heads,
            codebook,
            attribution: config.attribution,
            embeddings: config.embeddings,
            batch_tokens: config.batch_tokens,
            fingerprint: [0; 32],
        };
        engine.fingerprint = engine.hash_settings();
        Ok(engine)
    }

    /// The codebook in use.
    pub fn codebook(&self) -> &Codebook {
        &self.codebook
    }

    /// The encoder in use.
    pub fn encoder(&self) -> &dyn Encoder {
        self.encoder.as_ref()
    }

    /// The heads in use.
    pub fn heads(&self) -> &Heads {
        &self.heads
    }

    /// The hash of all that the analysis of `document` depends on.
    pub fn key(&self, document: &Document) -> Key {
        let bytes = postcard::to_stdvec(document).expect("a document is plain data");
        let mut hasher = Sha256::new();
        hasher.update(self.fingerprint);
        hasher.update(&bytes);
        hasher.finalize().into()
    }

    /// Analyses `documents`, results in their order.
    ///
    /// # Errors
    /// When the encoder fails or a stop was asked for.
    pub fn analyse(
        &self,
        documents: Vec<Document>,
        workers: &Workers,
        observer: &dyn Observer,
        stop: &Stop,
    ) -> Result<Vec<Analysis>> {
        let mut analyses = Vec::with_capacity(documents.len());
        let mut places = Vec::new();
        let mut drafts = Vec::new();
        for (index, (analysis, found)) in
            workers.map(documents, |document| self.read(document)).into_iter().enumerate()
        {
            places.extend((0..found.len()).map(|_| index));
            drafts.extend(found);
            analyses.push(analysis);
        }
        for (places, drafts) in places.chunks(WINDOW).zip(drafts.chunks(WINDOW)) {
            stop.check()?;
            let scores = self.score(&analyses, places, drafts, workers)?;
            for ((place, draft), (leans, embedding, truncated)) in places.iter().zip(drafts).zip(scores) {
                let analysis = &mut analyses[*place];
                analysis.statements.push(statement(draft, leans));
                analysis.embeddings.extend(embedding);
                analysis.truncated += u32::from(truncated);
            }
            observer.event(&Event::Scored { statements: drafts.len() });
        }
        Ok(analyses)
    }

    /// Everything that needs no encoder.
    fn read(&self, document: Document) -> (Analysis, Vec<StatementDraft>) {
        let lang = document.meta.lang.as_deref();
        let sentences = self.segmenters.for_language(lang).segment(&document.text);
        let (turns, attributions) = if self.attribution {
            let turns = attribute::turns(&document);
            let attributions = attribute::attributions(&document.text, &sentences, &turns, lang);
            (turns, attributions)
        } else {
            (Vec::new(), Vec::new())
        };
        let found = attribute::statements(&document, &sentences, &turns, &attributions, &self.registry);
        let analysis = Analysis {
            actor: found.document_actor,
            turn_of: attribute::turn_of(&sentences, &turns),
            document,
            sentences,
            turns,
            turn_actors: found.turn_actors,
            attributions,
            attribution_actors: found.attribution_actors,
            statements: Vec::with_capacity(found.statements.len()),
            embeddings: Vec::new(),
            truncated: 0,
        };
        (analysis, found.statements)
    }
}

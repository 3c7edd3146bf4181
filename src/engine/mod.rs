//! From a document to its analysis: segment, attribute, encode, classify.
//!
//! An [`Engine`] holds everything that results depend on beside the document. What it computes for a document
//! is a function of the two alone: neither the other documents, nor the threads, nor the size of the steps
//! show in a single bit.

mod encoder;
mod load;
mod part;
mod score;

pub use encoder::{HASHED, load_encoder, load_encoder_with, weights_size};
pub use load::{
    CODEBOOK_FILE, codebook_of_model, encoder_of_model, load_codebook, load_heads, load_model,
    load_model_with, load_prototypes,
};

use std::sync::Arc;

use fs_err as fs;
use sha2::{Digest, Sha256};

use crate::analysis::{Analysis, Statement};
use crate::attribute::{self, ActorRegistry, Attributor, Memberships, RuleAttributor};
use crate::classify::{Codebook, Heads};
use crate::config::{Attribution as By, Config};
use crate::document::{Document, Manner};
use crate::encode::{Encoder, KernelChoice, NativeEncoder};
use crate::error::{Error, Result};
use crate::journal::Key;
use crate::observe::{Event, Observer};
use crate::schedule::{Stop, Workers};
use crate::segment::Segmenters;
use crate::tagging::{self, Quoted, Tagged, TaggerModel};
use part::{Known, Part, Place};
pub use score::encode_all;
use score::{Draft, Score, with_features};

/// Raised with every change that gives a document another analysis, so that no run reuses what an older build found.
const ANALYSIS_VERSION: u32 = 4;

/// Statements scored in one go. Bounds the memory for embeddings, whatever the length of a document.
const WINDOW: usize = 8192;

/// Who works, who is told, and whether to go on.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// The threads.
    pub workers: &'a Workers,
    /// Receives the events.
    pub observer: &'a dyn Observer,
    /// Ends the work at the next batch.
    pub stop: &'a Stop,
}

/// The stages of the analysis, ready to work.
pub struct Engine {
    segmenters: Segmenters,
    rules: RuleAttributor,
    registry: ActorRegistry,
    memberships: Memberships,
    encoder: Arc<dyn Encoder>,
    tagger: TaggerModel,
    heads: Heads,
    codebook: Codebook,
    attribution: By,
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
        let codebook = codebook_of_model(&config.codebook, &config.model)?;
        let from_environment = KernelChoice::from_environment()?;
        let precision = config.precision.or(from_environment.precision);
        let choice = KernelChoice { precision, ..from_environment };
        let (encoder, heads) = load_model_with(&config.model, choice)?;
        heads.check_fits(&codebook, encoder.as_ref())?;
        let heads = match config.abstain_error {
            Some(error) => heads.with_abstain_error(error),
            None => heads,
        };
        let heads = match config.attribution {
            By::Everywhere => Heads { relevance: 0.0, ..heads },
            By::Tagger | By::Rules | By::None => heads,
        };
        let mut registry = ActorRegistry::built_in();
        let mut actors = Vec::new();
        if let Some(path) = &config.input.actors {
            actors = fs::read(path).map_err(|error| Error::io("read the actors", path, error))?;
            registry = registry.with_table(&actors, path)?;
        }
        let mut memberships = Memberships::built_in();
        if let Some(path) = &config.input.memberships {
            let table =
                fs::read(path).map_err(|error| Error::io("read the memberships", path, error))?;
            memberships = memberships.with_table(&table, path)?;
        }
        let tagger = match config.attribution {
            By::Tagger | By::Everywhere => TaggerModel::for_encoder(encoder.as_ref())?,
            By::Rules | By::None => TaggerModel::Absent,
        };
        let mut engine = Self {
            segmenters: Segmenters::new(),
            rules: RuleAttributor::with_actors(registry.clone()),
            registry,
            tagger,
            memberships,
            encoder,
            heads,
            codebook,
            attribution: config.attribution,
            embeddings: config.embeddings,
            batch_tokens: config.batch_tokens,
            fingerprint: [0; 32],
        };
        engine.fingerprint = engine.hash_settings(&actors);
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

    /// The actors in use.
    pub fn registry(&self) -> &ActorRegistry {
        &self.registry
    }

    /// Who belongs to which grouping.
    pub fn memberships(&self) -> &Memberships {
        &self.memberships
    }

    /// The hash of all that the analysis of `document` depends on.
    ///
    /// # Panics
    /// Never: a document is plain data, which always serialises.
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
    pub fn analyse(&self, documents: Vec<Document>, session: Session<'_>) -> Result<Vec<Analysis>> {
        let mut parts = session.workers.map(documents, |document| self.segment(document));
        let known = self.tag(&mut parts, session)?;
        let mut analyses = Vec::with_capacity(parts.len());
        let mut places = Vec::new();
        let mut drafts = Vec::new();
        let read = session.workers.map(parts, |part| self.read(part));
        for (index, (analysis, found)) in read.into_iter().enumerate() {
            places.extend((0..found.len()).map(|_| index));
            drafts.extend(found);
            analyses.push(analysis);
        }
        for (places, drafts) in places.chunks(WINDOW).zip(drafts.chunks(WINDOW)) {
            let scores = self.score(&analyses, &known, places, drafts, session)?;
            for ((place, draft), score) in places.iter().zip(drafts).zip(scores) {
                add_statement(&mut analyses[*place], draft, score);
            }
        }
        if self.heads.sentence_axes.is_empty() {
            analyses.iter_mut().for_each(Analysis::lean_as_statements_do);
        }
        Ok(analyses)
    }

    /// Sentences and turns.
    fn segment(&self, document: Document) -> Part {
        let sentences = self.segmenters.get(document.meta.lang.as_deref()).segment(&document.text);
        let turns = match self.attribution {
            By::None => Vec::new(),
            By::Tagger | By::Everywhere | By::Rules => attribute::turns(&document),
        };
        let tagged = self.tagger().is_some() && tagging::is_read(document.meta.lang.as_deref());
        let quoted = tagged.then(|| tagging::quoted_parts(&document.text, &sentences));
        Part { document, sentences, turns, quoted, claims: Vec::new() }
    }

    /// Lets the tagger read the texts in languages that it knows; gives the embeddings this has brought.
    fn tag(&self, parts: &mut [Part], session: Session<'_>) -> Result<Known> {
        let mut known = Known::default();
        let Some(tagger) = self.tagger() else { return Ok(known) };
        // The heads know the vectors of their own encoder only.
        let shares = matches!(self.tagger, TaggerModel::Encoder);
        let sentences: Vec<Place> =
            parts.iter().enumerate().flat_map(|(at, part)| part.places(at)).collect();
        let step = |sentences: usize| {
            session.stop.check()?;
            session.observer.event(&Event::Encoded { sentences });
            Ok(())
        };
        for window in sentences.chunks(WINDOW) {
            let texts: Vec<Quoted<'_>> =
                window.iter().map(|(part, sentence)| parts[*part].sentence(*sentence)).collect();
            let found = tagging::tag_all(
                tagger,
                &texts,
                self.batch_tokens,
                session.workers,
                |vector| !shares || self.heads.may_be_relevant(vector),
                step,
            )?;
            let Tagged { claims, rows, embeddings, truncated } = found;
            for ((part, _), claims) in window.iter().zip(claims) {
                parts[*part].claims.push(claims);
            }
            // Those of the first window are kept; those further on in a long document are computed again.
            if shares && known.rows.is_empty() {
                known = Known::new(window, &rows, embeddings, truncated);
            }
        }
        Ok(known)
    }

    /// Everything else that needs no encoder.
    fn read(&self, part: Part) -> (Analysis, Vec<Draft>) {
        let Part { document, sentences, turns, quoted, claims } = part;
        let (text, lang) = (&document.text, document.meta.lang.as_deref());
        let attributions = match (self.attribution, quoted) {
            (By::None, _) => Vec::new(),
            (_, Some(_)) => {
                let claims = tagging::in_text(&sentences, claims);
                self.rules.complete(text, &sentences, &turns, &claims)
            }
            (_, None) => self.rules.attributions(text, &sentences, &turns, lang),
        };
        let drafts =
            attribute::statements(&document, &sentences, &turns, &attributions, &self.registry);
        let drafts = with_features(drafts, &sentences, &attributions);
        let analysis = Analysis {
            actor: self.registry.document_actor(&document.meta),
            turn_of: attribute::turn_of(&sentences, &turns),
            turn_actors: vec![None; turns.len()],
            attribution_actors: vec![None; attributions.len()],
            statements: Vec::with_capacity(drafts.len()),
            sentence_leans: vec![Vec::new(); sentences.len()],
            embeddings: Vec::new(),
            truncated: 0,
            document,
            sentences,
            turns,
            attributions,
        };
        (analysis, drafts)
    }

    /// The model that tags, where one is asked for.
    fn tagger(&self) -> Option<&NativeEncoder> {
        self.tagger.get(self.encoder.as_ref())
    }

    fn hash_settings(&self, actors: &[u8]) -> Key {
        let mut hasher = Sha256::new();
        hasher.update(env!("CARGO_PKG_VERSION"));
        hasher.update(ANALYSIS_VERSION.to_le_bytes());
        hasher.update(self.codebook.sha256());
        hasher.update(self.heads.sha256());
        hasher.update(self.encoder.fingerprint());
        hasher.update(self.encoder.precision().name());
        hasher.update(actors);
        hasher.update([self.attribution as u8, u8::from(self.embeddings)]);
        hasher
            .update(self.tagger().and_then(NativeEncoder::tagger_fingerprint).unwrap_or_default());
        hasher.finalize().into()
    }
}

/// Adds a scored draft to its analysis. Whose turn and whose words it was is known from the draft's actor.
fn add_statement(analysis: &mut Analysis, draft: &Draft, score: Score) {
    let found = &draft.found;
    let turn = analysis.turn_of[found.sentence].filter(|_| found.manner == Manner::Own);
    if let Some(turn) = turn {
        analysis.turn_actors[turn as usize].clone_from(&found.actor);
    }
    if let Some(attribution) = found.attribution {
        analysis.attribution_actors[attribution].clone_from(&found.actor);
    }
    analysis.sentence_leans[found.sentence].extend(score.sentence_leans);
    analysis.statements.push(Statement {
        sentence: index(found.sentence),
        holder: draft.holder().map(str::to_owned),
        manner: found.manner,
        actor: found.actor.clone(),
        attribution: found.attribution.map(index),
        leans: score.leans,
    });
    analysis.embeddings.extend(score.embedding);
    analysis.truncated += u32::from(score.truncated);
}

fn index(number: usize) -> u32 {
    u32::try_from(number).expect("a document has fewer than 2^32 sentences")
}

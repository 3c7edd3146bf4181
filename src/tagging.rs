//! The tagger at work: the bridge between `encode`, which reads sentences word by word, and `attribute`, which
//! makes attributions of what it finds.

use ndarray::Array2;

use crate::attribute::{self, Attributor, RuleAttributor};
use crate::document::{Attribution, Claim, Sentence, Span, Turn};
use crate::encode::tagger::Reading;
use crate::encode::{self, Encoder, Input, KernelChoice, NativeEncoder, Tokens};
use crate::error::Result;
use crate::schedule::Workers;

/// Whether the tagger reads texts of this language; it was trained on English. A text without a language counts
/// as English, as it does for the rules.
pub fn is_read(lang: Option<&str>) -> bool {
    lang.is_none_or(|lang| lang == "en")
}

/// The sentences of a text as the tagger reads them.
///
/// # Errors
/// Where the tokenizer cannot handle a sentence.
pub fn readings(
    encoder: &NativeEncoder,
    text: &str,
    sentences: &[Sentence],
) -> Result<Vec<Reading>> {
    let quoted = quoted_parts(text, sentences);
    let reading = |(sentence, quoted): (&Sentence, &Vec<Span>)| {
        encoder.read_words(sentence.span.of(text), quoted)
    };
    sentences.iter().zip(&quoted).map(reading).collect()
}

/// For each sentence its parts in quotation marks, counted from its start; in order and disjoint.
pub fn quoted_parts(text: &str, sentences: &[Sentence]) -> Vec<Vec<Span>> {
    let quotations = attribute::quoted(text);
    let parts = |sentence: &Sentence| {
        let Span { start, end } = sentence.span;
        let first = quotations.partition_point(|quoted| quoted.end <= start);
        let inside = quotations[first..].iter().take_while(|quoted| quoted.start < end);
        let part =
            |quoted: &Span| Span::new(quoted.start.max(start) - start, quoted.end.min(end) - start);
        inside.map(part).collect()
    };
    sentences.iter().map(parts).collect()
}

/// A sentence, and its parts in quotation marks: counted from its start, in order and disjoint.
pub type Quoted<'a> = (&'a str, &'a [Span]);

/// What the encoder and its tagger give for sentences.
pub struct Tagged {
    /// For each sentence what others say in it, bytes counted from its start.
    pub claims: Vec<Vec<Claim>>,
    /// For each sentence the row of its embedding.
    pub rows: Vec<usize>,
    /// The embeddings of the distinct sentences.
    pub embeddings: Array2<f32>,
    /// For each row whether the sentence is longer than the model reads.
    pub truncated: Vec<bool>,
}

/// Encodes sentences on all workers, in batches of at most `batch_tokens` tokens, equal sentences once, and tags those
/// whose embedding is `relevant`. `step` is called before each batch, with the number of its sentences.
///
/// # Errors
/// The first error of the encoder or of `step`.
pub fn tag_all(
    encoder: &NativeEncoder,
    sentences: &[Quoted<'_>],
    batch_tokens: usize,
    workers: &Workers,
    relevant: impl Fn(&[f32]) -> bool + Sync,
    step: impl Fn(usize) -> Result<()> + Sync,
) -> Result<Tagged> {
    let (distinct, rows) = encode::distinct(sentences.iter().copied());
    let tokenize = |(text, _): Quoted<'_>| encoder.tokenize(Input::single(text));
    let tokens = workers.try_map(distinct.clone(), tokenize)?;
    let lengths: Vec<usize> = tokens.iter().map(Tokens::len).collect();
    let batches = encode::batches(&lengths, batch_tokens);
    let found = workers.try_map(batches.iter().collect(), |batch: &Vec<usize>| {
        step(batch.len())?;
        let members: Vec<&Tokens> = batch.iter().map(|index| &tokens[*index]).collect();
        encoder.encode_tagged(&members, |member, vector| {
            let (text, quoted) = distinct[batch[member]];
            relevant(vector).then(|| encoder.read_words(text, quoted)).transpose()
        })
    })?;
    let mut embeddings = Array2::zeros((distinct.len(), encoder.dimension()));
    let mut claims = vec![Vec::new(); distinct.len()];
    for (batch, (vectors, found)) in batches.iter().zip(found) {
        for ((index, vector), found) in batch.iter().zip(vectors.rows()).zip(found) {
            embeddings.row_mut(*index).assign(&vector);
            claims[*index] = found;
        }
    }
    let claims = rows.iter().map(|row| claims[*row].clone()).collect();
    let truncated = tokens.iter().map(|tokens| tokens.truncated).collect();
    Ok(Tagged { claims, rows, embeddings, truncated })
}

/// Claims of sentences as claims of their text.
pub fn in_text(sentences: &[Sentence], claims: Vec<Vec<Claim>>) -> Vec<Claim> {
    let shifted = |(sentence, claims): (&Sentence, Vec<Claim>)| {
        let start = sentence.span.start;
        claims.into_iter().map(move |claim| claim.shifted(start))
    };
    sentences.iter().zip(claims).flat_map(shifted).collect()
}

/// The model that tags what an encoder encodes.
pub enum TaggerModel {
    /// None: rules alone find what others say.
    Absent,
    /// The encoder itself.
    Encoder,
    /// The built-in model, beside an encoder that cannot tag.
    Beside(Box<NativeEncoder>),
}

impl TaggerModel {
    /// Makes one ready for `encoder`. The encoder without weights, which stands in for a model in tests, gets none.
    ///
    /// # Errors
    /// As [`encode::default_model`].
    pub fn for_encoder(encoder: &dyn Encoder) -> Result<Self> {
        Ok(match encoder.native() {
            None => Self::Absent,
            // One that reads a prompt as well would not give the vectors of the sentences that it tags.
            Some(native)
                if native.tagger_fingerprint().is_some()
                    && native.fingerprint() == encoder.fingerprint() =>
            {
                Self::Encoder
            }
            Some(_) => Self::Beside(Box::new(built_in_model()?)),
        })
    }

    /// The model, given the encoder again.
    pub fn get<'a>(&'a self, encoder: &'a dyn Encoder) -> Option<&'a NativeEncoder> {
        match self {
            Self::Absent => None,
            Self::Encoder => encoder.native(),
            Self::Beside(model) => Some(model),
        }
    }
}

/// The model inside the program, with the kernel that the environment asks for.
fn built_in_model() -> Result<NativeEncoder> {
    encode::default_model_with(KernelChoice::from_environment()?)
}

/// Finds the attributions of many short English texts at once.
pub struct Finder<'a> {
    encoder: &'a dyn Encoder,
    tagger: TaggerModel,
    rules: RuleAttributor,
    workers: &'a Workers,
    batch_tokens: usize,
}

impl<'a> Finder<'a> {
    /// One with the tagger for `encoder`, completed by the built-in rules, or with rules alone where it has none;
    /// `batch_tokens` is the most tokens of one batch.
    ///
    /// # Errors
    /// As [`TaggerModel::for_encoder`].
    pub fn new(
        encoder: &'a dyn Encoder,
        workers: &'a Workers,
        batch_tokens: usize,
    ) -> Result<Self> {
        let tagger = TaggerModel::for_encoder(encoder)?;
        Ok(Self { encoder, tagger, rules: RuleAttributor::new(), workers, batch_tokens })
    }

    /// For each text and its sentences the attributions.
    ///
    /// # Errors
    /// Where the tagger fails.
    pub fn attributions(&self, texts: &[(&str, &[Sentence])]) -> Result<Vec<Vec<Attribution>>> {
        let Some(tagger) = self.tagger.get(self.encoder) else {
            let rules = |(text, sentences): &(&str, &[Sentence])| {
                self.rules.attributions(text, sentences, &[], Some("en"))
            };
            return Ok(self.workers.map(texts.iter().collect(), rules));
        };
        let quoted = |(text, sentences): &(&str, &[Sentence])| quoted_parts(text, sentences);
        let quoted = self.workers.map(texts.iter().collect(), quoted);
        let all = texts.iter().zip(&quoted).flat_map(|((text, sentences), quoted)| {
            sentences.iter().zip(quoted).map(|(one, quoted)| (one.span.of(text), &**quoted))
        });
        let all: Vec<Quoted<'_>> = all.collect();
        let everything = |_: &[f32]| true;
        let found = tag_all(tagger, &all, self.batch_tokens, self.workers, everything, |_| Ok(()))?;
        let mut claims = found.claims.into_iter();
        let mut parts = Vec::with_capacity(texts.len());
        for (text, sentences) in texts {
            let claims = claims.by_ref().take(sentences.len()).collect();
            parts.push((*text, *sentences, in_text(sentences, claims)));
        }
        let complete = |(text, sentences, claims): (&str, &[Sentence], Vec<Claim>)| {
            self.rules.complete(text, sentences, &[], &claims)
        };
        Ok(self.workers.map(parts, complete))
    }
}

/// Attributions by the built-in tagger, one text at a time on the calling thread; by rules alone in languages that
/// the tagger does not read.
pub struct TaggingAttributor {
    encoder: NativeEncoder,
    rules: RuleAttributor,
}

impl TaggingAttributor {
    /// The tagger inside the program, completed by `rules`.
    ///
    /// # Errors
    /// As [`encode::default_model`].
    pub fn built_in(rules: RuleAttributor) -> Result<Self> {
        Ok(Self { encoder: built_in_model()?, rules })
    }
}

impl Attributor for TaggingAttributor {
    fn attributions(
        &self,
        text: &str,
        sentences: &[Sentence],
        turns: &[Turn],
        lang: Option<&str>,
    ) -> Vec<Attribution> {
        if !is_read(lang) {
            return self.rules.attributions(text, sentences, turns, lang);
        }
        let whole = "the built-in model reads every text";
        let readings = readings(&self.encoder, text, sentences).expect(whole);
        let members: Vec<&Tokens> = readings.iter().map(|reading| &reading.tokens).collect();
        let read = |member: usize, _: &[f32]| Ok(Some(readings[member].clone()));
        let (_, claims) = self.encoder.encode_tagged(&members, read).expect(whole);
        self.rules.complete(text, sentences, turns, &in_text(sentences, claims))
    }
}

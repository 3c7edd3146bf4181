//! Who says what: speaker turns, quotations and reported speech, the registry of actors, and the statements
//! that follow from them.
//!
//! [`turns`] finds the speakers of a transcript. An [`Attributor`] finds the words and views of others that a
//! text tells; [`RuleAttributor`] does it by rules, and whatever learns to do it better implements the same
//! trait. [`ActorRegistry`] turns names into actors, [`statements`] puts it all together.
//!
//! Everything here is pure: the lexica are part of the program, nothing is global.

mod clause;
mod direct;
mod foreign;
mod holder;
mod indirect;
mod label;
mod lexicon;
mod mention;
mod name;
mod office;
mod person;
mod phrase;
mod quotation;
mod registry;
mod reported;
mod resolve;
mod statements;
mod token;
mod transcript;
mod turns;
mod words;

#[cfg(test)]
mod tests;

pub use registry::{ActorContext, ActorRegistry, NamePlace};
pub use statements::{StatementDraft, statements, turn_actor, turn_of};
pub use turns::turns;

use crate::document::{Attribution, Sentence, Span, Turn};
use lexicon::Lexicon;

/// Finds who says what in a text.
///
/// Laws: all spans lie within the text, on character boundaries, and hold at least one character; the pieces
/// of a content are in order and disjoint; the result depends on nothing but the arguments; time is linear in
/// the length of the text.
pub trait Attributor: Send + Sync {
    /// The attributions of `text`, in the order of their contents. `sentences` and `turns` are those of the text.
    fn attributions(
        &self,
        text: &str,
        sentences: &[Sentence],
        turns: &[Turn],
        lang: Option<&str>,
    ) -> Vec<Attribution>;
}

/// The baseline: rules over quotation marks, cue words and word order. Build it once, it reads a lexicon.
#[derive(Clone, Debug)]
pub struct RuleAttributor {
    lexicon: Lexicon,
}

impl RuleAttributor {
    /// The rules with the built-in lexicon.
    pub fn new() -> Self {
        Self { lexicon: Lexicon::built_in() }
    }
}

impl Default for RuleAttributor {
    fn default() -> Self {
        Self::new()
    }
}

impl Attributor for RuleAttributor {
    fn attributions(
        &self,
        text: &str,
        sentences: &[Sentence],
        turns: &[Turn],
        lang: Option<&str>,
    ) -> Vec<Attribution> {
        let quotations = quotation::quotations(text);
        let foreign =
            lang.filter(|lang| *lang != "en").and_then(|lang| self.lexicon.foreign.get(lang));
        let mut found = match foreign {
            Some(cues) => foreign::attributed(text, &quotations, cues),
            None => reported::read(text, sentences, &quotations, &self.lexicon),
        };
        found.sort_by_key(|found| (found.content.first().copied(), found.cue));
        let holders = holder::holders(text, &found, turns, &self.lexicon);
        let attribution = |(found, holder): (reported::Found, Option<String>)| Attribution {
            manner: found.manner,
            source: found.source,
            cue: found.cue,
            content: found.content,
            holder,
            method: found.method.to_owned(),
            confidence: found.confidence,
        };
        found.into_iter().zip(holders).map(attribution).collect()
    }
}

/// The stretches of `text` in quotation marks, marks included, in order and disjoint.
pub fn quoted(text: &str) -> Vec<Span> {
    quotation::quotations(text).into_iter().map(|quotation| quotation.span).collect()
}

/// The attributions of one text by the rules. For many texts build a [`RuleAttributor`] once instead: this
/// reads the lexicon at each call.
pub fn attributions(
    text: &str,
    sentences: &[Sentence],
    turns: &[Turn],
    lang: Option<&str>,
) -> Vec<Attribution> {
    RuleAttributor::new().attributions(text, sentences, turns, lang)
}

//! Who says what: speaker turns, quotations and reported speech, the registry of actors, and the statements
//! that follow from them.
//!
//! [`turns`] finds the speakers of a transcript. An [`Attributor`] finds the words and views of others that a
//! text tells; [`RuleAttributor`] does it by rules, and whatever learns to do it better implements the same
//! trait. [`ActorRegistry`] turns names into actors, [`statements`] puts it all together.
//!
//! Everything here is pure: the lexica are part of the program, nothing is global.

mod block;
mod clause;
mod coordination;
mod description;
mod direct;
mod foreign;
mod holder;
mod indirect;
mod label;
mod letterhead;
mod lexicon;
mod membership;
mod mention;
mod mentions;
mod name;
mod office;
mod person;
mod phrase;
mod quotation;
mod reference;
mod registry;
mod reported;
mod resolve;
mod statements;
mod tagged;
mod token;
mod transcript;
mod turns;
mod words;

#[cfg(test)]
mod tests;

pub use membership::Memberships;
pub use name::same_name;
pub use registry::{ActorContext, ActorRegistry, NamePlace};
pub use statements::{StatementDraft, holder_actor, statements, turn_actor, turn_of};
pub use turns::turns;

use crate::document::{Attribution, Claim, Sentence, Span, Turn};
use lexicon::Lexicon;
use reported::Found;

/// Finds who says what in a text.
///
/// Laws: all spans lie within the text, on character boundaries, and hold at least one character; the pieces
/// of a content are in order and disjoint; the result depends on nothing but the arguments; time is linear in
/// the length of the text.
pub trait Attributor: Send + Sync {
    /// The attributions of `text`, in the order of their contents; words of several holders ("Ruvania and Tessaly")
    /// give one for each. `sentences` and `turns` are those of the text.
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
    registry: ActorRegistry,
}

impl RuleAttributor {
    /// The rules with the built-in lexicon and actors.
    pub fn new() -> Self {
        Self::with_actors(ActorRegistry::built_in())
    }

    /// The rules with the built-in lexicon and the actors of `registry`, whose names and types tell which
    /// words can be one name and what "the company" can mean.
    pub fn with_actors(registry: ActorRegistry) -> Self {
        Self { lexicon: Lexicon::built_in(), registry }
    }

    /// The attributions of an English text that a tagger has read: `claims` are what it found, in the order of
    /// their cues. Rules add what they know of quotations, and who the holders are.
    pub fn complete(
        &self,
        text: &str,
        sentences: &[Sentence],
        turns: &[Turn],
        claims: &[Claim],
    ) -> Vec<Attribution> {
        let quotations = quotation::quotations(text);
        let rules = reported::read(text, sentences, &quotations, &self.lexicon);
        let found = tagged::joined(text, sentences, &quotations, claims, rules);
        self.with_holders(text, turns, found)
    }

    fn with_holders(&self, text: &str, turns: &[Turn], mut found: Vec<Found>) -> Vec<Attribution> {
        found.sort_by_key(|found| (found.content.first().copied(), found.cue));
        let holders = holder::holders(text, &found, turns, &self.lexicon, &self.registry);
        let shared = |(found, holders): (Found, _)| shared_out(&found, holders);
        found.into_iter().zip(holders).flat_map(shared).collect()
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
        let found = match foreign {
            Some(cues) => foreign::attributed(text, &quotations, cues),
            None => reported::read(text, sentences, &quotations, &self.lexicon),
        };
        self.with_holders(text, turns, found)
    }
}

/// The stretches of `text` in quotation marks, marks included, in order and disjoint.
pub fn quoted(text: &str) -> Vec<Span> {
    quotation::quotations(text).into_iter().map(|quotation| quotation.span).collect()
}

/// One attribution per holder; one without a holder where there is none.
fn shared_out(found: &Found, holders: Vec<holder::Holder>) -> Vec<Attribution> {
    let attribution = |holder: Option<holder::Holder>| Attribution {
        manner: found.manner,
        source: found.source,
        cue: found.cue,
        content: found.content.clone(),
        holder_notes: holder.as_ref().map(|holder| holder.notes.clone()).unwrap_or_default(),
        holder: holder.map(|holder| holder.name),
        method: found.method.to_owned(),
        confidence: found.confidence,
    };
    if holders.is_empty() {
        return vec![attribution(None)];
    }
    holders.into_iter().map(|holder| attribution(Some(holder))).collect()
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

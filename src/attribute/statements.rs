//! From sentences, turns and attributions to statements: who speaks in each sentence, in which manner.

use std::collections::HashMap;

use super::registry::{ActorContext, ActorRegistry, NamePlace};
use crate::document::{
    Actor, Attribution, Document, HolderNotes, Manner, Metadata, SPEAKER, Sentence, Span, Turn,
};

/// A statement before the classifier has seen it: one sentence, one holder.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementDraft {
    /// Counts into the sentences.
    pub sentence: usize,
    /// [`SPEAKER`] or the source, as a self-contained name.
    pub holder: String,
    /// Whose words it carries.
    pub manner: Manner,
    /// Counts into the attributions; `None` for the sentence's own voice.
    pub attribution: Option<usize>,
    /// Whose position it is, where that is known.
    pub actor: Option<Actor>,
    /// Whether words of the holder stand in the sentence. `false` for the own voice of a sentence that
    /// consists of somebody else's quoted words, of a speaker label or of a stage direction: such a
    /// statement has no lean.
    pub own_words: bool,
}

/// The turn in which each sentence begins, if any; sentences and turns must be in order.
pub fn turn_of(sentences: &[Sentence], turns: &[Turn]) -> Vec<Option<u32>> {
    let mut at = 0;
    let turn = |sentence: &Sentence| {
        while turns.get(at).is_some_and(|turn| turn.span.end <= sentence.span.start) {
            at += 1;
        }
        let inside = turns.get(at).is_some_and(|turn| turn.span.overlaps(sentence.span));
        u32::try_from(at).ok().filter(|_| inside)
    };
    sentences.iter().map(turn).collect()
}

/// The statements of a document: for each sentence its own voice, and one for each holder of an attribution
/// whose content it shares; in the order of the sentences.
///
/// The own voice of a sentence belongs to the speaker of its turn. A turn without a name stays without an
/// actor, with one exception: where questions and answers are marked and nobody is named in the whole
/// document, the answers belong to the actor of the document, whom the metadata give as the one who speaks.
/// Outside turns it belongs to the actor of the document. Narration in a transcript belongs to that actor only
/// if he is none of the speakers, for then he is the publisher; else it stays without an actor, since the
/// narrator of a transcript is somebody else.
///
/// An attribution inside the content of another one is nested and gives no statement. Attributions without a
/// holder give none either, nor does a speaker's report of itself.
pub fn statements(
    doc: &Document,
    sentences: &[Sentence],
    turns: &[Turn],
    attributions: &[Attribution],
    registry: &ActorRegistry,
) -> Vec<StatementDraft> {
    let voices = Voices::new(&doc.meta, turns, registry);
    let holders = holders(doc, attributions, registry);
    let turn_of = turn_of(sentences, turns);
    let mut pieces: Vec<(Span, usize)> = holders
        .iter()
        .flat_map(|(at, _)| attributions[*at].content.iter().map(|piece| (*piece, *at)))
        .collect();
    pieces.sort_by_key(|(piece, _)| *piece);
    let mut next = 0;
    let mut open: Vec<(Span, usize)> = Vec::new();
    let mut drafts = Vec::with_capacity(sentences.len());
    for (index, sentence) in sentences.iter().enumerate() {
        open.retain(|(piece, _)| piece.end > sentence.span.start);
        while pieces.get(next).is_some_and(|(piece, _)| piece.start < sentence.span.end) {
            open.extend(Some(pieces[next]).filter(|(piece, _)| piece.end > sentence.span.start));
            next += 1;
        }
        let turn = turn_of[index].map(|turn| turn as usize);
        let quoted = open.iter().any(|(piece, at)| {
            attributions[*at].manner == Manner::Direct && covers(*piece, sentence.span, &doc.text)
        });
        let own_words =
            !quoted && !is_silent(&doc.text, sentence.span, turn.map(|turn| &turns[turn]));
        let actor = voices.actor(turn);
        drafts.push(own(index, actor.clone(), own_words));
        drafts.extend(others(index, &open, attributions, &holders, actor.as_ref()));
    }
    drafts
}

fn own(sentence: usize, actor: Option<Actor>, own_words: bool) -> StatementDraft {
    StatementDraft {
        sentence,
        holder: SPEAKER.to_owned(),
        manner: Manner::Own,
        attribution: None,
        actor,
        own_words,
    }
}

/// The statements of others in a sentence, one per holder and manner.
fn others(
    sentence: usize,
    open: &[(Span, usize)],
    attributions: &[Attribution],
    holders: &[(usize, Option<Actor>)],
    speaker: Option<&Actor>,
) -> Vec<StatementDraft> {
    let mut drafts: Vec<StatementDraft> = Vec::new();
    for (_, at) in open {
        let attribution = &attributions[*at];
        let Ok(place) = holders.binary_search_by_key(at, |(at, _)| *at) else { continue };
        let actor = holders[place].1.clone();
        let holder = attribution.holder.clone().unwrap_or_default();
        let known =
            |draft: &StatementDraft| draft.manner == attribution.manner && draft.holder == holder;
        let itself = speaker.is_some() && actor.as_ref() == speaker;
        if !itself && !drafts.iter().any(known) {
            let (manner, attribution) = (attribution.manner, Some(*at));
            drafts.push(StatementDraft {
                sentence,
                holder,
                manner,
                attribution,
                actor,
                own_words: true,
            });
        }
    }
    drafts
}

/// Attributions that give statements, with their actors, in order.
fn holders(
    doc: &Document,
    attributions: &[Attribution],
    registry: &ActorRegistry,
) -> Vec<(usize, Option<Actor>)> {
    let author = registry.document_actor(&doc.meta);
    let nested = nested(attributions);
    let mut known: HashMap<(&str, &HolderNotes), Option<Actor>> = HashMap::new();
    let mut holders = Vec::new();
    for (at, attribution) in attributions.iter().enumerate().filter(|(at, _)| !nested[*at]) {
        let Some(holder) = attribution.holder.as_deref() else { continue };
        let key = (holder, &attribution.holder_notes);
        let actor = known.entry(key).or_insert_with(|| {
            let found = holder_actor(attribution, doc.meta.date.as_deref(), registry);
            as_author(found, holder, author.as_ref())
        });
        holders.push((at, actor.clone()));
    }
    holders
}

/// Who the holder of an attribution is, in a text of `date`; `None` without a holder and where nobody is known by
/// the name.
pub fn holder_actor(
    attribution: &Attribution,
    date: Option<&str>,
    registry: &ActorRegistry,
) -> Option<Actor> {
    let holder = attribution.holder.as_deref()?;
    let HolderNotes { person, role, shared } = &attribution.holder_notes;
    if *shared {
        return Some(registry.several_persons(holder));
    }
    let role = role.as_deref();
    registry
        .resolve(holder, &ActorContext { role, date, person: *person, ..ActorContext::default() })
}

/// The actor of the document where a holder is that person, by the full name or by the surname: the metadata may
/// know the country.
fn as_author(found: Option<Actor>, holder: &str, author: Option<&Actor>) -> Option<Actor> {
    let is_person = |actor: &&Actor| actor.actor_type.as_deref() == Some("person");
    let surname = |author: &&Actor| author.name.rsplit(' ').next() == Some(holder);
    let same = |author: &&Actor| match &found {
        Some(found) => found.actor_id == author.actor_id && found.country_iso.is_none(),
        None => surname(author),
    };
    author.filter(is_person).filter(same).cloned().or(found)
}

/// Which attributions stand, with their source, inside the content of another one that has a holder.
fn nested(attributions: &[Attribution]) -> Vec<bool> {
    let held = attributions.iter().filter(|a| a.holder.is_some());
    let mut pieces: Vec<Span> = held.flat_map(|a| a.content.iter().copied()).collect();
    pieces.sort_unstable();
    let mut reach = 0;
    let reaches: Vec<usize> = pieces
        .iter()
        .map(|piece| {
            reach = reach.max(piece.end);
            reach
        })
        .collect();
    let inside = |span: Span| {
        let before = pieces.partition_point(|piece| piece.start <= span.start);
        before > 0 && reaches[before - 1] >= span.end
    };
    attributions.iter().map(|a| a.source.or(a.cue).is_some_and(inside)).collect()
}

/// Whether `piece` covers all words of the sentence.
fn covers(piece: Span, sentence: Span, text: &str) -> bool {
    if piece.contains(sentence) {
        return true;
    }
    let rest = [
        (sentence.start, piece.start.min(sentence.end)),
        (piece.end.max(sentence.start), sentence.end),
    ];
    piece.overlaps(sentence)
        && rest
            .iter()
            .all(|(from, to)| from >= to || !text[*from..*to].contains(char::is_alphanumeric))
}

/// Whether a sentence is nothing but a speaker label or a stage direction.
fn is_silent(text: &str, sentence: Span, turn: Option<&Turn>) -> bool {
    turn.and_then(|turn| turn.label).is_some_and(|label| label.contains(sentence))
        || turn.is_some() && is_stage_direction(sentence.of(text))
}

/// Whether a sentence of a transcript stands wholly in brackets: "(Applause)", "[Laughter.]".
pub(super) fn is_stage_direction(sentence: &str) -> bool {
    let sentence = sentence.trim_matches(['*', '_', '.', ' ']);
    let bracketed = (sentence.starts_with('(') && sentence.ends_with(')'))
        || (sentence.starts_with('[') && sentence.ends_with(']'));
    bracketed && sentence.len() > 2 && !sentence[1..sentence.len() - 1].contains(['(', '['])
}

/// The actors of the turns, of the narration and of the text outside turns.
struct Voices {
    turns: Vec<Option<Actor>>,
    document: Option<Actor>,
}

impl Voices {
    fn new(meta: &Metadata, turns: &[Turn], registry: &ActorRegistry) -> Self {
        let document = registry.document_actor(meta);
        let named = turns.iter().any(|turn| turn.speaker.is_some());
        let speaks =
            meta.actor.as_deref().is_some_and(|actor| turns.iter().any(|turn| is_by(turn, actor)));
        let voice = |turn: &Turn| match (&turn.speaker, turn.method.as_str()) {
            (Some(_), _) => turn_actor(turn, meta, registry),
            (None, "narration") => document.clone().filter(|_| !speaks),
            (None, _) if !named && is_answer(turn) => document.clone(),
            _ => None,
        };
        Self { turns: turns.iter().map(voice).collect(), document }
    }

    fn actor(&self, turn: Option<usize>) -> Option<Actor> {
        turn.map_or_else(|| self.document.clone(), |turn| self.turns[turn].clone())
    }
}

/// Who the named speaker of a turn is; `None` without a name.
///
/// A delegate speaks for the actor of the document where the label says so: "Mr. OKORO (Ruvania):" in a document of
/// Ruvania is Ruvania.
pub fn turn_actor(turn: &Turn, meta: &Metadata, registry: &ActorRegistry) -> Option<Actor> {
    let name = turn.speaker.as_deref()?;
    let sent_by = |actor: &Actor| {
        let context = ActorContext { place: NamePlace::Metadata, ..ActorContext::default() };
        let sender = turn.affiliation.as_deref().and_then(|name| registry.resolve(name, &context));
        sender.is_some_and(|sender| sender.actor_id == actor.actor_id)
    };
    if let Some(actor) = registry.document_actor(meta).filter(sent_by) {
        return Some(actor);
    }
    let context = ActorContext {
        affiliation: turn.affiliation.as_deref(),
        role: turn.role.as_deref(),
        date: meta.date.as_deref(),
        place: NamePlace::Label,
        ..ActorContext::default()
    };
    registry.resolve(name, &context)
}

/// Whether the actor of the metadata is the speaker of a turn, by name, office or affiliation.
fn is_by(turn: &Turn, actor: &str) -> bool {
    let key = super::name::normal(actor);
    let fields = [&turn.speaker, &turn.role, &turn.affiliation];
    fields.into_iter().flatten().any(|field| super::name::normal(field) == key)
}

/// "A:", "Answer:", "Reply:".
fn is_answer(turn: &Turn) -> bool {
    let role = turn.role.as_deref().unwrap_or_default().to_lowercase();
    matches!(role.split(' ').next(), Some("a" | "answer" | "answers" | "reply" | "response"))
}

//! Speaker turns of transcripts.
//!
//! Turns that the input marks itself win. Otherwise labels at line starts are read (`label`) and weighed
//! (`transcript`). What stands before the first turn is *narration*: it has no speaker, see
//! [`super::statements`] for whose words it counts as.

use super::label::{self, Form, Label, Reading};
use super::letterhead;
use super::person::Roster;
use super::transcript;
use crate::document::{Document, GivenTurn, Span, Turn};

/// The speaker turns of `doc`, in order and disjoint; empty for a text that is no transcript.
///
/// Given turns ([`Document::turns`]) are taken as they are, with confidence 1. Otherwise a label such as
/// "MR. OKORO (Ruvania):" opens a turn that runs to the next one. Labels that name nobody ("Q:") give turns
/// without a speaker, never a guess. A surname stands for the full name that another label gave, if only one
/// person of the document bears it.
pub fn turns(doc: &Document) -> Vec<Turn> {
    if doc.turns.is_empty() { found(doc) } else { given(doc) }
}

fn found(doc: &Document) -> Vec<Turn> {
    let (labels, roster) = transcript::labels(doc);
    let Some(first) = labels.first() else {
        let Some(writer) = letterhead::turn(&doc.text) else { return Vec::new() };
        return narration(&doc.text, 0, writer.span.start).into_iter().chain([writer]).collect();
    };
    let narration = narration(&doc.text, 0, first.line);
    let ends = labels.iter().skip(1).map(|next| next.line).chain([doc.text.len()]);
    let spoken =
        labels.iter().zip(ends).map(|(label, end)| from_label(&doc.text, label, end, &roster));
    narration.into_iter().chain(spoken).collect()
}

fn from_label(text: &str, label: &Label, end: usize, roster: &Roster) -> Turn {
    let (method, confidence) = match label.form {
        Form::Voice => ("question", 0.95),
        Form::Titled | Form::Office => ("label", 0.98),
        Form::Role | Form::Capitals => ("label", 0.95),
        Form::Name => ("label", 0.9),
        Form::Single => ("label", 0.8),
    };
    let span = Span::new(label.span.start, end.max(label.span.end)).trimmed(text);
    let name = label.name.as_deref();
    Turn {
        span,
        label: Some(label.span),
        speaker: name.map(|name| roster.full_name(name).unwrap_or(name).to_owned()),
        role: label.role.clone(),
        affiliation: label.affiliation.clone(),
        method: method.to_owned(),
        confidence,
    }
}

/// The stretch before the first turn, unless it is empty.
fn narration(text: &str, start: usize, end: usize) -> Option<Turn> {
    let span = Span::new(start, end).trimmed(text);
    (!span.is_empty()).then(|| Turn {
        span,
        label: None,
        speaker: None,
        role: None,
        affiliation: None,
        method: "narration".to_owned(),
        confidence: 0.9,
    })
}

fn given(doc: &Document) -> Vec<Turn> {
    let mut turns = Vec::new();
    let mut reached = 0;
    let mut roster = Roster::default();
    for given in &doc.turns {
        let start = given.span.start.max(reached);
        if start >= given.span.end || given.span.end > doc.text.len() {
            continue;
        }
        turns.extend(narration(&doc.text, reached, start));
        turns.push(from_given(&doc.text, given, start, &mut roster));
        reached = given.span.end;
    }
    turns
}

fn from_given(text: &str, given: &GivenTurn, start: usize, roster: &mut Roster) -> Turn {
    let reading = given.speaker.as_deref().and_then(label::read);
    let (speaker, role, affiliation) = match reading {
        Some(Reading { name, role, affiliation, .. }) => (name, role, affiliation),
        None => (given.speaker.clone(), None, None),
    };
    let speaker = speaker.map(|name| roster.full_name(&name).map_or(name.clone(), str::to_owned));
    if let Some(name) = &speaker {
        roster.add(name);
    }
    let span = Span::new(start, given.span.end).trimmed(text);
    let label = given.speaker.as_deref().and_then(|name| label_inside(text, span, name));
    Turn { span, label, speaker, role, affiliation, method: "given".to_owned(), confidence: 1.0 }
}

/// The label that repeats the given speaker at the start of the turn.
fn label_inside(text: &str, span: Span, speaker: &str) -> Option<Span> {
    let rest = span.of(text).strip_prefix(speaker)?;
    let colon = rest.trim_start();
    let gap = rest.len() - colon.len();
    colon.starts_with(':').then(|| Span::new(span.start, span.start + speaker.len() + gap + 1))
}

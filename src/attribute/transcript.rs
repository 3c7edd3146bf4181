//! Decides on the evidence of the whole document whether it is a transcript, and which labels open a turn.
//!
//! One line that looks like a label proves nothing: prose is full of "Three points:". What counts is that
//! labels come back after somebody else has spoken, that names are known from elsewhere in the document or
//! its metadata, that an office or a form of address stands before the name, and that what follows reads
//! like speech.

use std::collections::{HashMap, HashSet};

use super::label::{self, Form, Label};
use super::person::{self, Roster};
use crate::document::{Document, MetaValue};

/// Evidence that makes a transcript of any text.
const ENOUGH: f32 = 2.0;
/// Evidence that makes a transcript where speech covers a good part of the text.
const ENOUGH_COVERED: f32 = 1.0;
/// The share of the text behind the first label that counts as a good part.
const COVERED: f32 = 0.3;
/// Bytes before the first label that are searched for the speakers' names.
const NARRATION_SEARCHED: usize = 8192;

/// The labels that open turns, in order, with the full names that they share; none if this is no transcript.
pub(super) fn labels(doc: &Document) -> (Vec<Label>, Roster) {
    let candidates = label::scan(&doc.text);
    if candidates.is_empty() {
        return (candidates, Roster::default());
    }
    let evidence = Evidence::new(doc, &candidates);
    let accepted = if evidence.is_transcript() { evidence.accepted() } else { Vec::new() };
    let labels = accepted.into_iter().map(|at| candidates[at].clone()).collect();
    (labels, evidence.roster)
}

struct Evidence<'a> {
    text: &'a str,
    candidates: &'a [Label],
    /// Per candidate: whether what follows reads like speech.
    speech: Vec<bool>,
    /// Keys of labels that come back after another one.
    recurring: HashSet<String>,
    /// Names known from metadata, from offices and forms of address, from the narration.
    known: HashSet<String>,
    roster: Roster,
}

impl<'a> Evidence<'a> {
    fn new(doc: &'a Document, candidates: &'a [Label]) -> Self {
        let text = doc.text.as_str();
        let ends = candidates.iter().skip(1).map(|next| next.span.start).chain([text.len()]);
        let speech = candidates
            .iter()
            .zip(ends)
            .map(|(c, end)| is_speech(c.form, &text[c.span.end..end]))
            .collect::<Vec<bool>>();
        let recurring = recurring(text, candidates, &speech);
        let roster = roster(doc, candidates, &recurring);
        let known = known(doc, candidates);
        Self { text, candidates, speech, recurring, known, roster }
    }

    fn is_transcript(&self) -> bool {
        let points: Vec<f32> = (0..self.candidates.len()).map(|at| self.points(at)).collect();
        let total: f32 = points.iter().sum();
        let Some(first) = points.iter().position(|points| *points >= 1.0) else { return false };
        let behind = self.text.len() - self.candidates[first].span.start;
        let covered = behind as f32 >= COVERED * self.text.len() as f32;
        let several = points.iter().filter(|points| **points > 0.0).count() > 1;
        (total >= ENOUGH && (several || !self.is_headline(first)))
            || (total >= ENOUGH_COVERED && covered && !self.is_headline(first))
    }

    /// Whether candidate `at` opens the text with a line that no stop ends: "Ada Okoro: the network stays open".
    fn is_headline(&self, at: usize) -> bool {
        let span = self.candidates[at].span;
        let line = self.text[span.end..].trim_start().lines().next().unwrap_or_default().trim_end();
        self.text[..span.start].trim().is_empty() && line.ends_with(|c: char| c.is_alphanumeric())
    }

    /// What candidate `at` adds to the evidence.
    fn points(&self, at: usize) -> f32 {
        let label = &self.candidates[at];
        if !self.speech[at] {
            return 0.0;
        }
        let placed = label.affiliation.is_some() || label.role.is_some();
        match label.form {
            Form::Office => 2.0,
            Form::Titled if placed || self.is_familiar(label) => 2.0,
            Form::Titled | Form::Voice => 1.0,
            Form::Role if self.is_familiar(label) || is_definite(label) => 1.0,
            Form::Single if !is_same_line(self.text, label) => 0.0,
            Form::Capitals | Form::Name | Form::Single if self.is_familiar(label) => 1.0,
            Form::Capitals | Form::Name if is_address(&self.text[label.span.end..]) => 1.0,
            Form::Role | Form::Capitals => 0.5,
            Form::Name => 0.25,
            Form::Single => 0.0,
        }
    }

    /// Whether the label comes back, or its name is known from elsewhere.
    fn is_familiar(&self, label: &Label) -> bool {
        let key = key(label);
        self.recurring.contains(&key) || self.known.contains(&key)
    }

    /// The candidates that open turns, given that this is a transcript.
    fn accepted(&self) -> Vec<usize> {
        let sure = |at: &usize| {
            let label = &self.candidates[*at];
            match label.form {
                Form::Office | Form::Titled | Form::Voice => {
                    self.speech[*at] || self.is_familiar(label)
                }
                Form::Role => self.speech[*at],
                Form::Capitals | Form::Name => self.is_familiar(label),
                Form::Single => {
                    self.is_familiar(label)
                        || label.name.as_deref().is_some_and(|name| self.roster.knows(name))
                }
            }
        };
        let all = 0..self.candidates.len();
        let voices: HashSet<String> =
            all.clone().filter(sure).map(|at| key(&self.candidates[at])).collect();
        let open_floor =
            voices.len() >= 2 || voices.iter().any(|voice| self.recurring.contains(voice));
        let guest = |at: &usize| {
            let label = &self.candidates[*at];
            let named = matches!(label.form, Form::Capitals | Form::Name);
            named && self.speech[*at] && (open_floor || is_address(&self.text[label.span.end..]))
        };
        all.filter(|at| sure(at) || guest(at)).collect()
    }
}

/// The key under which labels of one speaker meet.
fn key(label: &Label) -> String {
    person::key(label.name.as_deref().or(label.role.as_deref()).unwrap_or_default())
}

/// "THE MODERATOR" and "The President", but not "Deputy minister".
fn is_definite(label: &Label) -> bool {
    label.role.as_deref().is_some_and(|role| {
        role.to_lowercase().starts_with("the ") || role.chars().all(|c| !c.is_lowercase())
    })
}

/// Whether a stretch behind a label reads like speech: some words or a stop, and not the name of a person
/// alone, as in the list of those present ("President: Ms. Okoro (Ruvania)").
fn is_speech(form: Form, content: &str) -> bool {
    let content = content.trim_start();
    let end = content.char_indices().nth(400).map_or(content.len(), |(at, _)| at);
    let head = content[..end].trim_end();
    let line = head.lines().next().unwrap_or_default().trim_end();
    let is_person = !line.ends_with([',', '.'])
        && label::read(line).is_some_and(|reading| reading.name.is_some());
    let stopped = head.contains(['.', '!', '?', '…', '。', '！', '？', '؟', '।']);
    let words = head.split_whitespace();
    let opens = match form {
        Form::Voice => true,
        Form::Single => head.starts_with(|c: char| {
            c.is_alphabetic() && !c.is_lowercase() || "“\"«¿¡[(…".contains(c)
        }),
        _ => {
            head.starts_with('…')
                || !head
                    .trim_start_matches(|c: char| !c.is_alphabetic())
                    .starts_with(char::is_lowercase)
        }
    };
    let spoken = head.chars().filter(|c| c.is_alphabetic()).count() > 1;
    (stopped || words.count() >= 8) && opens && spoken && !is_person
}

/// Whether a speech opens with a greeting, thanks or a form of address.
fn is_address(content: &str) -> bool {
    const OPENINGS: [&str; 18] = [
        "mr ",
        "mr. ",
        "ms ",
        "ms. ",
        "mrs ",
        "madam ",
        "thank you",
        "thanks",
        "good ",
        "dear ",
        "hello",
        "hi ",
        "hi,",
        "ladies and",
        "your excellency",
        "colleagues",
        "friends",
        "comrades",
    ];
    let head: String = content.trim_start().chars().take(20).flat_map(char::to_lowercase).collect();
    OPENINGS.iter().any(|opening| head.starts_with(opening))
}

/// Keys of labels that are used again after another speaker, most times with speech behind them; for a single
/// word, with speech on its own line.
fn recurring(text: &str, candidates: &[Label], speech: &[bool]) -> HashSet<String> {
    let mut uses: HashMap<String, Uses> = HashMap::new();
    for (at, label) in candidates.iter().enumerate() {
        let spoken = speech[at] && (label.form != Form::Single || is_same_line(text, label));
        let uses = uses.entry(key(label)).or_default();
        uses.returns |= uses.last.is_some_and(|before| at > before + 1);
        uses.last = Some(at);
        uses.spoken += usize::from(spoken);
        uses.all += 1;
    }
    let recurs = |uses: &Uses| uses.returns && uses.spoken * 2 >= uses.all;
    uses.into_iter().filter(|(_, uses)| recurs(uses)).map(|(key, _)| key).collect()
}

/// How one label is used.
#[derive(Default)]
struct Uses {
    last: Option<usize>,
    returns: bool,
    spoken: usize,
    all: usize,
}

/// Whether speech follows on the label's own line.
fn is_same_line(text: &str, label: &Label) -> bool {
    text[label.span.end..].lines().next().is_some_and(|line| !line.trim().is_empty())
}

/// Names that the labels with an office or a title give, in full, and those of the metadata.
fn known(doc: &Document, candidates: &[Label]) -> HashSet<String> {
    let narration_end =
        candidates.first().map_or(0, |label| label.span.start).min(NARRATION_SEARCHED);
    let narration_end =
        (0..=narration_end).rev().find(|at| doc.text.is_char_boundary(*at)).unwrap_or(0);
    let narration = &doc.text[..narration_end];
    let context = context(doc);
    let mut known = HashSet::new();
    for label in candidates {
        let Some(name) = &label.name else { continue };
        let strong = matches!(label.form, Form::Office | Form::Titled);
        let long_enough = name.chars().count() > 3;
        if strong
            || (long_enough
                && (context.contains(&person::key(name)) || narration.contains(name.as_str())))
        {
            known.insert(person::key(name));
        }
    }
    known
}

/// What the metadata say, as one searchable key.
fn context(doc: &Document) -> String {
    let speaker = match doc.meta.extra.get("speaker") {
        Some(MetaValue::Text(text)) => text,
        _ => "",
    };
    let fields = [doc.meta.actor.as_deref(), doc.meta.title.as_deref(), Some(speaker)];
    fields.into_iter().flatten().map(person::key).collect::<Vec<String>>().join("|")
}

/// The full names that short labels may stand for.
fn roster(doc: &Document, candidates: &[Label], recurring: &HashSet<String>) -> Roster {
    let mut roster = Roster::default();
    if let Some(MetaValue::Text(speaker)) = doc.meta.extra.get("speaker") {
        roster.add(speaker);
    }
    for label in candidates {
        let sure =
            !matches!(label.form, Form::Name | Form::Single) || recurring.contains(&key(label));
        if let Some(name) = label.name.as_deref().filter(|_| sure) {
            roster.add(name);
        }
    }
    roster
}

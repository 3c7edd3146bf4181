//! The things that flow through Plenary: documents, sentences, speaker turns, attributions, statements.
//!
//! Every [`Span`] is a half-open range of *bytes* on character boundaries of the document's untouched text;
//! files carry Unicode code points, converted once, on the way out ([`CharOffsets`]).

use std::ops::Range;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A half-open range of bytes, on character boundaries of the document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "span {start}..{end} runs backwards");
        Self { start, end }
    }

    /// The text the span covers.
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the two spans share at least one byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside this span.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The shortest span that contains both.
    #[must_use]
    pub fn join(self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The span `bytes` further on.
    #[must_use]
    pub fn shifted(self, bytes: usize) -> Span {
        Span::new(self.start + bytes, self.end + bytes)
    }

    /// The span as a range, for slicing.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The span without white space at either end.
    #[must_use]
    pub fn trimmed(self, text: &str) -> Span {
        let inner = self.of(text);
        let start = self.start + (inner.len() - inner.trim_start().len());
        Span::new(start, start + inner.trim().len())
    }
}

/// One value of a metadata column. Tables give text only, JSON and Parquet keep their types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MetaValue {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// True or false.
    Bool(bool),
}

impl std::fmt::Display for MetaValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Int(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Bool(flag) => flag.fmt(f),
        }
    }
}

/// What is known about a document beside its text.
///
/// The named fields drive the analysis; `extra` holds every other column of the input under its own name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Title.
    pub title: Option<String>,
    /// Who speaks, unless a turn says otherwise: a state, a body or a person.
    pub actor: Option<String>,
    /// state, intergovernmental, civil society, technical community, business, academia, media, person, …
    pub actor_type: Option<String>,
    /// ISO 3166-1 alpha-3.
    pub country_iso: Option<String>,
    /// As given: a year, a year and month, or a day (ISO 8601 where it could be read).
    pub date: Option<String>,
    /// The occasion.
    pub event: Option<String>,
    /// ISO 639-1 code, given or detected.
    pub lang: Option<String>,
    /// Every other column, in the order of the input.
    pub extra: IndexMap<String, MetaValue>,
}

/// A speaker turn that the input itself marks (TEI `<u who>`, a `turns` field of a JSON record).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenTurn {
    /// Where the turn's words stand.
    pub span: Span,
    /// The speaker as the input names them; `None` where it marks a turn without a name.
    pub speaker: Option<String>,
}

/// One text with its metadata. The text is never changed once read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Unique within a run.
    pub doc_id: String,
    /// Where it came from, as the user named it, with `#record` for a record of a table.
    pub path: String,
    /// The text all spans point into.
    pub text: String,
    /// What is known beside the text.
    pub meta: Metadata,
    /// Turns the input marks itself, in order, not overlapping.
    pub turns: Vec<GivenTurn>,
    /// What reading did to the input: "decoded from windows-1252", "removed 12 running heads".
    pub notes: Vec<String>,
}

/// A sentence: an exact span without white space at its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Where it stands.
    pub span: Span,
    /// Number of its paragraph, from 0.
    pub paragraph: u32,
}

/// A stretch of a transcript spoken by one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The whole turn with its label.
    pub span: Span,
    /// The label that opens it ("MR. OKORO (Ruvania):"), where there is one.
    pub label: Option<Span>,
    /// The speaker's name without titles; `None` where the label names a function only or nobody.
    pub speaker: Option<String>,
    /// A function or title ("PRESIDENT", "THE MODERATOR").
    pub role: Option<String>,
    /// The state or body given beside the name.
    pub affiliation: Option<String>,
    /// How the turn was found: `given`, `label`, `question`, `narration`.
    pub method: String,
    /// From 0 (a guess) to 1 (marked by the input).
    pub confidence: f32,
}

/// The holder of statements in the voice of the text itself, as files name it.
pub const SPEAKER: &str = "SPEAKER";

/// Whose words a statement carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manner {
    /// The voice of the text.
    Own,
    /// Words of somebody else in quotation marks.
    Direct,
    /// Somebody else's position, told by the text.
    Indirect,
}

impl Manner {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Direct => "direct",
            Self::Indirect => "indirect",
        }
    }
}

/// An attribution as a tagger finds it in one sentence, before quotations and holders are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The word or words that attribute.
    pub cue: Span,
    /// Who is named, where somebody is.
    pub source: Option<Span>,
    /// What is attributed, as far as the sentence holds it; in order and disjoint.
    pub content: Vec<Span>,
    /// From 0 to 1.
    pub confidence: f32,
}

impl Claim {
    /// The same `bytes` further on: from places in a sentence to places in its text.
    #[must_use]
    pub fn shifted(self, bytes: usize) -> Self {
        Self {
            cue: self.cue.shifted(bytes),
            source: self.source.map(|span| span.shifted(bytes)),
            content: self.content.into_iter().map(|span| span.shifted(bytes)).collect(),
            ..self
        }
    }
}

/// What a text tells of a holder, wherever in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HolderNotes {
    /// Whether the text shows that it is a person: by a pronoun, a title, an office or a name of two words.
    pub person: bool,
    /// The office and the place or body: "President of Tessaly".
    pub role: Option<String>,
    /// Whether several persons of the text bear the name and nothing tells which is meant.
    pub shared: bool,
}

/// Somebody's words or views told by the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// Direct or indirect.
    pub manner: Manner,
    /// Who is named, where the text names them.
    pub source: Option<Span>,
    /// The word or words that attribute.
    pub cue: Option<Span>,
    /// What is attributed: one span, or several where a quotation is split.
    pub content: Vec<Span>,
    /// The source as a self-contained name; pronouns are replaced where they could be resolved.
    pub holder: Option<String>,
    /// What the text tells of the holder beside the name.
    pub holder_notes: HolderNotes,
    /// How it was found.
    pub method: String,
    /// From 0 to 1.
    pub confidence: f32,
}

/// An actor as the registry knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Actor {
    /// Stable identifier: ISO 3166-1 alpha-3 for states, a slug for others.
    pub actor_id: String,
    /// The name to show.
    pub name: String,
    /// state, intergovernmental, civil society, technical community, business, academia, media, person, …
    pub actor_type: Option<String>,
    /// ISO 3166-1 alpha-3 of the state the actor belongs to.
    pub country_iso: Option<String>,
    /// Whether other actors bear the same name.
    pub ambiguous: bool,
}

/// Converts byte offsets of one text into Unicode code points.
///
/// Built in one pass; each conversion scans at most [`CharOffsets::STRIDE`] bytes, so converting every
/// sentence of a document is linear in its length.
#[derive(Debug)]
pub struct CharOffsets<'a> {
    text: &'a str,
    /// Code points before byte `i * STRIDE`.
    marks: Vec<usize>,
}

impl<'a> CharOffsets<'a> {
    /// Bytes between two remembered positions.
    pub const STRIDE: usize = 256;

    /// Indexes `text`.
    pub fn new(text: &'a str) -> Self {
        let mut marks = Vec::with_capacity(text.len() / Self::STRIDE + 1);
        let mut count = 0;
        for chunk in text.as_bytes().chunks(Self::STRIDE) {
            marks.push(count);
            count += chunk.iter().filter(|byte| is_char_start(**byte)).count();
        }
        marks.push(count);
        Self { text, marks }
    }

    /// Code points before byte `offset`, which must lie on a character boundary of the text.
    pub fn chars(&self, offset: usize) -> usize {
        let mark = offset / Self::STRIDE;
        let rest = &self.text.as_bytes()[mark * Self::STRIDE..offset];
        self.marks[mark] + rest.iter().filter(|byte| is_char_start(**byte)).count()
    }

    /// Code points of the whole text.
    pub fn total(&self) -> usize {
        self.chars(self.text.len())
    }
}

fn is_char_start(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

/// The byte offset of code point `chars`, or `None` past the end of `text`.
pub fn byte_offset(text: &str, chars: usize) -> Option<usize> {
    text.char_indices().map(|(byte, _)| byte).chain([text.len()]).nth(chars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn char_offsets_agree_with_counting() {
        let text = "Ünïcode 文字 🎉 plain ".repeat(40);
        let offsets = CharOffsets::new(&text);
        for (chars, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(offsets.chars(byte), chars);
            assert_eq!(byte_offset(&text, chars), Some(byte));
        }
        assert_eq!(offsets.total(), text.chars().count());
        assert_eq!(byte_offset(&text, offsets.total() + 1), None);
    }

    #[test]
    fn empty_text_has_offset_zero() {
        assert_eq!(CharOffsets::new("").total(), 0);
        let exact = "a".repeat(CharOffsets::STRIDE);
        assert_eq!(CharOffsets::new(&exact).total(), CharOffsets::STRIDE);
    }

    #[test]
    fn trimming_a_span_keeps_only_its_words() {
        let text = " \n two words \t";
        assert_eq!(Span::new(0, text.len()).trimmed(text).of(text), "two words");
        assert!(Span::new(0, 2).trimmed(text).is_empty());
    }
}

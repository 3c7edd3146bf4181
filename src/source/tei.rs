//! TEI, above all transcripts as ParlaMint encodes them: `<u who>` become turns.

use std::path::Path;

use quick_xml::events::{BytesStart, Event};

use crate::document::{GivenTurn, Span};
use crate::error::{Error, ErrorKind, Result};

use super::record::{Record, text_column};
use super::tei_header::Header;
use super::tei_people::{self, Names, People};
use super::{encoding, html, xml};

/// What nobody said: comments of the scribe, sounds, gaps, running heads, alternatives to the regular form.
const SKIPPED: [&str; 14] = [
    "note", "kinesic", "vocal", "incident", "desc", "gap", "figure", "fw", "stage", "orig", "sic",
    "abbr", "del", "linkGrp",
];
/// Elements that are paragraphs or hold some.
const BLOCKS: [&str; 22] = [
    "u", "seg", "p", "ab", "head", "l", "lg", "div", "div1", "div2", "body", "front", "back", "sp",
    "item", "list", "quote", "cell", "row", "opener", "closer", "signed",
];
/// Roots of files that accompany transcripts and are none.
const COMPANIONS: [&str; 5] = ["teiCorpus", "listPerson", "listOrg", "taxonomy", "listRelation"];

/// The record of a TEI file; `None` for lists and taxonomies that accompany a corpus.
pub(crate) fn read(bytes: Vec<u8>, people: &People, path: &Path) -> Result<Option<Record>> {
    let declared = html::declared_encoding(&bytes);
    let (xml, notes) = encoding::decode(bytes, declared.as_deref())?;
    let listed = people.beside(path);
    let own = tei_people::names(&xml);
    let transcript = Transcript::read(&xml, &[&own, &listed])?;
    let root = transcript.root.as_str();
    if transcript.text.is_empty() && COMPANIONS.contains(&root) {
        return Ok(None);
    }
    if root.eq_ignore_ascii_case("html") {
        return html::read(xml.into_bytes()).map(Some);
    }
    if root != "TEI" && root != "teiCorpus" {
        let message = format!("is XML, but not TEI: its root is <{root}>");
        let hint =
            "of XML only TEI is read (ParlaMint and the like); convert it to text or JSON Lines";
        return Err(Error::new(ErrorKind::Input, message).hint(hint));
    }
    let mut properties = transcript.header.properties();
    properties.extend(transcript.lang.and_then(|lang| text_column("lang", lang)));
    let (text, turns) = (transcript.text, transcript.turns);
    Ok(Some(Record { text, properties, turns, notes, ..Record::default() }))
}

/// What is due before the next word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    Nothing,
    Space,
    Paragraph,
}

impl Gap {
    fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Space => " ",
            Self::Paragraph => "\n\n",
        }
    }
}

/// Walks the elements and gathers header, text and turns.
#[derive(Default)]
struct Transcript {
    root: String,
    lang: Option<String>,
    header: Header,
    in_header: bool,
    /// Depth inside elements that are skipped.
    skipping: usize,
    text: String,
    gap: Gap,
    /// The last word or sign is written together with the next one.
    glued: bool,
    turns: Vec<GivenTurn>,
    turn: Option<(usize, Option<String>)>,
    in_speaker: bool,
}

impl Transcript {
    fn read(xml: &str, people: &[&Names]) -> Result<Self> {
        let mut reader = xml::reader(xml);
        let mut transcript = Self::default();
        let mut complete = false;
        loop {
            match reader.read_event().map_err(|error| xml::syntax_error(error, &reader))? {
                Event::Start(tag) => transcript.start(&tag, people),
                Event::Empty(tag) => transcript.empty(&tag),
                Event::End(tag) => {
                    complete |= tag.local_name().as_ref() == transcript.root;
                    transcript.end(tag.local_name().as_ref());
                }
                Event::Text(text) => transcript.push(&text.xml10_content()),
                Event::CData(text) => transcript.push(&text.xml10_content()),
                Event::GeneralRef(reference) => transcript.push(&xml::reference(&reference)),
                Event::Eof => break,
                _ => {}
            }
        }
        transcript.end_turn();
        if transcript.root.is_empty() {
            let error = Error::new(ErrorKind::Input, "is not XML");
            return Err(error.hint("it has no element at all; is the extension right?"));
        }
        if !complete {
            let message = format!("ends before <{}> is closed", transcript.root);
            let error = Error::new(ErrorKind::Input, message).at_byte(reader.buffer_position());
            return Err(error.hint("the file was probably cut short while copying; fetch it again"));
        }
        Ok(transcript)
    }

    fn start(&mut self, tag: &BytesStart<'_>, people: &[&Names]) {
        let name = tag.local_name();
        let name = name.as_ref();
        if self.root.is_empty() {
            name.clone_into(&mut self.root);
            self.lang = xml::attribute(tag, "xml:lang");
        }
        if self.in_header {
            return self.header.start(tag);
        }
        if self.skipping > 0 || SKIPPED.contains(&name) {
            self.skipping += 1;
            return;
        }
        if BLOCKS.contains(&name) {
            self.gap = Gap::Paragraph;
        }
        match name {
            "teiHeader" => self.in_header = true,
            "u" | "sp" => {
                self.end_turn();
                let who = xml::attribute(tag, "who");
                let speaker = who.and_then(|who| tei_people::name_of(&who, people));
                self.turn = Some((self.text.len(), speaker));
            }
            "speaker" => self.in_speaker = true,
            "s" => (self.gap, self.glued) = (self.gap.max(Gap::Space), false),
            "w" | "pc" => self.token(tag),
            _ => {}
        }
    }

    /// `<w>` and `<pc>` are written with a space between them unless `join` says otherwise.
    fn token(&mut self, tag: &BytesStart<'_>) {
        let join = xml::attribute(tag, "join").unwrap_or_default();
        let together = self.glued || matches!(join.as_str(), "left" | "both");
        self.gap = match self.gap {
            Gap::Paragraph => Gap::Paragraph,
            _ if together => Gap::Nothing,
            _ => Gap::Space,
        };
        self.glued = matches!(join.as_str(), "right" | "both");
    }

    fn empty(&mut self, tag: &BytesStart<'_>) {
        if self.in_header {
            self.header.start(tag);
            return self.header.end(tag.local_name().as_ref());
        }
        let breaks = matches!(tag.local_name().as_ref(), "lb" | "pb" | "cb");
        if breaks && self.skipping == 0 && xml::attribute(tag, "break").as_deref() != Some("no") {
            self.gap = self.gap.max(Gap::Space);
        }
    }

    fn end(&mut self, name: &str) {
        if self.in_header {
            self.in_header = name != "teiHeader";
            return self.header.end(name);
        }
        if self.skipping > 0 {
            self.skipping -= 1;
            return;
        }
        if BLOCKS.contains(&name) {
            (self.gap, self.glued) = (Gap::Paragraph, false);
        }
        match name {
            "u" | "sp" => self.end_turn(),
            "speaker" => self.in_speaker = false,
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if self.in_header {
            return self.header.push(text);
        }
        if self.skipping > 0 {
            return;
        }
        if self.in_speaker {
            return self.name_speaker(text);
        }
        if text.starts_with(char::is_whitespace) && !self.glued {
            self.gap = self.gap.max(Gap::Space);
        }
        for word in text.split_whitespace() {
            if !self.text.is_empty() {
                self.text.push_str(self.gap.as_str());
            }
            self.text.push_str(word);
            self.gap = Gap::Space;
        }
        let ends_open = !text.ends_with(char::is_whitespace) && !text.is_empty();
        if ends_open {
            self.gap = Gap::Nothing;
        }
    }

    /// The name that a play or protocol prints before a speech, where `who` gives none.
    fn name_speaker(&mut self, text: &str) {
        let name = text.trim().trim_end_matches([':', '.', '—']).trim();
        if let Some((_, speaker)) = &mut self.turn
            && !name.is_empty()
        {
            speaker.get_or_insert_with(|| name.to_owned());
        }
    }

    fn end_turn(&mut self) {
        let Some((start, speaker)) = self.turn.take() else { return };
        let span = Span::new(start, self.text.len()).trimmed(&self.text);
        if !span.is_empty() {
            self.turns.push(GivenTurn { span, speaker });
        }
    }
}

#[cfg(test)]
#[path = "tests/tei.rs"]
mod tests;

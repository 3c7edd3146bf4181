//! What a language's data file says, in the form the rules ask for it.

use std::borrow::Cow;

use fnv::{FnvHashMap, FnvHashSet};
use serde::Deserialize;

/// A set of words, fast to ask. The keys are short and chosen by us, so nobody can make them collide.
pub(super) type WordSet = FnvHashSet<String>;
type WordMap<V> = FnvHashMap<String, V>;

/// How a word with a full stop behaves before a capital letter or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Abbreviation {
    /// Something always follows ("Mr.", "e.g."): the stop never ends a sentence.
    Open,
    /// A number follows ("No. 5", "Art. II"): the stop does not end a sentence before one.
    Numbered,
    /// It may stand last ("Inc.", "etc."): the stop ends a sentence before a word that often starts one.
    Plain,
    /// A unit ("1898 г."): after a number it may stand last, elsewhere something follows.
    Unit,
    /// A time of day ("5 p.m."): the stop ends the sentence unless it has hardly begun.
    Time,
}

/// A data file, as written. Unknown keys are errors, so that a typing mistake cannot pass in silence.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each a key of the data files"
)]
struct File {
    terminators: String,
    unspaced: String,
    open: Vec<String>,
    numbered: Vec<String>,
    plain: Vec<String>,
    units: Vec<String>,
    times: Vec<String>,
    months: Vec<String>,
    starters: Vec<String>,
    final_letters: String,
    continuers: Vec<String>,
    stage_directions: Vec<String>,
    ordinals: bool,
    lowercase_start_after: Option<usize>,
    lowercase_after_question: bool,
    keep_quotations: Vec<[char; 2]>,
    headline_colon: bool,
    quotation_followers: Vec<String>,
    informal_starters: Vec<String>,
    bare_starters: Vec<String>,
    closings: Vec<String>,
    numbered_are_words: bool,
}

impl Default for File {
    fn default() -> Self {
        Self {
            terminators: ".!?…。！？".to_owned(),
            unspaced: "。！？".to_owned(),
            open: Vec::new(),
            numbered: Vec::new(),
            plain: Vec::new(),
            units: Vec::new(),
            times: Vec::new(),
            months: Vec::new(),
            starters: Vec::new(),
            final_letters: String::new(),
            continuers: Vec::new(),
            stage_directions: Vec::new(),
            ordinals: false,
            lowercase_start_after: None,
            lowercase_after_question: false,
            keep_quotations: Vec::new(),
            headline_colon: false,
            quotation_followers: Vec::new(),
            informal_starters: Vec::new(),
            bare_starters: Vec::new(),
            closings: Vec::new(),
            numbered_are_words: false,
        }
    }
}

/// A language's data, ready for look-up. Words are stored as the file writes them; see [`Words::get`].
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each a key of the data files"
)]
pub(super) struct Lexicon {
    /// For each byte: whether a terminator may begin with it. The hot loop looks at nothing else.
    pub(super) candidates: [bool; 256],
    /// Characters that may end a sentence.
    pub(super) terminators: Vec<char>,
    /// Those of them that end it without white space after them.
    pub(super) unspaced: Vec<char>,
    abbreviations: Words<Abbreviation>,
    months: Words<()>,
    starters: WordSet,
    /// Single capital letters that are words ("I") and so may end a sentence.
    pub(super) final_letters: Vec<char>,
    /// Words after which a paragraph cannot end: a break there is an accident of layout.
    pub(super) continuers: WordSet,
    /// First words of stage directions in brackets.
    pub(super) stage_directions: WordSet,
    /// Whether "12." before a capital is usually "12th".
    pub(super) ordinals: bool,
    /// Least length, in letters, of a word whose full stop ends a sentence even before a small letter.
    pub(super) lowercase_start_after: Option<usize>,
    /// Whether a question mark ends a sentence even before a small letter.
    pub(super) lowercase_after_question: bool,
    /// Quotation marks whose content stays together when the quotation is part of a larger sentence.
    pub(super) keep_quotations: Vec<[char; 2]>,
    /// Whether a colon ends the headline or place line that opens a paragraph.
    pub(super) headline_colon: bool,
    /// What follows a closing quotation mark when the sentence that quotes goes on ("と", "的").
    pub(super) quotation_followers: Vec<String>,
    /// Words that careless writers begin a sentence with in small letters ("i").
    pub(super) informal_starters: WordSet,
    /// Words whose capital alone shows that a sentence begins, stop or no stop before it ("Die").
    pub(super) bare_starters: WordSet,
    /// Last words of the formulas that open and close letters, with their comma ("regards,").
    pub(super) closings: WordSet,
    /// Whether the abbreviations before numbers are words too ("no", "art"), so that their stop ends a
    /// sentence before a capital.
    pub(super) numbered_are_words: bool,
}

impl Lexicon {
    /// Reads a data file; the message of a failure names its line.
    pub(super) fn parse(data: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(data)?;
        let mut abbreviations = Words::default();
        abbreviations.add(&file.plain, Abbreviation::Plain);
        abbreviations.add(&file.units, Abbreviation::Unit);
        abbreviations.add(&file.times, Abbreviation::Time);
        abbreviations.add(&file.numbered, Abbreviation::Numbered);
        abbreviations.add(&file.open, Abbreviation::Open);
        let mut months = Words::default();
        months.add(&file.months, ());
        Ok(Self {
            candidates: lead_bytes(&file.terminators),
            terminators: file.terminators.chars().collect(),
            unspaced: file.unspaced.chars().collect(),
            abbreviations,
            months,
            starters: file.starters.into_iter().collect(),
            final_letters: file.final_letters.chars().collect(),
            continuers: file.continuers.into_iter().collect(),
            stage_directions: file.stage_directions.into_iter().collect(),
            ordinals: file.ordinals,
            lowercase_start_after: file.lowercase_start_after,
            lowercase_after_question: file.lowercase_after_question,
            keep_quotations: file.keep_quotations,
            headline_colon: file.headline_colon,
            quotation_followers: file.quotation_followers,
            informal_starters: file.informal_starters.into_iter().collect(),
            bare_starters: file.bare_starters.into_iter().collect(),
            closings: file.closings.into_iter().collect(),
            numbered_are_words: file.numbered_are_words,
        })
    }

    /// How `word` (without its last stop) behaves as an abbreviation, if it is one.
    pub(super) fn abbreviation(&self, word: &str) -> Option<Abbreviation> {
        self.abbreviations.get(word)
    }

    /// Whether `word` names a month.
    pub(super) fn is_month(&self, word: &str) -> bool {
        self.months.get(word).is_some()
    }

    /// Whether `word` often starts a sentence and is seldom a name.
    pub(super) fn is_starter(&self, word: &str) -> bool {
        self.starters.contains(lowercase(word).as_ref())
    }
}

/// The first bytes of the UTF-8 forms of `terminators`.
fn lead_bytes(terminators: &str) -> [bool; 256] {
    let mut table = [false; 256];
    for terminator in terminators.chars() {
        let mut buffer = [0; 4];
        table[usize::from(terminator.encode_utf8(&mut buffer).as_bytes()[0])] = true;
    }
    table
}

/// Words with a value. An entry in small letters matches any case ("etc" ~ "Etc"); an entry with capitals
/// matches itself and, from three letters on, its form in capitals ("Sat" ~ "SAT", not "sat").
#[derive(Debug)]
struct Words<V> {
    map: WordMap<V>,
}

impl<V> Default for Words<V> {
    fn default() -> Self {
        Self { map: WordMap::default() }
    }
}

impl<V: Copy> Words<V> {
    fn add(&mut self, words: &[String], value: V) {
        for word in words {
            self.map.insert(word.clone(), value);
            if word.chars().any(char::is_uppercase) && word.len() > 2 {
                self.map.insert(word.to_uppercase(), value);
            }
        }
    }

    fn get(&self, word: &str) -> Option<V> {
        if let Some(value) = self.map.get(word) {
            return Some(*value);
        }
        self.map.get(lowercase(word).as_ref()).copied()
    }
}

/// `word` in small letters, without an allocation when it is so already.
pub(super) fn lowercase(word: &str) -> Cow<'_, str> {
    if word.chars().any(char::is_uppercase) { word.to_lowercase().into() } else { word.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_in_an_entry_are_required_small_letters_are_not() {
        let lexicon = Lexicon::parse("plain = ['Sat', 'etc']\nopen = ['mr']").unwrap();
        assert_eq!(lexicon.abbreviation("Sat"), Some(Abbreviation::Plain));
        assert_eq!(lexicon.abbreviation("SAT"), Some(Abbreviation::Plain));
        assert_eq!(lexicon.abbreviation("sat"), None);
        assert_eq!(lexicon.abbreviation("Etc"), Some(Abbreviation::Plain));
        assert_eq!(lexicon.abbreviation("Mr"), Some(Abbreviation::Open));
    }

    #[test]
    fn a_misspelt_key_is_an_error_with_its_line() {
        let error = Lexicon::parse("\nabreviations = []").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}

//! From the source of an attribution to a self-contained name: relative pronouns find their antecedent,
//! surnames their full name, pronouns and definite nouns the last fitting actor of the document.

use std::collections::HashMap;

use super::lexicon::Lexicon;
use super::mention::{capital_runs, is_title};
use super::reported::Found;
use super::token::class;
use super::words::{HEADINGS, ROLES, holds};
use crate::document::{Span, Turn};

/// What the text has named so far. Names are slices of the text or of the turns.
struct Mentions<'a> {
    text: &'a str,
    lexicon: &'a Lexicon,
    people: Vec<Person<'a>>,
    full: HashMap<&'a str, usize>,
    /// The one bearer of a surname, or `None` where there are several.
    surnames: HashMap<&'a str, Option<usize>>,
    last_person: Option<usize>,
    /// The last proper name by a common noun in it: "Ministry" → "Ministry of Justice of Ruvania".
    bodies: HashMap<&'a str, &'a str>,
    last_body: Option<&'a str>,
    sorts: HashMap<&'a str, Sort>,
}

/// What a capitalised word can be in a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A small word that only opens a sentence.
    Lead,
    /// A title or an office.
    Office,
    /// A common noun in the name of a body.
    Heading,
    /// Anything else.
    Name,
}

struct Person<'a> {
    name: &'a str,
    /// As a title or a pronoun told.
    gender: Option<Gender>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gender {
    He,
    She,
}

/// The holders of `found`, in order; `None` where the source is missing or cannot be resolved.
pub(super) fn holders(
    text: &str,
    found: &[Found],
    turns: &[Turn],
    lexicon: &Lexicon,
) -> Vec<Option<String>> {
    let mut mentions = Mentions::new(text, lexicon);
    for name in turns.iter().filter_map(|turn| turn.speaker.as_deref()) {
        mentions.person(name);
    }
    let mut order: Vec<(Span, usize)> =
        found.iter().enumerate().filter_map(|(at, one)| Some((one.source?, at))).collect();
    order.sort_unstable();
    let mut holders = vec![None; found.len()];
    let mut read = 0;
    for (source, at) in order {
        mentions.read(Span::new(read.min(source.start), source.start));
        read = source.start;
        holders[at] = mentions.holder(source).map(str::to_owned);
    }
    holders
}

impl<'a> Mentions<'a> {
    fn new(text: &'a str, lexicon: &'a Lexicon) -> Self {
        Self {
            text,
            lexicon,
            people: Vec::new(),
            full: HashMap::default(),
            surnames: HashMap::default(),
            last_person: None,
            bodies: HashMap::default(),
            last_body: None,
            sorts: HashMap::default(),
        }
    }

    /// Remembers the names in a stretch of the text.
    fn read(&mut self, span: Span) {
        for run in capital_runs(self.text, span) {
            self.name(&run);
        }
    }

    /// Remembers one run of capitalised words, without what only opens a sentence: "But Solheim".
    fn name(&mut self, run: &[Span]) {
        let lead = run.iter().take_while(|span| self.sort(**span) == Sort::Lead).count();
        let run = &run[lead..];
        let Some(last) = run.last() else { return };
        if let Some(head) = run.iter().find(|span| self.sort(**span) == Sort::Heading) {
            if run.len() > 1 {
                let name = &self.text[run[0].start..last.end];
                self.bodies.insert(head.of(self.text), name);
            }
            return;
        }
        let titles = run.iter().take_while(|span| self.sort(**span) == Sort::Office).count();
        let Some(first) = run.get(titles) else { return };
        let small = |span: &Span| span.of(self.text).starts_with(char::is_lowercase);
        if run.len() - titles > 3 || run[titles..].iter().any(small) {
            return;
        }
        let name = &self.text[first.start..last.end];
        if titles > 0 || run.len() > 1 || self.surnames.contains_key(name) {
            let Some(person) = self.person(name) else { return };
            let told = run[..titles].iter().find_map(|span| gender_of_title(span.of(self.text)));
            self.people[person].gender = told.or(self.people[person].gender);
            self.last_person = Some(person);
        }
    }

    /// What sort of word a capitalised word is; looked up once per word of the text's vocabulary.
    fn sort(&mut self, span: Span) -> Sort {
        let word = span.of(self.text);
        if let Some(sort) = self.sorts.get(word) {
            return *sort;
        }
        let small = class::PREP
            | class::CONJ
            | class::SUBORD
            | class::DET
            | class::ADVERB
            | class::TIME
            | class::PRONOUN;
        let lower = word.to_lowercase();
        let known = self.lexicon.words.get(lower.as_str());
        let sort = match () {
            () if known.is_some_and(|word| word.class & small != 0) => Sort::Lead,
            () if is_title(word) || holds(ROLES, &lower) => Sort::Office,
            () if holds(HEADINGS, &lower) => Sort::Heading,
            () => Sort::Name,
        };
        self.sorts.insert(word, sort);
        sort
    }

    /// The person of that name, remembered if new; `None` for a surname with several bearers.
    fn person(&mut self, name: &'a str) -> Option<usize> {
        if let Some(person) = self.full.get(name) {
            return Some(*person);
        }
        if let Some(bearer) = self.surnames.get(name) {
            return *bearer;
        }
        let person = self.people.len();
        self.people.push(Person { name, gender: None });
        self.full.insert(name, person);
        if let Some((_, surname)) = name.rsplit_once(char::is_whitespace) {
            let slot = self.surnames.entry(surname).or_insert(Some(person));
            *slot = slot.filter(|other| *other == person);
        }
        Some(person)
    }

    /// The holder that a source stands for.
    fn holder(&mut self, source: Span) -> Option<&'a str> {
        let raw = source.of(self.text).trim_matches(|c: char| c.is_whitespace() || c == ',');
        let lower = raw.get(..raw.len().min(8)).unwrap_or_default().to_ascii_lowercase();
        match lower.as_str() {
            "he" | "him" | "his" => self.pronoun(Gender::He),
            "she" | "her" => self.pronoun(Gender::She),
            "who" | "which" => antecedent(self.text, source.start).map(|span| self.named(span)),
            "it" | "its" => self.last_body,
            "they" | "their" | "i" | "we" | "you" | "that" | "this" | "these" | "those" => None,
            _ => Some(self.named(source)),
        }
    }

    /// The last person whose gender is not known to be another.
    fn pronoun(&mut self, gender: Gender) -> Option<&'a str> {
        let person = &mut self.people[self.last_person?];
        (*person.gender.get_or_insert(gender) == gender).then_some(person.name)
    }

    /// A named source: a surname becomes the full name, "the ministry" the ministry named before.
    fn named(&mut self, source: Span) -> &'a str {
        let source = source.trimmed(self.text);
        let raw = source.of(self.text);
        let head = raw.split(", ").next().unwrap_or(raw).trim_end_matches(',');
        let bare = without_titles(head);
        let known =
            self.full.get(bare).copied().or_else(|| self.surnames.get(bare).copied().flatten());
        if let Some(person) = known {
            self.last_person = Some(person);
            return self.people[person].name;
        }
        let definite = head.strip_prefix("the ").or_else(|| head.strip_prefix("The "));
        if let Some(body) = definite.and_then(|noun| self.bodies.get(capitalised(noun).as_str())) {
            self.last_body = Some(body);
            return body;
        }
        let before = self.last_person;
        self.read(Span::new(source.start, source.start + head.len()));
        if self.last_person == before {
            self.last_body = Some(head);
        }
        head
    }
}

/// "ministry" → "Ministry".
fn capitalised(noun: &str) -> String {
    let mut chars = noun.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// "Mr. Telnik" → "Telnik".
fn without_titles(name: &str) -> &str {
    let mut rest = name;
    while let Some((first, behind)) = rest.split_once(' ').filter(|(first, _)| is_title(first)) {
        let _ = first;
        rest = behind.trim_start();
    }
    rest
}

fn gender_of_title(title: &str) -> Option<Gender> {
    match title.trim_end_matches('.') {
        "Mr" | "Sir" | "Lord" | "Mister" => Some(Gender::He),
        "Mrs" | "Ms" | "Miss" | "Lady" | "Dame" | "Madam" => Some(Gender::She),
        _ => None,
    }
}

/// The capitalised words right before a relative pronoun: "…, said Mira Solheim, who" → "Mira Solheim".
fn antecedent(text: &str, at: usize) -> Option<Span> {
    let floor = (at.saturating_sub(120)..=at).find(|from| text.is_char_boundary(*from))?;
    let before = text[floor..at].trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    let run = capital_runs(text, Span::new(floor, floor + before.len())).last()?;
    let (first, last) = (run.first()?, run.last()?);
    (last.end == floor + before.len()).then(|| Span::new(first.start, last.end))
}

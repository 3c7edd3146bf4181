//! What a text has named so far: persons with their offices, bodies, groups; the memory in which pronouns and
//! short names find whom they mean.

use std::collections::HashMap;

use super::coordination;
use super::description;
use super::lexicon::Lexicon;
use super::mention::{capital_runs, is_title};
use super::reference::is_body_noun;
use super::registry::{ActorRegistry, KnownAs};
use super::token::class;
use super::words::{HEADINGS, ROLES, holds};
use crate::document::Span;

/// Bearers of one surname that are told apart; more are as good as a crowd, and the bound keeps time linear.
const MOST_BEARERS: usize = 8;

/// How far back, in bytes, "it" and "the company" find a body that was named in passing.
const NEAR: usize = 1200;

/// The names met so far, as slices of the text or of its turns.
pub(super) struct Mentions<'a> {
    pub(super) text: &'a str,
    lexicon: &'a Lexicon,
    registry: &'a ActorRegistry,
    pub(super) people: Vec<Person<'a>>,
    full: HashMap<&'a str, usize>,
    surnames: HashMap<&'a str, Vec<usize>>,
    /// Persons in the order in which they were named last, the latest at the end.
    recent: Vec<usize>,
    /// The last proper name by a common noun in it: "Ministry" → "Ministry of Justice of Ruvania".
    bodies: HashMap<&'a str, &'a str>,
    /// The last body, firm and state, and where each was named.
    last: HashMap<BodySort, (&'a str, usize)>,
    /// The last names joined by "and": persons, or states and bodies.
    pair: Option<(Vec<&'a str>, bool)>,
    /// The last single word that may be somebody's name, and where it stood.
    lone: Option<(&'a str, usize)>,
    sorts: HashMap<&'a str, Sort>,
    known: HashMap<&'a str, Option<KnownAs>>,
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

/// What "it" and "the …" can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum BodySort {
    State,
    Firm,
    Body,
}

/// Somebody named in the text.
pub(super) struct Person<'a> {
    pub(super) name: &'a str,
    /// As a title or a pronoun told.
    pub(super) gender: Option<Gender>,
    /// The office and the place, as the text tells them: "President of Tessaly".
    pub(super) role: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gender {
    He,
    She,
}

/// Whom a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearer {
    /// One person.
    One(usize),
    /// Several persons bear the surname, and nothing tells which is meant.
    Several,
}

impl<'a> Mentions<'a> {
    pub(super) fn new(text: &'a str, lexicon: &'a Lexicon, registry: &'a ActorRegistry) -> Self {
        Self {
            text,
            lexicon,
            registry,
            people: Vec::new(),
            full: HashMap::new(),
            surnames: HashMap::new(),
            recent: Vec::new(),
            bodies: HashMap::new(),
            last: HashMap::new(),
            pair: None,
            lone: None,
            sorts: HashMap::new(),
            known: HashMap::new(),
        }
    }

    /// Remembers the names in a stretch of the text.
    pub(super) fn read(&mut self, span: Span) {
        for run in capital_runs(self.text, span) {
            let mut names = Vec::new();
            for part in self.conjuncts(&run) {
                names.extend(self.name(part));
            }
            self.remember_pair(&names);
        }
    }

    /// The names in a run of capitalised words that "and" joins.
    fn conjuncts<'r>(&mut self, run: &'r [Span]) -> Vec<&'r [Span]> {
        if !run.iter().any(|word| word.of(self.text) == "and") {
            return vec![run];
        }
        let hull = Span::new(run[0].start, run[run.len() - 1].end);
        let text = self.text;
        let parts = coordination::parts(text, hull, &mut |name| self.is_known(name));
        let words = |span: Span| {
            let from = run.partition_point(|word| word.start < span.start);
            let to = run.partition_point(|word| word.start < span.end);
            &run[from..to]
        };
        parts.into_iter().map(|part| words(part.span)).collect()
    }

    /// Takes note that names stand together; two or more make a group that "they" and "both" can mean.
    pub(super) fn remember_pair(&mut self, names: &[Named<'a>]) {
        if names.len() > 1 {
            let persons = names.iter().all(|name| name.is_person);
            self.pair = Some((names.iter().map(|name| name.name).collect(), persons));
        }
    }

    /// The members of the group named last, if they are of the sort asked for; `None` asks for any.
    pub(super) fn group(&self, persons: Option<bool>) -> Option<&[&'a str]> {
        let (names, are_persons) = self.pair.as_ref()?;
        persons.is_none_or(|asked| asked == *are_persons).then_some(names.as_slice())
    }

    /// Remembers one run of capitalised words, without what only opens a sentence: "But Solheim".
    fn name(&mut self, run: &[Span]) -> Option<Named<'a>> {
        let lead = run.iter().take_while(|span| self.sort(**span) == Sort::Lead).count();
        let run = &run[lead..];
        let (first, last) = (run.first()?, run.last()?);
        let whole = Span::new(first.start, last.end);
        if let Some(known) = self.known_as(whole) {
            return self.known_name(whole, known);
        }
        if let Some(person) = self.titled(run) {
            return Some(person);
        }
        if let Some(head) = self.head_of_body(run) {
            if run.len() < 2 {
                return None;
            }
            let name = whole.of(self.text);
            self.bodies.insert(head.of(self.text), name);
            self.remember_body(BodySort::Body, name, whole.start);
            return Some(Named { name, is_person: false });
        }
        self.plain(run)
    }

    /// Whether a word behind an office can be a name: "May" and "Price" can, "Council" cannot.
    fn may_be_surname(&mut self, word: Span) -> bool {
        match self.sort(word) {
            Sort::Name => true,
            Sort::Heading => !is_body_noun(&word.of(self.text).to_lowercase()),
            Sort::Lead | Sort::Office => false,
        }
    }

    /// The common noun in the name of a body. "Law" is none in "Bo Law".
    fn head_of_body<'r>(&mut self, run: &'r [Span]) -> Option<&'r Span> {
        let head = run.iter().find(|span| self.sort(**span) == Sort::Heading)?;
        let noun = head.of(self.text).to_lowercase();
        let surname = run.len() == 2 && *head == run[1] && !is_body_noun(&noun);
        (!surname).then_some(head)
    }

    fn known_name(&mut self, whole: Span, known: KnownAs) -> Option<Named<'a>> {
        let name = whole.of(self.text);
        let sort = match known {
            KnownAs::State => BodySort::State,
            KnownAs::Firm => BodySort::Firm,
            KnownAs::Body => BodySort::Body,
            KnownAs::Person => {
                let person = self.person(name)?;
                self.mention(person);
                return Some(Named { name, is_person: true });
            }
            KnownAs::Adjective => return None,
        };
        if let Some(head) = name.split(' ').find(|word| holds(HEADINGS, &word.to_lowercase())) {
            self.bodies.insert(head, name);
        }
        self.remember_body(sort, name, whole.start);
        Some(Named { name, is_person: false })
    }

    /// "President Aru Telnik of Tessaly", "Ruvanian Foreign Minister Mira Solheim".
    fn titled(&mut self, run: &[Span]) -> Option<Named<'a>> {
        let small = |span: &Span| span.of(self.text).starts_with(char::is_lowercase);
        let reach = run.iter().position(small).unwrap_or(run.len());
        let office = (0..reach).rev().find(|at| self.sort(run[*at]) == Sort::Office)?;
        let name = &run[office + 1..reach];
        let proper = name.iter().all(|span| self.may_be_surname(*span));
        if name.is_empty() || name.len() > 3 || !proper {
            return None;
        }
        let place = run.get(reach).filter(|word| matches!(word.of(self.text), "of" | "for"));
        let place = place.map(|of| Span::new(of.start, run[run.len() - 1].end));
        let titles = run[..=office].iter().filter(|word| !is_title(word.of(self.text)));
        let role: Vec<&str> = titles.chain(place.as_ref()).map(|span| span.of(self.text)).collect();
        let name = &self.text[name[0].start..name[name.len() - 1].end];
        let gender = run[..=office].iter().find_map(|span| gender_of_title(span.of(self.text)));
        let person = match self.bearer(name, gender, Some(&role.join(" "))) {
            Some(Bearer::One(person)) => person,
            Some(Bearer::Several) => return None,
            None => self.person(name)?,
        };
        self.people[person].gender = gender.or(self.people[person].gender);
        self.describe(person, role.join(" "));
        self.mention(person);
        Some(Named { name: self.people[person].name, is_person: true })
    }

    /// Two or three capitalised words, or the surname of somebody known.
    fn plain(&mut self, run: &[Span]) -> Option<Named<'a>> {
        let small = |span: &Span| span.of(self.text).starts_with(char::is_lowercase);
        let named = run.iter().take_while(|span| !small(span)).count();
        let whole = Span::new(run[0].start, run[named - 1].end);
        if let Some(known) = self.known_as(whole).filter(|_| named < run.len()) {
            return self.known_name(whole, known);
        }
        let name = whole.of(self.text);
        if let Some(Bearer::One(person)) = self.bearer(name, None, None) {
            self.mention(person);
            self.look_around(person, whole);
            return Some(Named { name: self.people[person].name, is_person: true });
        }
        let shouted = name.chars().filter(|c| c.is_uppercase()).count() > named + 1;
        let starts_known = self.known_as(run[0]).is_some();
        if named == 1 || named > 3 || shouted || starts_known || self.surnames.contains_key(name) {
            if named > 1 {
                self.remember_body(BodySort::Body, name, whole.start);
            } else if !shouted && !starts_known && self.is_within_clause(whole.start) {
                self.lone = Some((name, whole.start));
            }
            return (named < 3).then_some(Named { name, is_person: false });
        }
        let person = self.person(name)?;
        self.mention(person);
        self.look_around(person, whole);
        Some(Named { name, is_person: true })
    }

    /// Whether a word stands in the middle of a sentence and behind no preposition, so that its capital shows a name
    /// and that name need not be a place.
    fn is_within_clause(&self, at: usize) -> bool {
        let ahead = self.text[..at].trim_end();
        let last = ahead.rsplit([' ', '\n']).next().unwrap_or_default();
        let word = last.trim_matches(|c: char| !c.is_alphanumeric());
        let known = self.lexicon.words.get(word.to_lowercase().as_str());
        !word.is_empty()
            && last.ends_with(char::is_alphanumeric)
            && known.is_none_or(|known| known.class & (class::PREP | class::DET) == 0)
    }

    /// The single word named last that may be somebody's name, not far before `at`, as a person.
    pub(super) fn lone_person(&mut self, at: usize) -> Option<usize> {
        let (name, place) = self.lone.take()?;
        let person = self.person(name).filter(|_| place + NEAR > at)?;
        self.mention(person);
        Some(person)
    }

    /// Reads what stands beside the name of a person: "Ruvania's envoy Mira Solheim", "Mira Solheim, the envoy of
    /// Ruvania,".
    fn look_around(&mut self, person: usize, name: Span) {
        let told = self.people[person].role.as_deref();
        if told.is_none_or(|role| !role.contains(char::is_uppercase)) {
            let role = description::before(self.text, name.start)
                .or_else(|| description::behind(self.text, name.end));
            if let Some(role) = role {
                self.describe(person, role.to_owned());
            }
        }
    }

    /// Keeps a description of a person if it is the first, or the first that names a place or body.
    pub(super) fn describe(&mut self, person: usize, role: String) {
        let named = |role: &str| role.split(' ').skip(1).any(|w| w.starts_with(char::is_uppercase));
        let slot = &mut self.people[person].role;
        let better = slot.as_deref().is_none_or(|old| !named(old) && named(&role));
        if !role.is_empty() && better {
            *slot = Some(role);
        }
    }

    /// The person of that name, remembered if new; `None` for a surname with several bearers.
    pub(super) fn person(&mut self, name: &'a str) -> Option<usize> {
        match self.bearer(name, None, None) {
            Some(Bearer::One(person)) => return Some(person),
            Some(Bearer::Several) => return None,
            None => {}
        }
        let person = self.people.len();
        self.people.push(Person { name, gender: None, role: None });
        self.full.insert(name, person);
        if let Some((_, surname)) = name.rsplit_once(char::is_whitespace) {
            let bearers = self.surnames.entry(surname).or_default();
            if bearers.len() < MOST_BEARERS {
                bearers.push(person);
            }
            // Somebody named by the surname alone so far: "Telnik … Aru Telnik".
            if bearers.len() == 1 && self.full.contains_key(surname) {
                self.full.remove(surname);
            }
        }
        Some(person)
    }

    /// Who bears a name, as far as it was met: by the full name, else by the surname, told apart by gender and
    /// office where several bear it.
    pub(super) fn bearer(
        &self,
        name: &str,
        gender: Option<Gender>,
        role: Option<&str>,
    ) -> Option<Bearer> {
        if let Some(person) = self.full.get(name) {
            return Some(Bearer::One(*person));
        }
        let bearers = self.surnames.get(name)?;
        let fits = |person: &&usize| {
            let person = &self.people[**person];
            gender.is_none_or(|gender| person.gender.is_none_or(|known| known == gender))
        };
        let in_office = |person: &&usize| {
            let known = self.people[**person].role.as_deref().unwrap_or_default();
            role.is_some_and(|role| role.split(' ').any(|w| is_office(w) && known.contains(w)))
        };
        let fitting: Vec<usize> = bearers.iter().filter(fits).copied().collect();
        let mut officers = fitting.iter().filter(in_office).copied();
        match (fitting.as_slice(), officers.next(), officers.next()) {
            ([one], ..) => Some(Bearer::One(*one)),
            (_, Some(one), None) => Some(Bearer::One(one)),
            _ => Some(Bearer::Several),
        }
    }

    /// Takes note that a person is spoken of.
    pub(super) fn mention(&mut self, person: usize) {
        self.recent.retain(|other| *other != person);
        if self.recent.len() == MOST_BEARERS {
            self.recent.remove(0);
        }
        self.recent.push(person);
    }

    /// The person named last that `fits`.
    pub(super) fn last_person(&self, fits: impl Fn(&Person<'a>) -> bool) -> Option<usize> {
        self.recent.iter().rev().copied().find(|person| fits(&self.people[*person]))
    }

    pub(super) fn remember_body(&mut self, sort: BodySort, name: &'a str, at: usize) {
        self.last.insert(sort, (name, at));
    }

    /// The body named by a common noun: "ministry" → "Ministry of Justice of Ruvania".
    pub(super) fn body(&self, noun: &str) -> Option<&'a str> {
        self.bodies.get(capitalised(noun).as_str()).copied()
    }

    /// The body of one of the sorts that was named last, not far before `at`.
    pub(super) fn last_body(&self, sorts: &[BodySort], at: usize) -> Option<&'a str> {
        let near = sorts.iter().filter_map(|sort| self.last.get(sort));
        let near = near.filter(|(_, place)| place + NEAR > at);
        near.max_by_key(|(_, place)| *place).map(|(name, _)| *name)
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
            () if is_office(word) => Sort::Office,
            () if holds(HEADINGS, &lower) => Sort::Heading,
            () => Sort::Name,
        };
        self.sorts.insert(word, sort);
        sort
    }

    /// What the table of actors knows of a name of the text; looked up once per name.
    pub(super) fn known_as(&mut self, span: Span) -> Option<KnownAs> {
        let (name, registry) = (span.of(self.text), self.registry);
        *self.known.entry(name).or_insert_with(|| registry.known_as(name))
    }

    pub(super) fn is_known(&self, name: &str) -> bool {
        self.registry.known_as(name).is_some_and(|known| known != KnownAs::Adjective)
    }
}

/// A name as it was read.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) is_person: bool,
}

/// "ministry" → "Ministry".
fn capitalised(noun: &str) -> String {
    let mut chars = noun.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Whether a word is a form of address or names an office.
pub(super) fn is_office(word: &str) -> bool {
    is_title(word) || holds(ROLES, &word.to_lowercase())
}

pub(super) fn gender_of_title(title: &str) -> Option<Gender> {
    match title.trim_end_matches('.') {
        "Mr" | "Sir" | "Lord" | "Mister" | "King" | "Prince" | "Chairman" | "Spokesman" => {
            Some(Gender::He)
        }
        "Mrs" | "Ms" | "Miss" | "Lady" | "Dame" | "Madam" | "Queen" | "Princess" | "Chairwoman"
        | "Spokeswoman" => Some(Gender::She),
        _ => None,
    }
}

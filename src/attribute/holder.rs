//! From the source of an attribution to self-contained names: sources with "and" are taken apart, surnames find
//! their full name, relative pronouns their antecedent, pronouns and definite nouns the last fitting actor.

use super::coordination;
use super::lexicon::Lexicon;
use super::mention::{capital_runs, is_title};
use super::mentions::{Bearer, BodySort, Gender, Mentions, Named, gender_of_title, is_office};
use super::person;
use super::reference::{self, Reference, reference};
use super::registry::{ActorRegistry, KnownAs};
use super::reported::Found;
use super::token::class;
use crate::document::{HolderNotes, Span, Turn};

/// Who stands behind a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Holder {
    /// A self-contained name.
    pub(super) name: String,
    /// What the text tells beside it.
    pub(super) notes: HolderNotes,
}

/// The holders of each of `found`, in order: none where the source is missing or names nobody, several where
/// it names several.
pub(super) fn holders(
    text: &str,
    found: &[Found],
    turns: &[Turn],
    lexicon: &Lexicon,
    registry: &ActorRegistry,
) -> Vec<Vec<Holder>> {
    let mentions = Mentions::new(text, lexicon, registry);
    let mut resolver = Resolver { mentions, lexicon, last_source: None };
    for turn in turns {
        resolver.introduce(turn);
    }
    let mut order: Vec<(Span, usize)> =
        found.iter().enumerate().filter_map(|(at, one)| Some((one.source?, at))).collect();
    order.sort_unstable();
    let mut holders = vec![Vec::new(); found.len()];
    let mut read = 0;
    for (source, at) in order {
        resolver.mentions.read(Span::new(read.min(source.start), source.start));
        read = source.start;
        holders[at] = resolver.holders(source);
    }
    holders
}

/// Resolves sources in the order of the text.
struct Resolver<'a> {
    mentions: Mentions<'a>,
    lexicon: &'a Lexicon,
    /// The last named source that is no person.
    last_source: Option<(&'a str, usize)>,
}

/// Small words behind a name that are no part of it.
const TAGS: [&str; 8] =
    ["therefore", "thus", "hence", "also", "itself", "himself", "herself", "themselves"];

/// Words that count, compare or point, and name nobody by themselves.
const POINTERS: [&str; 11] = [
    "first",
    "second",
    "third",
    "fourth",
    "last",
    "former",
    "latter",
    "next",
    "given",
    "same",
    "sometimes",
];

/// How far back "it" finds a body that said something.
const NEAR_SOURCE: usize = 1500;

impl<'a> Resolver<'a> {
    /// Remembers the speaker of a turn with what the label tells.
    fn introduce(&mut self, turn: &'a Turn) {
        let Some(person) = turn.speaker.as_deref().and_then(|name| self.mentions.person(name))
        else {
            return;
        };
        let told = [turn.role.as_deref(), turn.affiliation.as_deref()];
        let told: Vec<&str> = told.into_iter().flatten().collect();
        self.mentions.describe(person, told.join(", "));
    }

    fn holders(&mut self, source: Span) -> Vec<Holder> {
        let source = bare(self.mentions.text, source);
        let raw = source.of(self.mentions.text);
        match reference(raw, self.lexicon) {
            Reference::Nobody => Vec::new(),
            Reference::Person(gender) => self.pronoun(gender, source.start).into_iter().collect(),
            Reference::Body => self.body_before(source.start).into_iter().collect(),
            Reference::Relative => match antecedent(self.mentions.text, source.start, self.lexicon)
            {
                Some(span) => self.names(span),
                None => Vec::new(),
            },
            Reference::Group(persons) => self.group(persons),
            Reference::Office(noun, place) => match self.officer(noun, place) {
                Some(holder) => vec![holder],
                None => self.names(source),
            },
            Reference::Organ(noun, sorts) => match self.organ(noun, sorts, source.start) {
                Some(holder) => vec![holder],
                None => self.names(source),
            },
            Reference::Name => self.names(source),
        }
    }

    fn pronoun(&mut self, gender: Gender, at: usize) -> Option<Holder> {
        let fits = |known: Option<Gender>| known.is_none_or(|known| known == gender);
        let person = self.mentions.last_person(|person| fits(person.gender));
        let nobody = self.mentions.last_person(|_| true).is_none();
        let lone = if nobody { self.mentions.lone_person(at) } else { None };
        let person = person.or(lone)?;
        self.mentions.people[person].gender = Some(gender);
        self.mentions.mention(person);
        Some(self.holder_of(person))
    }

    /// "it": the body that spoke last, else the one named last.
    fn body_before(&self, at: usize) -> Option<Holder> {
        let spoke = self.last_source.filter(|(_, place)| place + NEAR_SOURCE > at);
        let sorts = [BodySort::Body, BodySort::Firm, BodySort::State];
        let named = || self.mentions.last_body(&sorts, at);
        spoke.map(|(name, _)| name).or_else(named).map(plain)
    }

    fn group(&self, persons: Option<bool>) -> Vec<Holder> {
        let members = self.mentions.group(persons).unwrap_or_default();
        members.iter().map(|name| self.member(name)).collect()
    }

    fn member(&self, name: &str) -> Holder {
        match self.mentions.bearer(name, None, None) {
            Some(Bearer::One(person)) => self.holder_of(person),
            _ => plain(name),
        }
    }

    /// "the minister": the person named last who is one.
    fn officer(&mut self, noun: &str, place: Option<&str>) -> Option<Holder> {
        let fits = |role: &str| {
            let lower = role.to_lowercase();
            lower.split([' ', ',']).any(|word| word == noun)
                && place.is_none_or(|place| role.contains(place))
        };
        let person = self
            .mentions
            .last_person(|person| person.role.as_deref().is_some_and(fits))
            .or_else(|| {
            let vague = place.is_none() && reference::is_vague(noun);
            self.mentions.last_person(|_| true).filter(|_| vague)
        })?;
        self.mentions.mention(person);
        Some(self.holder_of(person))
    }

    /// "the ministry": the one named before; "the company": the last firm.
    fn organ(&mut self, noun: &str, sorts: &[BodySort], at: usize) -> Option<Holder> {
        let name = self.mentions.body(noun).or_else(|| self.mentions.last_body(sorts, at))?;
        self.last_source = Some((name, at));
        Some(plain(name))
    }

    /// The holders that a source names.
    fn names(&mut self, source: Span) -> Vec<Holder> {
        let text = self.mentions.text;
        let parts = coordination::parts(text, source, &mut |name| self.mentions.is_known(name));
        let mut names = Vec::new();
        let mut holders = Vec::new();
        for part in parts {
            let (holder, mention) = self.named(part.span);
            names.extend(mention);
            let holder = match part.shared(text) {
                Some(name) => holder.map(|_| Holder { name, ..Holder::default() }),
                None => holder,
            };
            holders.extend(holder.filter(|holder| !holders.contains(holder)));
        }
        self.mentions.remember_pair(&names);
        holders
    }

    /// One named holder: a surname becomes the full name.
    fn named(&mut self, source: Span) -> (Option<Holder>, Option<Named<'a>>) {
        let source = bare(self.mentions.text, source);
        let raw = source.of(self.mentions.text);
        if !names_somebody(raw, self.lexicon) {
            return (None, None);
        }
        if let Some(name) = named_behind_office(raw) {
            let start = source.start + (raw.len() - name.len());
            return self.named(Span::new(start, source.end));
        }
        let length = raw.find([',', '(', '[']).filter(|at| *at > 0).unwrap_or(raw.len());
        let head = bare(self.mentions.text, Span::new(source.start, source.start + length));
        let name = head.of(self.mentions.text);
        let (short, gender, role) = without_titles(name);
        if let Some(holder) = shouted(name, &raw[length..]) {
            return (Some(holder), None);
        }
        match self.mentions.bearer(short, gender, Some(role)) {
            Some(Bearer::One(person)) => {
                self.mentions.mention(person);
                self.mentions.read(source);
                return self.person(person);
            }
            Some(Bearer::Several) => {
                let notes = HolderNotes { person: true, shared: true, role: None };
                let holder = Holder { name: short.to_owned(), notes };
                return (Some(holder), Some(Named { name: short, is_person: true }));
            }
            None => {}
        }
        let known = self.mentions.people.len();
        self.mentions.read(head);
        if self.mentions.people.len() > known {
            let person = self.mentions.people.len() - 1;
            if self.mentions.last_person(|_| true) == Some(person) {
                return self.person(person);
            }
        }
        self.unheard(head)
    }

    fn person(&self, person: usize) -> (Option<Holder>, Option<Named<'a>>) {
        let named = Named { name: self.mentions.people[person].name, is_person: true };
        (Some(self.holder_of(person)), Some(named))
    }

    /// A source that is no person known by two names: a body, or a surname met for the first time.
    fn unheard(&mut self, head: Span) -> (Option<Holder>, Option<Named<'a>>) {
        let name = head.of(self.mentions.text);
        let known = self.mentions.known_as(head);
        let (short, gender, role) = without_titles(name);
        let single = !short.contains(char::is_whitespace) && short.starts_with(char::is_uppercase);
        if single && known.is_none() && !is_office(short) {
            if let Some(person) = self.mentions.person(short) {
                self.mentions.people[person].gender = gender;
                self.mentions.describe(person, role.to_owned());
                self.mentions.mention(person);
            }
            self.last_source = Some((short, head.start));
            return (Some(plain(short)), Some(Named { name: short, is_person: false }));
        }
        let body = match known {
            Some(KnownAs::State) => Some(BodySort::State),
            Some(KnownAs::Firm) => Some(BodySort::Firm),
            Some(KnownAs::Body) => Some(BodySort::Body),
            _ => name.contains(char::is_uppercase).then_some(BodySort::Body),
        };
        if let Some(body) = body {
            self.mentions.remember_body(body, name, head.start);
            self.last_source = Some((name, head.start));
        }
        (Some(plain(name)), Some(Named { name, is_person: false }))
    }

    fn holder_of(&self, person: usize) -> Holder {
        let person = &self.mentions.people[person];
        let known = person.name.contains(' ') || person.gender.is_some() || person.role.is_some();
        let notes = HolderNotes { person: known, role: person.role.clone(), shared: false };
        Holder { name: person.name.to_owned(), notes }
    }
}

fn plain(name: &str) -> Holder {
    Holder { name: name.to_owned(), ..Holder::default() }
}

/// "MIRA SOLHEIM, envoy of Ruvania": a name in capitals with an office behind it, as in signatures.
fn shouted(name: &str, remark: &str) -> Option<Holder> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let capitals = words.iter().all(|word| word.len() > 1 && !word.contains(char::is_lowercase));
    let role = remark.trim_start_matches([',', ' ']);
    let told = role.split_whitespace().any(is_office);
    ((2..4).contains(&words.len()) && capitals && told).then(|| {
        let notes = HolderNotes { person: true, role: Some(role.to_owned()), shared: false };
        Holder { name: person::tidy(&words), notes }
    })
}

/// A source without marks and brackets at its ends.
fn bare(text: &str, source: Span) -> Span {
    let raw = source.of(text);
    let edge = |c: char| c.is_whitespace() || ",;:*_[]()\"“”".contains(c);
    let start = raw.len() - raw.trim_start_matches(edge).len();
    let mut end = raw.trim_end_matches(edge).len().max(start);
    while let Some((rest, last)) = raw[start..end].rsplit_once(' ') {
        let adverb = last.ends_with("ly") && last.starts_with(char::is_lowercase);
        if !adverb && !TAGS.contains(&last) {
            break;
        }
        end = start + rest.trim_end_matches(edge).len();
    }
    Span::new(source.start + start, source.start + end)
}

/// Whether a source holds a word that can name somebody: no small words and numbers alone, no verb in front.
fn names_somebody(source: &str, lexicon: &Lexicon) -> bool {
    let small = class::SMALL | class::TIME;
    let content = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let lower = word.to_lowercase();
        if word.chars().count() < 2 && word.is_ascii() || POINTERS.contains(&lower.as_str()) {
            return false;
        }
        let acronym = word.len() > 1 && word.chars().all(char::is_uppercase);
        acronym
            || word.contains(char::is_alphabetic)
                && !lexicon.words.get(lower.as_str()).is_some_and(|known| {
                    let name =
                        known.class & class::NAME != 0 && word.starts_with(char::is_uppercase);
                    known.class & small != 0 && !name
                })
                && !(word.starts_with(char::is_lowercase) && lower.ends_with("ly"))
    };
    let first = source.split_whitespace().next().unwrap_or_default();
    let verb = first.starts_with(char::is_lowercase) && first.len() > 5 && first.ends_with("ing");
    !verb && source.split_whitespace().any(content)
}

/// "Ruvania's top envoy, Mira Solheim" → "Mira Solheim".
fn named_behind_office(source: &str) -> Option<&str> {
    let (office, name) = source.split_once(", ")?;
    let mut words = office.split_whitespace();
    let officer = words.any(|word| word.starts_with(char::is_lowercase) && is_office(word));
    let person = name.split_whitespace().take(2).filter(|w| w.starts_with(char::is_uppercase));
    (officer && person.count() == 2).then_some(name)
}

/// "Mr. Telnik" → "Telnik", the gender and the offices that stood before it.
fn without_titles(name: &str) -> (&str, Option<Gender>, &str) {
    let mut rest = name;
    let mut gender = None;
    while let Some((first, behind)) = rest.split_once(' ').filter(|(first, _)| {
        is_title(first) || (first.starts_with(char::is_uppercase) && is_office(first))
    }) {
        gender = gender.or_else(|| gender_of_title(first));
        rest = behind.trim_start();
    }
    (rest, gender, name[..name.len() - rest.len()].trim_end())
}

/// The noun phrase right before a relative pronoun: "…, said Mira Solheim, who" → "Mira Solheim".
fn antecedent(text: &str, at: usize, lexicon: &Lexicon) -> Option<Span> {
    let floor = (at.saturating_sub(120)..=at).find(|from| text.is_char_boundary(*from))?;
    let before = text[floor..at].trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    let end = floor + before.len();
    if let Some(run) = capital_runs(text, Span::new(floor, end)).last() {
        let (first, last) = (run.first()?, run.last()?);
        if last.end == end {
            return Some(Span::new(first.start, end));
        }
    }
    let stops = class::PREP | class::CONJ | class::SUBORD | class::AUX | class::VERB;
    let mut start = end;
    for word in before.rsplit(' ').take(3) {
        let known = lexicon.words.get(word.to_lowercase().as_str());
        let ends = known.is_some_and(|known| {
            known.class & stops != 0 || known.cue.is_some() && !word.ends_with('s')
        });
        if ends || word.is_empty() || !word.chars().all(|c| c.is_alphabetic() || c == '-') {
            break;
        }
        start -= word.len() + usize::from(start < end);
        if known.is_some_and(|known| known.class & class::DET != 0) {
            break;
        }
    }
    (start < end).then(|| Span::new(start, end).trimmed(text))
}

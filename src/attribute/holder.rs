//! From the source of an attribution to a self-contained name: relative pronouns find their antecedent,
//! surnames their full name, pronouns and definite nouns the last fitting actor of the document.

use std::collections::HashMap;

use super::person::{self, Roster};
use super::reported::Found;
use super::words::{HEADINGS, TITLES, holds};
use crate::document::{Span, Turn};

/// What the text has named so far.
#[derive(Default)]
struct Mentions {
    roster: Roster,
    /// The last person, by the gender that a title or a pronoun gave, if any.
    person: Option<String>,
    gender: HashMap<String, Gender>,
    /// The last proper name by its last common noun: "ministry" → "the Ministry of Justice of Ruvania".
    bodies: HashMap<String, String>,
    /// The last source that is no person.
    body: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gender {
    He,
    She,
}

/// The holders of `found`, in order; `None` where the source is missing or cannot be resolved.
pub(super) fn holders(text: &str, found: &[Found], turns: &[Turn]) -> Vec<Option<String>> {
    let mut mentions = Mentions::default();
    for name in turns.iter().filter_map(|turn| turn.speaker.as_deref()) {
        mentions.roster.add(name);
    }
    let mut order: Vec<usize> = (0..found.len()).filter(|at| found[*at].source.is_some()).collect();
    order.sort_by_key(|at| found[*at].source);
    let mut holders = vec![None; found.len()];
    let mut read = 0;
    for at in order {
        let source = found[at].source.expect("only attributions with a source are in order");
        mentions.read(text, read, source.start);
        read = read.max(source.start);
        holders[at] = mentions.holder(text, source);
    }
    holders
}

impl Mentions {
    /// Remembers the names between two places of the text.
    fn read(&mut self, text: &str, from: usize, to: usize) {
        if from >= to {
            return;
        }
        let mut run: Vec<&str> = Vec::new();
        for raw in text[from..to].split_whitespace() {
            let word = raw.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
            let bare = word.trim_end_matches("’s").trim_end_matches("'s");
            let proper = bare.starts_with(char::is_uppercase);
            let joins = !run.is_empty() && matches!(bare, "of" | "for" | "the" | "and");
            if proper || joins {
                run.push(bare);
            }
            if !(proper || joins)
                || raw.ends_with([',', '.', ';', ':', '”', '"', ')']) && !is_title(bare)
                || bare.len() < word.len()
            {
                self.name(&run);
                run.clear();
            }
        }
        self.name(&run);
    }

    /// Remembers one run of capitalised words.
    fn name(&mut self, run: &[&str]) {
        let end = run
            .iter()
            .rposition(|word| word.starts_with(char::is_uppercase))
            .map_or(0, |at| at + 1);
        let run = &run[..end];
        let body = run
            .iter()
            .map(|word| word.to_lowercase())
            .find(|word| holds(HEADINGS, word) || word == "ministry");
        if let Some(head) = body.filter(|_| run.len() > 1) {
            self.bodies.insert(head, run.join(" "));
            return;
        }
        let titles = run.iter().take_while(|word| is_title(word)).count();
        let name = &run[titles..];
        let joined = name.iter().any(|word| word.starts_with(char::is_lowercase));
        if name.is_empty() || name.len() > 3 || joined {
            return;
        }
        let name = name.join(" ");
        let full = self.roster.full_name(&name).map(str::to_owned);
        let is_person = titles > 0 || full.is_some() || (2..=3).contains(&name.split(' ').count());
        if is_person {
            self.roster.add(&name);
            let full = full.unwrap_or(name);
            if let Some(gender) = run.first().and_then(|title| gender_of_title(title)) {
                self.gender.insert(person::key(&full), gender);
            }
            self.person = Some(full);
        }
    }

    fn holder(&mut self, text: &str, source: Span) -> Option<String> {
        let raw = source.of(text).trim_matches(|c: char| c.is_whitespace() || c == ',');
        let lower = raw.to_lowercase().replace('’', "'");
        match lower.as_str() {
            "he" | "him" | "his" => self.pronoun(Gender::He),
            "she" | "her" => self.pronoun(Gender::She),
            "who" | "which" => antecedent(text, source.start).map(|name| self.named(&name)),
            "it" | "its" => self.body.clone(),
            "they" | "their" | "i" | "we" | "you" | "that" | "this" => None,
            _ => Some(self.named(raw)),
        }
    }

    /// The last person whose gender is not known to be another.
    fn pronoun(&mut self, gender: Gender) -> Option<String> {
        let name = self.person.clone()?;
        let known = *self.gender.entry(person::key(&name)).or_insert(gender);
        (known == gender).then_some(name)
    }

    /// A named source: a surname becomes the full name, "the ministry" the ministry named before.
    fn named(&mut self, raw: &str) -> String {
        let head = raw.split(", ").next().unwrap_or(raw).trim_end_matches(',');
        let words: Vec<&str> = head.split_whitespace().filter(|word| !is_title(word)).collect();
        let bare = words.join(" ");
        if let Some(full) = self.roster.full_name(&bare) {
            let full = full.to_owned();
            self.person = Some(full.clone());
            return full;
        }
        let definite = head.strip_prefix("the ").or_else(|| head.strip_prefix("The "));
        if let Some(body) = definite.and_then(|noun| self.bodies.get(&noun.to_lowercase())) {
            self.body = Some(body.clone());
            return body.clone();
        }
        let capital = head.trim_start_matches("the ").starts_with(char::is_uppercase);
        if capital
            && words.len() > 1
            && !words.iter().any(|word| holds(HEADINGS, &word.to_lowercase()))
        {
            self.read(head, 0, head.len());
        } else {
            self.body = Some(head.to_owned());
        }
        head.to_owned()
    }
}

fn is_title(word: &str) -> bool {
    holds(TITLES, &word.trim_end_matches('.').to_lowercase())
}

fn gender_of_title(title: &str) -> Option<Gender> {
    match title.trim_end_matches('.').to_lowercase().as_str() {
        "mr" | "sir" | "lord" | "mister" => Some(Gender::He),
        "mrs" | "ms" | "miss" | "lady" | "dame" | "madam" => Some(Gender::She),
        _ => None,
    }
}

/// The noun phrase before a relative pronoun: "Solheim, the envoy of Ruvania, who said" → "Solheim".
fn antecedent(text: &str, at: usize) -> Option<String> {
    let floor = (at.saturating_sub(120)..at).find(|from| text.is_char_boundary(*from))?;
    let before = text[floor..at].trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    let clause = before.rsplit(['.', ';', ',', '“', '”', '"', '\n', '—']).next()?;
    let words: Vec<&str> = clause.split_whitespace().collect();
    let run = words.iter().rev().take_while(|word| word.starts_with(char::is_uppercase)).count();
    let name = words[words.len() - run..].join(" ");
    (!name.is_empty()).then_some(name)
}

//! Offices in speaker labels: "President of Ruvania Aru Telnik", "Lio Marek, reporter", "THE MODERATOR".

use super::label::{Form, Reading, is_name, lower, split_at_comma};
use super::person;
use super::words::{HEADINGS, JOINERS, PARTICLES, PROSE, ROLES, TITLES, holds};

/// An office with or without a name, before it or behind it.
pub(super) fn office(words: &[&str]) -> Option<Reading> {
    let prose = |(at, word): (usize, &&str)| {
        is_prose(word) && (at == 0 || word.starts_with(char::is_lowercase))
    };
    if opens_like_prose(words[0]) || words.iter().enumerate().any(prose) {
        return None;
    }
    let last_role = (0..words.len()).rev().find(|at| is_role(words, *at))?;
    let (before_comma, behind) = split_at_comma(words);
    let person_first = before_comma.len() > 1
        && is_name(before_comma, 5)
        && !before_comma
            .iter()
            .any(|word| holds(ROLES, &lower(word)) || holds(HEADINGS, &lower(word)));
    let role_last = words.get(last_role + 1).is_none_or(|word| holds(JOINERS, &lower(word)));
    if person_first && role_last && last_role >= before_comma.len() {
        return Some(in_office(before_comma, behind));
    }
    if words[0].starts_with(char::is_lowercase) && !holds(ROLES, &lower(words[0])) {
        return None;
    }
    let adjectives =
        words[last_role + 1..].iter().take_while(|word| is_office_adjective(word)).count();
    let last_role = last_role + adjectives;
    let split = last_role + 1 + name_start(&words[last_role + 1..]);
    let (role, name) = words.split_at(split + leading_bodies(&words[split..]));
    if name.iter().all(|word| holds(HEADINGS, &lower(word))) {
        role_alone(words)
    } else {
        Some(named_after_office(role, name))
    }
}

/// Whether a word shows a sentence. "US" and "IT" in capitals are names, unless everything is.
pub(super) fn is_prose(word: &str) -> bool {
    holds(PROSE, &lower(word)) && !matches!(word, "US" | "IT" | "WHO" | "AM")
}

/// How many words before a name still name a body: "… General *Council* Bo Harun".
fn leading_bodies(tail: &[&str]) -> usize {
    let joins = |word: &&str| holds(JOINERS, &lower(word)) && !holds(PARTICLES, &lower(word));
    let end = tail.iter().position(joins).unwrap_or(tail.len()).saturating_sub(1);
    tail[..end].iter().rposition(|word| holds(HEADINGS, &lower(word))).map_or(0, |at| at + 1)
}

/// Whether word `at` names an office; "General" does behind another one or at the start.
fn is_role(words: &[&str], at: usize) -> bool {
    let word = lower(words[at]);
    let military = |word: &str| holds(ROLES, &lower(word)) || lower(word) == "army";
    holds(ROLES, &word) && (word != "general" || at == 0 || military(words[at - 1]))
}

/// Whether a first word is a salutation or a preposition.
pub(super) fn opens_like_prose(word: &str) -> bool {
    let word = lower(word);
    holds(TITLES, &word)
        || matches!(
            word.as_str(),
            "in" | "on" | "at" | "to" | "for" | "of" | "and" | "under" | "with"
        )
}

/// Whether a word is an inflected verb or an adverb, or ends a sentence: no part of an office or a name.
pub(super) fn is_verb_like(word: &str) -> bool {
    let small = word.starts_with(char::is_lowercase);
    small && word.len() > 4 && (word.ends_with("ed") || word.ends_with("ly"))
        || ends_a_sentence(word)
}

pub(super) fn ends_a_sentence(word: &str) -> bool {
    word.ends_with('.') && word.chars().count() > 5 && !word.trim_end_matches('.').contains('.')
}

/// "President Aru Telnik", "Patriarch Odran of Vell and all Ruvania".
fn named_after_office(role: &[&str], name: &[&str]) -> Reading {
    let end = name
        .iter()
        .position(|word| holds(JOINERS, &lower(word)) && !holds(PARTICLES, &lower(word)));
    let end = end.unwrap_or(name.len());
    in_office(&name[..end], &[role, &name[end..]].concat())
}

fn in_office(name: &[&str], role: &[&str]) -> Reading {
    let role = role.join(" ").trim_end_matches(',').to_owned();
    let affiliation = place_of_office(&role);
    Reading { form: Form::Office, name: Some(person::tidy(name)), role: Some(role), affiliation }
}

/// "Chief *Executive* Mira Solheim", "Secretary *General* Aru Telnik".
fn is_office_adjective(word: &str) -> bool {
    matches!(
        lower(word).as_str(),
        "executive" | "general" | "designate" | "elect" | "emeritus" | "ad" | "interim"
    )
}

/// How many of the words behind the last word of office still belong to the office.
fn name_start(tail: &[&str]) -> usize {
    let joins = |word: &str| holds(JOINERS, &lower(word)) && !holds(PARTICLES, &lower(word));
    let behind_joiner = tail.iter().rposition(|word| joins(word) || word.ends_with(','));
    let opens_with_name =
        tail.first().is_some_and(|word| !joins(word) && !holds(PARTICLES, &lower(word)));
    if opens_with_name
        && is_name(&tail[..tail.iter().position(|w| joins(w)).unwrap_or(tail.len())], 6)
    {
        return 0;
    }
    let from = behind_joiner.map_or(0, |at| at + 1);
    let rest = &tail[from..];
    if from > 0 && tail[from - 1].ends_with(',') && rest.len() > 1 && is_name(rest, 6) {
        return from;
    }
    let place = place_length(rest);
    let chain = person::trailing_name(&rest[place.min(rest.len())..]);
    if rest.len() > place && chain > 1 { tail.len() - chain } else { tail.len() }
}

/// The least number of words that the place or body behind "of" takes: "New Ruvania", "the …", "Ruvania".
fn place_length(words: &[&str]) -> usize {
    const FIRST_HALVES: [&str; 22] = [
        "all",
        "bosnia",
        "burkina",
        "cabo",
        "cape",
        "central",
        "costa",
        "czech",
        "dominican",
        "east",
        "el",
        "equatorial",
        "great",
        "marshall",
        "new",
        "north",
        "saudi",
        "sierra",
        "solomon",
        "south",
        "sri",
        "united",
    ];
    words.first().map_or(0, |word| if FIRST_HALVES.contains(&lower(word).as_str()) { 2 } else { 1 })
}

/// "THE MODERATOR", "Call centre operator", "Minister of Defence".
fn role_alone(words: &[&str]) -> Option<Reading> {
    let salutation = holds(TITLES, &lower(words[0]));
    let plain = |word: &&str| {
        let word = lower(word);
        !holds(ROLES, &word) && !holds(JOINERS, &word)
    };
    let small = |word: &&str| plain(word) && word.starts_with(char::is_lowercase);
    let last = words.last().map_or(String::new(), |word| lower(word));
    let strange = words.iter().any(small) && (words.len() > 4 || !holds(ROLES, &last));
    let dangling = holds(JOINERS, &last) && !matches!(last.as_str(), "general" | "executive");
    if salutation
        || strange
        || dangling
        || words.len() > 14
        || words[0].starts_with(char::is_lowercase)
    {
        return None;
    }
    let role = words.join(" ");
    let affiliation = place_of_office(&role);
    Some(Reading { form: Form::Role, name: None, role: Some(role), affiliation })
}

/// The body or state of an office: what follows its first "of", or all of it for "Minister of … of X".
pub(super) fn place_of_office(role: &str) -> Option<String> {
    let (head, rest) = role.rsplit_once(" of ")?;
    let portfolio = head.to_lowercase();
    let is_portfolio = portfolio.ends_with("minister") || portfolio.ends_with("secretary");
    let place = rest.trim_start_matches("the ").trim_end_matches(',').trim();
    (!is_portfolio && place.starts_with(char::is_uppercase)).then(|| place.to_owned())
}

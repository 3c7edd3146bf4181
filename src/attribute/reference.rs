//! Sources that name nobody by themselves: pronouns and definite nouns, and what they ask for.

use super::lexicon::Lexicon;
use super::mentions::{BodySort, Gender};
use super::token::class;
use super::words::{HEADINGS, ROLES, holds};

/// What a source asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference<'s> {
    /// "we", "all", "fully": nobody who could be named.
    Nobody,
    /// "he", "she".
    Person(Gender),
    /// "it".
    Body,
    /// "who", "which".
    Relative,
    /// "they", "both", "the two countries"; `Some(true)` asks for persons, `Some(false)` for states and bodies.
    Group(Option<bool>),
    /// "the minister", with a body that the office belongs to: "the *EC* official".
    Office(&'s str, Option<&'s str>),
    /// "the ministry", "the company": a noun and the sorts of bodies that it can mean.
    Organ(&'s str, &'static [BodySort]),
    /// Anything else: a name.
    Name,
}

/// Nouns for somebody whose office the text need not have told. Sorted.
#[rustfmt::skip]
const VAGUE: &[&str] = &[
    "activist", "author", "diplomat", "executive", "expert", "lawmaker", "lawyer", "legislator", "man", "official",
    "politician", "researcher", "woman",
];

/// Nouns for firms. Sorted.
#[rustfmt::skip]
const FIRMS: &[&str] = &[
    "company", "corporation", "firm", "giant", "manufacturer", "operator", "retailer", "startup", "vendor",
];

/// Nouns for states. Sorted.
const STATES: &[&str] = &["country", "kingdom", "nation", "republic"];

/// Nouns for other bodies. Sorted.
#[rustfmt::skip]
const BODIES: &[&str] = &[
    "agency", "alliance", "association", "authority", "bloc", "board", "body", "broadcaster", "center", "centre",
    "charity", "coalition", "commission", "committee", "council", "court", "department", "forum", "foundation",
    "fund", "group", "institute", "ministry", "newspaper", "ngo", "nonprofit", "office", "organisation",
    "organization", "panel", "paper", "party", "regulator", "society", "tribunal", "union", "university",
    "watchdog",
];

/// Nouns for several of a kind, and whether they are persons. Sorted.
#[rustfmt::skip]
const SEVERAL: &[(&str, bool)] = &[
    ("companies", false), ("countries", false), ("delegations", false), ("governments", false), ("leaders", true),
    ("men", true), ("ministers", true), ("nations", false), ("officials", true), ("parties", false),
    ("powers", false), ("presidents", true), ("sides", false), ("states", false), ("women", true),
];

/// What `source`, without marks at its ends, asks for.
pub(super) fn reference<'s>(source: &'s str, lexicon: &Lexicon) -> Reference<'s> {
    let words: Vec<&str> = source.split_whitespace().take(6).collect();
    let lower = words.first().map(|word| word.to_lowercase()).unwrap_or_default();
    match (lower.as_str(), words.as_slice()) {
        ("he" | "him" | "his", [_]) => Reference::Person(Gender::He),
        ("she" | "her", [_]) => Reference::Person(Gender::She),
        ("it" | "its", [_]) => Reference::Body,
        ("who" | "which", [_]) => Reference::Relative,
        ("they" | "them" | "their" | "both", [_]) | ("the", [_, "two"]) => Reference::Group(None),
        (_, []) => Reference::Nobody,
        (word, [only]) if is_small(word, only, lexicon) => Reference::Nobody,
        ("both", [_, noun]) | ("the", [_, "two", noun]) => several(noun),
        ("the", [_, rest @ ..]) if rest.len() < 5 => definite(source, rest),
        _ => Reference::Name,
    }
}

fn several(noun: &str) -> Reference<'_> {
    let known = SEVERAL.binary_search_by_key(&noun, |(noun, _)| *noun);
    known.map_or(Reference::Name, |at| {
        let (noun, persons) = SEVERAL[at];
        Reference::Group((noun != "sides" && noun != "parties").then_some(persons))
    })
}

/// "the minister", "the EC official", "the search giant"; not "the Ministry of Justice".
fn definite<'s>(source: &str, words: &[&'s str]) -> Reference<'s> {
    let Some((noun, qualities)) = words.split_last() else { return Reference::Name };
    let small = |word: &&str| word.starts_with(char::is_lowercase);
    let plain = qualities.iter().all(|word| small(word) && !is_joint(word));
    let place = qualities.first().copied().filter(|_| qualities.len() == 1);
    let place = place.filter(|word| word.chars().all(char::is_uppercase));
    if !small(noun) || !(plain || place.is_some()) || source.contains(['’', '\'']) {
        return Reference::Name;
    }
    match *noun {
        noun if place.is_none() && holds(FIRMS, noun) => Reference::Organ(noun, &[BodySort::Firm]),
        noun if place.is_none() && holds(STATES, noun) => {
            Reference::Organ(noun, &[BodySort::State])
        }
        noun if place.is_none() && holds(BODIES, noun) => Reference::Organ(noun, &[BodySort::Body]),
        noun if holds(ROLES, noun) || holds(VAGUE, noun) => Reference::Office(noun, place),
        noun if plain && holds(HEADINGS, noun) => Reference::Organ(noun, &[]),
        _ => Reference::Name,
    }
}

fn is_joint(word: &str) -> bool {
    matches!(word, "of" | "for" | "and" | "in" | "at" | "on" | "from")
}

/// Whether a noun, in small letters, names a kind of body: "ministry".
pub(super) fn is_body_noun(noun: &str) -> bool {
    holds(BODIES, noun)
        || matches!(
            noun,
            "parliament"
                | "senate"
                | "assembly"
                | "bank"
                | "school"
                | "club"
                | "academy"
                | "duma"
                | "government"
                | "corporation"
                | "company"
                | "army"
                | "federation"
                | "mission"
                | "rights"
                | "internet"
                | "network"
                | "security"
                | "technology"
                | "watch"
                | "europe"
                | "africa"
                | "asia"
                | "america"
                | "policy"
                | "governance"
                | "article"
                | "act"
                | "resolution"
                | "report"
                | "times"
                | "week"
                | "day"
                | "year"
        )
}

/// Whether a noun says so little of a person that the last one named can be meant.
pub(super) fn is_vague(noun: &str) -> bool {
    holds(VAGUE, noun)
}

/// Whether a word of a closed class names nobody.
fn is_small(word: &str, written: &str, lexicon: &Lexicon) -> bool {
    if is_acronym(written) {
        return false;
    }
    let small = class::SMALL | class::FIRST;
    let adverb = written.ends_with("ly") && written.starts_with(char::is_lowercase);
    let listed = lexicon.words.get(word).is_some_and(|known| known.class & small != 0);
    // "May said …": an auxiliary in capitals is somebody's name.
    let name = written.starts_with(char::is_uppercase)
        && lexicon.words.get(word).is_some_and(|known| known.class & class::NAME != 0);
    adverb || listed && !name
}

/// "US", "WHO": written in capitals, a small word is a name.
fn is_acronym(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_ask_for_what_they_mean() {
        let lexicon = Lexicon::built_in();
        for (source, expected) in [
            ("He", Reference::Person(Gender::He)),
            ("it", Reference::Body),
            ("us", Reference::Nobody),
            ("all", Reference::Nobody),
            ("fully", Reference::Nobody),
            ("US", Reference::Name),
            ("both delegations", Reference::Group(Some(false))),
            ("the two leaders", Reference::Group(Some(true))),
            ("the two sides", Reference::Group(None)),
            ("the minister", Reference::Office("minister", None)),
            ("the EC official", Reference::Office("official", Some("EC"))),
            ("the ministry", Reference::Organ("ministry", &[BodySort::Body])),
            ("The search giant", Reference::Organ("giant", &[BodySort::Firm])),
            ("the Ministry of Justice", Reference::Name),
            ("the envoy of Ruvania", Reference::Name),
            ("Mira Solheim", Reference::Name),
        ] {
            assert_eq!(reference(source, &lexicon), expected, "{source}");
        }
    }

    #[test]
    fn the_lists_are_sorted() {
        for list in [VAGUE, FIRMS, STATES, BODIES] {
            assert!(list.is_sorted(), "{list:?}");
        }
        assert!(SEVERAL.is_sorted());
    }
}

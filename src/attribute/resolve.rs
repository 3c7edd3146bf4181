//! From a name to an actor: exact names first, then titles, organs of states, persons; never a guess.

use super::label::{self, Form};
use super::name::{is_acronym, normal, slug};
use super::person;
use super::registry::{ActorContext, ActorRegistry, AliasKind, Found, NamePlace};
use super::words::{HEADINGS, JOINERS, ROLES, holds};
use crate::document::{Actor, Metadata};

/// Words that stand for nobody in particular. Sorted.
#[rustfmt::skip]
const GENERIC: &[&str] = &[
    "all", "analysts", "anyone", "both", "critics", "each", "everybody", "everyone", "experts", "he", "her",
    "him", "his", "i", "it", "its", "many", "me", "most", "nobody", "none", "observers", "officials", "one", "others",
    "people", "she", "some", "somebody", "someone", "sources", "that", "their", "them", "these", "they", "this",
    "those", "us", "we", "which", "who", "you",
];

/// Organs and officers that speak for their state. Sorted.
#[rustfmt::skip]
const ORGANS: &[&str] = &[
    "administration", "ambassador", "ambassadors", "army", "authorities", "cabinet", "chancellor", "congress",
    "council", "delegate", "delegates", "delegation", "department", "diplomat", "diplomats", "embassy", "emperor",
    "envoy", "envoys", "government", "governments", "intelligence", "king", "lawmakers", "leader", "leaders",
    "leadership", "legislators", "military", "minister", "ministers", "ministries", "ministry", "mission",
    "negotiator", "negotiators", "office", "official", "officials", "parliament", "premier", "president",
    "presidency", "queen", "regime", "regulator", "regulators", "representative", "representatives", "secretary",
    "senate", "spokesman", "spokesperson", "spokeswoman", "state", "statement", "strategy",
];

/// Words that mark an organisation, with the type they tell. Sorted.
#[rustfmt::skip]
const BODIES: &[(&str, Option<&str>)] = &[
    ("academy", Some("academia")), ("agency", None), ("alliance", None), ("association", None), ("authority", None),
    ("bank", Some("business")), ("board", None), ("campaign", None), ("center", None), ("centre", None),
    ("coalition", None), ("college", Some("academia")), ("committee", None), ("company", Some("business")),
    ("corp", Some("business")), ("corporation", Some("business")), ("council", None), ("court", None),
    ("daily", Some("media")), ("department", None), ("federation", None), ("forum", None), ("foundation", None),
    ("fund", None), ("group", None), ("inc", Some("business")), ("initiative", None), ("institute", None),
    ("journal", Some("media")), ("law", None), ("llc", Some("business")), ("ltd", Some("business")),
    ("magazine", Some("media")), ("ministry", None), ("network", None), ("news", Some("media")), ("office", None),
    ("organisation", None), ("organization", None), ("pac", None), ("party", None), ("poll", None),
    ("post", Some("media")), ("press", Some("media")), ("project", None), ("radio", Some("media")),
    ("report", None), ("school", Some("academia")), ("service", None), ("society", None),
    ("television", Some("media")), ("times", Some("media")), ("union", None), ("university", Some("academia")),
    ("watch", None),
];

impl ActorRegistry {
    /// The actor that `name` stands for, or `None` for a pronoun, a group without a name and an unknown word.
    ///
    /// In this order: an exact name of the table; a person behind a title or an office; an organ of a state
    /// ("the Ministry of Justice of Ruvania") as that state; a person or body that the table does not list, as
    /// itself. Where several actors bear the name and the context does not tell them apart, the result is
    /// flagged and stands for none of them.
    pub fn resolve(&self, name: &str, context: &ActorContext<'_>) -> Option<Actor> {
        let name = name.trim().trim_matches(['"', '“', '”', ',', '.', ':']).trim();
        let known_person =
            context.place == NamePlace::Label && (context.role.or(context.affiliation)).is_some();
        if known_person && !name.is_empty() {
            return Some(self.person(name, context));
        }
        let bare = name.split(['(', '[']).next().unwrap_or(name).trim();
        if holds(GENERIC, &normal(bare)) && self.find(bare, context.date).is_none() {
            return None;
        }
        self.listed(name, context)
            .or_else(|| self.listed(bare, context))
            .or_else(|| self.titled(name, context))
            .or_else(|| self.described(bare, context))
            .or_else(|| self.organ(bare, context))
            .or_else(|| self.unlisted(bare, context))
    }

    /// The actor that the metadata of a document name.
    ///
    /// Metadata that give a country and no actor, as file names like `RVA_79_2024` do, mean that state; it is flagged as
    /// ambiguous, since a country may also be where somebody lives or a paper is printed.
    pub fn document_actor(&self, meta: &Metadata) -> Option<Actor> {
        let context = ActorContext {
            country_iso: meta.country_iso.as_deref(),
            actor_type: meta.actor_type.as_deref(),
            date: meta.date.as_deref(),
            place: NamePlace::Metadata,
            ..ActorContext::default()
        };
        match (meta.actor.as_deref(), meta.country_iso.as_deref()) {
            (Some(name), _) => self.resolve(name, &context),
            (None, Some(country)) => Some(Actor { ambiguous: true, ..self.get(country)? }),
            (None, None) => None,
        }
    }

    fn listed(&self, name: &str, context: &ActorContext<'_>) -> Option<Actor> {
        let article = name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("a "));
        let Found { entries, shared, .. } = self.find(name, context.date).filter(|_| !article)?;
        let here = |iso: &Option<String>| {
            context.country_iso.is_some() && iso.as_deref() == context.country_iso
        };
        let fitting: Vec<_> = entries.iter().filter(|entry| here(&entry.country_iso)).collect();
        match (fitting.as_slice(), entries.as_slice()) {
            ([one], _) => Some(one.actor(false)),
            (_, [one]) => Some(one.actor(shared)),
            (_, several) => Some(Actor {
                actor_id: slug(name),
                name: name.to_owned(),
                actor_type: several[0].actor(true).actor_type,
                country_iso: None,
                ambiguous: true,
            }),
        }
    }

    /// "President Aru Telnik of Tessaly", "Mira Solheim, envoy of Ruvania".
    fn titled(&self, name: &str, context: &ActorContext<'_>) -> Option<Actor> {
        let reading = label::read(name)?;
        let who = reading.name.filter(|_| matches!(reading.form, Form::Titled | Form::Office))?;
        let inner = ActorContext {
            affiliation: reading.affiliation.as_deref().or(context.affiliation),
            role: reading.role.as_deref().or(context.role),
            ..*context
        };
        Some(self.person(&who, &inner))
    }

    /// A name that the text shows to be a person's: "Telnik", whom it calls president elsewhere, "Bo Law".
    fn described(&self, name: &str, context: &ActorContext<'_>) -> Option<Actor> {
        let told = context.place == NamePlace::Text && context.person;
        let proper = name.starts_with(char::is_uppercase) && name.split_whitespace().count() < 6;
        (told && proper).then(|| self.person(name, context))
    }

    /// Several persons of a text bear the name: the actor stands for none of them, and is flagged.
    pub(super) fn several_persons(&self, name: &str) -> Actor {
        let person = self.person(name, &ActorContext::default());
        Actor { ambiguous: true, country_iso: None, ..person }
    }

    /// A person, with the country of the office or affiliation.
    fn person(&self, name: &str, context: &ActorContext<'_>) -> Actor {
        let stated = [context.affiliation, context.role];
        let state = stated.into_iter().flatten().find_map(|text| self.state_in(text, context.date));
        let own = (context.place == NamePlace::Metadata).then_some(context.country_iso).flatten();
        Actor {
            actor_id: format!("person-{}", slug(name)),
            name: name.to_owned(),
            actor_type: Some("person".to_owned()),
            country_iso: state
                .and_then(|state| state.country_iso)
                .or_else(|| own.map(str::to_owned)),
            ambiguous: false,
        }
    }

    /// The one state that a phrase begins with, is, or names behind "of" or "in".
    fn state_in(&self, phrase: &str, date: Option<&str>) -> Option<Actor> {
        let words: Vec<&str> = phrase.split_whitespace().collect();
        let state = |name: &str| {
            let organ = name.contains(' ') || is_acronym(name);
            let found =
                self.find(name, date).filter(|found| found.kind != AliasKind::Metonym || organ)?;
            let [entry] = found.entries.as_slice() else { return None };
            (entry.actor_type.as_deref() == Some("state")).then(|| entry.actor(found.shared))
        };
        let longest = words.len().min(6);
        let behind =
            words.iter().rposition(|word| matches!(*word, "of" | "in" | "to" | "from" | "for"));
        let suffix = behind.and_then(|at| state(&words[at + 1..].join(" ")));
        let first_of = words
            .iter()
            .position(|word| *word == "of")
            .and_then(|at| state(&words[at + 1..].join(" ")));
        suffix
            .or(first_of)
            .or_else(|| (1..=longest).rev().find_map(|n| state(&words[..n].join(" "))))
    }

    /// An organ or officer of a state speaks for the state.
    fn organ(&self, name: &str, context: &ActorContext<'_>) -> Option<Actor> {
        if name.starts_with("a ") || name.starts_with("an ") {
            return None;
        }
        let key = normal(name);
        if !key.split(' ').any(|word| holds(ORGANS, word)) {
            return None;
        }
        self.state_in(name, context.date).or_else(|| {
            let known =
                |iso: &str| self.get(iso).filter(|actor| actor.country_iso.as_deref() == Some(iso));
            let proper =
                context.place == NamePlace::Metadata && name.starts_with(char::is_uppercase);
            context.country_iso.filter(|_| proper).and_then(known)
        })
    }

    /// A name that the table does not list.
    fn unlisted(&self, name: &str, context: &ActorContext<'_>) -> Option<Actor> {
        match context.place {
            NamePlace::Metadata => Some(outside_table(name, context)),
            NamePlace::Label => Some(self.person(name, context)),
            NamePlace::Text => self.named_in_text(name, context),
        }
    }

    fn named_in_text(&self, name: &str, context: &ActorContext<'_>) -> Option<Actor> {
        let words: Vec<&str> =
            name.split_whitespace().filter(|word| *word != "the" && *word != "The").collect();
        if words.is_empty() || words.len() > 10 {
            return None;
        }
        let body = |word: &&str| {
            BODIES.binary_search_by_key(&normal(word).as_str(), |(name, _)| *name).ok()
        };
        if let Some(at) = words.iter().rev().find_map(body).filter(|_| is_proper(&words)) {
            let (actor_type, name) = (BODIES[at].1.map(str::to_owned), words.join(" "));
            return Some(Actor {
                actor_id: slug(&name),
                name,
                actor_type,
                country_iso: None,
                ambiguous: false,
            });
        }
        let before_comma =
            words.iter().position(|word| word.ends_with(',')).map_or(words.len(), |at| at + 1);
        let words = &words[..before_comma];
        let count = person::trailing_name(words);
        let who = person::tidy(&words[words.len() - count..]);
        let is_person = label::read(&who)
            .is_some_and(|reading| matches!(reading.form, Form::Name | Form::Capitals));
        is_person.then(|| self.person(&who, &ActorContext { role: Some(name), ..*context }))
    }
}

/// The actor of the metadata, as they describe it.
fn outside_table(name: &str, context: &ActorContext<'_>) -> Actor {
    let kind = context.actor_type.map(type_name);
    let country_iso = context.country_iso.map(str::to_owned);
    let actor_id = match (kind, &country_iso) {
        (Some("state"), Some(iso)) => iso.clone(),
        (Some("person" | "author"), _) => format!("person-{}", slug(name)),
        _ => slug(name),
    };
    let actor_type = kind.map(str::to_owned);
    Actor { actor_id, name: name.to_owned(), actor_type, country_iso, ambiguous: false }
}

/// Whether all words but the small ones are capitalised.
fn is_proper(words: &[&str]) -> bool {
    words.len() > 1
        && words.iter().all(|word| word.starts_with(char::is_uppercase) || holds(JOINERS, word))
}

/// The name of a type in this project, for the words that metadata use.
fn type_name(given: &str) -> &str {
    match given.to_lowercase().as_str() {
        "government" | "country" | "member state" | "state" => "state",
        "igo"
        | "international organisation"
        | "international organization"
        | "intergovernmental" => "intergovernmental",
        "ngo" | "civil society" | "civil_society" | "cso" => "civil society",
        "technical" | "technical community" | "technical_community" => "technical community",
        "company" | "private sector" | "private_sector" | "business" => "business",
        _ => given,
    }
}

/// Whether a word names an office or opens a heading: such words make no person.
pub(super) fn is_common(word: &str) -> bool {
    holds(ROLES, word) || holds(HEADINGS, word)
}

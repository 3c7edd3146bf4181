//! Names of persons: mending their capitals and spaces, comparing them, linking short forms to full ones.

use std::collections::HashMap;

use super::label::is_bound;
use super::words::{PARTICLES, TITLES, holds};

/// The key under which spellings of one name meet: `AruTELNIK`, `Aru Telnik` → `arutelnik`.
pub(super) fn key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A name without stray commas, words in capitals set as names are: `MIRA McKAY` → `Mira McKay`.
pub(super) fn tidy(words: &[&str]) -> String {
    let shouted =
        words.iter().all(|word| !word.trim_start_matches("Mc").contains(char::is_lowercase));
    let words = words.iter().map(|word| {
        let word = word.trim_end_matches(',');
        if shouted || is_shouted(word) { unshout(word) } else { word.to_owned() }
    });
    words.collect::<Vec<String>>().join(" ")
}

/// A word of three or more capitals, as surnames are set in lists of speakers.
fn is_shouted(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    letters > 2
        && !word.contains('.')
        && word.chars().all(|c| c.is_uppercase() || !c.is_alphabetic())
}

fn unshout(word: &str) -> String {
    if word.contains('.') || word.chars().count() == 1 || is_numeral(word) {
        return word.to_owned();
    }
    if let Some(rest) = word.strip_prefix("Mc") {
        return format!("Mc{}", unshout(rest));
    }
    unshout_letters(word)
}

fn is_numeral(word: &str) -> bool {
    matches!(word, "II" | "III" | "IV" | "VI" | "VII" | "VIII" | "XI" | "XII")
}

/// Lower case behind the first letter of each part of a hyphenated or elided word.
fn unshout_letters(word: &str) -> String {
    let mut first = true;
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if first || !c.is_alphabetic() {
            out.push(c);
        } else {
            out.extend(c.to_lowercase());
        }
        first = !c.is_alphabetic();
    }
    out
}

/// How many of the last words make up a person's name: two, and more where small words tie them.
pub(super) fn trailing_name(words: &[&str]) -> usize {
    let mut count = 0;
    let mut proper = 0;
    for (at, word) in words.iter().enumerate().rev() {
        let bound_by_next = words.get(at + 1).is_some_and(|next| count > 0 && is_particle(next));
        if proper >= 2 && !bound_by_next && !is_bound(word) {
            break;
        }
        if !word.starts_with(char::is_uppercase) && !is_bound(word) && !word.contains('-') {
            break;
        }
        count += 1;
        proper += usize::from(!is_particle(word));
    }
    count
}

fn is_particle(word: &str) -> bool {
    holds(PARTICLES, &word.to_lowercase())
}

/// Full names met in a document, found again by surname.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// Key of the full name → the name as first written.
    full: HashMap<String, String>,
    /// Key of a surname → the one full name that ends with it, or `None` where several do.
    surnames: HashMap<String, Option<String>>,
}

impl Roster {
    /// Remembers a name, if it has a surname and something before it.
    pub(super) fn add(&mut self, name: &str) {
        let words: Vec<&str> = name.split_whitespace().filter(|word| !is_title(word)).collect();
        if words.len() < 2 || self.full.contains_key(&key(name)) {
            return;
        }
        let full = words.join(" ");
        self.full.insert(key(&full), full.clone());
        for start in 1..words.len() {
            let surname = key(&words[start..].join(" "));
            let slot = self.surnames.entry(surname).or_insert_with(|| Some(full.clone()));
            if slot.as_deref().is_some_and(|other| key(other) != key(&full)) {
                *slot = None;
            }
        }
    }

    /// The full name behind `name`: its usual spelling, or the only bearer of the surname.
    pub(super) fn full_name(&self, name: &str) -> Option<&str> {
        if let Some(full) = self.full.get(&key(name)) {
            let longer = self.surnames.get(&key(name)).and_then(Option::as_deref);
            return Some(longer.unwrap_or(full));
        }
        let initial = name.split(['.', ' ']).next().filter(|first| first.chars().count() == 1);
        let surname = initial.map_or(name, |_| name.rsplit(['.', ' ']).next().unwrap_or(name));
        let full = self.surnames.get(&key(surname))?.as_deref()?;
        initial
            .is_none_or(|first| full.to_lowercase().starts_with(&first.to_lowercase()))
            .then_some(full)
    }

    /// Whether `name` is a full name of the document or the surname of one.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.full_name(name).is_some() || self.surnames.contains_key(&key(name))
    }
}

fn is_title(word: &str) -> bool {
    holds(TITLES, &word.trim_end_matches('.').to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_mended() {
        assert_eq!(tidy(&["MIRA", "McKAY"]), "Mira McKay");
        assert_eq!(tidy(&["Mira", "SOLHEIM-ODA,"]), "Mira Solheim-Oda");
        assert_eq!(tidy(&["J.", "OKORO", "II"]), "J. Okoro II");
    }

    #[test]
    fn a_surname_finds_its_only_bearer() {
        let mut roster = Roster::default();
        roster.add("Aru Telnik");
        roster.add("Mira Solheim");
        assert_eq!(roster.full_name("TELNIK"), Some("Aru Telnik"));
        assert_eq!(roster.full_name("AruTelnik"), Some("Aru Telnik"));
        assert_eq!(roster.full_name("A. Telnik"), Some("Aru Telnik"));
        assert_eq!(roster.full_name("B. Telnik"), None);
        roster.add("Bo Telnik");
        assert_eq!(roster.full_name("Telnik"), None, "two bearers");
    }

    #[test]
    fn a_name_behind_an_office_takes_its_particles_along() {
        let count = |words: &str| trailing_name(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(count("Bahari Tamir bin Hadar Al Oun"), 5);
        assert_eq!(count("Ruvania Aru Telnik"), 2);
        assert_eq!(count("Ruvania Abdel Marek el-Amin"), 3);
    }
}

//! Names as keys: case, diacritics, dots, possessives and a leading "the" make no difference.

use super::words::{ROLES, TITLES, holds};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The form in which two spellings of one name meet: "The U.S.'s" → "us", "Türkiye" → "turkiye".
pub(super) fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let plain = name.nfkd().filter(|c| !is_combining_mark(*c));
    for c in plain.flat_map(char::to_lowercase) {
        match c {
            '’' | '‘' | 'ʼ' | '`' => out.push('\''),
            '.' => {}
            c if c.is_alphanumeric() || c == '\'' || c == '&' || c == '+' => out.push(c),
            _ => out.push(' '),
        }
    }
    let words: Vec<&str> =
        out.split_whitespace().map(without_possessive).filter(|w| !w.is_empty()).collect();
    let words = words.strip_prefix(&["the"]).filter(|rest| !rest.is_empty()).unwrap_or(&words);
    words.join(" ")
}

fn without_possessive(word: &str) -> &str {
    let word = word.trim_start_matches('\'');
    word.strip_suffix("'s").unwrap_or(word).trim_end_matches('\'')
}

/// Whether two names are the same but for case, diacritics, a leading "the", forms of address and offices.
pub fn same_name(one: &str, other: &str) -> bool {
    fn core(name: &str) -> String {
        let key = normal(name);
        let words: Vec<&str> = key.split(' ').collect();
        let titles = words.iter().take_while(|w| holds(TITLES, w) || holds(ROLES, w)).count();
        let rest = &words[titles..];
        if rest.is_empty() { key } else { rest.join(" ") }
    }
    core(one) == core(other)
}

/// An identifier from a name: "Aru Telnik" → "aru-telnik".
pub(super) fn slug(name: &str) -> String {
    let words: Vec<String> = normal(name)
        .split_whitespace()
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-")
}

/// Whether a name is written as an acronym: two to six letters, none of them small.
pub(super) fn is_acronym(name: &str) -> bool {
    let letters: Vec<char> = name.chars().filter(|c| c.is_alphabetic()).collect();
    (2..=6).contains(&letters.len()) && letters.iter().all(|c| c.is_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_meet() {
        for (one, other) in [
            ("The U.S.", "US"),
            ("Côte d’Ivoire", "Cote d'Ivoire"),
            ("RUVANIA's", "Ruvania"),
            ("  the  Union ", "Union"),
        ] {
            assert_eq!(normal(one), normal(other));
        }
        assert_eq!(normal("The"), "the");
        assert_eq!(slug("Côte d’Ivoire & Co."), "cote-divoire-co");
    }

    #[test]
    fn acronyms_have_no_small_letters() {
        assert!(is_acronym("WHO") && is_acronym("U.S."));
        assert!(!is_acronym("who") && !is_acronym("Us"));
    }
}

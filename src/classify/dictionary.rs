//! The dictionary baseline: a statement leans to a pole when its sentence has one of the pole's phrases.

use std::collections::BTreeMap;
use std::path::Path;

use regex::Regex;
use serde::Deserialize;

use super::{Codebook, Lean, Side};
use crate::error::{Error, ErrorKind, Result};

const BUILT_IN: &str = include_str!("../../data/lexicons/dictionary/internet-governance.toml");

/// Phrases for each pole of a codebook.
#[derive(Debug)]
pub struct Dictionary {
    topic: Regex,
    /// In the order of the codebook's axes.
    axes: Vec<[Patterns; 2]>,
}

#[derive(Debug)]
struct Patterns {
    phrases: Regex,
    gated: Regex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    codebook: String,
    topic: Vec<String>,
    poles: BTreeMap<String, Phrases>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrases {
    #[serde(default)]
    phrases: Vec<String>,
    #[serde(default)]
    gated: Vec<String>,
}

impl Dictionary {
    /// Bytes of the built-in dictionary's file.
    pub const SIZE: u64 = BUILT_IN.len() as u64;

    /// The dictionary of the built-in codebook.
    ///
    /// # Panics
    /// Never: a test parses it.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN, &Codebook::built_in(), "dictionary/internet-governance.toml")
            .expect("the built-in dictionary is valid")
    }

    /// Reads a dictionary for `codebook` from `toml`; `path` is named in errors.
    ///
    /// # Errors
    /// A syntax error, an unknown key, a dictionary of another codebook, a pole too many or too few.
    pub fn parse(toml: &str, codebook: &Codebook, path: impl AsRef<Path>) -> Result<Self> {
        let file: File = toml::from_str(toml).map_err(|error| syntax_error(toml, &error))?;
        file.build(codebook).map_err(|error| error.in_file(path.as_ref()))
    }

    /// The lean on each axis of a statement made in `sentence`, whoever holds it. Probabilities are 0 or 1.
    pub fn predict(&self, sentence: &str) -> Vec<Lean> {
        let words = words(sentence);
        let on_topic = self.topic.is_match(&words);
        let has = |pole: &Patterns| {
            pole.phrases.is_match(&words) || (on_topic && pole.gated.is_match(&words))
        };
        let lean = |poles: &[Patterns; 2]| {
            let found = [has(&poles[0]), has(&poles[1])];
            Lean { p: found.map(f64::from), lean: Side::from_poles(found), abstain: false }
        };
        self.axes.iter().map(lean).collect()
    }
}

impl File {
    fn build(mut self, codebook: &Codebook) -> Result<Dictionary> {
        if self.codebook != codebook.id {
            let message =
                format!("is a dictionary for codebook `{}`, not `{}`", self.codebook, codebook.id);
            return Err(Error::new(ErrorKind::Codebook, message));
        }
        let mut take = |pole: &str| {
            let phrases = self.poles.remove(pole).ok_or_else(|| {
                Error::new(ErrorKind::Codebook, format!("the dictionary has no pole `{pole}`"))
            })?;
            Ok(Patterns { phrases: pattern(&phrases.phrases)?, gated: pattern(&phrases.gated)? })
        };
        let axes = codebook.axes.iter().map(|axis| {
            let [first, second] = &axis.poles;
            Ok([take(&first.id)?, take(&second.id)?])
        });
        let axes = axes.collect::<Result<_>>()?;
        if let Some(pole) = self.poles.keys().next() {
            let message = format!("the dictionary has a pole `{pole}` that the codebook lacks");
            return Err(Error::new(ErrorKind::Codebook, message));
        }
        Ok(Dictionary { topic: pattern(&self.topic)?, axes })
    }
}

fn syntax_error(toml: &str, error: &toml::de::Error) -> Error {
    let start = error.span().map_or(0, |span| span.start);
    let line = 1 + toml[..start].matches('\n').count() as u64;
    Error::new(ErrorKind::Codebook, format!("is not a dictionary: {}", error.message()))
        .at_line(line)
}

/// One expression for all phrases; no phrases match nothing.
fn pattern(phrases: &[String]) -> Result<Regex> {
    let alternatives: Vec<String> = phrases
        .iter()
        .map(|phrase| regex::escape(&phrase.to_lowercase()).replace("\\*", "[^ ]*"))
        .collect();
    let expression = match alternatives.as_slice() {
        [] => r"[^\s\S]".to_owned(),
        some => format!(" (?:{}) ", some.join("|")),
    };
    Regex::new(&expression).map_err(|error| {
        Error::new(ErrorKind::Codebook, "the dictionary has too many phrases").caused_by(error)
    })
}

/// The lower-case words of a sentence with one space around each: hyphens, quotation marks and dashes
/// part words.
fn words(sentence: &str) -> String {
    let lower = sentence.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sentence: &str, control: Side, governance: Side) {
        let leans = Dictionary::built_in().predict(sentence);
        assert_eq!((leans[0].lean, leans[1].lean), (control, governance), "{sentence}");
    }

    #[test]
    fn phrases_mark_poles() {
        check("Digital sovereignty is ours to defend.", Side::First, Side::Neither);
        check("We want an OPEN, interoperable internet.", Side::Second, Side::Neither);
        check("The multi-stakeholder model works.", Side::Neither, Side::Second);
        check("Keep ICANN; respect cyber-sovereignty.", Side::First, Side::Second);
    }

    #[test]
    fn gated_phrases_need_the_topic() {
        check("We defend our sovereignty and human rights.", Side::Neither, Side::Neither);
        check("We defend our sovereignty over the internet.", Side::First, Side::Neither);
        check("Human rights hold on the internet too.", Side::Second, Side::Neither);
    }

    #[test]
    fn phrases_match_whole_words() {
        check("The Icannot prize went to nobody.", Side::Neither, Side::Neither);
    }

    #[test]
    fn a_dictionary_must_fit_its_codebook() {
        let codebook = Codebook::built_in();
        let check = |toml: &str| Dictionary::parse(toml, &codebook, "d.toml").unwrap_err().cause();
        assert!(
            check(&BUILT_IN.replace("\"internet-governance\"", "\"taxes\"")).contains("`taxes`")
        );
        assert!(
            check(&BUILT_IN.replace("poles.openness", "poles.closed"))
                .contains("no pole `openness`")
        );
        let more = format!("{BUILT_IN}\n[poles.closed]\nphrases = []\n");
        assert!(check(&more).contains("`closed` that the codebook lacks"));
        assert!(check("codebook = 3").contains("is not a dictionary"));
    }
}

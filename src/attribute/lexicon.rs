//! The cue lexicon: which words attribute, and what their content looks like.

use std::collections::HashMap;

use fnv::FnvHashMap;
use serde::Deserialize;

use super::token::class;

/// What kind of content a cue takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CueClass {
    /// A quotation or a clause.
    Say,
    /// A hearer, then a clause.
    Tell,
    /// A question.
    Ask,
    /// A clause.
    Think,
    /// A clause, told by a study.
    Show,
    /// An infinitive or a clause.
    Want,
    /// A noun phrase.
    Judge,
    /// A noun phrase and what it is.
    Call,
    /// A person and an infinitive.
    Urge,
    /// "according to": the source follows.
    According,
}

/// Which form of a verb a cue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VerbForm {
    Base,
    ThirdPerson,
    Past,
    Participle,
    Gerund,
}

/// A set of cue classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CueClasses(u16);

impl CueClasses {
    pub(super) fn of(classes: &[CueClass]) -> Self {
        Self(classes.iter().fold(0, |bits, class| bits | 1 << *class as u16))
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two sets share a class.
    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A verb form as a cue, with all the classes its verb belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cue {
    /// The past form of a regular verb is its participle, too.
    pub(super) form: VerbForm,
    pub(super) classes: CueClasses,
    /// Whether the verb reports a clause without "that".
    pub(super) strong: bool,
}

/// A cue of several words.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    /// The words after the first.
    pub(super) rest: Vec<String>,
    pub(super) class: CueClass,
    pub(super) form: VerbForm,
}

/// What is known of one word.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    /// Bits of [`class`].
    pub(super) class: u16,
    pub(super) cue: Option<Cue>,
    /// Phrases that begin with this word, longest first.
    pub(super) phrases: Vec<Phrase>,
}

/// The words of all lists, by their lower-case form. Built once.
#[derive(Clone, Debug)]
pub(super) struct Lexicon {
    pub(super) words: FnvHashMap<String, Word>,
    /// Bytes of the longest word.
    pub(super) longest: usize,
    /// Cue words beside quotations in languages other than English.
    pub(super) foreign: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct File {
    en: English,
    #[serde(flatten)]
    others: HashMap<String, Foreign>,
}

#[derive(Deserialize)]
struct English {
    verbs: HashMap<CueClass, Vec<String>>,
    strong: Vec<String>,
    phrases: Vec<PhraseRow>,
    nouns: Vec<String>,
}

#[derive(Deserialize)]
struct PhraseRow {
    text: String,
    class: CueClass,
}

#[derive(Deserialize)]
struct Foreign {
    words: Vec<String>,
}

impl Lexicon {
    /// The built-in lexicon.
    pub(super) fn built_in() -> Self {
        let file: File = toml::from_str(include_str!("../../data/lexicons/cues.toml"))
            .expect("the built-in cue lexicon is well-formed");
        let foreign = file.others.into_iter().map(|(lang, list)| (lang, list.words)).collect();
        let mut lexicon = Self { words: FnvHashMap::default(), longest: 0, foreign };
        lexicon.add_classes();
        let mut classes: Vec<_> = file.en.verbs.into_iter().collect();
        classes.sort_by_key(|(class, _)| *class);
        for (class, verbs) in classes {
            for verb in verbs {
                lexicon.add_verb(&verb, class);
            }
        }
        for verb in file.en.strong {
            lexicon.mark_strong(&verb);
        }
        for noun in file.en.nouns {
            for form in [format!("{noun}s"), noun] {
                lexicon.words.entry(form).or_default().class |= class::CUE_NOUN;
            }
        }
        for row in file.en.phrases {
            lexicon.add_phrase(&row);
        }
        lexicon.longest = lexicon.words.keys().map(String::len).max().unwrap_or(0);
        for word in lexicon.words.values_mut() {
            word.phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.rest.len()));
        }
        lexicon
    }

    fn add_classes(&mut self) {
        for (bit, words) in class::LISTS {
            for word in words.split_whitespace() {
                self.words.entry(word.to_owned()).or_default().class |= bit;
            }
        }
    }

    /// Adds a verb in all its forms; a verb of several words becomes phrases.
    fn add_verb(&mut self, verb: &str, class: CueClass) {
        for (form, text) in forms(verb) {
            match text.split_once(' ') {
                None => self.add_cue(text, form, class),
                Some((first, rest)) => {
                    let rest = rest.split(' ').map(str::to_owned).collect();
                    let word = self.words.entry(first.to_owned()).or_default();
                    word.phrases.push(Phrase { rest, class, form });
                }
            }
        }
    }

    fn add_cue(&mut self, text: String, form: VerbForm, class: CueClass) {
        let classes = CueClasses::of(&[class]);
        let cue = &mut self.words.entry(text).or_default().cue;
        let cue = cue.get_or_insert(Cue { form, classes, strong: false });
        cue.classes = cue.classes.plus(classes);
    }

    fn mark_strong(&mut self, verb: &str) {
        for (_, text) in forms(verb) {
            if let Some(cue) = self.words.get_mut(&text).and_then(|word| word.cue.as_mut()) {
                cue.strong = true;
            }
        }
    }

    /// A phrase that begins with a verb of the lexicon is added in all forms of the verb.
    fn add_phrase(&mut self, row: &PhraseRow) {
        let (first, rest) = row.text.split_once(' ').expect("a phrase has several words");
        let rest: Vec<String> = rest.split(' ').map(str::to_owned).collect();
        if row.class == CueClass::According {
            let phrase = Phrase { rest, class: row.class, form: VerbForm::Base };
            self.words.entry(first.to_owned()).or_default().phrases.push(phrase);
            return;
        }
        for (form, text) in forms(irregular(first)) {
            let phrase = Phrase { rest: rest.clone(), class: row.class, form };
            self.words.entry(text).or_default().phrases.push(phrase);
        }
    }
}

/// The forms of the irregular verbs that phrases begin with.
fn irregular(verb: &str) -> &str {
    match verb {
        "speak" => "speak/speaks/spoke/spoken/speaking",
        "come" => "come/comes/came/come/coming",
        "take" => "take/takes/took/taken/taking",
        "go" => "go/goes/went/gone/going",
        "make" => "make/makes/made/made/making",
        "think" => "think/thinks/thought/thought/thinking",
        "put" => "put/puts/put/put/putting",
        "would" => "would/would/would/would/would",
        other => other,
    }
}

/// All forms of a verb given as its base or as "base/third/past/participle/gerund".
fn forms(verb: &str) -> Vec<(VerbForm, String)> {
    use VerbForm::{Base, Gerund, Participle, Past, ThirdPerson};
    let order = [Base, ThirdPerson, Past, Participle, Gerund];
    let texts: Vec<String> = match verb.split('/').collect::<Vec<_>>().as_slice() {
        [base] => regular(base),
        given => given.iter().map(|form| (*form).to_owned()).collect(),
    };
    order.into_iter().zip(texts).collect()
}

/// The regular forms of an English verb.
fn regular(base: &str) -> Vec<String> {
    let stem = base.strip_suffix('e').unwrap_or(base);
    let y = base.strip_suffix('y').filter(|rest| !rest.ends_with(['a', 'e', 'i', 'o', 'u']));
    let third = match y {
        Some(rest) => format!("{rest}ies"),
        None if base.ends_with(['s', 'x', 'z']) || base.ends_with("ch") || base.ends_with("sh") => {
            format!("{base}es")
        }
        None => format!("{base}s"),
    };
    let doubled = doubles(base).then(|| format!("{base}{}", &base[base.len() - 1..]));
    let past = match (y, &doubled) {
        (Some(rest), _) => format!("{rest}ied"),
        (_, Some(doubled)) => format!("{doubled}ed"),
        _ if base.ends_with('e') => format!("{base}d"),
        _ => format!("{base}ed"),
    };
    let gerund = match doubled {
        Some(doubled) => format!("{doubled}ing"),
        None if base.ends_with("ee") => format!("{base}ing"),
        None => format!("{stem}ing"),
    };
    vec![base.to_owned(), third, past.clone(), past, gerund]
}

/// Whether the last consonant is doubled before "-ed": "plan", "admit", "chat".
fn doubles(base: &str) -> bool {
    matches!(
        base,
        "plan"
            | "admit"
            | "chat"
            | "refer"
            | "quip"
            | "pan"
            | "commit"
            | "submit"
            | "pin"
            | "dub"
            | "beg"
            | "prefer"
            | "permit"
            | "slam"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_have_all_their_forms() {
        let texts =
            |verb| forms(verb).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ");
        assert_eq!(texts("argue"), "argue argues argued argued arguing");
        assert_eq!(texts("deny"), "deny denies denied denied denying");
        assert_eq!(texts("plan"), "plan plans planned planned planning");
        assert_eq!(texts("say/says/said/said/saying"), "say says said said saying");
    }

    #[test]
    fn the_built_in_lexicon_knows_cues_phrases_and_nouns() {
        let lexicon = Lexicon::built_in();
        let said = lexicon.words["said"].cue.as_ref().unwrap();
        assert_eq!((said.form, said.classes), (VerbForm::Past, CueClasses::of(&[CueClass::Say])));
        assert!(said.strong);
        assert!(lexicon.words["according"].phrases.iter().any(|phrase| phrase.rest == ["to"]));
        assert!(lexicon.words["called"].phrases.iter().any(|phrase| phrase.rest == ["for"]));
        assert!(lexicon.words["proposals"].class & class::CUE_NOUN != 0);
    }
}

//! Sentence segmentation: exact spans of sentences in untouched text, for many languages.
//!
//! One trait, [`Segmenter`], with one law; one engine of rules fed by a small data file per language
//! (`data/lexicons/segment/<code>.toml`); Unicode UAX #29 for every other language. Text is first cut into
//! blocks by its layout (`layout.rs`: paragraphs, hard-wrapped lines, list items, headings), then each block
//! into sentences. Nothing here does I/O or holds a global; every path is linear in the length of the text.
//!
//! To add a language, copy [`dummy`] and follow its comments.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::document::Sentence;

mod arabic;
mod armenian;
mod bare;
mod cjk;
mod cyrillic;
pub mod dummy;
mod ethiopic;
mod greek;
mod indic;
mod latin;
#[cfg(test)]
mod laws;
mod layout;
mod lexicon;
mod line;
mod profile;
mod rules;
mod stop;
#[cfg(test)]
mod tests;
mod token;
mod uax29;
mod verdicts;

pub use rules::Rules;
pub use uax29::Uax29;

/// Cuts text into sentences.
///
/// **Law.** The spans are in order, do not overlap, start and end on character boundaries, are not empty and
/// have no white space at their ends; every character that is not white space lies inside exactly one.
/// Paragraph numbers start at 0 and never fall.
///
/// A segmenter cannot fail: any text, however broken, has sentences (or none, when it is blank).
pub trait Segmenter: Send + Sync {
    /// The sentences of `text`, in order.
    fn segment(&self, text: &str) -> Vec<Sentence>;
}

impl<S: Segmenter + ?Sized> Segmenter for Arc<S> {
    fn segment(&self, text: &str) -> Vec<Sentence> {
        self.as_ref().segment(text)
    }
}

/// The languages of one family: ISO 639-1 code and lexicon.
type Family = &'static [(&'static str, &'static str)];

const FAMILIES: [Family; 8] = [
    latin::LEXICONS,
    cyrillic::LEXICONS,
    greek::LEXICONS,
    armenian::LEXICONS,
    arabic::LEXICONS,
    indic::LEXICONS,
    ethiopic::LEXICONS,
    cjk::LEXICONS,
];

/// A data file and the segmenter made of it at its first use.
struct Entry {
    data: &'static str,
    segmenter: OnceLock<Arc<dyn Segmenter>>,
}

/// All segmenters, built once and passed by reference. A language's data file is parsed at its first use.
pub struct Segmenters {
    by_language: BTreeMap<&'static str, Entry>,
    fallback: Arc<dyn Segmenter>,
}

impl Default for Segmenters {
    fn default() -> Self {
        Self::new()
    }
}

impl Segmenters {
    /// The registry of every language there are rules for.
    pub fn new() -> Self {
        let entries = FAMILIES.iter().flat_map(|family| family.iter());
        Self {
            by_language: entries
                .map(|(code, data)| (*code, Entry { data, segmenter: OnceLock::new() }))
                .collect(),
            fallback: Arc::new(Uax29),
        }
    }

    /// The segmenter of `lang` (`en`, `en-GB`, `eng`, in any case), or the UAX #29 fallback.
    pub fn get(&self, lang: Option<&str>) -> Arc<dyn Segmenter> {
        let known = lang.map(primary_code).and_then(|code| self.by_language.get(code.as_str()));
        known.map_or_else(
            || Arc::clone(&self.fallback),
            |entry| {
                let build = || -> Arc<dyn Segmenter> { Arc::new(Rules::embedded(entry.data)) };
                Arc::clone(entry.segmenter.get_or_init(build))
            },
        )
    }

    /// The codes of the languages with rules of their own, sorted.
    pub fn languages(&self) -> impl Iterator<Item = &'static str> {
        self.by_language.keys().copied()
    }
}

/// The segmenter of one language. Keep a [`Segmenters`] instead when texts of several languages come.
pub fn segmenter_for(lang: &str) -> Arc<dyn Segmenter> {
    Segmenters::new().get(Some(lang))
}

/// The sentences of one `text`, in `lang` if known. Parses the language's data anew at each call.
///
/// ```
/// let text = "Mr. Okoro spoke. Nobody left.";
/// let sentences = plenary::segment::segment(text, Some("en"));
/// let texts: Vec<&str> = sentences.iter().map(|sentence| sentence.span.of(text)).collect();
/// assert_eq!(texts, ["Mr. Okoro spoke.", "Nobody left."]);
/// ```
pub fn segment(text: &str, lang: Option<&str>) -> Vec<Sentence> {
    Segmenters::new().get(lang).segment(text)
}

/// The two-letter code of a language tag: `pt-BR` → `pt`, `deu` → `de`.
fn primary_code(tag: &str) -> String {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let two_letters = match primary.as_str() {
        "amh" => "am",
        "ara" => "ar",
        "bul" => "bg",
        "ces" | "cze" => "cs",
        "dan" => "da",
        "deu" | "ger" => "de",
        "ell" | "gre" => "el",
        "eng" => "en",
        "spa" => "es",
        "fas" | "per" => "fa",
        "fin" => "fi",
        "fra" | "fre" => "fr",
        "hin" => "hi",
        "hrv" | "bs" | "bos" => "hr",
        "hun" => "hu",
        "hye" | "arm" => "hy",
        "ita" => "it",
        "jpn" => "ja",
        "kaz" => "kk",
        "mar" => "mr",
        "mya" | "bur" => "my",
        "nld" | "dut" => "nl",
        "no" | "nor" | "nob" | "nn" | "nno" => "nb",
        "pol" => "pl",
        "por" => "pt",
        "ron" | "rum" => "ro",
        "rus" => "ru",
        "slk" | "slo" => "sk",
        "srp" => "sr",
        "swe" => "sv",
        "tur" => "tr",
        "ukr" => "uk",
        "urd" => "ur",
        "zho" | "chi" | "cmn" | "yue" => "zh",
        _ => return primary,
    };
    two_letters.to_owned()
}

//! The words of a sentence as sparse features: tf-idf of single words and pairs of neighbours.
//!
//! A small encoder that was never trained on politics blurs "multilateral" and "multistakeholder";
//! their letters do not.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

/// Terms that count, each with its inverse document frequency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "TermList", into = "TermList")]
pub struct Words {
    list: TermList,
    index: HashMap<String, u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TermList {
    terms: Vec<String>,
    idf: Vec<f64>,
}

impl Words {
    /// The terms that occur in at least `min_sentences` of the sentences, in alphabetical order, with
    /// `idf = ln((1 + n) / (1 + df)) + 1`.
    pub fn learn<'a>(sentences: impl Iterator<Item = &'a str>, min_sentences: usize) -> Self {
        let mut n = 0usize;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for sentence in sentences {
            n += 1;
            for term in count_terms(sentence).into_keys() {
                *counts.entry(term).or_default() += 1;
            }
        }
        counts.retain(|_, count| *count >= min_sentences);
        let idf = |count: &usize| ((1 + n) as f64 / (1 + count) as f64).ln() + 1.0;
        let idf = counts.values().map(|count| (idf(count) * 1e4).round() / 1e4).collect();
        TermList { idf, terms: counts.into_keys().collect() }.into()
    }

    /// The number of terms.
    pub fn len(&self) -> usize {
        self.list.terms.len()
    }

    /// Whether no term counts.
    pub fn is_empty(&self) -> bool {
        self.list.terms.is_empty()
    }

    /// The terms, in the order of their features.
    pub fn terms(&self) -> &[String] {
        &self.list.terms
    }

    /// The weights `(1 + ln tf) · idf` of the terms in a sentence at length one, as (term, weight) from
    /// the first term to the last; empty where the sentence has none of them.
    ///
    /// Salton, G. & Buckley, C. (1988): Term-weighting approaches in automatic text retrieval.
    /// Information Processing & Management 24(5), 513–523.
    pub fn features(&self, sentence: &str) -> Vec<(u32, f32)> {
        if self.is_empty() {
            return Vec::new();
        }
        let counts = count_terms(sentence);
        let mut found: Vec<(u32, f64)> = counts
            .iter()
            .filter_map(|(term, count)| {
                let index = *self.index.get(term)?;
                Some((index, (1.0 + f64::from(*count).ln()) * self.list.idf[index as usize]))
            })
            .collect();
        found.sort_unstable_by_key(|(index, _)| *index);
        let length = found.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "weights in 0..=1 need no more")]
        found.into_iter().map(|(index, weight)| (index, (weight / length) as f32)).collect()
    }

    /// Whether terms and weights belong together and every weight is a number.
    pub(super) fn is_sound(&self) -> bool {
        self.list.terms.len() == self.list.idf.len()
            && self.index.len() == self.list.terms.len()
            && self.list.idf.iter().all(|idf| idf.is_finite())
    }
}

impl From<TermList> for Words {
    fn from(list: TermList) -> Self {
        let index = list.terms.iter().cloned().zip(0..).collect();
        Self { list, index }
    }
}

impl From<Words> for TermList {
    fn from(words: Words) -> Self {
        words.list
    }
}

/// How often each word and each pair of neighbouring words occurs, in lower case.
fn count_terms(sentence: &str) -> HashMap<String, u32> {
    let lower = sentence.to_lowercase();
    let words: Vec<&str> = lower.unicode_words().collect();
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    let mut counts = HashMap::new();
    for term in words.iter().map(|word| (*word).to_owned()).chain(pairs) {
        *counts.entry(term).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 3] = ["An open internet.", "The open internet, the OPEN net.", "No net."];

    #[test]
    fn frequent_words_and_pairs_are_learned() {
        let words = Words::learn(TEXTS.into_iter(), 2);
        assert_eq!(words.terms(), ["internet", "net", "open", "open internet"]);
    }

    #[test]
    fn features_are_unit_vectors_in_order() {
        let words = Words::learn(TEXTS.into_iter(), 2);
        let found = words.features(TEXTS[1]);
        assert_eq!(found.iter().map(|(term, _)| *term).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let length: f32 = found.iter().map(|(_, weight)| weight * weight).sum();
        assert!((length - 1.0).abs() < 1e-6);
        assert!(found[2].1 > found[0].1, "`open` occurs twice");
        assert!(words.features("Nothing known.").is_empty() && words.features("").is_empty());
    }

    #[test]
    fn a_list_survives_the_file_and_a_torn_one_is_noticed() {
        let words = Words::learn(TEXTS.into_iter(), 1);
        let json = serde_json::to_string(&words).unwrap();
        assert_eq!(serde_json::from_str::<Words>(&json).unwrap(), words);
        for torn in
            [r#"{"terms": ["a"], "idf": []}"#, r#"{"terms": ["a", "a"], "idf": [1.0, 1.0]}"#]
        {
            assert!(!serde_json::from_str::<Words>(torn).unwrap().is_sound());
        }
    }
}

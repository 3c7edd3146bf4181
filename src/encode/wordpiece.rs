//! The tokens of plain English words, without the way through the library.
//!
//! BERT's rules (Devlin et al., arXiv:1810.04805: lower case, no accents, words and punctuation apart, then the
//! longest pieces of the vocabulary from left to right, Wu et al., arXiv:1609.08144, section 4.1) treat a text word
//! by word. Where a word is ASCII and typographic punctuation, they come down to what stands here, at a tenth of the
//! library's time, which keeps track of where every character came from. All other words go to the library.

use std::collections::HashMap;

use fnv::FnvHashMap;
use serde::Deserialize;
use serde_json::Value;

/// `tokenizer.json`, as far as it matters here.
#[derive(Deserialize)]
struct Rules {
    normalizer: Option<Value>,
    pre_tokenizer: Option<Value>,
    model: Model,
    #[serde(default)]
    added_tokens: Vec<Added>,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: String,
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    vocab: HashMap<String, u32>,
}

#[derive(Deserialize)]
struct Added {
    content: String,
}

/// The vocabulary of a tokenizer with BERT's rules.
#[derive(Debug)]
pub(super) struct WordPiece {
    /// Pieces at the start of a word.
    first: FnvHashMap<Box<[u8]>, u32>,
    /// Pieces within a word.
    later: FnvHashMap<Box<[u8]>, u32>,
    unknown: u32,
    /// A longer word is unknown as a whole.
    longest_word: usize,
    longest_piece: usize,
    /// Characters that tokens of their own begin with, such as `[` of `[MASK]`.
    special: Vec<u8>,
}

impl WordPiece {
    /// Reads `tokenizer.json`; `None` where it has other rules.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let rules: Rules = serde_json::from_slice(bytes).ok()?;
        let normalizer = rules.normalizer?;
        let is = |value: &Value, key: &str, expected: &Value| value.get(key) == Some(expected);
        let usual = is(&normalizer, "type", &"BertNormalizer".into())
            && is(&normalizer, "clean_text", &true.into())
            && is(&normalizer, "lowercase", &true.into())
            && is(&rules.pre_tokenizer?, "type", &"BertPreTokenizer".into())
            && rules.model.kind == "WordPiece";
        let special: Option<Vec<u8>> = rules
            .added_tokens
            .iter()
            .map(|added| added.content.bytes().next().filter(u8::is_ascii_punctuation))
            .collect();
        if usual { Self::with_vocabulary(rules.model, special?) } else { None }
    }

    fn with_vocabulary(model: Model, special: Vec<u8>) -> Option<Self> {
        let unknown = *model.vocab.get(&model.unk_token)?;
        let longest_piece = model.vocab.keys().map(String::len).max()?;
        let (mut first, mut later) = (FnvHashMap::default(), FnvHashMap::default());
        for (piece, id) in model.vocab {
            if let Some(rest) = piece.strip_prefix(&model.continuing_subword_prefix) {
                later.insert(rest.as_bytes().into(), id);
            }
            first.insert(piece.as_bytes().into(), id);
        }
        let longest_word = model.max_input_chars_per_word;
        Some(Self { first, later, unknown, longest_word, longest_piece, special })
    }

    /// Appends the tokens of a stretch of text without white space. Does nothing and gives `false` where the
    /// library must look at it.
    pub(super) fn append(&self, chunk: &str, ids: &mut Vec<u32>) -> bool {
        if !chunk.bytes().all(|byte| self.is_plain(byte)) {
            return chunk.chars().all(|c| self.is_known(c)) && self.append_typographic(chunk, ids);
        }
        self.append_plain(chunk.as_bytes(), ids);
        true
    }

    fn is_plain(&self, byte: u8) -> bool {
        byte.is_ascii_graphic() && !self.special.contains(&byte)
    }

    fn is_known(&self, c: char) -> bool {
        is_typographic(c) || u8::try_from(c).is_ok_and(|byte| self.is_plain(byte))
    }

    /// A stretch with punctuation beyond ASCII, each mark of which is a word of its own.
    fn append_typographic(&self, chunk: &str, ids: &mut Vec<u32>) -> bool {
        for part in chunk.split_inclusive(is_typographic) {
            let mark = part.chars().next_back().filter(|c| is_typographic(*c));
            let words = part.len() - mark.map_or(0, char::len_utf8);
            self.append_plain(&part.as_bytes()[..words], ids);
            if mark.is_some() {
                self.append_word(&part.as_bytes()[words..], ids);
            }
        }
        true
    }

    fn append_plain(&self, chunk: &[u8], ids: &mut Vec<u32>) {
        let lower = chunk.to_ascii_lowercase();
        for part in lower.split_inclusive(u8::is_ascii_punctuation) {
            let words = part.len() - usize::from(part.last().is_some_and(u8::is_ascii_punctuation));
            for word in [&part[..words], &part[words..]].into_iter().filter(|word| !word.is_empty())
            {
                self.append_word(word, ids);
            }
        }
    }

    /// The longest pieces from left to right; one unknown token where there are none. A word is ASCII, or one
    /// character.
    fn append_word(&self, word: &[u8], ids: &mut Vec<u32>) {
        let before = ids.len();
        let mut start = 0;
        while start < word.len() && word.len() <= self.longest_word {
            let pieces = if start == 0 { &self.first } else { &self.later };
            let end = word.len().min(start + self.longest_piece);
            let fitting = |end: &usize| pieces.contains_key(&word[start..*end]);
            let Some(end) = (start + 1..=end).rev().find(fitting) else { break };
            ids.push(pieces[&word[start..end]]);
            start = end;
        }
        if start < word.len() {
            ids.truncate(before);
            ids.push(self.unknown);
        }
    }
}

/// Punctuation by Unicode that is frequent in English and has no other form.
fn is_typographic(c: char) -> bool {
    matches!(c, '‘' | '’' | '“' | '”' | '–' | '—' | '…')
}

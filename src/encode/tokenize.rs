//! Text to token ids, by the rules in a model's `tokenizer.json`.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde::Deserialize;
use tokenizers::{EncodeInput, Encoding, Tokenizer as Rules, TruncationParams, TruncationStrategy};

use super::files::Files;
use super::tagger::Reading;
use super::wordpiece::WordPiece;
use super::{Input, Tokens};
use crate::document::Span;
use crate::error::{Error, ErrorKind, Result};

/// A text of more bytes than this for each token that fits is cut before the rules see it: no language comes
/// near, and a line of 100 MB must not cost more than what is read of it.
const BYTES_PER_TOKEN: usize = 128;

/// `sentence_bert_config.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
    do_lower_case: bool,
}

impl SentenceConfig {
    /// The most tokens of an input, for a model that has positions for so many.
    fn max_tokens(&self, positions: usize) -> Result<usize> {
        match self.max_seq_length {
            // Room for the special tokens of a pair and a word.
            Some(length) if length < 4 => {
                Err(Error::new(ErrorKind::Model, format!("has max_seq_length {length}"))
                    .hint("a sentence needs at least 4 tokens"))
            }
            length => Ok(length.unwrap_or(positions).min(positions)),
        }
    }
}

/// A model's tokenizer, with padding off and truncation as the engine wants it.
#[derive(Debug)]
pub(super) struct Tokenizer {
    rules: Rules,
    max_tokens: usize,
    lowercase: bool,
    plain: Option<Plain>,
}

/// The quick way for one text by BERT's rules.
#[derive(Debug)]
struct Plain {
    pieces: WordPiece,
    /// What stands before and behind the tokens of a text.
    frame: [u32; 2],
}

impl Tokenizer {
    /// Reads the tokenizer of a sentence model that has positions for `positions` tokens and embeddings for
    /// `vocabulary`: `tokenizer.json`, and `sentence_bert_config.json` where there is one.
    pub(super) fn of_sentence_model(
        files: &mut Files<'_>,
        positions: usize,
        vocabulary: usize,
    ) -> Result<Self> {
        let sentence: SentenceConfig =
            files.json_optional("sentence_bert_config.json")?.unwrap_or_default();
        let max_tokens = sentence
            .max_tokens(positions)
            .map_err(|error| error.in_file(files.path("sentence_bert_config.json")))?;
        Self::of_model(files, vocabulary, max_tokens, sentence.do_lower_case)
    }

    /// Reads the `tokenizer.json` of a model that has embeddings for `vocabulary` tokens; inputs are cut to `max_tokens`.
    pub(super) fn of_model(
        files: &mut Files<'_>,
        vocabulary: usize,
        max_tokens: usize,
        lowercase: bool,
    ) -> Result<Self> {
        let path = files.path("tokenizer.json");
        let rules = files.read("tokenizer.json")?;
        let tokenizer = Self::parse(&rules, &path, max_tokens, lowercase)?;
        let largest = tokenizer.largest_id();
        if largest as usize >= vocabulary {
            let message = format!(
                "gives ids up to {largest}, but the model has embeddings for {vocabulary} tokens only"
            );
            return Err(Error::new(ErrorKind::Model, message)
                .in_file(path)
                .hint("tokenizer.json and config.json must come from the same model"));
        }
        Ok(tokenizer)
    }

    /// Reads `tokenizer.json`. Padding and truncation written there are for other programs and are ignored.
    pub(super) fn parse(
        bytes: &[u8],
        path: &Path,
        max_tokens: usize,
        lowercase: bool,
    ) -> Result<Self> {
        let broken = |error| {
            Error::new(ErrorKind::Model, "is not a tokenizer this program can read")
                .in_file(path)
                .hint("the file is damaged or of a newer kind; save it with the tokenizers package")
                .caused_by(error)
        };
        let mut rules = guarded(|| Rules::from_bytes(bytes)).map_err(broken)?;
        rules.with_padding(None);
        let plain = Plain::new(bytes, &rules);
        let truncation = TruncationParams {
            max_length: max_tokens,
            strategy: TruncationStrategy::LongestFirst,
            ..TruncationParams::default()
        };
        rules.with_truncation(Some(truncation)).map_err(broken)?;
        Ok(Self { rules, max_tokens, lowercase, plain })
    }

    /// The most tokens of one input, special ones included.
    pub(super) fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// The largest id the tokenizer can give.
    pub(super) fn largest_id(&self) -> u32 {
        self.rules.get_vocab(true).into_values().max().unwrap_or(0)
    }

    /// The tokens of one input, cut to the most the model reads.
    pub(super) fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        let (text, cut) = self.prepare(input.text);
        if let (Some(plain), None) = (&self.plain, input.pair) {
            return plain.tokenize(&self.rules, &text, self.max_tokens, cut);
        }
        self.tokenize_by_library(text, cut, input)
    }

    /// Any text or pair by any rules.
    fn tokenize_by_library(
        &self,
        text: Cow<'_, str>,
        cut: bool,
        input: Input<'_>,
    ) -> Result<Tokens> {
        let (pair, pair_cut) = input.pair.map_or((None, false), |pair| {
            let (pair, cut) = self.prepare(pair);
            (Some(pair), cut)
        });
        let input = match pair {
            Some(pair) => EncodeInput::Dual(text.into(), pair.into()),
            None => EncodeInput::Single(text.into()),
        };
        let encoding = guarded(|| self.rules.encode_fast(input, true)).map_err(unusable)?;
        Ok(tokens(&encoding, cut || pair_cut))
    }

    /// The tokens of a sentence with the words they make up; `quotations` are spans in it.
    pub(super) fn read(&self, sentence: &str, quotations: &[Span]) -> Result<Reading> {
        let lead = sentence.len() - sentence.trim_start_matches(is_space).len();
        let (text, cut) = self.prepare(sentence);
        let encoding = guarded(|| self.rules.encode(EncodeInput::Single(text.into()), true))
            .map_err(unusable)?;
        let pieces = encoding.get_word_ids().iter().zip(encoding.get_offsets());
        let pieces = pieces.map(|(word, (start, end))| {
            word.map(|word| (word, Span::new(start + lead, end + lead)))
        });
        Ok(Reading::new(sentence, tokens(&encoding, cut), pieces, quotations))
    }

    /// Trims a text, lowers its case where the model asks for it, and cuts what can never fit.
    fn prepare<'a>(&self, text: &'a str) -> (Cow<'a, str>, bool) {
        let text = text.trim_matches(is_space);
        let end = text.floor_char_boundary(self.max_tokens.saturating_mul(BYTES_PER_TOKEN));
        let cut = end < text.len();
        let text = &text[..end];
        (if self.lowercase { text.to_lowercase().into() } else { text.into() }, cut)
    }
}

/// White space as Python, which the reference goes by, has it: with four control characters more.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

fn tokens(encoding: &Encoding, cut: bool) -> Tokens {
    Tokens {
        ids: encoding.get_ids().to_vec(),
        type_ids: encoding.get_type_ids().to_vec(),
        truncated: cut || !encoding.get_overflowing().is_empty(),
    }
}

impl Plain {
    /// `None` where the rules are others, or their frame is.
    fn new(bytes: &[u8], rules: &Rules) -> Option<Self> {
        let pieces = WordPiece::parse(bytes)?;
        let ids = |text: &str, frame| {
            let encoding = guarded(|| rules.encode_fast(text, frame)).ok()?;
            let ids = encoding.get_ids().to_vec();
            encoding.get_type_ids().iter().all(|kind| *kind == 0).then_some(ids)
        };
        let (bare, framed) = (ids("a", false)?, ids("a", true)?);
        match *framed.as_slice() {
            [first, ref middle @ .., last] if *middle == bare => {
                Some(Self { pieces, frame: [first, last] })
            }
            _ => None,
        }
    }

    /// The tokens of a text that has been prepared; `cut` says whether its end is missing.
    fn tokenize(&self, rules: &Rules, text: &str, max_tokens: usize, cut: bool) -> Result<Tokens> {
        let [first, last] = self.frame;
        let mut ids = vec![first];
        // Other white space is in part a control character, which the library drops before it divides.
        for word in text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
            if !self.pieces.append(word, &mut ids) {
                let encoding = guarded(|| rules.encode_fast(word, false)).map_err(unusable)?;
                ids.extend(encoding.get_ids());
            }
            if ids.len() >= max_tokens {
                break;
            }
        }
        let truncated = cut || ids.len() >= max_tokens;
        ids.truncate(max_tokens - 1);
        ids.push(last);
        Ok(Tokens { type_ids: vec![0; ids.len()], ids, truncated })
    }
}

fn unusable(error: tokenizers::Error) -> Error {
    Error::new(ErrorKind::Model, "the tokenizer cannot handle a text")
        .hint("its tokenizer.json is damaged; fetch it again")
        .caused_by(error)
}

/// Makes an error of a panic: the library has some where a damaged `tokenizer.json` can lead it (a table of
/// characters that points beyond its end, for one), and a bad model must not end the program.
fn guarded<T>(work: impl FnOnce() -> tokenizers::Result<T>) -> tokenizers::Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("the tokenizers library gave up on its own data".into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn default_tokenizer() -> Tokenizer {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default/tokenizer.json");
        Tokenizer::parse(&fs_err::read(&path).unwrap(), &path, 32, false).unwrap()
    }

    /// The quick way gives what the library gives.
    fn check(tokenizer: &Tokenizer, text: &str) {
        let input = Input::single(text);
        let (prepared, cut) = tokenizer.prepare(text);
        let expected = tokenizer.tokenize_by_library(prepared, cut, input).unwrap();
        assert_eq!(tokenizer.tokenize(input).unwrap(), expected, "{text:?}");
    }

    #[test]
    fn the_quick_way_is_taken_and_right() {
        let tokenizer = default_tokenizer();
        assert!(tokenizer.plain.is_some(), "the default model has BERT's rules");
        for text in [
            "",
            "Ruvania's delegate said: “We shall not—ever—yield…” (applause)",
            "unaffable electroencephalographically Xyzzyq",
            "[MASK] and [CLS]x or a[SEP]b",
            "naïve café 各国 решают 🎉 e\u{301}te\u{300}",
            "a\u{85}b\u{b}c\u{c}d\u{2028}e",
            "one\u{a0}two\u{2003}three\u{200b}four\u{ad}five \u{1}six \u{7f} \u{fffd}",
            "don't can’t ’tis rock’n’roll 3.14 1,000 $5 50% a/b A_B x@y.z",
            &"a ".repeat(29),
            &"a ".repeat(30),
            &"a ".repeat(31),
            &"x".repeat(100),
            &"x".repeat(101),
        ] {
            check(&tokenizer, text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn any_text_has_the_tokens_of_the_library(
            texts in prop::collection::vec("[a-zA-Z\\[\\]’“—…'., -]{0,40}|\\PC{0,12}|.{0,12}", 1..4),
        ) {
            thread_local!(static TOKENIZER: Tokenizer = default_tokenizer());
            TOKENIZER.with(|tokenizer| check(tokenizer, &texts.join(" ")));
        }
    }
}

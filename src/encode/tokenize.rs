//! Text to token ids, by the rules in a model's `tokenizer.json`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tokenizers::{EncodeInput, Encoding, Tokenizer as Rules, TruncationParams, TruncationStrategy};

use super::tagger::Reading;
use super::{Input, Tokens};
use crate::document::Span;
use crate::error::{Error, ErrorKind, Result};

/// A text of more bytes than this for each token that fits is cut before the rules see it: no language comes
/// near, and a line of 100 MB must not cost more than what is read of it.
const BYTES_PER_TOKEN: usize = 128;

/// A model's tokenizer, with padding off and truncation as the engine wants it.
#[derive(Debug)]
pub(super) struct Tokenizer {
    rules: Rules,
    max_tokens: usize,
    lowercase: bool,
}

impl Tokenizer {
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
        let truncation = TruncationParams {
            max_length: max_tokens,
            strategy: TruncationStrategy::LongestFirst,
            ..TruncationParams::default()
        };
        rules.with_truncation(Some(truncation)).map_err(broken)?;
        Ok(Self { rules, max_tokens, lowercase })
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
        let (pair, pair_cut) = input.pair.map_or((None, false), |pair| {
            let (pair, cut) = self.prepare(pair);
            (Some(pair), cut)
        });
        let input = match pair {
            Some(pair) => EncodeInput::Dual(text.into(), pair.into()),
            None => EncodeInput::Single(text.into()),
        };
        let encoding = guarded(|| self.rules.encode_fast(input, true)).map_err(cannot_handle)?;
        Ok(tokens(&encoding, cut || pair_cut))
    }

    /// The tokens of a sentence with the words they make up; `quotations` are spans in it.
    pub(super) fn read(&self, sentence: &str, quotations: &[Span]) -> Result<Reading> {
        let lead = sentence.len() - sentence.trim_start_matches(is_space).len();
        let (text, cut) = self.prepare(sentence);
        let encoding = guarded(|| self.rules.encode(EncodeInput::Single(text.into()), true))
            .map_err(cannot_handle)?;
        let pieces = encoding.get_word_ids().iter().zip(encoding.get_offsets());
        let pieces = pieces.map(|(word, (start, end))| {
            word.map(|word| (word, Span::new(start + lead, end + lead)))
        });
        Ok(Reading::new(sentence, tokens(&encoding, cut), pieces, quotations))
    }

    /// Trims a text, lowers its case where the model asks for it, and cuts what can never fit.
    fn prepare(&self, text: &str) -> (String, bool) {
        let text = text.trim_matches(is_space);
        let end = text.floor_char_boundary(self.max_tokens.saturating_mul(BYTES_PER_TOKEN));
        let cut = end < text.len();
        let text = &text[..end];
        (if self.lowercase { text.to_lowercase() } else { text.to_owned() }, cut)
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

fn cannot_handle(cause: tokenizers::Error) -> Error {
    Error::new(ErrorKind::Model, "the tokenizer cannot handle a text")
        .hint("its tokenizer.json is damaged; fetch it again")
        .caused_by(cause)
}

/// Makes an error of a panic: the library has some where a damaged `tokenizer.json` can lead it (a table of
/// characters that points beyond its end, for one), and a bad model must not end the program.
fn guarded<T>(work: impl FnOnce() -> tokenizers::Result<T>) -> tokenizers::Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("the tokenizers library gave up on its own data".into()))
}

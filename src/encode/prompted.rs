//! Models that want to read a prompt before every text, such as E5 its `query: `.

use std::sync::Arc;
use std::time::Duration;

use ndarray::Array2;
use sha2::{Digest, Sha256};

use super::{Encoder, Input, Instructions, NativeEncoder, Precision, Tokens};
use crate::digest;
use crate::error::Result;

/// An encoder that is given every text with a prompt before it; of a pair, the first. The prompt counts among the tokens
/// of the text, in pooling too, as sentence-transformers has it unless a model says otherwise.
pub struct Prompted {
    encoder: Arc<dyn Encoder>,
    prompt: String,
    fingerprint: String,
}

impl Prompted {
    /// Puts `prompt` before what `encoder` reads.
    pub fn new(encoder: Arc<dyn Encoder>, prompt: String) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(encoder.fingerprint());
        hasher.update(&prompt);
        let fingerprint = digest::hexadecimal(&hasher.finalize());
        Self { encoder, prompt, fingerprint }
    }
}

impl Encoder for Prompted {
    fn dimension(&self) -> usize {
        self.encoder.dimension()
    }

    fn name(&self) -> &str {
        self.encoder.name()
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn backend(&self) -> &'static str {
        self.encoder.backend()
    }

    fn library_threads(&self) -> usize {
        self.encoder.library_threads()
    }

    fn native(&self) -> Option<&NativeEncoder> {
        self.encoder.native()
    }

    fn instructions(&self) -> Instructions {
        self.encoder.instructions()
    }

    fn precision(&self) -> Precision {
        self.encoder.precision()
    }

    fn operations(&self, tokens: usize) -> f64 {
        self.encoder.operations(tokens)
    }

    fn peak(&self, time: Duration) -> Option<f64> {
        self.encoder.peak(time)
    }

    fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        // What stands around the text would part it from its prompt.
        let text = format!("{}{}", self.prompt, input.text.trim_start());
        self.encoder.tokenize(Input { text: &text, pair: input.pair })
    }

    fn encode(&self, batch: &[Tokens]) -> Result<Array2<f32>> {
        self.encoder.encode(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::HashedEncoder;

    #[test]
    fn a_prompt_stands_before_every_text() {
        let plain: Arc<dyn Encoder> = Arc::new(HashedEncoder::default());
        let prompted = Prompted::new(plain.clone(), "query: ".to_owned());
        let single = prompted.tokenize(Input::single(" Cables of glass")).unwrap();
        assert_eq!(single, plain.tokenize(Input::single("query: Cables of glass")).unwrap());
        let pair = prompted.tokenize(Input::pair("Ruvania", "Cables of glass")).unwrap();
        let expected = plain.tokenize(Input::pair("query: Ruvania", "Cables of glass")).unwrap();
        assert_eq!(pair, expected);
        assert_ne!(prompted.fingerprint(), plain.fingerprint(), "its vectors are others");
    }
}

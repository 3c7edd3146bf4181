//! The tagger: finds who says what in a sentence, word by word.
//!
//! It is a branch of the encoder: the embeddings and the lowest layers are shared, the layers above are its own,
//! so a sentence that is encoded anyway is tagged for the price of these.

mod words;

pub use words::{Reading, Shape, Word};

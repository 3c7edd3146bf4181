//! Embeddings of the statements to learn from.

use super::labels::Labelled;
use super::rows::Row;
use crate::classify::heads::statement_input;
use crate::encode::{Encoder, Tokens};
use crate::engine::{self, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::observe::Silent;
use crate::schedule::{Stop, Workers};

/// One embedding for each row, one after the other: `rows · dimension` numbers.
pub(super) struct Embeddings {
    dimension: usize,
    values: Vec<f32>,
}

impl Embeddings {
    /// The embedding of row `index`.
    pub(super) fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.dimension..(index + 1) * self.dimension]
    }

    /// For each row the embedding of its sentence alone, which is that of the row in the voice of the
    /// text: every sentence has one, before its other rows.
    pub(super) fn of_sentences(&self, rows: &[Row]) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        let mut own = 0;
        for (index, row) in rows.iter().enumerate() {
            if row.holder.is_none() {
                own = index;
            }
            debug_assert_eq!(rows[own].record, row.record, "the own voice comes first");
            values.extend_from_slice(self.row(own));
        }
        Self { dimension: self.dimension, values }
    }

    /// Numbers in each.
    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }
}

/// What computes embeddings.
#[derive(Clone, Copy)]
pub(super) struct Embedder<'a> {
    pub(super) encoder: &'a dyn Encoder,
    pub(super) workers: &'a Workers,
    /// The most tokens of one batch.
    pub(super) batch_tokens: usize,
}

impl Embedder<'_> {
    /// One embedding for each row of `records`; reported statements with their holders if `holder_pairs`.
    ///
    /// # Errors
    /// Where the encoder fails or gives a number that is not finite, with the id of the sentence.
    pub(super) fn embed(
        self,
        records: &[Labelled],
        rows: &[Row],
        holder_pairs: bool,
    ) -> Result<Embeddings> {
        let tokens = self.workers.try_map(rows.iter().collect(), |row| {
            let sentence = &records[row.record].sentence;
            self.encoder.tokenize(statement_input(holder_pairs, row.holder.as_deref(), sentence))
        })?;
        let embeddings = self.encode(&tokens)?;
        match (0..rows.len()).find(|row| embeddings.row(*row).iter().any(|x| !x.is_finite())) {
            None => Ok(embeddings),
            Some(row) => Err(not_finite(self.encoder, &records[rows[row].record].id)),
        }
    }

    fn encode(self, tokens: &[Tokens]) -> Result<Embeddings> {
        let session = Session { workers: self.workers, observer: &Silent, stop: &Stop::default() };
        let vectors = engine::encode_all(self.encoder, tokens, self.batch_tokens, session)?;
        let dimension = self.encoder.dimension();
        Ok(Embeddings { dimension, values: vectors.into_raw_vec_and_offset().0 })
    }
}

fn not_finite(encoder: &dyn Encoder, id: &str) -> Error {
    let name = encoder.name();
    let message = format!("the encoder `{name}` gives no finite numbers for sentence `{id}`");
    Error::new(ErrorKind::Model, message).hint("its weights may be corrupt")
}

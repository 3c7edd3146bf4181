//! Embeddings of the statements to learn from.

use super::labels::Labelled;
use super::rows::Row;
use crate::classify::heads::statement_input;
use crate::encode::{Encoder, Tokens, batches};
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::Workers;

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
        let lengths: Vec<usize> = tokens.iter().map(Tokens::len).collect();
        let batches = batches(&lengths, self.batch_tokens);
        let vectors = self.workers.try_map(batches.iter().collect(), |batch| {
            let batch: Vec<_> = batch.iter().map(|index| tokens[*index].clone()).collect();
            self.encoder.encode(&batch)
        })?;
        let dimension = self.encoder.dimension();
        let mut values = vec![0.0; tokens.len() * dimension];
        for (batch, vectors) in batches.iter().zip(&vectors) {
            for (index, vector) in batch.iter().zip(vectors.rows()) {
                let target = &mut values[index * dimension..(index + 1) * dimension];
                target.iter_mut().zip(vector).for_each(|(value, new)| *value = *new);
            }
        }
        Ok(Embeddings { dimension, values })
    }
}

fn not_finite(encoder: &dyn Encoder, id: &str) -> Error {
    let name = encoder.name();
    let message = format!("the encoder `{name}` gives no finite numbers for sentence `{id}`");
    Error::new(ErrorKind::Model, message).hint("its weights may be corrupt")
}

//! Batches as libraries want them: inputs of like length side by side, the shorter ones filled up.

use ndarray::{Array2, ArrayView1};

use crate::encode::{Tokens, batches};
use crate::error::Result;

/// Inputs side by side. Rows beyond an input's end are padding, which the mask rules out.
#[derive(Debug)]
pub(super) struct Padded<'a> {
    inputs: Vec<&'a Tokens>,
    /// Tokens of the longest input, hence of each row.
    width: usize,
}

impl<'a> Padded<'a> {
    fn new(inputs: Vec<&'a Tokens>) -> Self {
        let width = inputs.iter().map(|tokens| tokens.len()).max().unwrap_or(0);
        Self { inputs, width }
    }

    /// Rows and columns.
    pub(super) fn shape(&self) -> [usize; 2] {
        [self.inputs.len(), self.width]
    }

    /// The inputs, one for each row.
    pub(super) fn inputs(&self) -> &[&'a Tokens] {
        &self.inputs
    }

    /// Token ids, row by row; `padding` behind the end of an input.
    pub(super) fn ids(&self, padding: u32) -> Vec<i64> {
        self.rows(i64::from(padding), |tokens| tokens.ids.iter().map(|&id| i64::from(id)))
    }

    /// Segment numbers, row by row, none above `largest`: a model with fewer segments cannot tell them apart.
    pub(super) fn types(&self, largest: u32) -> Vec<i64> {
        self.rows(0, |tokens| tokens.type_ids.iter().map(move |&id| i64::from(id.min(largest))))
    }

    /// 1 where there is a token, 0 where there is padding.
    pub(super) fn mask(&self) -> Vec<i64> {
        self.rows(0, |tokens| tokens.ids.iter().map(|_| 1))
    }

    /// A number for each place, row by row: those of an input, then `fill`.
    pub(super) fn rows<I: Iterator<Item = i64>>(
        &self,
        fill: i64,
        numbers: impl Fn(&'a Tokens) -> I,
    ) -> Vec<i64> {
        let rows = self
            .inputs
            .iter()
            .flat_map(|tokens| numbers(tokens).chain(std::iter::repeat(fill)).take(self.width));
        rows.collect()
    }
}

/// One row of `dimension` numbers for each member of the batch. `forward` gives them for members of like length, of
/// which there are so many at once that they make up at most `budget` tokens with their padding.
pub(super) fn encode(
    batch: &[Tokens],
    budget: usize,
    dimension: usize,
    mut forward: impl FnMut(&Padded<'_>) -> Result<Vec<f32>>,
) -> Result<Array2<f32>> {
    let lengths: Vec<usize> = batch.iter().map(Tokens::len).collect();
    let mut vectors = Array2::zeros((batch.len(), dimension));
    for group in batches(&lengths, budget) {
        let rows = forward(&Padded::new(group.iter().map(|&index| &batch[index]).collect()))?;
        assert_eq!(
            rows.len(),
            group.len() * dimension,
            "an engine gives one vector for each input"
        );
        for (&index, row) in group.iter().zip(rows.chunks_exact(dimension)) {
            vectors.row_mut(index).assign(&ArrayView1::from(row));
        }
    }
    Ok(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(ids: &[u32]) -> Tokens {
        Tokens {
            ids: ids.to_vec(),
            type_ids: ids.iter().map(|id| id % 3).collect(),
            truncated: false,
        }
    }

    #[test]
    fn shorter_inputs_are_filled_up() {
        let (long, short) = (input(&[5, 7, 8]), input(&[4]));
        let padded = Padded::new(vec![&long, &short]);
        assert_eq!(padded.shape(), [2, 3]);
        assert_eq!(padded.ids(9), [5, 7, 8, 4, 9, 9]);
        assert_eq!(padded.types(1), [1, 1, 1, 1, 0, 0]);
        assert_eq!(padded.mask(), [1, 1, 1, 1, 0, 0]);
    }

    #[test]
    fn rows_come_back_in_the_order_of_the_batch() {
        let batch = [input(&[1]), input(&[2, 2, 2]), input(&[3, 3]), input(&[4, 4, 4])];
        let mut shapes = Vec::new();
        let vectors = encode(&batch, 6, 1, |padded| {
            shapes.push(padded.shape());
            Ok(padded.inputs().iter().map(|tokens| tokens.ids[0] as f32).collect())
        });
        assert_eq!(vectors.unwrap().column(0).to_vec(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(shapes, [[2, 3], [2, 2]]);
    }
}

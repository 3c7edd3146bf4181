//! The bias of relative positions in `MPNet` (Song et al., arXiv:2004.09297; the buckets are T5's, Raffel et al.,
//! arXiv:1910.10683, section 2.1).

use super::config::Config;
use super::weights::Tensors;
use crate::error::Result;

/// Distances beyond this share the last bucket.
const FAR: f32 = 128.0;

/// What is added to the score of a query and a key, by head and by how far apart they are.
#[derive(Debug)]
pub(super) struct RelativeBias {
    /// For each head, the bias at the distances `-reach ..= reach`.
    table: Vec<f32>,
    reach: usize,
}

impl RelativeBias {
    pub(super) fn read(config: &Config, tensors: &Tensors<'_>) -> Result<Self> {
        let (buckets, heads, reach) = (config.buckets, config.heads, config.max_tokens());
        let learned = tensors.get("encoder.relative_attention_bias.weight", &[buckets, heads])?;
        let after = (0..=reach).map(|distance| bucket(distance, false, buckets));
        let before = (1..=reach).rev().map(|distance| bucket(distance, true, buckets));
        let line: Vec<usize> = before.chain(after).collect();
        let table =
            (0..heads).flat_map(|head| line.iter().map(move |bucket| bucket * heads + head));
        Ok(Self { table: table.map(|place| learned[place]).collect(), reach })
    }

    /// Adds to the scores that `query` gives to the keys 0, 1, 2, ….
    pub(super) fn add(&self, head: usize, query: usize, scores: &mut [f32]) {
        // From the middle of the head's part of the table, where the distance is 0, back to the first key.
        let first = head * (2 * self.reach + 1) + self.reach - query;
        for (score, bias) in scores.iter_mut().zip(&self.table[first..]) {
            *score += bias;
        }
    }
}

/// The bucket of a key `distance` tokens from its query: one each up to a quarter of all buckets, then
/// logarithmic. Half of the buckets are for keys after their query.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the number of buckets, rounded down as the reference does"
)]
fn bucket(distance: usize, before: bool, buckets: usize) -> usize {
    let half = buckets / 2;
    let exact = half / 2;
    let place = if distance < exact {
        distance
    } else {
        let share = (distance as f32 / exact as f32).ln() / (FAR / exact as f32).ln();
        (exact + (share * (half - exact) as f32) as usize).min(half - 1)
    };
    place + if before { 0 } else { half * usize::from(distance > 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_distances_have_buckets_of_their_own_and_far_ones_share() {
        assert_eq!(
            (0..9).map(|d| bucket(d, true, 32)).collect::<Vec<_>>(),
            [0, 1, 2, 3, 4, 5, 6, 7, 8]
        );
        assert_eq!(bucket(1, false, 32), 17);
        assert_eq!(
            [16, 32, 64, 127, 128, 500].map(|d| bucket(d, true, 32)),
            [10, 12, 14, 15, 15, 15]
        );
    }
}

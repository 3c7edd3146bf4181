//! What the tagger concludes from the states of the words: cues, and for each cue its source and content.

use super::decode::{TAGS, Words, best_spans, log_softmax};
use super::settings::Settings;
use super::words::Reading;
use crate::document::{Claim, Span};
use crate::encode::bert::Linear;
use crate::encode::kernel::{Activation, Kernel, Left, Target};
use crate::encode::weights::Tensors;
use crate::error::Result;

/// Tags of a source, then those of a content.
const PARTS: usize = 2 * TAGS;

/// The two heads over words.
///
/// A word is the state of its first token. For each cue every word of the sentence is scored for the tags of a
/// source and of a content: `key(word) · query(cue) / √width`, where a cue is its first word beside its last,
/// plus what the word alone and its distance from the cue tell. A bilinear attention as in Dozat & Manning,
/// arXiv:1611.01734, with the tags of Ramshaw & Marcus, arXiv:cmp-lg/9505040.
#[derive(Debug)]
pub(super) struct Heads {
    hidden: usize,
    cue: Dense<TAGS>,
    query: Linear,
    key: Linear,
    word: Dense<PARTS>,
    /// A row for each distance from `-reach` to `reach`.
    distance: Vec<[f32; PARTS]>,
}

impl Heads {
    pub(super) fn read(
        kernel: Kernel,
        tensors: &Tensors<'_>,
        settings: &Settings,
        hidden: usize,
    ) -> Result<Self> {
        let compared = PARTS * settings.width;
        // The scale of the comparison is part of the query.
        let query = ("query".to_owned(), 1.0 / (settings.width as f32).sqrt());
        let key = ("key".to_owned(), 1.0);
        let distances = 2 * settings.reach + 1;
        let distance = tensors.get("distance.weight", &[distances, PARTS])?;
        Ok(Self {
            hidden,
            cue: Dense::read(tensors, "cue", hidden)?,
            query: Linear::read(kernel, tensors, &[query], [compared, 2 * hidden], true)?,
            key: Linear::read(kernel, tensors, &[key], [compared, hidden], true)?,
            word: Dense::read(tensors, "word", hidden)?,
            distance: distance.as_chunks().0.to_vec(),
        })
    }

    /// The claims of a sentence whose words have the states `words`, a row for each; in the order of their cues.
    pub(super) fn claims(
        &self,
        kernel: Kernel,
        settings: &Settings,
        reading: &Reading,
        words: &[f32],
    ) -> Vec<Claim> {
        let rows = || words.chunks_exact(self.hidden);
        let cue_scores: Vec<_> = rows().map(|word| log_softmax(self.cue.apply(word))).collect();
        let cues = best_spans(&cue_scores, settings.cue_penalty);
        if cues.is_empty() {
            return Vec::new();
        }
        let keys = apply(kernel, &self.key, words, self.hidden);
        let alone: Vec<[f32; PARTS]> = rows().map(|word| self.word.apply(word)).collect();
        let row = |word: usize| &words[word * self.hidden..][..self.hidden];
        let ends: Vec<f32> =
            cues.iter().flat_map(|cue| [row(cue.start), row(cue.end - 1)].concat()).collect();
        let queries = apply(kernel, &self.query, &ends, 2 * self.hidden);
        let claim = |(cue, query): (&Words, &[f32])| {
            let parts = self.parts(settings, cue, query, &keys, &alone);
            let score = worth(&cue_scores, std::slice::from_ref(cue));
            claim(settings, reading, cue, score, &parts)
        };
        cues.iter().zip(queries.chunks_exact(PARTS * settings.width)).filter_map(claim).collect()
    }

    /// The log-probabilities of the tags of a source and of a content, for each word.
    fn parts(
        &self,
        settings: &Settings,
        cue: &Words,
        query: &[f32],
        keys: &[f32],
        alone: &[[f32; PARTS]],
    ) -> [Vec<[f32; TAGS]>; 2] {
        let width = settings.width;
        let mut parts = [Vec::with_capacity(alone.len()), Vec::with_capacity(alone.len())];
        for (word, (key, alone)) in keys.chunks_exact(PARTS * width).zip(alone).enumerate() {
            let near = &self.distance[place(word, cue, settings.reach)];
            let mut scores = [0.0; PARTS];
            for (tag, score) in scores.iter_mut().enumerate() {
                let part = tag * width..(tag + 1) * width;
                *score = dot(&key[part.clone()], &query[part]) + alone[tag] + near[tag];
            }
            let (tags, _) = scores.as_chunks::<TAGS>();
            parts.iter_mut().zip(tags).for_each(|(part, tags)| part.push(log_softmax(*tags)));
        }
        parts
    }
}

/// A claim, where its cue has a content.
fn claim(
    settings: &Settings,
    reading: &Reading,
    cue: &Words,
    score: f32,
    [sources, contents]: &[Vec<[f32; TAGS]>; 2],
) -> Option<Claim> {
    let content = best_spans(contents, 0.0);
    let mut source = best_spans(sources, 0.0);
    // A claim has one source at most: the first.
    source.truncate(1);
    let score = score + worth(contents, &content) + worth(sources, &source);
    let bytes = |words: &Words| {
        Span::new(reading.words[words.start].span.start, reading.words[words.end - 1].span.end)
    };
    (!content.is_empty()).then(|| Claim {
        cue: bytes(cue),
        source: source.first().map(bytes),
        content: content.iter().map(bytes).collect(),
        confidence: settings.calibration.probability(score),
    })
}

/// The mean log-probability of the tags in some spans; 0 for none.
fn worth(scores: &[[f32; TAGS]], spans: &[Words]) -> f32 {
    let tagged = spans.iter().flat_map(|span| {
        span.clone().map(|word| scores[word][if word == span.start { 1 } else { 2 }])
    });
    let (sum, count) = tagged.fold((0.0, 0_u16), |(sum, count), x| (sum + x, count + 1));
    sum / f32::from(count.max(1))
}

/// The row of the table of distances for a word: those within the cue are at distance 0.
fn place(word: usize, cue: &Words, reach: usize) -> usize {
    let before = cue.start.saturating_sub(word).min(reach);
    let behind = (word + 1).saturating_sub(cue.end).min(reach);
    reach - before + behind
}

fn apply(kernel: Kernel, layer: &Linear, rows: &[f32], width: usize) -> Vec<f32> {
    let mut left = Left::default();
    kernel.convert(rows, width, &mut left);
    let mut result = vec![0.0; rows.len() / width * layer.columns()];
    layer.apply(kernel, &left, Activation::Identity, Target::Rows(&mut result));
    result
}

/// A linear layer with few outputs.
#[derive(Debug)]
pub(super) struct Dense<const N: usize> {
    rows: Vec<Vec<f32>>,
    bias: [f32; N],
}

impl<const N: usize> Dense<N> {
    pub(super) fn read(tensors: &Tensors<'_>, name: &str, inputs: usize) -> Result<Self> {
        let weight = tensors.get(&format!("{name}.weight"), &[N, inputs])?;
        let bias = tensors.get(&format!("{name}.bias"), &[N])?;
        let rows = weight.chunks_exact(inputs).map(<[f32]>::to_vec).collect();
        Ok(Self { rows, bias: std::array::from_fn(|output| bias[output]) })
    }

    pub(super) fn apply(&self, input: &[f32]) -> [f32; N] {
        std::array::from_fn(|output| self.bias[output] + dot(&self.rows[output], input))
    }
}

/// The inner product, in eight sums so that vectors can do it; always in the same order.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    const LANES: usize = 8;
    let (ones, one_rest) = one.as_chunks::<LANES>();
    let (others, other_rest) = other.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (one, other) in ones.iter().zip(others) {
        for lane in 0..LANES {
            sums[lane] += one[lane] * other[lane];
        }
    }
    let rest: f32 = one_rest.iter().zip(other_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_from_the_ends_of_the_cue() {
        let distance = |word| place(word, &(4..6), 3);
        assert_eq!([0, 1, 3, 4, 5, 6, 8, 9].map(distance), [0, 0, 2, 3, 3, 4, 6, 6]);
    }

    #[test]
    fn dot_is_the_sum_of_products() {
        let one: Vec<f32> = (0..19_u8).map(f32::from).collect();
        assert_eq!(dot(&one, &one).to_bits(), 2109.0_f32.to_bits());
    }

    #[test]
    fn worth_is_a_mean_over_the_tags_of_the_spans() {
        let scores = [[-9.0, -1.0, -9.0], [-9.0, -9.0, -3.0], [-1.0, -5.0, -6.0]];
        let span = 0..2;
        assert_eq!(worth(&scores, std::slice::from_ref(&span)).to_bits(), (-2.0_f32).to_bits());
        assert_eq!(worth(&scores, &[]).to_bits(), 0.0_f32.to_bits());
    }
}

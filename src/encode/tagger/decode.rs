//! From scores of tags to spans.

/// Outside of a span, first of a span, further inside of one.
pub(super) const TAGS: usize = 3;
const BEGIN: usize = 1;
const INSIDE: usize = 2;

/// A half-open range of words.
pub(super) type Words = std::ops::Range<usize>;

/// The spans of the likeliest sequence of tags in which nothing is inside what has not begun (Viterbi,
/// doi:10.1109/TIT.1967.1054010). `scores` are log-probabilities; each begin costs `penalty`. Of equals the
/// lower tag is taken.
pub(super) fn best_spans(scores: &[[f32; TAGS]], penalty: f32) -> Vec<Words> {
    let mut best = [0.0, f32::NEG_INFINITY, f32::NEG_INFINITY];
    let mut steps = Vec::with_capacity(scores.len());
    for [outside, begin, inside] in scores {
        let anywhere = likeliest(&best);
        let within = if best[BEGIN] >= best[INSIDE] { BEGIN } else { INSIDE };
        steps.push([anywhere, anywhere, within]);
        best = [best[anywhere] + outside, best[anywhere] + begin - penalty, best[within] + inside];
    }
    let mut spans = Vec::new();
    let (mut tag, mut end) = (likeliest(&best), None);
    for (word, step) in steps.iter().enumerate().rev() {
        if tag == BEGIN || tag == INSIDE {
            end.get_or_insert(word + 1);
        }
        if tag == BEGIN {
            spans.extend(end.take().map(|end| word..end));
        }
        tag = step[tag];
    }
    spans.reverse();
    spans
}

fn likeliest(best: &[f32; TAGS]) -> usize {
    (1..TAGS).fold(0, |top, tag| if best[tag] > best[top] { tag } else { top })
}

/// The logarithms of the softmax of each row.
pub(super) fn log_softmax(row: [f32; TAGS]) -> [f32; TAGS] {
    let largest = row.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = row.iter().map(|x| (x - largest).exp()).sum();
    row.map(|x| x - largest - sum.ln())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scores(tags: &str) -> Vec<[f32; TAGS]> {
        let score = |tag| match tag {
            'O' => [-0.1, -3.0, -3.0],
            'B' => [-3.0, -0.1, -3.0],
            _ => [-3.0, -3.0, -0.1],
        };
        tags.chars().map(score).collect()
    }

    fn ends(scores: &[[f32; TAGS]], penalty: f32) -> Vec<(usize, usize)> {
        best_spans(scores, penalty).into_iter().map(|span| (span.start, span.end)).collect()
    }

    #[test]
    fn spans_begin_and_go_on() {
        assert_eq!(ends(&scores("OBIIOBB"), 0.0), [(1, 4), (5, 6), (6, 7)]);
        assert!(best_spans(&scores(""), 0.0).is_empty());
        assert!(best_spans(&scores("OOO"), 0.0).is_empty());
    }

    #[test]
    fn nothing_is_inside_what_has_not_begun() {
        // The first I costs less as a begin than the whole span as outside.
        assert_eq!(ends(&scores("OIIO"), 0.0), [(1, 3)]);
        assert!(best_spans(&scores("I"), 0.0).is_empty());
    }

    #[test]
    fn a_penalty_costs_doubtful_spans() {
        let doubtful = [[-0.8, -0.6, -9.0]];
        assert_eq!(ends(&doubtful, 0.0), [(0, 1)]);
        assert!(best_spans(&doubtful, 0.5).is_empty());
    }

    /// The best over all sequences, one by one.
    fn by_trial(scores: &[[f32; TAGS]], penalty: f32) -> f32 {
        let n = u32::try_from(scores.len()).expect("few");
        let sequence = |mut code: usize| {
            let (mut total, mut open) = (0.0, false);
            for row in scores {
                let tag = code % TAGS;
                code /= TAGS;
                if tag == INSIDE && !open {
                    return f32::NEG_INFINITY;
                }
                open = tag != 0;
                total += row[tag] - if tag == BEGIN { penalty } else { 0.0 };
            }
            total
        };
        (0..TAGS.pow(n)).map(sequence).fold(f32::NEG_INFINITY, f32::max)
    }

    fn worth(scores: &[[f32; TAGS]], spans: &[Words], penalty: f32) -> f32 {
        let tag = |word: usize| match spans.iter().find(|span| span.contains(&word)) {
            Some(span) if span.start == word => BEGIN,
            Some(_) => INSIDE,
            None => 0,
        };
        let cost = |tag| if tag == BEGIN { penalty } else { 0.0 };
        scores.iter().enumerate().map(|(word, row)| row[tag(word)] - cost(tag(word))).sum()
    }

    proptest! {
        #[test]
        fn no_other_sequence_is_better(
            scores in prop::collection::vec(prop::array::uniform3(-5.0_f32..0.0), 0..7),
            penalty in -1.0_f32..1.0,
        ) {
            let spans = best_spans(&scores, penalty);
            prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
            let difference = worth(&scores, &spans, penalty) - by_trial(&scores, penalty);
            prop_assert!(difference.abs() < 1e-4);
        }

        #[test]
        fn log_softmax_sums_to_one(row in prop::array::uniform3(-30.0_f32..30.0)) {
            let sum: f32 = log_softmax(row).iter().map(|x| x.exp()).sum();
            prop_assert!((sum - 1.0).abs() < 1e-5);
        }
    }
}

//! Laws that hold for any text.

use proptest::prelude::*;

use super::{document, sentences};
use crate::attribute::{ActorRegistry, Attributor, RuleAttributor, statements, turn_of, turns};
use crate::document::{Attribution, Sentence, Span, Turn};

/// All laws of turns, attributions and statements on one text.
fn check(text: &str, rules: &RuleAttributor, registry: &ActorRegistry) {
    let doc = document(text, Some("Ruvania"));
    let (sentences, turns) = (sentences(text), turns(&doc));
    check_turns(text, &turns);
    let attributions = rules.attributions(text, &sentences, &turns, Some("en"));
    check_attributions(text, &attributions);
    assert_eq!(
        attributions,
        rules.attributions(text, &sentences, &turns, Some("en")),
        "deterministic"
    );
    let drafts = statements(&doc, &sentences, &turns, &attributions, registry);
    let own: Vec<usize> =
        drafts.iter().filter(|d| d.attribution.is_none()).map(|d| d.sentence).collect();
    assert_eq!(
        own,
        (0..sentences.len()).collect::<Vec<_>>(),
        "one own voice per sentence, in order"
    );
    check_places(&sentences, &turns);
}

fn check_span(text: &str, span: Span) {
    assert!(span.start < span.end && span.end <= text.len(), "{span:?} in {} bytes", text.len());
    assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}");
}

fn check_turns(text: &str, turns: &[Turn]) {
    for turn in turns {
        check_span(text, turn.span);
        assert!(turn.label.is_none_or(|label| turn.span.contains(label) && !label.is_empty()));
        assert!((0.0..=1.0).contains(&turn.confidence));
    }
    assert!(
        turns.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start),
        "ordered and disjoint"
    );
}

fn check_attributions(text: &str, attributions: &[Attribution]) {
    for attribution in attributions {
        attribution
            .source
            .into_iter()
            .chain(attribution.cue)
            .for_each(|span| check_span(text, span));
        attribution.content.iter().for_each(|piece| check_span(text, *piece));
        assert!(!attribution.content.is_empty());
        assert!(
            attribution.content.windows(2).all(|pair| pair[0].end <= pair[1].start),
            "{attribution:?}"
        );
        assert!((0.0..=1.0).contains(&attribution.confidence));
    }
}

fn check_places(sentences: &[Sentence], turns: &[Turn]) {
    for (sentence, place) in sentences.iter().zip(turn_of(sentences, turns)) {
        assert!(place.is_none_or(|at| turns[at as usize].span.overlaps(sentence.span)));
    }
}

fn run(texts: impl IntoIterator<Item = String>) {
    let (rules, registry) = (RuleAttributor::new(), ActorRegistry::built_in());
    texts.into_iter().for_each(|text| check(&text, &rules, &registry));
}

#[test]
fn hostile_texts_break_no_law() {
    run([
        String::new(),
        "“".repeat(5000),
        "\"".repeat(5001),
        "'' `` ' ‘ ’ „ « » “ ” 「 」".repeat(300),
        "Okoro said: ".repeat(3000),
        "said he saying and said but also ".repeat(3000),
        ":".repeat(9000),
        "A:\n".repeat(5000),
        "Mr. Okoro (".repeat(2000),
        "قال الوزير: «الشبكة مفتوحة» שלום “שלום” אמר".repeat(50),
        "\u{202e}Okoro said, “yes\u{202c}.” \u{0301}\u{0301}'s ’s".repeat(50),
        format!("“{} ” said Okoro.", "We will keep the network open. ".repeat(20_000)),
        format!("“{}", "word word word.\n\n“".repeat(3000)),
    ]);
}

/// A text of `n` parts must not take more than about `n` times the work of one; counted in tokens looked at, not
/// in seconds: the windows and sentences that the rules see are bounded.
#[test]
fn sentences_and_windows_are_bounded() {
    use crate::attribute::reported::{LONGEST_SENTENCE, WINDOW};
    let text = "said he ".repeat(50_000);
    let found = RuleAttributor::new().attributions(&text, &sentences(&text), &[], None);
    let longest = found.iter().flat_map(|a| &a.content).map(|piece| piece.len()).max().unwrap_or(0);
    assert!(longest <= LONGEST_SENTENCE * "said ".len());
    assert!(WINDOW < text.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_text_breaks_no_law(text in "\\PC{0,300}") {
        run([text]);
    }

    #[test]
    fn text_like_text_breaks_no_law(parts in prop::collection::vec(prop::sample::select(PARTS.to_vec()), 0..60)) {
        run([parts.concat()]);
    }
}

/// Pieces that the rules react to.
const PARTS: [&str; 40] = [
    "Okoro",
    "Mira Solheim",
    "Mr. ",
    "President of Ruvania ",
    "said",
    " said ",
    "told",
    " that ",
    "according to ",
    ", ",
    ". ",
    ": ",
    "\n",
    "\n\n",
    "“",
    "”",
    "\"",
    "''",
    "‘",
    "’s ",
    "„",
    "«",
    "»",
    "「",
    "」",
    "(Ruvania)",
    "[Applause]",
    "Q: ",
    "THE CHAIR: ",
    "who ",
    "he ",
    "the ministry ",
    "and ",
    "—",
    "…",
    "é",
    "文字",
    "\u{301}",
    "**",
    "also ",
];

//! The law of [`Segmenter`], tested: one macro runs every test on an implementor, random text included.

use proptest::prelude::*;

use super::Segmenter;

/// Runs the law-suite on a segmenter: `law_suite!(name_of_module, expression)`.
macro_rules! law_suite {
    ($name:ident, $segmenter:expr) => {
        mod $name {
            use $crate::segment::laws;

            #[test]
            fn keeps_the_law_on_texts_written_to_break_it() {
                for text in laws::nasty_texts() {
                    laws::assert_lawful(&$segmenter, &text);
                }
            }

            proptest::proptest! {
                #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

                #[test]
                fn keeps_the_law_on_random_text(text in "\\PC{0,200}") {
                    laws::assert_lawful(&$segmenter, &text);
                }

                #[test]
                fn keeps_the_law_on_random_punctuation(text in laws::punctuated()) {
                    laws::assert_lawful(&$segmenter, &text);
                }
            }
        }
    };
}
pub(super) use law_suite;

/// Fails with the broken law and its place.
pub(super) fn assert_lawful(segmenter: &dyn Segmenter, text: &str) {
    let mut end = 0;
    let mut paragraph = 0;
    for sentence in segmenter.segment(text) {
        let span = sentence.span;
        assert!(
            span.start >= end,
            "spans overlap or run backwards at byte {end} of {text:?}: look at the order of pushes"
        );
        assert!(
            text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
            "{span:?} is not on character boundaries of {text:?}: look for arithmetic on bytes"
        );
        assert!(!span.is_empty(), "empty span at {} of {text:?}", span.start);
        assert_eq!(
            span,
            span.trimmed(text),
            "white space at an end of {span:?} of {text:?}: call `trimmed`"
        );
        let gap = &text[end..span.start];
        assert!(
            gap.trim().is_empty(),
            "{gap:?} of {text:?} is in no sentence: look for a lost push"
        );
        assert!(
            sentence.paragraph >= paragraph,
            "the paragraph number falls at {span:?} of {text:?}"
        );
        (end, paragraph) = (span.end, sentence.paragraph);
    }
    assert!(
        text[end..].trim().is_empty(),
        "{:?} at the end of {text:?} is in no sentence",
        &text[end..]
    );
}

/// Random text in which every rule has something to do.
pub(super) fn punctuated() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        ".",
        ". ",
        "...",
        " . . . .",
        "?",
        "! ",
        "…",
        "。",
        "！",
        "؟ ",
        "۔",
        "।",
        "።",
        "፧",
        "։",
        ":",
        ": ",
        ";",
        ",",
        "\"",
        "“",
        "”",
        "'",
        "’",
        "«",
        "» ",
        "„",
        "「",
        "」",
        "(",
        ") ",
        "[",
        "]",
        "[12]",
        "\n",
        "\n\n",
        "\r\n",
        " ",
        "\u{a0}",
        "\t",
        "- ",
        "• ",
        "1. ",
        "2) ",
        "(a) ",
        "b. ",
        "IV. ",
        "A. ",
        "Mr.",
        "U.S.",
        "e.g. ",
        "No. ",
        "12",
        "г. ",
        "The ",
        "the ",
        "Ein ",
        "В ",
        "Q: ",
        "ANNA LIND: ",
        "語",
        "\u{2003}",
        "This",
        "Die",
        "В",
        "***",
        "a@b.c",
        "regards,",
        "03:48 PM",
        "كلمة ",
        "\u{200f}",
        "é\u{301}",
    ];
    prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)
        .prop_map(|pieces| pieces.concat())
}

/// Texts at the edges of what is allowed.
pub(super) fn nasty_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\n",
        "\u{feff}",
        ".",
        "\u{200f}.",
        "a",
        "\r\n.\r\n",
        "1.",
        "Mr.",
        "(((",
        "1. 2. 3.",
        "\u{85}a.\u{2028}B",
    ]
    .map(str::to_owned)
    .into();
    texts.extend(
        [".", "\"", "(", "« ", "a. ", ". ", "1. ", "“A. ", "\n", "語。", "Q: a\n", "\u{301}"]
            .map(|unit| unit.repeat(500)),
    );
    texts
}

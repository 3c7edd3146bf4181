//! Statements: one per sentence and holder.

use super::{document, sentences};
use crate::attribute::{ActorRegistry, StatementDraft, attributions, statements, turn_of, turns};
use crate::document::{Document, Manner, Metadata};

fn drafts(doc: &Document) -> Vec<StatementDraft> {
    let (sentences, turns) = (sentences(&doc.text), turns(doc));
    let attributions = attributions(&doc.text, &sentences, &turns, Some("en"));
    statements(doc, &sentences, &turns, &attributions, &ActorRegistry::built_in())
}

/// Sentence, holder, actor and whether the holder speaks in it.
fn check(doc: &Document, expected: &[(usize, &str, &str, bool)]) {
    let drafts = drafts(doc);
    let shown: Vec<_> = drafts
        .iter()
        .map(|d| {
            (
                d.sentence,
                d.holder.as_str(),
                d.actor.as_ref().map_or("-", |a| a.actor_id.as_str()),
                d.own_words,
            )
        })
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn every_sentence_has_its_own_voice_and_one_more_per_holder() {
    let doc = document(
        "The talks failed. Beijing argues that each state should police its own network.",
        Some("Kenya"),
    );
    check(
        &doc,
        &[(0, "SPEAKER", "KEN", true), (1, "SPEAKER", "KEN", true), (1, "Beijing", "CHN", true)],
    );
}

#[test]
fn in_a_quoted_sentence_the_author_says_nothing() {
    let doc = document("“We agree,” said Ada Okoro. “It took three years.”", None);
    check(
        &doc,
        &[
            (0, "SPEAKER", "-", true),
            (0, "Ada Okoro", "person-ada-okoro", true),
            (1, "SPEAKER", "-", false),
            (1, "Ada Okoro", "person-ada-okoro", true),
        ],
    );
}

#[test]
fn a_turn_gives_its_sentences_to_its_speaker() {
    let text = "The leaders met.\n\nPresident of France Lio Marek: Good day. We agree.\n\n(Applause)\n\nQ: Why now?\n\nLio Marek: It was time.";
    let doc = document(text, Some("The Lake Herald"));
    let marek = "person-lio-marek";
    check(
        &doc,
        &[
            (0, "SPEAKER", "the-lake-herald", true),
            (1, "SPEAKER", marek, true),
            (2, "SPEAKER", marek, true),
            (3, "SPEAKER", marek, false),
            (4, "SPEAKER", "-", true),
            (5, "SPEAKER", marek, true),
        ]
        .map(|(n, holder, actor, own)| {
            (n, holder, if actor == "the-lake-herald" { "lake-herald" } else { actor }, own)
        }),
    );
    let sentences = sentences(text);
    let places = turn_of(&sentences, &turns(&doc));
    assert_eq!(places, [Some(0), Some(1), Some(1), Some(1), Some(2), Some(3)]);
}

#[test]
fn narration_is_not_put_in_the_mouth_of_a_speaker() {
    let text = "The leaders met at the lake.\n\nLio Marek: Good day to you. We agree on all of it.";
    let doc = document(text, Some("Lio Marek"));
    let first = &drafts(&doc)[0];
    assert_eq!((first.sentence, &first.actor), (0, &None));
}

#[test]
fn answers_belong_to_the_only_known_speaker() {
    let text = "Q: Who decides?\n\nA: All states together.\n\nQ: When?\n\nA: Next year.";
    let meta = Metadata { actor: Some("Kenya".to_owned()), ..Metadata::default() };
    let actors: Vec<_> = drafts(&Document { meta, ..document(text, None) })
        .into_iter()
        .map(|d| d.actor.map(|a| a.actor_id))
        .collect();
    assert_eq!(actors, [None, Some("KEN".to_owned()), None, Some("KEN".to_owned())]);
}

#[test]
fn nested_claims_stay_with_the_outer_holder() {
    let doc = document("France said that Germany believes that the net should close.", None);
    let holders: Vec<_> = drafts(&doc).into_iter().map(|d| (d.holder, d.manner)).collect();
    assert_eq!(
        holders,
        [("SPEAKER".to_owned(), Manner::Own), ("France".to_owned(), Manner::Indirect)]
    );
}

//! The scores on texts of our own, and the bars on the public sets where they are at hand.

use super::*;

fn record(lang: &str, text: &str, sentences: &[(usize, usize)]) -> Record {
    let (id, lang, text) = ("a".to_owned(), lang.to_owned(), text.to_owned());
    Record { id, lang, text, sentences: sentences.to_vec(), meta: Meta::default() }
}

#[test]
fn a_perfect_cut_scores_one() {
    let records = [record("en", "We came. They left.", &[(0, 8), (9, 19)])];
    let report = evaluate(&records, &Segmenters::new());
    let row = &report.rows[0];
    assert_eq!((row.n_exact, row.n_sentences), (1, 2));
    assert!((row.f1 - 1.0).abs() < 1e-12 && (row.f1_joined - 1.0).abs() < 1e-12);
}

#[test]
fn a_missed_and_an_invented_end_cost_recall_and_precision() {
    // Expected ends after "Dr.", which is wrong, and found after "came.".
    let records = [record("en", "Then Dr. Lind came. They left.", &[(0, 8), (9, 30)])];
    let row = evaluate(&records, &Segmenters::new()).rows.remove(0);
    assert_eq!((row.n_exact, row.precision, row.recall), (0, 0.0, 0.0));
    assert!(
        (row.f1_joined - 0.5).abs() < 1e-12,
        "the end of the text still counts: {}",
        row.f1_joined
    );
}

#[test]
fn an_end_without_punctuation_is_not_held_against_anybody() {
    let mut record = record("en", "A headline We came. They left.", &[(0, 10), (11, 19), (20, 30)]);
    record.meta.ends_with_punctuation = vec![false, true, true];
    let row = evaluate(&[record], &Segmenters::new()).rows.remove(0);
    assert!(row.recall < 0.6);
    assert_eq!(row.f1_punctuated, Some(1.0));
}

#[test]
fn offsets_are_code_points_and_white_space_does_not_count() {
    let records = [record("en", "Él vino.  \n  Ça va!", &[(0, 10), (11, 19)])];
    assert_eq!(evaluate(&records, &Segmenters::new()).rows[0].n_exact, 1);
}

#[test]
fn sentences_are_prepared_as_wtpsplit_does() {
    assert_eq!(preprocess("--  We\u{200f}  came… "), "We came...");
}

#[test]
fn a_span_outside_its_text_is_an_error() {
    let line = r#"{"id": "a", "lang": "en", "text": "ab", "sentences": [[0, 3]]}"#;
    assert!(parse(line).unwrap_err().remedy().is_some());
}

/// The rows of a set beside the project, or nothing, said aloud, where the sets are not at hand.
fn rows(set: &str) -> Vec<Row> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("PLENARY_SHARED").map_or_else(beside, Into::into);
    let path = shared.join("bench/segmentation").join(set);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return Vec::new();
    }
    evaluate(&read(&path).unwrap(), &Segmenters::new()).rows
}

#[test]
fn golden_rules_are_kept_in_every_language() {
    for row in rows("golden_rules/test.jsonl") {
        // Arabic: one text is cut at commas, which would ruin running prose.
        let missed = usize::from(row.lang == "ar");
        assert!(
            row.n_exact + missed >= row.n_documents,
            "{}: {} of {}",
            row.lang,
            row.n_exact,
            row.n_documents
        );
    }
}

#[test]
fn web_english_and_news_reach_their_bars() {
    for row in rows("ud_en_ewt/test.jsonl") {
        assert!(row.f1 >= 0.93, "UD EWT: {}", row.f1);
    }
    for row in rows("ersatz_news/dev.jsonl") {
        let bar = if row.lang == "zh" { 0.88 } else { 0.97 };
        assert!(row.f1 >= bar, "Ersatz {}: {}", row.lang, row.f1);
        assert!(row.f1_punctuated >= Some(0.97), "Ersatz {}: {:?}", row.lang, row.f1_punctuated);
    }
}

use proptest::prelude::*;

use super::*;
use crate::classify::{
    Axis, Codebook, CodebookStamp, EncoderStamp, LabelFile, Side, TrainingStamp,
};
use crate::document::Manner;
use crate::encode::{Encoder, HashedEncoder};

const DIMENSION: usize = 8;

fn head(pole: &str, sign: f64) -> Head {
    Head {
        pole: pole.into(),
        n_statements: 100,
        n_positive: 10,
        penalty: 0.001,
        calibration: Platt { slope: 1.5, intercept: -0.25 },
        threshold: 0.4,
        unsure_from: 0.3,
        unsure_to: 0.7,
        bias: -0.5,
        feature_weights: vec![0.5, 0.25, -1.0, -2.0],
        weights: (0..DIMENSION).map(|i| sign * (i as f64 - 3.0) / 3.0).collect(),
        reported_weights: vec![sign * 0.125; DIMENSION],
        word_weights: vec![0.25 * sign],
    }
}

/// Heads for the built-in codebook on eight hashed dimensions.
fn heads() -> Heads {
    let (codebook, encoder) = (Codebook::built_in(), HashedEncoder::new(DIMENSION));
    let axis = |axis: &Axis| AxisHeads {
        axis: axis.id.clone(),
        poles: [head(&axis.poles[0].id, 1.0), head(&axis.poles[1].id, -1.0)],
    };
    let file = LabelFile { file: "a.csv".into(), sha256: "0".repeat(64), n_sentences: 3 };
    Heads {
        format: FORMAT,
        codebook: CodebookStamp {
            id: codebook.id.clone(),
            version: codebook.version.clone(),
            sha256: codebook.sha256(),
        },
        encoder: EncoderStamp {
            name: encoder.name().into(),
            fingerprint: encoder.fingerprint().into(),
            dimension: DIMENSION,
        },
        training: TrainingStamp {
            plenary: "0.1.0".into(),
            labels: vec![file],
            auxiliary: Vec::new(),
            n_folds: 5,
            auxiliary_weight: 0.3,
            abstain_error: 0.3,
        },
        features: StatementFeatures::NAMES.map(String::from).to_vec(),
        holder_pairs: true,
        words: Words::learn(["net"].into_iter(), 1),
        axes: codebook.axes.iter().map(axis).collect(),
        sentence_axes: codebook.axes.iter().map(axis).collect(),
        relevance: 0.0,
    }
}

/// The own voice of a sentence of which `reported_share` is somebody else's.
fn own(reported_share: f32) -> StatementFeatures {
    StatementFeatures { reported_share, ..StatementFeatures::PLAIN }
}

/// The complaint about heads changed by `change`.
fn check(change: impl FnOnce(&mut Heads)) -> String {
    let mut changed = heads();
    change(&mut changed);
    let error = Heads::parse(&changed.to_json(), "heads.json").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert_eq!(error.location().file.as_deref(), Some(Path::new("heads.json")));
    error.cause()
}

#[test]
fn the_margin_by_hand() {
    let head = head("openness", 1.0);
    let embedding = [1.0; DIMENSION];
    let common = -0.5 + (8.0 * 3.5 - 24.0) / 3.0;
    let margin = |features| head.margin(&Evidence { embedding: &embedding, features, words: &[] });
    assert!((margin(StatementFeatures::PLAIN) - common).abs() < 1e-12);
    assert!((margin(own(0.5)) - (common - 2.0)).abs() < 1e-12);
    assert!((margin(StatementFeatures::reported(Manner::Direct)) - (common + 1.5)).abs() < 1e-12);
    let words =
        Evidence { embedding: &embedding, features: StatementFeatures::PLAIN, words: &[(0, 1.0)] };
    assert!((head.margin(&words) - (common + 0.25)).abs() < 1e-12);
}

#[test]
fn holders_are_paired_with_their_sentence() {
    let mut heads = heads();
    assert_eq!(heads.input(None, "s"), Input::single("s"));
    assert_eq!(heads.input(Some("h"), "s"), Input::pair("h", "s"));
    heads.holder_pairs = false;
    assert_eq!(heads.input(Some("h"), "s"), Input::single("s"));
}

#[test]
fn thresholds_and_bands_decide() {
    let mut heads = heads();
    for head in heads.axes.iter_mut().flat_map(|axis| &mut axis.poles) {
        head.calibration = Platt::IDENTITY;
        head.weights = vec![0.0; DIMENSION];
    }
    let bias = |p: f64| (p / (1.0 - p)).ln();
    for (p, lean, abstain) in [
        ([0.1, 0.2], Side::Neither, false),
        ([0.35, 0.2], Side::Neither, true),
        ([0.5, 0.2], Side::First, true),
        ([0.9, 0.2], Side::First, false),
        ([0.9, 0.8], Side::Both, false),
        ([f64::NAN, 0.1], Side::Neither, true),
    ] {
        heads.axes[0].poles[0].bias = bias(p[0]);
        heads.axes[0].poles[1].bias = bias(p[1]);
        let found = heads.predict("", &[0.5; DIMENSION], &StatementFeatures::PLAIN)[0];
        assert_eq!((found.lean, found.abstain), (lean, abstain), "{p:?}");
    }
}

#[test]
fn without_words_of_its_own_a_holder_leans_nowhere() {
    let silent = StatementFeatures { own_words: false, ..StatementFeatures::PLAIN };
    let leans = heads().predict("net", &[9.0; DIMENSION], &silent);
    assert!(leans.iter().all(|lean| *lean == Lean::default()));
    assert_ne!(heads().predict("net", &[9.0; DIMENSION], &StatementFeatures::PLAIN), leans);
}

#[test]
fn sentences_have_heads_of_their_own_or_none() {
    let mut heads = heads();
    let embedding = [0.5; DIMENSION];
    let predict = |heads: &Heads| heads.predict_sentence("net", &embedding, &own(0.5));
    assert_eq!(predict(&heads), heads.predict("net", &embedding, &own(0.5)));
    heads.sentence_axes[1].poles[0].bias += 1.0;
    let (whole, own_voice) = (predict(&heads), heads.predict("net", &embedding, &own(0.5)));
    assert!(whole[1].p[0] > own_voice[1].p[0] && whole[0] == own_voice[0]);
    heads.sentence_axes.clear();
    assert!(predict(&heads).is_empty());
}

#[test]
fn heads_can_be_made_more_or_less_cautious() {
    let cautious = heads().with_abstain_error(0.05);
    let bands = |heads: &Heads| {
        let axes = heads.axes.iter().chain(&heads.sentence_axes);
        let poles = axes.flat_map(|axis| &axis.poles);
        poles.map(|head| (head.unsure_from, head.unsure_to)).collect::<Vec<_>>()
    };
    assert_eq!(bands(&cautious), vec![(0.05, 0.95); 8]);
    assert_eq!(bands(&cautious.with_abstain_error(0.3)), bands(&heads()));
}

#[test]
fn the_file_is_meant_to_be_read() {
    let json = heads().to_json();
    assert!(json.lines().count() < 250, "{json}");
    assert!(json.contains("\n          \"threshold\": 0.4,\n"), "{json}");
    assert!(json.contains("\"feature_weights\": [0.5, 0.25, -1.0, -2.0],\n"), "{json}");
}

#[test]
fn unsound_files_are_refused() {
    assert!(check(|heads| heads.format = 9).contains("format 9"));
    assert!(check(|heads| heads.axes.clear()).contains("no axes"));
    let other = check(|heads| heads.sentence_axes.swap(0, 1));
    assert!(other.contains("other poles for sentences"), "{other}");
    assert!(check(|heads| heads.features.truncate(1)).contains("other features"));
    let first = |change: fn(&mut Head)| check(move |heads| change(&mut heads.axes[0].poles[0]));
    assert!(first(|head| head.weights.truncate(7)).contains("`sovereignty` has 7 weights, not 8"));
    assert!(first(|head| head.feature_weights.push(1.0)).contains("5 feature weights"));
    assert!(first(|head| head.word_weights.clear()).contains("0 word weights, not 1"));
    assert!(first(|head| head.reported_weights.truncate(7)).contains("7 reported weights"));
    assert!(first(|head| head.threshold = 1.5).contains("not ordered"));
    assert!(first(|head| head.unsure_from = 0.5).contains("not ordered"));
    assert!(first(|head| head.calibration.slope = -1.0).contains("falling"));
    assert!(first(|head| head.bias = f64::NAN).contains("is not a file of heads"));
    let huge = heads().to_json().replacen("-1.0,", "1e999,", 1);
    assert!(Heads::parse(&huge, "h").unwrap_err().location().line.is_some());
    assert!(Heads::parse("{}", "h").unwrap_err().cause().contains("missing field"));
}

#[test]
fn heads_must_fit_codebook_and_encoder() {
    let (codebook, encoder) = (Codebook::built_in(), HashedEncoder::new(DIMENSION));
    assert!(heads().check_fits(&codebook, &encoder).is_ok());
    let mut other = codebook.clone();
    other.axes[0].poles[0].definition.push('!');
    let cause = heads().check_fits(&other, &encoder).unwrap_err().cause();
    assert!(cause.contains("trained for codebook"), "{cause}");
    let cause = heads().check_fits(&codebook, &HashedEncoder::new(9)).unwrap_err().cause();
    assert!(cause.contains("8 dimensions"), "{cause}");
    let mut swapped = heads();
    swapped.axes.swap(0, 1);
    assert!(swapped.check_fits(&codebook, &encoder).is_err());
}

#[test]
fn written_heads_come_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heads.json");
    fs::write(&path, heads().to_json()).unwrap();
    let read = Heads::load(&path).unwrap();
    assert_eq!((&read, read.sha256()), (&heads(), heads().sha256()));
    assert_eq!(Heads::load(&folder.path().join("no.json")).unwrap_err().kind(), ErrorKind::Io);
}

proptest! {
    #[test]
    fn predictions_are_probabilities_and_the_same_bits_after_a_round_trip(
        embedding in proptest::collection::vec(-3.0f32..3.0, DIMENSION),
        share in 0.0f32..1.0,
    ) {
        let heads = heads();
        let again = Heads::parse(&heads.to_json(), "h").unwrap();
        for features in [own(share), StatementFeatures::reported(Manner::Indirect)] {
            let leans = heads.predict("The net.", &embedding, &features);
            prop_assert!(leans.iter().flat_map(|lean| lean.p).all(|p| (0.0..=1.0).contains(&p)));
            prop_assert_eq!(&leans, &again.predict("The net.", &embedding, &features));
        }
    }

    #[test]
    fn any_text_is_refused_without_a_panic(text in ".{0,200}") {
        prop_assert!(Heads::parse(&text, "h").is_err());
    }
}

#[test]
fn a_sentence_is_relevant_from_the_least_probability_on() {
    let whole = |p: f64| vec![Lean { p: [0.0, p], ..Lean::default() }, Lean::default()];
    let heads = Heads { relevance: 0.25, ..heads() };
    assert!(heads.is_relevant(&whole(0.25)) && !heads.is_relevant(&whole(0.24)));
    assert!(heads.is_relevant(&[]), "heads that know of statements only read everything");
    assert!(Heads { relevance: 0.0, ..heads }.is_relevant(&whole(0.0)));
    let reported = Heads::reported(&whole(0.24));
    assert_eq!((reported[0].p, reported[0].lean), ([0.0, 0.24], Side::Neither));
}

#[test]
fn a_relevance_is_a_probability() {
    let json = Heads { relevance: 1.5, ..heads() }.to_json();
    assert!(Heads::parse(&json, "heads.json").unwrap_err().cause().contains("relevance"));
}

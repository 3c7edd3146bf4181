//! On a tiny model that knows nothing of entailment: what is tested is who is asked what, and what is made of it.

use std::path::Path;
use std::sync::Mutex;

use super::*;
use crate::classify::Side;
use crate::encode::KernelChoice;
use crate::error::{Error, ErrorKind};

fn model() -> Entailment {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/entailment/bert");
    Entailment::load(&folder, KernelChoice::default()).unwrap()
}

fn premise<'a>(sentence: &'a str, holder: Option<&'a str>) -> Premise<'a> {
    Premise { sentence, holder, own_words: true }
}

const STATEMENTS: [(&str, Option<&str>); 5] = [
    ("Every country may run its own part of the network.", None),
    ("Tessaly said that ministers should write the rules.", None),
    ("Tessaly said that ministers should write the rules.", Some("Tessaly")),
    ("Every country may run its own part of the network.", None),
    ("The lake froze early.", None),
];

fn statements() -> Vec<Premise<'static>> {
    let mut all: Vec<_> = STATEMENTS.map(|(text, holder)| premise(text, holder)).to_vec();
    // Wholly somebody else's words.
    all.insert(2, Premise { own_words: false, ..all[1] });
    all
}

fn ask(model: &Entailment, batch_tokens: usize, threads: usize) -> (Margins, usize) {
    let hypotheses = Hypotheses::of(&Codebook::built_in());
    let (workers, read) = (Workers::start(threads).unwrap(), Mutex::new(0));
    let step = |pairs| {
        *read.lock().unwrap() += pairs;
        Ok(())
    };
    let margins =
        Margins::ask(model, &hypotheses, &statements(), batch_tokens, &workers, step).unwrap();
    (margins, read.into_inner().unwrap())
}

#[test]
fn each_holder_is_asked_about_each_pole() {
    let model = model();
    let (margins, _) = ask(&model, 8192, 1);
    let hypotheses = Hypotheses::of(&Codebook::built_in());
    for (statement, found) in statements().iter().zip(&margins.rows) {
        let about = hypotheses.about(statement.holder);
        let alone = |hypothesis: &String| {
            let tokens = model.tokenize(statement.sentence, hypothesis).unwrap();
            model.margins(&[tokens]).unwrap()[0]
        };
        let expected = statement.own_words.then(|| about.iter().map(alone).collect::<Vec<f64>>());
        assert_eq!(found, &expected, "{statement:?}");
    }
    assert_eq!(margins.rows[0], margins.rows[4]);
    assert_ne!(margins.rows[1], margins.rows[3], "another holder is another question");
}

#[test]
fn equal_pairs_are_read_once_and_batches_and_threads_do_not_show() {
    let model = model();
    let (margins, read) = ask(&model, 8192, 1);
    // Four of the five statements asked about differ, on four poles.
    assert_eq!((margins.n_pairs, read), (16, 16));
    for (batch_tokens, threads) in [(1, 1), (100, 2), (300, 4)] {
        assert_eq!(ask(&model, batch_tokens, threads), (margins.clone(), 16));
    }
}

#[test]
fn truncated_pairs_are_counted() {
    let (model, workers) = (model(), Workers::start(1).unwrap());
    let hypotheses = Hypotheses::of(&Codebook::built_in());
    let long = "ministers write rules ".repeat(60);
    let statements = [premise(&long, None), premise("Yes.", None)];
    let step = |_| Ok(());
    let margins = Margins::ask(&model, &hypotheses, &statements, 512, &workers, step).unwrap();
    assert_eq!((margins.n_pairs, margins.n_truncated), (8, 4));
}

#[test]
fn the_caller_can_stop() {
    let (model, workers) = (model(), Workers::start(1).unwrap());
    let hypotheses = Hypotheses::of(&Codebook::built_in());
    let stop = |_| Err(Error::new(ErrorKind::Interrupted, "stopped on request"));
    let error = Margins::ask(&model, &hypotheses, &statements(), 512, &workers, stop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    let nothing = Margins::ask(&model, &hypotheses, &[], 512, &workers, stop).unwrap();
    assert_eq!(nothing, Margins::default());
}

#[test]
fn a_pole_is_supported_from_one_half_on() {
    let decisions = Decisions::uncalibrated(&Codebook::built_in(), 0.3);
    let leans = decisions.leans(Some(&[0.0, -0.1, -5.0, 5.0]));
    assert_eq!((leans[0].lean, leans[0].abstain), (Side::First, true));
    assert_eq!((leans[1].lean, leans[1].abstain), (Side::Second, false));
    assert_eq!(leans[0].p[0].to_bits(), 0.5_f64.to_bits());
    assert_eq!(decisions.leans(Some(&[1.0; 4]))[1].lean, Side::Both);
    assert_eq!(decisions.leans(None), [Lean::default(); 2]);
}

#[test]
fn each_pole_is_decided_for_itself() {
    let decision =
        |slope, intercept, threshold| Decision::new(Platt { slope, intercept }, threshold, 0.2);
    let strict = decision(1.0, 0.0, 0.9);
    let shifted = decision(2.0, 3.0, 0.5);
    let decisions = Decisions::new(vec![[strict, shifted]]);
    let [lean] = decisions.leans(Some(&[2.0, -1.0]))[..] else { panic!("there is one axis") };
    assert_eq!(lean.lean, Side::Second);
    assert!((lean.p[0] - 1.0 / (1.0 + (-2.0_f64).exp())).abs() < 1e-12);
    assert!((lean.p[1] - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12);
    assert!(lean.abstain, "both are nearer to the threshold than 0.2 of error allow");
    assert_eq!(strict.unsure, (0.2, 0.9));
}

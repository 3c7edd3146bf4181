use super::*;
use crate::train::metrics::{average_precision, expected_calibration_error};
use crate::train::units::Decision;

fn unit(record: usize, p: f64, found: bool, truth: bool) -> Unit {
    let decision = Decision { truth, found, p, unsure: false };
    Unit { record, manner: None, decisions: vec![Some(decision)] }
}

/// Probabilities with ties; the truth follows them loosely.
fn units(n: usize) -> Vec<Unit> {
    let unit = |i: usize| {
        let p = (i * 7 % 10) as f64 / 10.0;
        unit(i, p, p > 0.5, (i * 13 % 17) as f64 / 17.0 < p)
    };
    (0..n).map(unit).collect()
}

#[test]
fn counting_each_document_once_gives_the_plain_scores() {
    let units = units(120);
    let decisions = PoleDecisions::of(0, &units, |unit| unit.record);
    let scores = decisions.scores(&[1; 120]);
    let p: Vec<f64> = units.iter().map(|unit| unit.decisions[0].unwrap().p).collect();
    let truth: Vec<bool> = units.iter().map(|unit| unit.decisions[0].unwrap().truth).collect();
    let close =
        |a: Option<f64>, b: f64| assert!((a.unwrap() - b).abs() < 1e-12, "{a:?} is not {b}");
    close(scores.average_precision, average_precision(&p, &truth));
    close(scores.calibration_error, expected_calibration_error(&p, &truth));
    assert!(scores.f1 > 0.5);
}

#[test]
fn counting_a_document_twice_is_having_it_twice() {
    let few = units(40);
    let mut twice = few.clone();
    twice.extend(few.iter().filter(|unit| unit.record.is_multiple_of(3)).cloned());
    let weights: Vec<u32> = (0..40).map(|i| if i % 3 == 0 { 2 } else { 1 }).collect();
    let weighted = PoleDecisions::of(0, &few, |unit| unit.record).scores(&weights);
    let repeated = PoleDecisions::of(0, &twice, |unit| unit.record).scores(&[1; 40]);
    assert_eq!(weighted.counts, repeated.counts);
    let gap = weighted.average_precision.unwrap() - repeated.average_precision.unwrap();
    assert!(gap.abs() < 1e-12);
    let gap = weighted.calibration_error.unwrap() - repeated.calibration_error.unwrap();
    assert!(gap.abs() < 1e-12);
}

#[test]
fn the_exact_test_by_hand() {
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    close(two_sided(0, 0), 1.0);
    close(two_sided(0, 1), 1.0);
    close(two_sided(0, 5), 2.0 / 32.0);
    // 2·(1 + 10 + 45)/1024
    close(two_sided(2, 10), 112.0 / 1024.0);
    close(two_sided(5, 10), 1.0);
    // Beyond where 2^-n can be written: nearly the normal distribution, z = 3.
    let p = two_sided(5000 - 150, 10_000);
    assert!((p - 0.0028).abs() < 0.0002, "{p}");
}

#[test]
fn mcnemar_counts_where_two_differ() {
    let found = mcnemar(&[true, true, false, true, false], &[true, false, true, false, false]);
    assert_eq!((found.only_this, found.only_first), (2, 1));
    assert!((found.p - 1.0).abs() < 1e-12);
}

mod in_pairs {
    use super::*;
    use crate::train::Labelled;

    fn set(n: usize) -> LabelSet {
        let record = |i: usize| Labelled {
            id: i.to_string(),
            group: format!("d{:03}", i / 4),
            corpus: if i.is_multiple_of(2) { "even" } else { "odd" }.into(),
            actor: String::new(),
            actor_type: if i < n / 2 { "state" } else { "" }.into(),
            language: "en".into(),
            prev: String::new(),
            sentence: i.to_string(),
            next: String::new(),
            statements: Vec::new(),
            labelled: vec![true],
        };
        LabelSet {
            path: "labels.jsonl".into(),
            sha256: String::new(),
            records: (0..n).map(record).collect(),
        }
    }

    fn scores(contenders: &[Vec<Unit>]) -> Vec<Vec<Score>> {
        let slice = Slice { by: "all", value: String::new() };
        of_slice(&["one".into()], &set(200), Level::Sentence, &slice, contenders)
    }

    /// Right but for every so many.
    fn wrong_every(step: usize) -> Vec<Unit> {
        let unit = |i: usize| {
            let truth = i.is_multiple_of(3);
            let found = truth != i.is_multiple_of(step);
            unit(i, f64::from(u8::from(found)), found, truth)
        };
        (0..200).map(unit).collect()
    }

    #[test]
    fn a_contender_does_not_differ_from_itself() {
        let found = scores(&[wrong_every(7), wrong_every(7)]);
        assert!(found[0].iter().all(|score| score.difference.is_none() && score.mcnemar.is_none()));
        let same = &found[1][0];
        assert_eq!(same.difference.unwrap().f1, Interval::default());
        assert!((same.difference.unwrap().p - 1.0).abs() < 1e-12);
        assert_eq!(same.mcnemar.unwrap().only_this, 0);
        assert_eq!(same.f1, found[0][0].f1);
    }

    #[test]
    fn a_worse_one_is_found_worse() {
        let found = scores(&[wrong_every(40), wrong_every(4)]);
        let worse = found[1].iter().find(|score| score.pole == "micro").unwrap();
        let difference = worse.difference.unwrap();
        assert!(difference.f1.high < 0.0 && difference.p < 0.01, "{difference:?}");
        let mcnemar = worse.mcnemar.unwrap();
        assert!(mcnemar.only_first > mcnemar.only_this && mcnemar.p < 0.001, "{mcnemar:?}");
        let mean = found[1].iter().find(|score| score.pole == "macro").unwrap();
        assert!(mean.precision.is_none() && mean.mcnemar.is_none());
        assert!((mean.f1.value - worse.f1.value).abs() < 1e-12, "with one pole they agree");
    }

    #[test]
    fn slices_are_the_properties_that_differ() {
        let set = set(200);
        let found = slices(&set, &wrong_every(7));
        let names: Vec<String> = found.iter().map(Slice::name).collect();
        // One language, one known type of actor: nothing to set apart.
        assert_eq!(names, ["all", "corpus even", "corpus odd"]);
        let held = wrong_every(7).iter().filter(|unit| found[1].holds(&set, unit)).count();
        assert_eq!(held, 100);
    }
}

use super::*;

fn options(models: &[&str]) -> Options {
    Options {
        models: models.iter().map(|model| model.parse().unwrap()).collect(),
        labels: Vec::new(),
        train: Vec::new(),
        shots: None,
        codebook: BUILT_IN.to_owned(),
        sentences: Vec::new(),
        rounds: 1,
        threads: 1,
        batch_tokens: 1024,
        program: PathBuf::new(),
    }
}

#[test]
fn the_median_is_the_middle() {
    assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
    assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-12);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let cause = |options: &Options| check(options).unwrap_err().cause();
    assert!(cause(&options(&[])).contains("no model"));
    assert!(cause(&options(&["dictionary", "default", "dictionary"])).contains("named twice"));
    assert!(cause(&options(&["heads:default"])).contains("nothing to learn from"));
    assert!(cause(&Options { rounds: 0, ..options(&["default"]) }).contains("round"));
    assert!(check(&options(&["default", "prototypes", "dictionary"])).is_ok());
}

#[test]
fn sentences_are_timed_once_each() {
    let sentences = ["a", "b", "a"].map(String::from).to_vec();
    let options = Options { sentences, ..options(&["default"]) };
    assert_eq!(timed_sentences(&options, &[]), ["a", "b"]);
}

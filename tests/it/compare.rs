use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Plenary, plenary, root, small_model};

/// A label file with every so many of our own written sentences.
fn labels(folder: &Path) -> PathBuf {
    let written = fs_err::read_to_string(root().join("data/training/synthetic.jsonl")).unwrap();
    let lines: String = written.lines().step_by(24).flat_map(|line| [line, "\n"]).collect();
    let path = folder.join("labels.jsonl");
    fs_err::write(&path, lines).unwrap();
    path
}

fn compare(models: &str, labels: &Path) -> Plenary {
    let arguments = ["--models", models, "--rounds", "2", "--quiet", "--threads", "2", "--labels"];
    plenary("compare").args(&arguments).arg(labels)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The micro-F1 of sentences, all of them.
fn micro_f1(row: &Value) -> f64 {
    let scores = row["scores"].as_array().unwrap();
    let score = scores.iter().find(|score| {
        score["level"] == "sentence" && score["slice"]["by"] == "all" && score["pole"] == "micro"
    });
    score.unwrap()["f1"]["value"].as_f64().unwrap()
}

#[test]
fn models_are_compared_in_one_command() {
    let folder = TempDir::new().unwrap();
    let (labels, out) = (labels(folder.path()), folder.path().join("out"));
    let small = small_model().to_str().unwrap();
    let outcome = compare(&format!("default,{small},prototypes,dictionary"), &labels)
        .arg("-o")
        .arg(&out)
        .exits(0);
    assert!(outcome.stdout.contains("labels.jsonl: 100 sentences"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("median of 2 rounds"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("not comparable"), "{}", outcome.stdout);

    let comparison = json(&fs_err::read_to_string(out.join("comparison.json")).unwrap());
    let rows = comparison["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let speed = &row["speed"];
        assert!(speed["sentences_per_second"].as_f64().unwrap() > 0.0);
        assert_eq!(speed["rounds"].as_array().unwrap().len(), 2);
        assert!(row["about"]["size"].as_u64().unwrap() > 0 || row["model"] == small, "{row}");
        assert_eq!(row["about"]["library_threads"], 1);
        let scores = row["scores"].as_array().unwrap();
        let is_first = row["model"] == "default";
        assert!(scores.iter().all(|score| score["difference"].is_null() == is_first));
        for score in scores {
            let [low, value, high] =
                ["low", "value", "high"].map(|end| score["f1"][end].as_f64().unwrap());
            assert!(low <= value + 1e-9 && value <= high + 1e-9, "{score}");
        }
    }
    assert!(micro_f1(&rows[0]) > micro_f1(&rows[3]) + 0.1, "the model beats the dictionary");

    let page = fs_err::read_to_string(out.join("comparison.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("dictionary"));
    let links = page.matches("http").count() - page.matches("http://www.w3.org").count();
    assert_eq!(links, 0, "the page needs nothing from elsewhere");
    assert_eq!(mteb_results(&out), 4);
}

/// Counts the results in MTEB's shape and checks what its readers need.
fn mteb_results(out: &Path) -> usize {
    let results = walk(&out.join("mteb"));
    let results = results.iter().filter(|path| path.ends_with("Plenary-labels.json"));
    results
        .map(|path| {
            let result = json(&fs_err::read_to_string(path).unwrap());
            let scores = &result["scores"]["test"][0];
            let main = scores["main_score"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&main), "{result}");
            assert_eq!(scores["hf_subset"], "default");
            assert_eq!(result["task_name"], "Plenary-labels");
            assert!(path.with_file_name("model_meta.json").is_file());
        })
        .count()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn a_comparison_and_an_evaluation_agree() {
    let folder = TempDir::new().unwrap();
    let labels = labels(folder.path());
    let compared = json(&compare("default", &labels).arg("--json").exits(0).stdout);
    let evaluated = plenary("evaluate").args(&["--no-baselines", "--json"]).arg(&labels).exits(0);
    let tables = json(&evaluated.stdout)[0]["tables"].clone();
    let table =
        tables.as_array().unwrap().iter().find(|table| table["level"] == "sentence").unwrap();
    let evaluated = table["micro_f1"]["value"].as_f64().unwrap();
    assert!((micro_f1(&compared["rows"][0]) - evaluated).abs() < 1e-12);
}

#[test]
fn heads_on_their_own_encoder_are_the_model() {
    let folder = TempDir::new().unwrap();
    let labels = labels(folder.path());
    let small = small_model().to_str().unwrap();
    let models = format!("{small},through the encoder=hashed+{small}");
    let compared = json(&compare(&models, &labels).arg("--json").exits(0).stdout);
    let rows = compared["rows"].as_array().unwrap();
    let differences = rows[1]["scores"].as_array().unwrap().iter();
    assert!(differences.clone().count() > 0);
    for score in differences {
        assert_eq!(score["difference"]["f1"]["value"], 0.0, "{score}");
        let test = &score["mcnemar"];
        assert!(test.is_null() || test["only_this"] == 0 && test["only_first"] == 0, "{score}");
    }
}

#[test]
fn models_learn_here_from_a_few_sentences() {
    let folder = TempDir::new().unwrap();
    let labels = labels(folder.path());
    let train = root().join("data/training/synthetic.jsonl");
    let learned = |shots: &str| {
        let outcome = compare("heads:hashed,prototypes:hashed", &labels)
            .args(&["--json", "--shots", shots, "--train"])
            .arg(&train)
            .exits(0);
        json(&outcome.stdout)["rows"].as_array().unwrap().clone()
    };
    let (few, more) = (learned("8"), learned("200"));
    assert_eq!(few[0]["about"]["kind"], "heads learned here");
    assert_eq!(few[1]["about"]["kind"], "prototypes");
    assert_ne!(few[0]["about"]["heads"], more[0]["about"]["heads"]);
    assert!(micro_f1(&more[0]) > micro_f1(&few[0]), "more sentences teach more");
}

/// With random weights: what it says means nothing, but it must be asked, timed and calibrated like any other.
#[test]
fn an_entailment_model_is_a_rival() {
    let folder = TempDir::new().unwrap();
    let labels = labels(folder.path());
    let model = root().join("tests/fixtures/entailment/bert");
    let models = format!("dictionary,nli:{}", model.display());
    let row = |more: &[&str]| {
        let outcome = compare(&models, &labels).arg("--json").args(more).exits(0);
        json(&outcome.stdout)["rows"][1].clone()
    };
    let plain = row(&[]);
    assert_eq!(plain["about"]["kind"], "entailment");
    assert!(plain["about"]["size"].as_u64().unwrap() > 1000, "{}", plain["about"]);
    let calibrated = row(&["--shots", "20", "--train", labels.to_str().unwrap()]);
    assert_eq!(calibrated["about"]["kind"], "entailment, calibrated here");
    assert!(micro_f1(&calibrated) > 0.0);
}

#[test]
fn what_is_wrong_is_named() {
    let folder = TempDir::new().unwrap();
    let labels = labels(folder.path());
    let says = |models: &str, words: &[&str]| {
        let outcome = compare(models, &labels).exits(2);
        for word in words {
            assert!(outcome.stderr.contains(word), "{models}: {}", outcome.stderr);
        }
    };
    says("no/such/model", &["no/such/model", "hint"]);
    says("default,default", &["named twice"]);
    says("heads:default", &["nothing to learn from", "--train"]);
    says("hashed+default", &["numbers", "backend"]);
    says("default,,dictionary", &["names no model"]);
    let wrong = folder.path().join("wrong.jsonl");
    let line =
        r#"{"sentence": "One.", "statements": [{"holder": "SPEAKER", "control": "openess"}]}"#;
    fs_err::write(&wrong, line).unwrap();
    let outcome = compare("dictionary", &wrong).exits(2);
    assert!(outcome.stderr.contains("`openess` is no pole"), "{}", outcome.stderr);
    let outcome = compare("dictionary", &labels).args(&["--sentences", "none.txt"]).exits(2);
    assert!(outcome.stderr.contains("none.txt"), "{}", outcome.stderr);
}

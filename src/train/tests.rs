#![expect(clippy::float_cmp, reason = "these values are exact")]

use std::fmt::Write;
use std::path::Path;

use super::*;
use crate::classify::{Codebook, Heads, Lean, Side, StatementFeatures};
use crate::document::Manner;
use crate::encode::{Encoder, HashedEncoder, Input, Tokens};
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::Workers;

const TAXES: &str = include_str!("../../tests/fixtures/codebook/taxes.toml");

/// Sixty sentences of twelve speeches: eight for lower taxes, twelve for higher, forty on cattle.
fn table() -> String {
    let mut rows = "text,doc_id,rate\n".to_owned();
    for i in 0..60 {
        let (text, label) = match i % 15 {
            0 | 7 => ("we must cut taxes and let people keep what they earn", "lower"),
            3 | 6 | 11 => ("the rich should pay more tax for schools and roads", "higher"),
            _ => ("the cattle were driven to the summer meadows", "none"),
        };
        let _ = writeln!(rows, "\"{text}, says speaker number {i}\",speech{},{label}", i / 5);
    }
    rows
}

/// Trains on a table of labels with a hashed encoder.
fn train(csv: &str, threads: usize) -> Result<Trained> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.csv");
    fs_err::write(&path, csv).unwrap();
    let codebook = Codebook::parse(TAXES, "taxes.toml").unwrap();
    let options = TrainOptions { labels: vec![path], ..TrainOptions::default() };
    run(&codebook, &HashedEncoder::new(64), &Workers::start(threads).unwrap(), &options)
}

fn lean(heads: &Heads, sentence: &str) -> Lean {
    let encoder = HashedEncoder::new(64);
    let tokens = encoder.tokenize(heads.input(None, sentence)).unwrap();
    let embedding = encoder.encode(&[tokens]).unwrap();
    heads.predict(sentence, embedding.as_slice().unwrap(), &StatementFeatures::PLAIN)[0]
}

#[test]
fn heads_learn_what_words_tell() {
    let trained = train(&table(), 2).unwrap();
    let heads = &trained.heads;
    assert_eq!(lean(heads, "We must cut taxes at once.").lean, Side::First);
    assert_eq!(lean(heads, "The rich should pay more tax.").lean, Side::Second);
    let cattle = lean(heads, "The cattle were driven home.");
    assert_eq!((cattle.lean, cattle.abstain), (Side::Neither, false));
    let table = trained.cross_validation[0].overall(Level::Holder).unwrap();
    assert_eq!(table.micro_f1.value, 1.0);
    assert_eq!((table.n_documents, table.poles[1].support), (12, 12));
    assert_eq!(heads.training.labels[0].n_sentences, 60);
    assert_eq!(heads.axes[0].poles[0].n_positive, 8);
}

#[test]
fn training_gives_the_same_bits_for_any_number_of_threads() {
    let (one, four) = (train(&table(), 1).unwrap(), train(&table(), 4).unwrap());
    assert_eq!(one.heads.to_json(), four.heads.to_json());
    assert_eq!(one.prototypes, four.prototypes);
    let read = Heads::parse(&one.heads.to_json(), "heads.json").unwrap();
    assert_eq!(read, one.heads);
    let probe = "cut taxes for the cattle";
    assert_eq!(lean(&read, probe), lean(&one.heads, probe));
}

#[test]
fn labels_that_cannot_train_are_refused() {
    let check = |csv: String| {
        let error = train(&csv, 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Labels);
        error.cause()
    };
    assert!(
        check(table().replace(",lower", ",none"))
            .contains("no labelled statement supports `lower`")
    );
    let all =
        table().replace(",lower", ",both").replace(",higher", ",both").replace(",none", ",both");
    assert!(check(all).contains("every labelled statement supports `lower`"));
    let one = "text,doc_id,rate\na,d,lower\nb,d,higher\nc,e,none\n".to_owned();
    assert!(check(one).contains("`lower` stand in one document"));
    let alone = "text,doc_id,rate\na,d,lower\nb,d,higher\n".to_owned();
    assert!(check(alone).contains("stand in one document"));
}

#[test]
fn ten_sentences_are_enough_to_train() {
    let few: Vec<String> = table().lines().take(16).map(str::to_owned).collect();
    let trained = train(&(few.join("\n") + "\n"), 1).unwrap();
    assert_eq!(trained.cross_validation[0].n_sentences, 15);
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let codebook = Codebook::parse(TAXES, "taxes.toml").unwrap();
    let check = |options: TrainOptions| {
        let workers = Workers::start(1).unwrap();
        let error = run(&codebook, &HashedEncoder::new(8), &workers, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    };
    let good = TrainOptions { labels: vec!["x.csv".into()], ..TrainOptions::default() };
    check(TrainOptions::default());
    check(TrainOptions { n_folds: 1, ..good.clone() });
    check(TrainOptions { penalties: vec![0.0], ..good.clone() });
    check(TrainOptions { auxiliary_weight: f64::NAN, ..good.clone() });
    check(TrainOptions { abstain_error: 0.6, ..good });
}

/// An encoder whose weights are corrupt.
struct Broken(HashedEncoder);

impl Encoder for Broken {
    fn dimension(&self) -> usize {
        self.0.dimension()
    }
    fn name(&self) -> &'static str {
        "broken"
    }
    fn fingerprint(&self) -> &str {
        self.0.fingerprint()
    }
    fn backend(&self) -> &'static str {
        self.0.backend()
    }
    fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        self.0.tokenize(input)
    }
    fn encode(&self, batch: &[Tokens]) -> Result<ndarray::Array2<f32>> {
        self.0.encode(batch).map(|vectors| vectors * f32::NAN)
    }
}

#[test]
fn embeddings_that_are_no_numbers_name_the_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.csv");
    fs_err::write(&path, table()).unwrap();
    let codebook = Codebook::parse(TAXES, "taxes.toml").unwrap();
    let options = TrainOptions { labels: vec![path], ..TrainOptions::default() };
    let encoder = Broken(HashedEncoder::new(8));
    let error: Error = run(&codebook, &encoder, &Workers::start(1).unwrap(), &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.cause().contains("`broken`") && error.cause().contains("`labels.1`"));
}

fn record(id: &str, statements: Vec<Coded>) -> Labelled {
    Labelled {
        id: id.into(),
        group: id.into(),
        corpus: "c".into(),
        actor: String::new(),
        actor_type: String::new(),
        language: String::new(),
        prev: String::new(),
        sentence: id.into(),
        next: String::new(),
        statements,
        labelled: vec![true],
    }
}

/// Three sentences: the text leans first; Kesh leans second and is found; Maravel leans second and is
/// missed, while somebody uncoded is found.
fn judged() -> (Vec<Labelled>, Vec<Row>, Vec<Vec<Lean>>) {
    let coded = |holder: Option<&str>, manner, side| Coded {
        holder: holder.map(Into::into),
        manner,
        sides: vec![Some(side)],
    };
    let records = vec![
        record("a", vec![coded(None, Manner::Own, Side::First)]),
        record("b", vec![coded(Some("Kesh"), Manner::Direct, Side::Second)]),
        record("c", vec![coded(Some("Maravel"), Manner::Indirect, Side::Second)]),
    ];
    let row = |record, holder: Option<&str>, manner, side: Option<Side>, coded, found| Row {
        record,
        holder: holder.map(Into::into),
        features: StatementFeatures { manner, ..StatementFeatures::PLAIN },
        sides: vec![side],
        coded,
        found,
    };
    let rows = vec![
        row(0, None, Manner::Own, Some(Side::First), true, true),
        row(1, None, Manner::Own, Some(Side::Neither), true, true),
        row(1, Some("Kesh"), Manner::Direct, Some(Side::Second), true, true),
        row(2, None, Manner::Own, Some(Side::Neither), true, true),
        row(2, Some("Maravel"), Manner::Indirect, Some(Side::Second), true, false),
        row(2, Some("he"), Manner::Indirect, None, false, true),
    ];
    let lean = |side: Side| {
        let p = side.poles().map(|yes| if yes { 0.9 } else { 0.1 });
        vec![Lean { p, lean: side, abstain: false }]
    };
    let leans =
        [Side::First, Side::Second, Side::Second, Side::Neither, Side::Second, Side::Second];
    (records, rows, leans.map(lean).to_vec())
}

#[test]
fn each_level_counts_what_it_says() {
    let codebook = Codebook::parse(TAXES, "taxes.toml").unwrap();
    let (records, rows, leans) = judged();
    let contender = Contender { name: "heads".into(), leans, sentence_leans: None };
    let found = evaluate(&codebook, "f.jsonl", &records, &rows, &contender);
    let second = |level| {
        let table = found.overall(level).unwrap();
        let score = &table.poles[1];
        (table.n_units, score.support, score.precision.value, score.recall.value)
    };
    assert_eq!(second(Level::Sentence), (3, 2, 1.0, 1.0));
    assert_eq!(second(Level::Holder), (5, 2, 2.0 / 3.0, 1.0));
    assert_eq!(second(Level::EndToEnd), (6, 2, 1.0 / 3.0, 0.5));
    assert_eq!(found.overall(Level::Holder).unwrap().micro_f1.value, 6.0 / 7.0);
}

#[test]
fn a_contender_that_judges_sentences_is_judged_on_them() {
    let codebook = Codebook::parse(TAXES, "taxes.toml").unwrap();
    let (records, rows, leans) = judged();
    let neither = vec![vec![Lean::default()]; records.len()];
    let contender = Contender { name: "heads".into(), leans, sentence_leans: Some(neither) };
    let found = evaluate(&codebook, "f.jsonl", &records, &rows, &contender);
    let micro = |level| found.overall(level).unwrap().micro_f1.value;
    assert_eq!((micro(Level::Sentence), micro(Level::Holder)), (0.0, 6.0 / 7.0));
}

#[test]
fn reports_slice_by_manner_and_render() {
    let codebook = Codebook::parse(TAXES, "taxes.toml").unwrap();
    let (records, rows, leans) = judged();
    let contender = Contender { name: "heads".into(), leans, sentence_leans: None };
    let found = evaluate(&codebook, "f.jsonl", &records, &rows, &contender);
    let slices: Vec<String> = found.tables.iter().map(|table| table.slice.name()).collect();
    assert_eq!(slices.iter().filter(|name| *name == "manner direct").count(), 2);
    assert!(!slices.iter().any(|name| name.starts_with("corpus")), "there is one corpus only");
    let markdown = report::markdown(std::slice::from_ref(&found));
    assert!(markdown.contains("| f.jsonl | heads | holder | all | higher | 5 | 2 | 0.67 ["));
    let csv = report::csv(std::slice::from_ref(&found));
    let columns = |line: &str| line.split(',').count();
    assert!(csv.lines().all(|line| columns(line) == 21), "{csv}");
    assert!(serde_json::to_string(&found).unwrap().contains("\"level\":\"end_to_end\""));
    assert!(report::summary(&[found]).contains("| f.jsonl | heads | "));
}

#[test]
fn judging_files_sets_baselines_beside_the_heads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.csv");
    fs_err::write(&path, table()).unwrap();
    let codebook = Codebook::parse(TAXES, "taxes.toml").unwrap();
    let (encoder, workers) = (HashedEncoder::new(64), Workers::start(2).unwrap());
    let options = TrainOptions { labels: vec![path.clone()], ..TrainOptions::default() };
    let trained = run(&codebook, &encoder, &workers, &options).unwrap();
    let contenders = [("heads", &trained.heads), ("prototypes", &trained.prototypes)];
    let found = judge(&contenders, &codebook, &encoder, &workers, std::slice::from_ref(&path), 512)
        .unwrap();
    let evaluations = &found.evaluations;
    let f1 = |index: usize| evaluations[index].overall(Level::Holder).unwrap().micro_f1.value;
    assert_eq!(evaluations.len(), 2, "the dictionary belongs to another codebook");
    assert!(f1(0) > 0.99 && f1(1) <= f1(0));
    assert_eq!(found.predictions.len(), 2 * 60);
    let first = &found.predictions[0];
    assert_eq!((&*first.holder, first.axes["rate"].coded.as_deref()), ("SPEAKER", Some("lower")));
    let built_in = Codebook::built_in();
    assert!(judge(&contenders, &built_in, &encoder, &workers, &[path], 512).is_err());
}

/// The file is data that people will edit.
#[test]
fn the_shipped_training_set_is_sound() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/training/synthetic.jsonl");
    let sets = labels::load(&[path], &Codebook::built_in()).unwrap();
    let records = &sets[0].records;
    assert_eq!(records.len(), 2394);
    let leaning = records.iter().filter(|record| !record.statements.is_empty()).count();
    assert_eq!(leaning, 1446);
}

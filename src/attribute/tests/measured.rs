//! Turns found in text alone against the turns given by a corpus, where the shared corpora are at hand.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::PathBuf;

use serde_json::Value;

use crate::attribute::turns;
use crate::document::{CharOffsets, Document, Metadata, Turn};

/// The folder of shared corpora, if there is one.
fn shared() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("PLENARY_SHARED").map_or_else(beside, PathBuf::from);
    folder.join("corpora").is_dir().then_some(folder)
}

/// The records of a gzipped JSON Lines file.
fn records(path: &std::path::Path) -> impl Iterator<Item = Value> {
    let file = fs_err::File::open(path).unwrap();
    let lines = std::io::BufReader::new(flate2::read::GzDecoder::new(file)).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

fn document(record: &Value) -> Document {
    let field = |name: &str| record[name].as_str().map(str::to_owned);
    let meta = Metadata { actor: field("actor"), title: field("title"), ..Metadata::default() };
    Document { text: field("text").unwrap_or_default(), meta, ..Document::default() }
}

fn labelled(doc: &Document) -> Vec<Turn> {
    turns(doc).into_iter().filter(|turn| turn.method != "narration").collect()
}

fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether the speaker found is the one given, which may carry an office and a remark.
fn agrees(turn: &Turn, given: &str) -> bool {
    let (given, found) = (letters(given), turn.speaker.as_ref().or(turn.role.as_ref()));
    found
        .map(|name| letters(name))
        .is_some_and(|name| given.contains(&name) || name.contains(&given))
}

#[test]
fn turns_of_the_kremlin_corpus_agree_with_the_given_ones() {
    let Some(shared) = shared() else { return eprintln!("skipped: no shared corpora") };
    let (mut found, mut given, mut right, mut false_transcripts) = (0, 0, 0, 0);
    for record in records(&shared.join("corpora/kremlin_en/kremlin_en_1999_2020.jsonl.gz")) {
        let doc = document(&record);
        let turns = labelled(&doc);
        let expected = record["turns"].as_array().unwrap();
        if record["is_transcript"] != true {
            false_transcripts += usize::from(expected.is_empty() && !turns.is_empty());
            continue;
        }
        let offsets = CharOffsets::new(&doc.text);
        let starts: HashMap<u64, &Turn> =
            turns.iter().map(|turn| (offsets.chars(turn.span.start) as u64, turn)).collect();
        let hit = |turn: &&Value| {
            let found = starts.get(&turn["start"].as_u64().unwrap());
            found.is_some_and(|found| agrees(found, turn["speaker"].as_str().unwrap()))
        };
        right += expected.iter().filter(hit).count();
        found += turns.len();
        given += expected.len();
    }
    eprintln!(
        "given {given}, found {found}, same start and speaker {right}, false transcripts {false_transcripts}"
    );
    assert!(right * 1000 >= given * 995, "{right} of {given}");
    assert!(false_transcripts <= 2);
}

#[test]
fn speeches_of_one_speaker_have_no_false_turns() {
    let Some(shared) = shared() else { return eprintln!("skipped: no shared corpora") };
    let with_turns = records(&shared.join("corpora/ungdc/ungdc_1946_2024.jsonl.gz"))
        .filter(|record| !labelled(&document(record)).is_empty())
        .count();
    eprintln!("speeches with turns: {with_turns}");
    assert!(with_turns <= 30, "24 of them hold a real label of the verbatim record");
}

use std::io::Write;
use std::path::Path;

use crate::support::{computed, manifest, plenary, run_small, small_model};

const GOOD: &str = "Every nation may run its part of the network under its own laws.";

/// Runs on a folder with one good document and `name` holding `bytes`; the good one must survive.
/// Returns what was said about the bad one.
#[track_caller]
fn beside_a_good_one(name: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs_err::create_dir(&input).unwrap();
    fs_err::write(input.join("good.txt"), GOOD).unwrap();
    fs_err::write(input.join(name), bytes).unwrap();
    let out = folder.path().join("out");
    let outcome = run_small(&input, &out).exits(1);
    assert!(outcome.stderr.contains(name), "the message does not name {name}: {}", outcome.stderr);
    assert!(outcome.stderr.contains("hint:"), "no remedy: {}", outcome.stderr);
    let manifest = manifest(&out);
    assert_eq!(manifest["tables"][0]["rows"], 1, "the good document is lost");
    assert!(manifest["skipped"][0]["file"].as_str().unwrap().ends_with(name));
    outcome.stderr
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A docx whose document inflates to 300 MB of blanks.
fn zip_bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("word/document.xml", options).unwrap();
    zip.write_all(b"<w:document><w:body><w:p><w:r><w:t>").unwrap();
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..300 {
        zip.write_all(&blanks).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn broken_files_are_skipped_with_a_reason() {
    let mut truncated = gz(GOOD.repeat(200).as_bytes());
    truncated.truncate(truncated.len() / 2);
    let binary: Vec<u8> =
        (0..=255_u8).cycle().map(|byte| byte.wrapping_mul(37)).take(4000).collect();
    for (name, bytes) in [
        ("empty.txt", vec![]),
        ("blank.txt", b" \n\t \n".to_vec()),
        ("program.txt", binary.clone()),
        ("half.txt.gz", truncated),
        ("broken.pdf", b"%PDF-1.4\nnothing else".to_vec()),
        ("broken.docx", binary.clone()),
        ("broken.parquet", b"PAR1 and then nothing".to_vec()),
        ("broken.jsonl", b"{\"text\": \"cut off".to_vec()),
        ("broken.xml", b"<TEI><text><body><p>The network is".to_vec()),
        ("bomb.docx", zip_bomb()),
        ("textless.csv", b"doc_id,title\n1,A title\n".to_vec()),
    ] {
        beside_a_good_one(name, &bytes);
    }
}

#[test]
fn a_bad_record_is_named_and_the_others_survive() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("records.jsonl");
    let good = |id: u32| format!("{{\"doc_id\": \"r{id}\", \"text\": \"{GOOD}\"}}\n");
    fs_err::write(&input, format!("{}{{\"text\": 7 oops\n{}", good(1), good(3))).unwrap();
    let out = folder.path().join("out");
    let outcome = run_small(&input, &out).exits(1);
    assert!(outcome.stderr.contains("line 2"), "{}", outcome.stderr);
    assert_eq!(computed(&out), 2);
    assert_eq!(manifest(&out)["skipped"][0]["line"], 2);
}

#[test]
fn invalid_utf8_is_read_as_what_it_is_and_the_table_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("latin.txt");
    fs_err::write(&input, b"The caf\xe9 of the na\xefve delegate. He left.").unwrap();
    let out = folder.path().join("out");
    run_small(&input, &out).args(&["--format", "csv"]).exits(0);
    let sentences = fs_err::read_to_string(out.join("sentences.csv")).unwrap();
    assert!(sentences.contains("The café of the naïve delegate."), "{sentences}");
    let documents = fs_err::read_to_string(out.join("documents.csv")).unwrap();
    assert!(documents.to_lowercase().contains("windows-1252"), "{documents}");
}

#[test]
fn a_second_document_of_the_same_name_is_refused_and_the_first_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("twice.csv");
    fs_err::write(&input, format!("doc_id,text\na,{GOOD}\na,Something else.\nb,{GOOD}\n")).unwrap();
    let out = folder.path().join("out");
    let outcome = run_small(&input, &out).exits(1);
    assert!(outcome.stderr.contains("\"a\" is taken"), "{}", outcome.stderr);
    assert_eq!(computed(&out), 2);
}

#[test]
fn one_very_long_line_is_just_a_long_text() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("long.txt");
    fs_err::write(&input, "word ".repeat(2_000_000)).unwrap();
    run_small(&input, &folder.path().join("out")).exits(0);
}

#[test]
fn usage_errors_end_with_2_and_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs_err::create_dir(&empty).unwrap();
    let good = folder.path().join("good.txt");
    fs_err::write(&good, GOOD).unwrap();
    let out = folder.path().join("out");
    let says = |command: crate::support::Plenary, words: &str| {
        let stderr = command.exits(2).stderr;
        assert!(stderr.contains(words), "{words:?} is missing: {stderr}");
    };
    says(run_small(&empty, &out), "empty");
    says(run_small(Path::new("/nowhere/at/all.txt"), &out), "/nowhere/at/all.txt");
    says(run_small(&good, &good), "output folder");
    says(run_small(&good, &out).args(&["--name-pattern", "{a"]), "pattern");
    says(run_small(&good, &out).args(&["--include", "[z-"]), "[z-");
    says(run_small(&good, &out).args(&["--metadata", "/nowhere.csv"]), "/nowhere.csv");
    says(run_small(&good, &out).args(&["--actors", "/nowhere.csv"]), "/nowhere.csv");
    says(run_small(&good, &out).args(&["--batch-tokens", "0"]), "batch_tokens");
    says(plenary("run").arg(&good).arg("-o").arg(&out).args(&["--model", "/nowhere"]), "/nowhere");
    says(plenary("run").arg(&good), "--out");
}

#[test]
fn a_run_in_which_nothing_is_usable_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("empty.txt");
    fs_err::write(&input, "").unwrap();
    let outcome = run_small(&input, &folder.path().join("out")).exits(2);
    assert!(outcome.stderr.contains("usable"), "{}", outcome.stderr);
}

#[test]
fn a_codebook_error_names_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let codebook = folder.path().join("mine.toml");
    fs_err::write(&codebook, "id = \"mine\"\nversion = \"1\"\ntitle = \"Mine\"\ntypo = 3\n")
        .unwrap();
    let outcome = plenary("codebook").arg("check").arg(&codebook).exits(2);
    assert!(outcome.stderr.contains("line 4"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("typo"), "{}", outcome.stderr);
}

#[test]
fn heads_with_nan_or_of_another_codebook_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.txt");
    fs_err::write(&good, GOOD).unwrap();
    let heads = fs_err::read_to_string(small_model().join("heads.json")).unwrap();
    let run = |heads: &str| {
        let model = folder.path().join("model");
        fs_err::create_dir_all(&model).unwrap();
        fs_err::write(model.join("heads.json"), heads).unwrap();
        plenary("run")
            .arg(&good)
            .arg("-o")
            .arg(folder.path().join("out"))
            .arg("--model")
            .arg(&model)
            .exits(2)
            .stderr
    };
    let first_number = heads.find("\"weights\"").unwrap()
        + heads[heads.find("\"weights\"").unwrap()..].find('[').unwrap()
        + 1;
    let (before, after) = heads.split_at(first_number);
    let comma = after.find(',').unwrap();
    let stderr = run(&format!("{before}null{}", &after[comma..]));
    assert!(stderr.contains("heads.json"), "{stderr}");
    let stderr = run(&heads[..heads.len() / 2]);
    assert!(stderr.contains("heads.json"), "{stderr}");
    let stderr = run("{}");
    assert!(stderr.contains("heads.json"), "{stderr}");
}

/// A device that is always full stands for a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_nothing_written_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs_err::create_dir(&input).unwrap();
    fs_err::write(input.join("a.txt"), GOOD).unwrap();
    let out = folder.path().join("out");
    run_small(&input, &out).args(&["--format", "csv"]).exits(0);
    let before = fs_err::read(out.join("sentences.csv")).unwrap();
    // The next version of one table is written to a full device.
    fs_err::write(input.join("b.txt"), GOOD).unwrap();
    std::os::unix::fs::symlink("/dev/full", out.join("sentences.csv.partial")).unwrap();
    let outcome = run_small(&input, &out).args(&["--format", "csv"]).exits(2);
    assert!(outcome.stderr.to_lowercase().contains("no space"), "{}", outcome.stderr);
    assert_eq!(fs_err::read(out.join("sentences.csv")).unwrap(), before);
    run_small(&input, &out).args(&["--format", "csv"]).exits(0);
    assert_eq!(computed(&out), 0, "what was finished before the disk was full is kept");
}

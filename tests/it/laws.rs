use crate::support::{assert_same_tables, plenary, run_small, sample, tables};

/// Law 2 with the built-in model, on some of the sample: batches, chunks, threads and input order.
#[test]
fn the_bits_do_not_depend_on_batches_chunks_threads_or_order() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["XRU_79_2024.txt", "oped_estuary.txt", "briefing_2022-11-17.txt"];
    let run = |name: &str, files: &[&str], settings: &[&str]| {
        let out = folder.path().join(name);
        let mut command = plenary("run").arg("-o").arg(&out).args(settings);
        for file in files {
            command = command.arg(sample().join(file));
        }
        command.exits(0);
        out
    };
    let reference = run("reference", &files, &["--embeddings"]);
    let reversed: Vec<&str> = files.iter().rev().copied().collect();
    let cut_up =
        ["--threads", "3", "--batch-tokens", "300", "--chunk-chars", "500", "--embeddings"];
    assert_same_tables(&reference, &run("cut up", &reversed, &cut_up));
    let in_one =
        ["--threads", "1", "--batch-tokens", "20000", "--chunk-chars", "100000000", "--embeddings"];
    assert_same_tables(&reference, &run("in one", &files, &in_one));
    // Without embeddings, statements in sentences without a position are not read: they say the same.
    let mut expected = tables(&reference);
    assert!(expected.remove("embeddings.parquet").is_some());
    assert_eq!(tables(&run("plain", &reversed, &cut_up[..6])), expected);
}

/// The same for the whole sample with the small model.
#[test]
fn the_whole_sample_gives_the_same_bytes_however_it_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, settings: &[&str]| {
        let out = folder.path().join(name);
        run_small(&sample(), &out)
            .args(settings)
            .args(&["--texts", "--format", "parquet,csv"])
            .exits(0);
        out
    };
    let reference = run("reference", &["--threads", "1"]);
    for (name, settings) in [
        ("small", ["--threads", "4", "--chunk-chars", "1", "--batch-tokens", "1"]),
        ("large", ["--threads", "2", "--chunk-chars", "9999999", "--batch-tokens", "999999"]),
    ] {
        assert_same_tables(&reference, &run(name, &settings));
    }
}

use std::path::Path;
use std::time::Duration;

use crate::support::{
    assert_same_tables, computed, manifest, plenary, root, run_small, sample, small_model, tables,
};

/// A folder of `count` short documents of our own.
fn corpus(folder: &Path, count: usize) {
    let speech = fs_err::read_to_string(sample().join("XRU_79_2024.txt")).unwrap();
    for number in 0..count {
        let text = format!("This is speech number {number}.\n\n{speech}");
        fs_err::write(folder.join(format!("speech_{number:03}.txt")), text).unwrap();
    }
}

#[test]
fn a_run_killed_at_any_point_resumes_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs_err::create_dir(&input).unwrap();
    corpus(&input, 40);
    let whole = folder.path().join("whole");
    let settings = ["--chunk-chars", "2000", "--threads", "2"];
    let started = std::time::Instant::now();
    run_small(&input, &whole).args(&settings).exits(0);
    let duration = started.elapsed();

    let out = folder.path().join("killed");
    let mut interrupted = 0;
    for tenth in [1, 3, 5, 7, 8, 9] {
        let mut child = run_small(&input, &out).args(&settings).spawn();
        std::thread::sleep(duration * tenth / 10);
        child.kill().unwrap();
        interrupted += u32::from(!child.wait().unwrap().success());
    }
    run_small(&input, &out).args(&settings).exits(0);
    assert_same_tables(&whole, &out);
    assert_eq!(manifest(&whole), manifest(&out));
    assert!(
        interrupted > 0,
        "no run was caught in the act; the corpus is too small for this machine"
    );
    assert!(computed(&out) < 40, "the last run repeated finished documents");
    let left: Vec<_> = fs_err::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().ends_with(".partial"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_cleanly_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs_err::create_dir(&input).unwrap();
    corpus(&input, 60);
    let out = folder.path().join("out");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_plenary"));
    command.arg("run").arg(&input).arg("-o").arg(&out).args(["--chunk-chars", "500"]);
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("run the same command again"), "{stderr}");
    assert!(!out.join("manifest.json").exists());
}

#[test]
fn a_second_run_computes_nothing_and_one_more_file_computes_one() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs_err::create_dir(&input).unwrap();
    corpus(&input, 5);
    let out = folder.path().join("out");
    run_small(&input, &out).exits(0);
    assert_eq!(computed(&out), 5);
    let first = tables(&out);
    run_small(&input, &out).exits(0);
    assert_eq!(computed(&out), 0);
    assert_eq!(first, tables(&out));

    fs_err::write(input.join("new.txt"), "A new speech. The network must stay open to all.")
        .unwrap();
    run_small(&input, &out).exits(0);
    assert_eq!(computed(&out), 1);
    fs_err::remove_file(input.join("new.txt")).unwrap();
    run_small(&input, &out).exits(0);
    assert_eq!(computed(&out), 0);
    assert_eq!(first, tables(&out));
}

#[test]
fn changed_texts_metadata_and_settings_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs_err::create_dir(&input).unwrap();
    corpus(&input, 3);
    let out = folder.path().join("out");
    run_small(&input, &out).exits(0);
    fs_err::write(input.join("speech_001.txt"), "Another text altogether.").unwrap();
    run_small(&input, &out).exits(0);
    assert_eq!(computed(&out), 1, "a changed text");

    let metadata = folder.path().join("about.csv");
    let actors = |third: &str| {
        let rows =
            format!("speech_000.txt,Dongxia\nspeech_001.txt,Dongxia\nspeech_002.txt,{third}\n");
        fs_err::write(&metadata, format!("filename,actor\n{rows}")).unwrap();
        run_small(&input, &out).arg("--metadata").arg(&metadata).exits(0);
        computed(&out)
    };
    assert_eq!(actors("Ruvania"), 3, "metadata where there were none");
    assert_eq!(actors("Tessaly"), 1, "one row of metadata");

    run_small(&input, &out)
        .arg("--metadata")
        .arg(&metadata)
        .args(&["--attribution", "none"])
        .exits(0);
    assert_eq!(computed(&out), 3, "changed settings");
}

#[test]
fn tables_that_are_no_longer_asked_for_disappear() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let input = sample().join("oped_estuary.txt");
    run_small(&input, &out).args(&["--texts", "--format", "csv,parquet"]).exits(0);
    assert!(out.join("texts.csv").exists());
    run_small(&input, &out).exits(0);
    let mut names: Vec<String> = tables(&out).into_keys().collect();
    names.retain(|name| name != "unresolved_actors.csv"); // CSV whatever the format
    assert!(
        names.iter().all(|name| name.ends_with(".parquet") && name != "texts.parquet"),
        "{names:?}"
    );
}

#[test]
fn two_runs_into_one_folder_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs_err::create_dir(&input).unwrap();
    corpus(&input, 60);
    let out = folder.path().join("out");
    // The built-in model, so that the first run takes long enough to be met at work.
    let mut first = plenary("run").arg(&input).arg("-o").arg(&out).spawn();
    while !out.join(".plenary/journal").exists() {
        assert!(first.try_wait().unwrap().is_none(), "the first run ended early");
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = run_small(&input, &out).exits(2);
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(second.stderr.contains("another run is writing to this folder"), "{}", second.stderr);
}

#[test]
fn an_output_folder_is_not_taken_for_input() {
    let folder = tempfile::tempdir().unwrap();
    corpus(folder.path(), 2);
    let run = || {
        plenary("run")
            .in_folder(folder.path())
            .args(&[".", "-o", "out", "--format", "csv,parquet", "--model"])
            .arg(small_model())
            .exits(0);
        manifest(&folder.path().join("out"))
    };
    assert_eq!(run(), run());
    assert!(root().is_absolute());
}

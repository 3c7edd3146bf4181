use std::path::{Path, PathBuf};

use plenary::digest;

use crate::support::{Plenary, plenary, root};

/// `plenary models …` on a store of its own.
pub(crate) fn models(store: &Path) -> Plenary {
    ["HF_TOKEN", "HF_ENDPOINT", "http_proxy", "https_proxy", "all_proxy"]
        .into_iter()
        .flat_map(|name| [name.to_owned(), name.to_uppercase()])
        .fold(plenary("models"), |plenary, name| plenary.env(&name, ""))
        .env("PLENARY_MODELS", store)
}

pub(crate) const REVISION: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

/// Writes the description of a model with these files into the store.
pub(crate) fn describe(store: &Path, name: &str, files: &[(&str, &[u8])]) {
    let mut toml =
        format!("id = \"dovia/{name}\"\nrevision = \"{REVISION}\"\nlicence = \"CC-BY-4.0\"\n");
    for (path, bytes) in files {
        toml += &format!(
            "[[files]]\npath = \"{path}\"\nsize = {}\nsha256 = \"{}\"\n",
            bytes.len(),
            digest::sha256(bytes)
        );
    }
    fs_err::write(store.join(format!("{name}.toml")), toml).unwrap();
}

/// Puts files where a model of the store has them.
fn place(store: &Path, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = store.join(name).join(REVISION);
    for (path, bytes) in files {
        let path = folder.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, bytes).unwrap();
    }
    folder
}

/// The files of a small encoder.
pub(crate) fn small_encoder() -> Vec<(&'static str, Vec<u8>)> {
    let folder = root().join("tests/fixtures/encode/distilbert");
    let files = [
        "config.json",
        "tokenizer.json",
        "modules.json",
        "1_Pooling/config.json",
        "sentence_bert_config.json",
        "model.safetensors",
    ];
    files.map(|path| (path, fs_err::read(folder.join(path)).unwrap())).into()
}

pub(crate) fn borrowed<'a>(files: &'a [(&'a str, Vec<u8>)]) -> Vec<(&'a str, &'a [u8])> {
    files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect()
}

#[test]
fn the_list_shows_what_is_here() {
    let store = tempfile::tempdir().unwrap();
    let files: [(&str, &[u8]); 2] = [("a", b"abc"), ("b", b"defg")];
    for name in ["absent", "partial", "whole"] {
        describe(store.path(), name, &files);
    }
    place(store.path(), "partial", &files[..1]);
    place(store.path(), "whole", &files);
    let list = models(store.path()).args(&["list", "--json"]).exits(0).stdout;
    let lines: Vec<serde_json::Value> =
        list.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let presence = |name: &str| {
        let line = lines.iter().find(|line| line["name"] == name).unwrap();
        line["presence"].as_str().unwrap().to_owned()
    };
    assert_eq!(presence("default"), "built in");
    assert_eq!(presence("all-MiniLM-L6-v2"), "not here");
    assert_eq!(presence("absent"), "not here");
    assert_eq!(presence("partial"), "in part");
    assert_eq!(presence("whole"), "here");
    let whole = lines.iter().find(|line| line["name"] == "whole").unwrap();
    assert_eq!(whole["id"], "dovia/whole");
    assert_eq!(whole["revision"], REVISION);
    assert_eq!(whole["licence"], "CC-BY-4.0");
    assert_eq!(whole["bytes"], 7);
    let table = models(store.path()).arg("list").exits(0).stdout;
    assert_eq!(table.lines().count(), 1 + lines.len(), "{table}");
}

/// One broken description is told and leaves the others usable.
#[test]
fn a_broken_description_is_told_and_stops_nothing_else() {
    let store = tempfile::tempdir().unwrap();
    describe(store.path(), "whole", &[("a", b"abc")]);
    fs_err::write(store.path().join("broken.toml"), "id = \"a/b\"\nrevision =\n").unwrap();
    describe(store.path(), "tricky", &[("../../../outside", b"abc")]);
    let outcome = models(store.path()).arg("list").exits(1);
    assert!(outcome.stdout.contains("dovia/whole"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("broken.toml, line 2"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("tricky.toml"), "{}", outcome.stderr);
    let outcome = models(store.path()).args(&["verify", "tricky"]).exits(2);
    assert!(outcome.stderr.contains("../../../outside"), "{}", outcome.stderr);
}

#[test]
fn every_damaged_file_is_named() {
    let store = tempfile::tempdir().unwrap();
    let files: [(&str, &[u8]); 4] =
        [("right", b"abc"), ("short", b"abcd"), ("other", b"abcd"), ("sub/gone", b"abc")];
    describe(store.path(), "small", &files);
    let folder = place(store.path(), "small", &files);
    models(store.path()).args(&["verify", "small"]).exits(0);
    models(store.path()).arg("verify").arg(&folder).exits(0);
    fs_err::write(folder.join("short"), "ab").unwrap();
    fs_err::write(folder.join("other"), "abce").unwrap();
    fs_err::remove_file(folder.join("sub/gone")).unwrap();
    for verify in [
        models(store.path()).args(&["verify", "small"]),
        models(store.path()).arg("verify").arg(&folder).args(&["--as", "small"]),
    ] {
        let outcome = verify.exits(2);
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        assert_eq!(lines[0], "right: right");
        assert_eq!(lines[1], "truncated: short: 2 of 4 bytes");
        assert!(lines[2].starts_with("wrong: other: sha256 "), "{}", lines[2]);
        assert_eq!(lines[3], "missing: sub/gone");
        assert!(outcome.stderr.contains("3 of 4 files"), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("plenary models fetch small"), "{}", outcome.stderr);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let outcome = models(store.path()).arg("verify").arg(elsewhere.path()).exits(2);
    assert!(outcome.stderr.contains("--as NAME"), "{}", outcome.stderr);
    models(store.path()).args(&["verify", "default"]).exits(0);
}

/// A description that tells another use than the files do.
#[test]
fn a_description_must_fit_its_files() {
    let store = tempfile::tempdir().unwrap();
    let files = small_encoder();
    describe(store.path(), "small", &borrowed(&files));
    place(store.path(), "small", &borrowed(&files));
    let outcome = models(store.path()).args(&["verify", "small"]).exits(2);
    assert!(
        outcome.stderr.contains("in the files and none in the description"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_model_of_the_store_is_used_by_its_name() {
    let store = tempfile::tempdir().unwrap();
    let files = small_encoder();
    describe(store.path(), "small", &borrowed(&files));
    let info = models(store.path()).args(&["info", "small"]).exits(0).stdout;
    assert!(info.contains("not here"), "{info}");
    let text = store.path().join("lines.txt");
    fs_err::write(&text, "An open network.\n").unwrap();
    let encode = || plenary("encode").arg(&text).args(&["--model", "small", "--json"]);
    let outcome = encode().env("PLENARY_MODELS", store.path()).exits(2);
    assert!(outcome.stderr.contains("plenary models fetch small"), "{}", outcome.stderr);
    place(store.path(), "small", &borrowed(&files));
    let outcome = encode().env("PLENARY_MODELS", store.path()).exits(0);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["model"], "small");
    let info = models(store.path()).args(&["info", "small", "--json"]).exits(0).stdout;
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    assert_eq!(info["dimension"], report["dimension"]);
    assert_eq!(info["presence"], "here");
    assert_eq!(info["description"]["id"], "dovia/small");
    let outcome = encode().env("PLENARY_MODELS", store.path().join("none")).exits(2);
    assert!(outcome.stderr.contains("known are all-MiniLM-L6-v2"), "{}", outcome.stderr);
}

/// The prompt of a description, and that of the files of a model: both stand before every text.
#[test]
fn a_default_prompt_is_read_before_every_text() {
    let store = tempfile::tempdir().unwrap();
    let plain = small_encoder();
    let config = br#"{"prompts": {"STS": "query: "}, "default_prompt_name": "STS"}"#;
    let mut telling = plain.clone();
    telling.push(("config_sentence_transformers.json", config.to_vec()));
    for (name, files) in [("plain", &plain), ("described", &plain), ("telling", &telling)] {
        describe(store.path(), name, &borrowed(files));
        place(store.path(), name, &borrowed(files));
    }
    let description = store.path().join("described.toml");
    let toml = fs_err::read_to_string(&description).unwrap();
    fs_err::write(&description, toml + "[prompts]\ndefault = \"query: \"\n").unwrap();
    let tokens = |model: &str, text: &str| {
        let lines = store.path().join("lines.txt");
        fs_err::write(&lines, text).unwrap();
        let outcome = plenary("encode").arg(&lines).args(&["--model", model, "--json"]);
        let report = outcome.env("PLENARY_MODELS", store.path()).exits(0).stdout;
        serde_json::from_str::<serde_json::Value>(&report).unwrap()["tokens"].as_u64().unwrap()
    };
    let expected = tokens("plain", "query: An open network.");
    assert!(expected > tokens("plain", "An open network."));
    assert_eq!(tokens("described", "An open network."), expected);
    assert_eq!(tokens("telling", "An open network."), expected);
    let info = models(store.path()).args(&["info", "described"]).exits(0).stdout;
    assert!(info.contains("prompt before every text: \"query: \""), "{info}");
}

/// Heads name the encoder they were trained on; it is found again.
#[test]
fn heads_find_the_encoder_they_were_trained_on() {
    let store = tempfile::tempdir().unwrap();
    let files = small_encoder();
    describe(store.path(), "small", &borrowed(&files));
    place(store.path(), "small", &borrowed(&files));
    let mut labels = String::from("doc_id,text,control,governance\n");
    for number in 0..30 {
        labels += &format!("d{number},Each state rules its own network {number}.,sovereignty,\n");
        labels += &format!("d{number},The network stays open to all {number}.,openness,\n");
        labels += &format!("d{number},States decide together {number}.,,multilateral\n");
        labels += &format!("d{number},Everybody decides together {number}.,,multistakeholder\n");
        labels += &format!("d{number},The hall has {number} seats.,,\n");
    }
    let file = store.path().join("labels.csv");
    fs_err::write(&file, labels).unwrap();
    let trained = store.path().join("trained");
    plenary("train")
        .env("PLENARY_MODELS", store.path())
        .args(&["--encoder", "small", "--labels"])
        .arg(&file)
        .arg("-o")
        .arg(&trained)
        .exits(0);
    let info = models(store.path()).arg("info").arg(&trained).exits(0).stdout;
    assert!(info.starts_with("small: "), "{info}");
    let outcome = models(&store.path().join("none")).arg("info").arg(&trained).exits(0);
    assert!(!outcome.stdout.starts_with("small: "), "{}", outcome.stdout);
}

#[test]
fn a_description_can_be_printed_and_used() {
    let store = tempfile::tempdir().unwrap();
    let toml = models(store.path()).args(&["info", "all-MiniLM-L6-v2", "--toml"]).exits(0).stdout;
    fs_err::write(store.path().join("again.toml"), &toml).unwrap();
    let again = models(store.path()).args(&["info", "again", "--toml"]).exits(0).stdout;
    assert_eq!(again, toml);
}

#[cfg(not(feature = "fetch"))]
#[test]
fn a_build_without_a_network_says_how_to_do_without() {
    let store = tempfile::tempdir().unwrap();
    let outcome = models(store.path()).args(&["fetch", "all-MiniLM-L6-v2"]).exits(2);
    for part in ["--features fetch", "model.safetensors", "plenary models verify all-MiniLM-L6-v2"]
    {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
    assert!(outcome.stderr.contains(&store.path().display().to_string()), "{}", outcome.stderr);
    models(store.path()).args(&["fetch", "galdria"]).exits(2);
    let outcome = models(store.path()).args(&["fetch", "dovia/sentences"]).exits(2);
    assert!(outcome.stderr.contains("--revision"), "{}", outcome.stderr);
}

use std::path::{Path, PathBuf};
use std::time::Duration;

use plenary::catalogue::fetch::{Hub, Patience, fetch};
use plenary::catalogue::{Catalogue, Store};
use plenary::digest;
use plenary::error::Result;
use plenary::observe::Silent;
use tempfile::TempDir;

use crate::hub::{Reply, StandIn};
use crate::models::{REVISION, borrowed, describe, models, small_encoder};
use crate::support::plenary;

/// 200,000 bytes that are unlike each other.
fn weights() -> Vec<u8> {
    (0..200_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect()
}

/// A store that describes the model "small" with one file of [`weights`].
fn store() -> (TempDir, PathBuf) {
    let store = tempfile::tempdir().unwrap();
    describe(store.path(), "small", &[("sub/weights", &weights())]);
    let target = store.path().join("small").join(REVISION).join("sub/weights");
    (store, target)
}

/// The library's fetch with tries that follow at once.
fn fetch_small(store: &Path, hub: &StandIn) -> Result<usize> {
    fetch_from(store, &hub.url())
}

fn fetch_from(store: &Path, endpoint: &str) -> Result<usize> {
    let patience = Patience {
        tries: 4,
        pause: Duration::from_millis(1),
        connect: Duration::from_secs(5),
        silence: Duration::from_millis(500),
    };
    let catalogue = Catalogue::open(Store::at(store))?;
    let hub = Hub::new(endpoint, None, patience)?;
    Ok(fetch(catalogue.store(), catalogue.find("small")?, &hub, &Silent)?.files)
}

fn part(target: &Path) -> PathBuf {
    target.with_file_name("weights.part")
}

#[test]
fn a_whole_model_is_fetched_once_and_then_used_offline() {
    let store = tempfile::tempdir().unwrap();
    let files: [(&str, &[u8]); 3] = [("a", b"abc"), ("sub/b", b"defg"), ("empty", b"")];
    describe(store.path(), "small", &files);
    let hub = StandIn::with_files(&files);
    let outcome =
        models(store.path()).args(&["fetch", "small"]).env("HF_ENDPOINT", hub.url()).exits(0);
    assert!(outcome.stderr.contains("3 files"), "{}", outcome.stderr);
    let asked = hub.asked();
    assert_eq!(asked.len(), 2, "what is in an empty file is known");
    assert_eq!(asked[1].path, format!("/dovia/small/resolve/{REVISION}/sub/b"));
    let folder = store.path().join("small").join(REVISION);
    for (path, bytes) in files {
        assert_eq!(fs_err::read(folder.join(path)).unwrap(), bytes);
    }
    assert_eq!(fs_err::read_dir(folder.join("sub")).unwrap().count(), 1, "a part is left over");
    let gone = hub.url();
    drop(hub);
    models(store.path()).args(&["verify", "small"]).exits(0);
    let outcome = models(store.path()).args(&["fetch", "small"]).env("HF_ENDPOINT", gone).exits(0);
    assert!(outcome.stderr.contains("small is here"), "{}", outcome.stderr);
}

/// What is here but not right is replaced, and nothing else is asked for.
#[test]
fn a_damaged_file_is_fetched_anew() {
    let (store, target) = store();
    let hub = StandIn::with_files(&[("sub/weights", &weights())]);
    assert_eq!(fetch_small(store.path(), &hub).unwrap(), 1);
    let mut damaged = weights();
    damaged[77] ^= 1;
    fs_err::write(&target, damaged).unwrap();
    assert_eq!(fetch_small(store.path(), &hub).unwrap(), 1);
    assert_eq!(fs_err::read(&target).unwrap(), weights());
    assert_eq!(hub.starts(), [None, None]);
}

#[test]
fn a_cut_connection_is_resumed_where_it_was_cut() {
    let (store, target) = store();
    let hub = StandIn::new(|asked, before| match before {
        0 => Reply::file(&weights(), asked).cut_after(70_000),
        1 => Reply::file(&weights(), asked).cut_after(50_000),
        _ => Reply::file(&weights(), asked),
    });
    let outcome =
        models(store.path()).args(&["fetch", "small"]).env("HF_ENDPOINT", hub.url()).exits(0);
    assert!(outcome.stderr.contains("1 files"), "{}", outcome.stderr);
    assert_eq!(hub.starts(), [None, Some(70_000), Some(120_000)]);
    assert_eq!(fs_err::read(&target).unwrap(), weights());
    assert!(!part(&target).exists());
}

/// What an earlier process has left is used, whether or not the server goes on from there.
#[test]
fn a_part_of_an_earlier_run_is_used() {
    for knows_ranges in [true, false] {
        let (store, target) = store();
        fs_err::create_dir_all(target.parent().unwrap()).unwrap();
        fs_err::write(part(&target), &weights()[..150_000]).unwrap();
        let hub = StandIn::new(move |asked, _| {
            if knows_ranges { Reply::file(&weights(), asked) } else { Reply::whole(&weights()) }
        });
        assert_eq!(fetch_small(store.path(), &hub).unwrap(), 1);
        assert_eq!(hub.starts(), [Some(150_000)]);
        assert_eq!(fs_err::read(&target).unwrap(), weights());
    }
}

#[test]
fn a_part_that_is_whole_is_not_asked_for() {
    let (store, target) = store();
    fs_err::create_dir_all(target.parent().unwrap()).unwrap();
    fs_err::write(part(&target), weights()).unwrap();
    let hub = StandIn::new(|_, _| Reply::status(500));
    fetch_small(store.path(), &hub).unwrap();
    assert_eq!(hub.asked(), []);
    assert_eq!(fs_err::read(&target).unwrap(), weights());
}

/// A part that is too long, or of another file, is thrown away.
#[test]
fn a_wrong_part_does_no_harm() {
    for left in [vec![1; 300_000], vec![1; 100_000], vec![1; 200_000]] {
        let (store, target) = store();
        fs_err::create_dir_all(target.parent().unwrap()).unwrap();
        let whole = left.len() == weights().len();
        fs_err::write(part(&target), left).unwrap();
        let hub = StandIn::with_files(&[("sub/weights", &weights())]);
        fetch_small(store.path(), &hub).unwrap();
        assert_eq!(fs_err::read(&target).unwrap(), weights());
        assert!(!whole || hub.starts() == [None], "{:?}", hub.starts());
    }
}

#[test]
fn a_range_that_the_server_refuses_starts_anew() {
    let (store, target) = store();
    fs_err::create_dir_all(target.parent().unwrap()).unwrap();
    fs_err::write(part(&target), &weights()[..10]).unwrap();
    let hub = StandIn::new(|asked, _| match asked.from {
        Some(_) => Reply::status(416),
        None => Reply::whole(&weights()),
    });
    fetch_small(store.path(), &hub).unwrap();
    assert_eq!(hub.starts(), [Some(10), None]);
    assert_eq!(fs_err::read(&target).unwrap(), weights());
}

/// A server that answers with another part than was asked for.
#[test]
fn a_wrong_range_starts_anew() {
    let (store, target) = store();
    fs_err::create_dir_all(target.parent().unwrap()).unwrap();
    fs_err::write(part(&target), &weights()[..10]).unwrap();
    let hub = StandIn::new(|asked, before| {
        let mut other = asked.clone();
        other.from = asked.from.filter(|_| before == 0).map(|from| from + 1);
        Reply::file(&weights(), &other)
    });
    fetch_small(store.path(), &hub).unwrap();
    assert_eq!(hub.starts(), [Some(10), None]);
    assert_eq!(fs_err::read(&target).unwrap(), weights());
}

#[test]
fn a_truncated_file_is_no_file() {
    let (store, target) = store();
    let hub = StandIn::new(|_, _| Reply::whole(&weights()[..150_000]));
    let outcome =
        models(store.path()).args(&["fetch", "small"]).env("HF_ENDPOINT", hub.url()).exits(2);
    let message = "has 150000 bytes, the description says 200000";
    assert!(outcome.stderr.contains(message), "{}", outcome.stderr);
    assert_eq!(hub.starts(), [None], "another try cannot help");
    assert!(!target.exists());
    // The same from a server that does not say how much it will send.
    let hub = StandIn::new(|_, _| Reply::whole(&weights()[..150_000]).without_length());
    let error = fetch_small(store.path(), &hub).unwrap_err();
    assert!(error.to_string().contains("ends after 150000 of 200000 bytes"), "{error}");
    assert_eq!(hub.starts().len(), 4);
    assert!(!target.exists());
}

#[test]
fn a_file_with_another_digest_is_thrown_away() {
    let (store, target) = store();
    let mut other = weights();
    other[199_999] ^= 1;
    let found = digest::sha256(&other);
    let hub = StandIn::new(move |asked, _| Reply::file(&other, asked));
    let outcome =
        models(store.path()).args(&["fetch", "small"]).env("HF_ENDPOINT", hub.url()).exits(2);
    for digest in [found, digest::sha256(weights())] {
        assert!(outcome.stderr.contains(&digest), "{}", outcome.stderr);
    }
    assert!(outcome.stderr.contains("sub/weights"), "{}", outcome.stderr);
    assert_eq!(hub.starts(), [None]);
    assert!(!target.exists());
    assert_eq!(fs_err::metadata(part(&target)).unwrap().len(), 0);
}

#[test]
fn what_is_not_there_is_said_at_once() {
    let (store, _) = store();
    let hub = StandIn::new(|_, _| Reply::status(404));
    let outcome =
        models(store.path()).args(&["fetch", "small"]).env("HF_ENDPOINT", hub.url()).exits(2);
    assert!(outcome.stderr.contains("status 404"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("resolve/0a0a"), "{}", outcome.stderr);
    assert_eq!(hub.asked().len(), 1);
    let hub = StandIn::new(|_, _| Reply::status(401));
    let error = fetch_small(store.path(), &hub).unwrap_err();
    assert!(error.remedy().unwrap().contains("HF_TOKEN"), "{error:?}");
    assert_eq!(hub.asked().len(), 1);
}

#[test]
fn a_busy_server_is_asked_again_but_not_for_ever() {
    let (store, target) = store();
    let hub = StandIn::new(|asked, before| match before {
        0 => Reply::status(503),
        1 => Reply::status(429).header("Retry-After", "0"),
        _ => Reply::file(&weights(), asked),
    });
    fetch_small(store.path(), &hub).unwrap();
    assert_eq!(hub.asked().len(), 3);
    fs_err::remove_file(&target).unwrap();
    let hub = StandIn::new(|_, _| Reply::status(503));
    let error = fetch_small(store.path(), &hub).unwrap_err();
    assert!(error.to_string().contains("status 503"), "{error}");
    assert_eq!(hub.asked().len(), 4);
}

#[test]
fn a_silent_server_does_not_hold_the_program() {
    let (store, _) = store();
    let hub = StandIn::new(|_, _| {
        std::thread::sleep(Duration::from_secs(3));
        Reply::status(500)
    });
    let error = fetch_small(store.path(), &hub).unwrap_err();
    assert!(error.to_string().contains("cannot be reached"), "{error}");
    let gone = StandIn::new(|_, _| Reply::status(500)).url();
    let error = fetch_from(store.path(), &gone).unwrap_err();
    assert!(error.remedy().unwrap().contains("HF_ENDPOINT"), "{error:?}");
}

/// The token goes to the hub and nowhere else; neither it nor a signature is ever shown.
#[test]
fn the_token_stays_with_the_hub() {
    let (store, target) = store();
    let shop = StandIn::new(|asked, before| match before {
        0 => Reply::status(403),
        _ => Reply::file(&weights(), asked),
    });
    let to = format!("{}/blob?Signature=opens-the-file", shop.url());
    let hub = StandIn::new(move |asked, _| match asked.path.as_str() {
        "/step" => Reply::redirect(&to),
        _ => Reply::redirect("/step")
            .header("X-Linked-Etag", &format!("\"{}\"", digest::sha256(weights()))),
    });
    let fetch = || {
        let fetch = models(store.path()).args(&["fetch", "small"]);
        fetch.env("HF_ENDPOINT", hub.url()).env("HF_TOKEN", "hf_secret")
    };
    let outcome = fetch().exits(2);
    for text in [&outcome.stdout, &outcome.stderr] {
        assert!(!text.contains("hf_secret") && !text.contains("opens-the-file"), "{text}");
    }
    fetch().exits(0);
    assert_eq!(fs_err::read(target).unwrap(), weights());
    assert_eq!(hub.asked().len(), 4);
    assert!(
        hub.asked().iter().all(|asked| asked.authorization.as_deref() == Some("Bearer hf_secret"))
    );
    assert!(shop.asked().iter().all(|asked| asked.authorization.is_none()));
    assert!(shop.asked()[0].path.contains("opens-the-file"));
}

#[test]
fn redirects_end() {
    let (store, _) = store();
    let hub = StandIn::new(|_, _| Reply::redirect("/again"));
    let error = fetch_small(store.path(), &hub).unwrap_err();
    assert!(error.to_string().contains("redirects too often"), "{error}");
    let hub = StandIn::new(|_, _| Reply::redirect("file:///etc/passwd"));
    let error = fetch_small(store.path(), &hub).unwrap_err();
    assert!(error.to_string().contains("redirects to no usable address"), "{error}");
}

/// What the hub says of a file is held against the description before a byte of it is taken.
#[test]
fn another_file_of_the_hub_is_noticed_first() {
    let (store, target) = store();
    let sha256 = digest::sha256(b"other");
    for (name, value, message) in [
        ("X-Linked-Etag", sha256.as_str(), "on the hub"),
        ("X-Linked-Size", "199999", "has 199999 bytes"),
        ("X-Repo-Commit", "1b1b", "is of the commit 1b1b"),
    ] {
        let (name, value) = (name.to_owned(), value.to_owned());
        let hub =
            StandIn::new(move |asked, _| Reply::file(&weights(), asked).header(&name, &value));
        let error = fetch_small(store.path(), &hub).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(fs_err::metadata(part(&target)).unwrap().len(), 0);
    }
}

/// More bytes than described are not even written.
#[test]
fn an_endless_file_is_cut_off() {
    let (store, target) = store();
    let endless = weights().repeat(20);
    let hub = StandIn::new(move |_, _| Reply::whole(&endless).without_length());
    let error = fetch_small(store.path(), &hub).unwrap_err();
    assert!(error.to_string().contains("larger than the 200000 bytes"), "{error}");
    assert_eq!(fs_err::metadata(part(&target)).unwrap().len(), 0);
}

#[test]
fn a_description_with_tricks_asks_for_nothing() {
    let store = tempfile::tempdir().unwrap();
    let hub = StandIn::with_files(&[("a", b"abc")]);
    for path in ["../../../outside", "/outside", "C:/outside", "sub/../../outside", ".hidden"] {
        describe(store.path(), "tricky", &[(path, b"abc")]);
        let outcome =
            models(store.path()).args(&["fetch", "tricky"]).env("HF_ENDPOINT", hub.url()).exits(2);
        assert!(outcome.stderr.contains("tricky.toml"), "{}", outcome.stderr);
    }
    fs_err::write(store.path().join("tricky.toml"), "id =").unwrap();
    let outcome =
        models(store.path()).args(&["fetch", "tricky"]).env("HF_ENDPOINT", hub.url()).exits(2);
    assert!(outcome.stderr.contains("tricky.toml, line 1"), "{}", outcome.stderr);
    assert_eq!(hub.asked(), []);
    assert_eq!(fs_err::read_dir(store.path()).unwrap().count(), 1);
}

/// Two processes that want the same model: one fetches it, the other waits and finds it.
#[test]
fn two_fetches_at_once_do_not_spoil_each_other() {
    let (store, target) = store();
    let hub = StandIn::new(|asked, _| {
        std::thread::sleep(Duration::from_millis(700));
        Reply::file(&weights(), asked)
    });
    let start =
        || models(store.path()).args(&["fetch", "small"]).env("HF_ENDPOINT", hub.url()).spawn();
    let mut running = [start(), start()];
    for child in &mut running {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(hub.starts(), [None]);
    assert_eq!(fs_err::read(target).unwrap(), weights());
}

fn first_use(store: &Path, hub: &StandIn) -> crate::support::Plenary {
    models(store)
        .args(&["fetch", "dovia/sentences", "--revision", REVISION])
        .env("HF_ENDPOINT", hub.url())
}

/// A model that nobody described: fetched, measured, described, and used by its name from then on.
#[test]
fn an_unknown_model_is_described_on_first_use() {
    let store = tempfile::tempdir().unwrap();
    let mut files = small_encoder();
    files.push(("README.md", b"---\nlicense: mit\n---\n# Sentences\n".to_vec()));
    let hub = StandIn::with_files(&borrowed(&files));
    let outcome = first_use(store.path(), &hub).exits(0);
    assert!(outcome.stderr.contains("trusted on first use"), "{}", outcome.stderr);
    let gone = hub;
    let asked = gone.asked().len();
    let info = models(store.path()).args(&["info", "sentences", "--json"]).exits(0).stdout;
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    assert_eq!(info["description"]["licence"], "mit");
    assert_eq!(info["description"]["first_use"], true);
    let described = info["description"]["files"].as_array().unwrap();
    assert_eq!(described.len(), files.len());
    for (path, bytes) in &files {
        let file = described.iter().find(|file| file["path"] == *path).unwrap();
        assert_eq!(file["sha256"], digest::sha256(bytes));
        assert_eq!(file["size"], bytes.len());
    }
    models(store.path()).args(&["verify", "sentences"]).exits(0);
    let text = store.path().join("lines.txt");
    fs_err::write(&text, "An open network.\n").unwrap();
    plenary("encode")
        .env("PLENARY_MODELS", store.path())
        .arg(&text)
        .args(&["--model", "sentences"])
        .exits(0);
    first_use(store.path(), &gone).exits(0);
    assert_eq!(gone.asked().len(), asked, "a model that is here is not asked for");
    let other = "1b".repeat(20);
    let outcome = models(store.path())
        .args(&["fetch", "dovia/sentences", "--revision", &other])
        .env("HF_ENDPOINT", gone.url())
        .exits(2);
    assert!(outcome.stderr.contains("--name"), "{}", outcome.stderr);
}

/// A first fetch that was cut off leaves no description, and keeps what came in whole.
#[test]
fn a_first_use_goes_on_where_it_stopped() {
    let store = tempfile::tempdir().unwrap();
    let files = small_encoder();
    let broken = StandIn::with_files(&borrowed(&files[..5]));
    let outcome = first_use(store.path(), &broken).exits(2);
    assert!(outcome.stderr.contains("has no weights in safetensors"), "{}", outcome.stderr);
    assert!(!store.path().join("sentences.toml").exists());
    let hub = StandIn::with_files(&borrowed(&files));
    first_use(store.path(), &hub).exits(0);
    let asked = hub.asked();
    assert!(asked.iter().all(|asked| asked.file() != "config.json"), "{asked:?}");
    models(store.path()).args(&["verify", "sentences"]).exits(0);
}

#[test]
fn a_first_use_believes_neither_the_server_nor_its_files() {
    let store = tempfile::tempdir().unwrap();
    let files = small_encoder();
    let owned: Vec<(&'static str, Vec<u8>)> = files.clone();
    let lying = StandIn::new(move |asked, _| {
        let found = owned.iter().find(|(path, _)| *path == asked.file());
        let Some((path, bytes)) = found else { return Reply::status(404) };
        let reply = Reply::file(bytes, asked);
        let other = digest::sha256(b"other");
        if *path == "model.safetensors" { reply.header("X-Linked-Etag", &other) } else { reply }
    });
    let outcome = first_use(store.path(), &lying).exits(2);
    assert!(outcome.stderr.contains("model.safetensors has the sha256"), "{}", outcome.stderr);
    let mut tricky = files;
    tricky[2].1 = br#"[{"path": "../../outside", "type": "x.Pooling"}]"#.to_vec();
    let hub = StandIn::with_files(&borrowed(&tricky));
    let fresh = tempfile::tempdir().unwrap();
    let outcome = first_use(fresh.path(), &hub).exits(2);
    assert!(outcome.stderr.contains("outside the folder"), "{}", outcome.stderr);
    assert!(hub.asked().iter().all(|asked| !asked.path.contains("outside")));
    assert!(!fresh.path().join("sentences.toml").exists());
}

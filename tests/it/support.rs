//! What the tests share: a runner that reads as a sentence, and a small model.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// A command line of the built program.
pub(crate) struct Plenary {
    command: Command,
}

/// What it did.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `plenary <verb>`, with no environment or settings of the caller's showing through.
pub(crate) fn plenary(verb: &str) -> Plenary {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plenary"));
    command.arg(verb).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PLENARY_")) {
        command.env_remove(name);
    }
    Plenary { command }
}

/// `plenary run … -o out` with the small model.
pub(crate) fn run_small(input: &Path, out: &Path) -> Plenary {
    plenary("run").arg(input).arg("-o").arg(out).arg("--model").arg(small_model())
}

impl Plenary {
    pub(crate) fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    #[cfg(feature = "onnx")]
    pub(crate) fn env(mut self, name: &str, value: &Path) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Starts without waiting.
    pub(crate) fn spawn(mut self) -> std::process::Child {
        self.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub(crate) fn with_stdin(mut self, bytes: &[u8]) -> Outcome {
        use std::io::Write;
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program may end before it has read everything; that shows in its outcome.
        let _ = child.stdin.take().unwrap().write_all(bytes);
        child.wait_with_output().unwrap().into()
    }

    pub(crate) fn run(mut self) -> Outcome {
        self.command.output().unwrap().into()
    }

    /// Runs, and fails the test unless the exit code is `code`.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Outcome {
        let outcome = self.run();
        assert_eq!(outcome.code, code, "stdout: {}\nstderr: {}", outcome.stdout, outcome.stderr);
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
        outcome
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sample documents.
pub(crate) fn sample() -> PathBuf {
    root().join("data/sample")
}

/// The folder of a model that needs no weights: heads on the hashed encoder, trained once per test run by the
/// program itself on the shipped statements.
pub(crate) fn small_model() -> &'static Path {
    static MODEL: OnceLock<TempDir> = OnceLock::new();
    MODEL
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            plenary("train")
                .args(&["--encoder", "hashed", "--labels"])
                .arg(root().join("data/training/synthetic.jsonl"))
                .arg("-o")
                .arg(folder.path())
                .exits(0);
            folder
        })
        .path()
}

/// The bytes of every table in `out`.
pub(crate) fn tables(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tables = BTreeMap::new();
    for entry in fs_err::read_dir(out).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let extension = path.extension().unwrap_or_default();
        if extension == "parquet" || extension == "csv" {
            tables.insert(name, fs_err::read(&path).unwrap());
        }
    }
    assert!(!tables.is_empty(), "no tables in {}", out.display());
    tables
}

/// The manifest without the timings, which differ between equal runs.
pub(crate) fn manifest(out: &Path) -> serde_json::Value {
    let text = fs_err::read_to_string(out.join("manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    manifest.as_object_mut().unwrap().remove("timings").expect("a manifest has timings");
    manifest
}

/// How many documents the last run computed itself.
pub(crate) fn computed(out: &Path) -> u64 {
    let text = fs_err::read_to_string(out.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    manifest["timings"]["computed_documents"].as_u64().unwrap()
}

/// Asserts that two output folders hold the same bytes, naming the first table that differs.
#[track_caller]
pub(crate) fn assert_same_tables(one: &Path, other: &Path) {
    let (one, other) = (tables(one), tables(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(bytes == &other[name], "{name} differs");
    }
}

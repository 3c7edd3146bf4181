use std::path::{Path, PathBuf};

use crate::support::root;

/// Modules in the order in which they may use each other: a module uses only what stands to its left.
/// Modules in one group may not use each other at all.
const LAYERS: &[&[&str]] = &[
    &["error", "digest"],
    &["document", "observe"],
    &["segment", "attribute", "encode", "schedule", "source", "catalogue"],
    &["classify", "config"],
    &["analysis", "tagging"],
    &["positions", "groupings"],
    &["sink"],
    &["journal"],
    &["engine"],
    &["train", "pipeline"],
    &["compare"],
    &["cli"],
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The top-level module a source file belongs to.
fn module_of(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file: comments out, unit tests out.
fn code(path: &Path) -> String {
    let text = fs_err::read_to_string(path).unwrap();
    let body = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = body.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|group| group.contains(&module))
}

#[test]
fn dependencies_point_one_way() {
    for path in rust_files(&root().join("src")) {
        let module = module_of(&path);
        if module == "lib" || module == "main" || path.to_string_lossy().contains("tests") {
            continue;
        }
        let own =
            layer(&module).unwrap_or_else(|| panic!("{module} has no layer; add it to LAYERS"));
        for used in code(&path).split("crate::").skip(1) {
            let name: String =
                used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            let Some(other) = layer(&name).filter(|_| name != module) else { continue };
            assert!(other < own, "{}: {module} must not use {name}", path.display());
        }
    }
}

#[test]
fn pure_stages_do_no_input_or_output_and_hold_no_globals() {
    for stage in ["segment", "attribute"] {
        for path in rust_files(&root().join("src").join(stage)) {
            let code = code(&path);
            for banned in ["static ", "thread_local!", "std::net", "std::env", "LazyLock"] {
                let found = code.lines().find(|line| line.trim_start().starts_with(banned));
                assert_eq!(found, None, "{}", path.display());
            }
        }
    }
}

#[test]
fn only_schedule_starts_threads() {
    for path in rust_files(&root().join("src")) {
        if module_of(&path) != "schedule" && !path.to_string_lossy().contains("tests") {
            let code = code(&path);
            for banned in ["thread::spawn", "thread::scope", "rayon::", "par_iter"] {
                assert!(!code.contains(banned), "{}: {banned}", path.display());
            }
        }
    }
}

/// Law 8: what talks to a network lies in one folder, which the default build leaves out.
#[test]
fn only_fetching_knows_of_a_network() {
    let fetch = root().join("src/catalogue/fetch");
    assert!(fetch.is_dir());
    for path in rust_files(&root().join("src")) {
        if !path.starts_with(&fetch) {
            let code = code(&path);
            for banned in ["ureq", "std::net", "TcpStream"] {
                assert!(!code.contains(banned), "{}: {banned}", path.display());
            }
        }
    }
    let module = fs_err::read_to_string(root().join("src/catalogue/mod.rs")).unwrap();
    assert!(module.contains("#[cfg(feature = \"fetch\")]\npub mod fetch;"));
}

#[test]
fn files_are_short_enough_to_read() {
    let long: Vec<String> = rust_files(&root().join("src"))
        .into_iter()
        .map(|path| (fs_err::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > 500)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

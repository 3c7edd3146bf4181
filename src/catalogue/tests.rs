use super::*;
use crate::digest;

fn described(files: &[(&str, &[u8])]) -> String {
    let head = format!(
        "id = \"dovia/sentences\"\nrevision = \"{}\"\nlicence = \"MIT\"\n",
        "0a".repeat(20)
    );
    let table = |(path, bytes): &(&str, &[u8])| {
        let (size, sha256) = (bytes.len(), digest::sha256(bytes));
        format!("[[files]]\npath = \"{path}\"\nsize = {size}\nsha256 = \"{sha256}\"\n")
    };
    std::iter::once(head).chain(files.iter().map(table)).collect()
}

fn catalogue(root: &Path) -> Catalogue {
    Catalogue::open(Store::at(root)).unwrap()
}

/// The descriptions that are compiled in are those in the folder, and each can be used.
#[test]
fn the_folder_of_descriptions_is_compiled_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut names: Vec<String> = own_descriptions(&folder)
        .unwrap()
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let empty = tempfile::tempdir().unwrap();
    let catalogue = catalogue(empty.path());
    assert_eq!(catalogue.models().map(|model| model.name.clone()).collect::<Vec<_>>(), names);
    assert_eq!(catalogue.broken().count(), 0);
    assert!(names.contains(&"all-MiniLM-L6-v2".to_owned()));
}

#[test]
fn own_descriptions_join_and_broken_ones_stand_aside() {
    let root = tempfile::tempdir().unwrap();
    fs_err::write(root.path().join("dovia.toml"), described(&[("a", b"abc")])).unwrap();
    fs_err::write(root.path().join("broken.toml"), "id = ").unwrap();
    fs_err::write(root.path().join("all-MiniLM-L6-v2.toml"), described(&[("a", b"abc")])).unwrap();
    fs_err::write(root.path().join("notes.txt"), "id = ").unwrap();
    let catalogue = catalogue(root.path());
    assert_eq!(catalogue.find("dovia").unwrap().id, "dovia/sentences");
    assert_eq!(catalogue.find("dovia/sentences").unwrap().name, "dovia");
    assert_eq!(catalogue.broken().count(), 2);
    assert!(catalogue.find("broken").unwrap_err().to_string().contains("broken.toml, line 1"));
    let built_in = catalogue.find("all-MiniLM-L6-v2").unwrap();
    assert_eq!(built_in.id, "sentence-transformers/all-MiniLM-L6-v2");
}

#[test]
fn a_model_is_absent_then_partial_then_here() {
    let root = tempfile::tempdir().unwrap();
    let toml = described(&[("a", b"abc"), ("sub/b", b"defg")]);
    fs_err::write(root.path().join("dovia.toml"), toml).unwrap();
    let catalogue = catalogue(root.path());
    let error = catalogue.folder_of("dovia").unwrap_err();
    assert!(error.to_string().contains("not here yet"), "{error}");
    assert!(error.remedy().unwrap().contains("plenary models fetch dovia"), "{error:?}");
    let model = catalogue.find("dovia").unwrap().clone();
    let folder = catalogue.store().folder(&model);
    assert_eq!(folder, root.path().join("dovia").join("0a".repeat(20)));
    fs_err::create_dir_all(folder.join("sub")).unwrap();
    fs_err::write(folder.join("a"), "abc").unwrap();
    fs_err::write(folder.join("sub/b"), "def").unwrap();
    let error = catalogue.folder_of("dovia").unwrap_err();
    assert!(error.to_string().contains("not whole: sub/b"), "{error}");
    fs_err::write(folder.join("sub/b"), "defg").unwrap();
    assert_eq!(catalogue.folder_of("dovia").unwrap(), folder);
    assert_eq!(catalogue.of_folder(&folder), Some(&model));
    assert_eq!(catalogue.of_folder(Path::new("/somewhere/dovia")), Some(&model));
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let empty = tempfile::tempdir().unwrap();
    for name in ["galdria", "../../etc", "C:\\x", "a\0b"] {
        let error = catalogue(empty.path()).folder_of(name).unwrap_err();
        assert!(error.remedy().unwrap().contains("all-MiniLM-L6-v2"), "{error:?}");
    }
}

#[test]
fn an_existing_folder_wins_over_a_name() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(resolve(folder.path().to_str().unwrap()).unwrap(), folder.path());
    assert!(resolve("default").unwrap_err().to_string().contains("has no folder"));
}

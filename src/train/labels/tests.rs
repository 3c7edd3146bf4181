use super::*;

/// Writes `content` to a file called `name`, loads it, and returns what comes out.
fn read(name: &str, content: &str) -> Result<Vec<LabelSet>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    load(&[path], &Codebook::built_in())
}

/// Place, cause and remedy of the error that `content` must give.
fn check(name: &str, content: &str) -> (Option<u64>, String, String) {
    let error = read(name, content).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Labels);
    assert!(error.location().file.is_some());
    (error.location().line, error.cause(), error.remedy().unwrap_or_default().to_owned())
}

#[test]
fn json_lines_are_read_with_their_defaults() {
    let sets = read(
        "a.jsonl",
        concat!(
            r#"{"sentence": "One net.", "statements": [{"holder": "SPEAKER", "manner": "own", "control": "openness", "governance": null}], "other": 3}"#,
            "\n\n",
            r#"{"id": "x", "doc_id": "d", "text": "He wants both.", "statements": [{"holder": "He", "control": "both"}]}"#,
        ),
    );
    let records = sets.unwrap().remove(0).records;
    assert_eq!((&*records[0].id, &*records[0].group, &*records[0].corpus), ("a.1", "a.1", "a"));
    let own = &records[0].statements[0];
    assert_eq!((&own.holder, own.manner), (&None, Manner::Own));
    assert_eq!(own.sides, [Some(Side::Second), Some(Side::Neither)]);
    let told = &records[1].statements[0];
    assert_eq!((told.holder.as_deref(), told.manner), (Some("He"), Manner::Indirect));
    assert_eq!(told.sides[0], Some(Side::Both));
}

#[test]
fn tables_leave_missing_axes_unlabelled() {
    let sets =
        read("b.csv", "text,control,doc_id\n\"One, net.\",openness,d\nNothing.,,d\nNo.,none,e\n");
    let records = sets.unwrap().remove(0).records;
    assert_eq!(records[0].sentence, "One, net.");
    assert_eq!(records[0].statements[0].sides, [Some(Side::Second), None]);
    assert_eq!(records[0].labelled, [true, false]);
    assert_eq!(records[1].statements[0].sides, [Some(Side::Neither), None]);
    assert_eq!(records[2].group, "e");
}

#[test]
fn mistakes_in_json_lines_name_line_field_and_cause() {
    let good = r#"{"id": "1", "sentence": "A.", "statements": []}"#;
    let second = |line: &str| check("a.jsonl", &format!("{good}\n{line}\n"));
    let (line, cause, hint) =
        second(r#"{"sentence": "A.", "statements": [{"control": "freedom"}]}"#);
    assert_eq!((line, &*cause), (Some(2), "statement 1: `freedom` is no pole of axis `control`"));
    assert!(hint.contains("sovereignty, openness, both or none"));
    let (_, cause, hint) = second(r#"{"sentence": "A.", "statements": [{"contrl": null}]}"#);
    assert!(cause.contains("no axis `contrl`") && hint.contains("control, governance"));
    assert!(second(r#"{"sentence": " ", "statements": []}"#).1.contains("sentence is empty"));
    assert!(second(r#"{"statements": []}"#).1.contains("missing field `sentence`"));
    assert!(second(r#"{"sentence": "A."}"#).1.contains("missing field `statements`"));
    assert!(second(r#"{"sentence": "A.", "#).1.contains("is not a labelled sentence"));
    let (_, cause, _) = second(r#"{"sentence": "A.", "statements": [{"control": 1}]}"#);
    assert_eq!(cause, "statement 1: `control` is 1, not a string or null");
    let (_, cause, _) = second(r#"{"sentence": "A.", "statements": [{"manner": "shouted"}]}"#);
    assert!(cause.contains("`shouted` is no manner"));
    let twice = r#"{"sentence": "A.", "statements": [{"control": "both"}, {"control": null}]}"#;
    assert!(second(twice).1.contains("holder `SPEAKER` is coded twice as own"));
    assert!(second(good).1.contains("the id `1` occurs twice"));
}

#[test]
fn mistakes_in_tables_name_line_and_cause() {
    let check = |content: &str| check("a.csv", content);
    let (line, cause, _) = check("text,control\n\"two\nlines\",openness\nA.,opennes\n");
    assert_eq!((line, &*cause), (Some(4), "`opennes` is no pole of axis `control`"));
    assert!(
        check("words,control\nA.,both\n").1.contains("no column `text` (it has words, control)")
    );
    assert!(check("text,stance\nA.,both\n").1.contains("no column for any axis"));
    assert!(check("text,control\nA.\n").1.contains("not a well-formed table"));
    assert!(check("text,control\n,both\n").1.contains("sentence is empty"));
    assert!(check("text,control\n").1.contains("holds no labelled sentence"));
}

#[test]
fn strange_files_are_refused() {
    assert!(check("a.docx", "x").1.contains("is not a label file"));
    assert!(check("a.jsonl", "").1.contains("holds no labelled sentence"));
    let missing = load(&[PathBuf::from("/nowhere/a.csv")], &Codebook::built_in()).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300), kind in 0usize..3) {
        let name = Path::new(["a.csv", "a.tsv", "a.jsonl"][kind]);
        let _: Result<_> = parse(name, &bytes, &Codebook::built_in());
        let text = [b"text,control\n".as_slice(), &bytes].concat();
        let _: Result<_> = parse(Path::new("a.csv"), &text, &Codebook::built_in());
    }
}

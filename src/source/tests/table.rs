use std::io::Cursor;

use super::super::Limits;
use super::*;

fn all(text: &[u8], options: &SourceOptions) -> Vec<Result<Record>> {
    match read(Box::new(Cursor::new(text.to_vec())), b',', options, Path::new("x.csv")) {
        Ok(records) => records.collect(),
        Err(error) => vec![Err(error)],
    }
}

fn first(text: &str) -> Record {
    all(text.as_bytes(), &SourceOptions::default()).remove(0).unwrap()
}

#[test]
fn rows_become_records() {
    let record = first("doc_id,text,session,empty\na,\"One, \"\"two\"\".\nThree.\",73,\n");
    assert_eq!(record.text, "One, \"two\".\nThree.");
    let columns: Vec<_> = record.columns.iter().map(|(n, v)| (n.as_str(), v.to_string())).collect();
    assert_eq!(columns, [("doc_id", "a".to_owned()), ("session", "73".to_owned())]);
}

#[test]
fn separators_and_marks_are_recognised() {
    assert_eq!(first("\u{feff}id;text\n1;a, b\n").text, "a, b");
    assert_eq!(first("id\ttext\n1\ta, b\n").text, "a, b");
    assert_eq!(first("text\nonly column\n").text, "only column");
}

#[test]
fn repeated_and_empty_names_stay_apart() {
    let record = first("x,text,x,\n1,a,2,3\n");
    let names: Vec<_> = record.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x", "x_2", "column_4"]);
}

#[test]
fn a_row_with_the_wrong_number_of_fields_is_reported_and_skipped() {
    let records = all(b"id,text\n1,a\n2,b,c\n3,d\n", &SourceOptions::default());
    let error = records[1].as_ref().unwrap_err();
    assert_eq!((error.location().line, error.location().record), (Some(3), Some(2)));
    assert_eq!(error.cause(), "has 3 fields where the header has 2");
    assert_eq!(records[2].as_ref().unwrap().text, "d");
}

#[test]
fn missing_columns_are_listed() {
    let error = all(b"id,title\n1,a\n", &SourceOptions::default()).remove(0).unwrap_err();
    assert!(error.remedy().unwrap().contains("id, title"), "{:?}", error.remedy());
    let asked = SourceOptions { text_column: Some("speech".into()), ..Default::default() };
    let error = all(b"id,text\n1,a\n", &asked).remove(0).unwrap_err();
    assert!(error.to_string().contains("\"speech\""));
}

#[test]
fn an_open_quotation_mark_does_not_swallow_memory() {
    let limits = Limits { max_document_bytes: 200_000, ..Limits::default() };
    let options = SourceOptions { limits, ..SourceOptions::default() };
    let table = format!("id,text\n1,\"{}", "never closed,\n".repeat(100_000));
    let records = all(table.as_bytes(), &options);
    assert_eq!(records.len(), 1);
    assert!(records[0].as_ref().unwrap_err().remedy().unwrap().contains("quotation mark"));
}

#[test]
fn other_encodings_are_read_and_noted() {
    let (bytes, ..) =
        encoding_rs::WINDOWS_1252.encode("id,text\n1,Le délégué a été très clair à ce sujet\n");
    let record = all(&bytes, &SourceOptions::default()).remove(0).unwrap();
    assert_eq!(record.text, "Le délégué a été très clair à ce sujet");
    assert_eq!(record.notes, ["decoded from windows-1252 (detected)"]);
}

#[test]
fn empty_tables_say_so() {
    for (table, message) in
        [(&b""[..], "is empty"), (b" \n", "is empty"), (b"id,text\n", "no records")]
    {
        let error = all(table, &SourceOptions::default()).remove(0).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}

use std::io::Cursor;

use super::*;
use crate::document::MetaValue;

fn all(text: &[u8], framing: Framing) -> Vec<Result<Record>> {
    let options = SourceOptions::default();
    match read(Box::new(Cursor::new(text.to_vec())), framing, &options, Path::new("x.jsonl")) {
        Ok(records) => records.collect(),
        Err(error) => vec![Err(error)],
    }
}

#[test]
fn records_keep_text_and_columns_with_their_types() {
    let lines = b"{\"id\": 7, \"text\": \"One.\\n\\nTwo.\", \"n\": 1.5, \"ok\": true, \"none\": null, \"l\": [1]}\n";
    let mut records = all(lines, Framing::Lines);
    let record = records.remove(0).unwrap();
    assert_eq!(record.text, "One.\n\nTwo.");
    assert_eq!(
        record.columns,
        [
            ("id".to_owned(), MetaValue::Int(7)),
            ("n".to_owned(), MetaValue::Float(1.5)),
            ("ok".to_owned(), MetaValue::Bool(true)),
            ("l".to_owned(), MetaValue::Text("[1]".into())),
        ]
    );
    assert_eq!(record.number, Some(1));
}

#[test]
fn one_bad_record_does_not_stop_the_others() {
    let lines =
        b"{\"text\": \"a\"}\n{\"text\": oops}\n{\"text\": 5}\n\n{\"no\": 1}\n{\"text\": \"b\"}\n";
    let records = all(lines, Framing::Lines);
    let texts: Vec<_> =
        records.iter().map(|record| record.as_ref().ok().map(|r| r.text.as_str())).collect();
    assert_eq!(texts, [Some("a"), None, None, None, Some("b")]);
    let place = |at: usize| records[at].as_ref().unwrap_err().location().clone();
    assert_eq!((place(1).record, place(1).line, place(1).byte), (Some(2), Some(2), Some(23)));
    assert_eq!((place(3).record, place(3).line), (Some(4), Some(5)));
    assert!(records[3].as_ref().unwrap_err().remedy().unwrap().contains("--text-column"));
}

#[test]
fn arrays_and_pretty_printed_objects_are_read() {
    let text = b"[\n{\n\"text\": \"a ] }\"\n},\n{\"text\": \"b\"}\n]\n";
    let texts: Vec<_> = all(text, Framing::Braces).into_iter().map(|r| r.unwrap().text).collect();
    assert_eq!(texts, ["a ] }", "b"]);
}

#[test]
fn a_broken_byte_costs_a_note_not_the_record() {
    let records = all(b"{\"text\": \"caf\xc3\xa9 d\xc3\xa9j\xc3\xa0 \xff \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"}\n", Framing::Lines);
    let record = records[0].as_ref().unwrap();
    assert!(record.text.contains('\u{fffd}'));
    assert_eq!(record.notes, ["invalid UTF-8 replaced by U+FFFD, first at byte 23"]);
}

#[test]
fn files_without_records_say_so() {
    for (text, message) in [(&b""[..], "is empty"), (b"\n\n", "no records"), (b"[]", "no records")]
    {
        let error = all(text, Framing::Braces).remove(0).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    assert!(all(b"\x7fELF\0\0\0\x01\x02", Framing::Lines)[0].is_err());
}

#[test]
fn deep_nesting_is_an_error() {
    let bomb = format!("{{\"text\": \"a\", \"x\": {}", "[".repeat(100_000));
    assert!(all(bomb.as_bytes(), Framing::Lines)[0].is_err());
}

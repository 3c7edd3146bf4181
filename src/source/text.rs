//! Plain text and Markdown: kept as they are, but for front matter.

use crate::error::Result;

use super::record::Record;
use super::{encoding, front_matter};

/// The record of a `.txt` or `.md` file.
pub(crate) fn read(bytes: Vec<u8>) -> Result<Record> {
    let (mut text, mut notes) = encoding::decode(bytes, None)?;
    let mut columns = Vec::new();
    match front_matter::split(&text) {
        Ok(None) => {}
        Ok(Some(front)) => {
            let chars = text[..front.body].chars().count();
            notes.push(format!("cut {chars} characters of front matter"));
            columns = front.columns;
            text.drain(..front.body);
        }
        Err(cause) => notes.push(format!("front matter left in the text: {cause}")),
    }
    Ok(Record { text, columns, notes, ..Record::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::MetaValue;

    #[test]
    fn text_stays_as_it_is() {
        let text = "Line one\r\n\r\n  # two\t\u{a0} ";
        let record = read(text.as_bytes().to_vec()).unwrap();
        assert_eq!((record.text.as_str(), record.notes.len()), (text, 0));
    }

    #[test]
    fn front_matter_becomes_columns_and_a_note() {
        let record = read("---\ntitle: Ä\n---\nText".as_bytes().to_vec()).unwrap();
        assert_eq!(record.text, "Text");
        assert_eq!(record.columns, [("title".to_owned(), MetaValue::Text("Ä".into()))]);
        assert_eq!(record.notes, ["cut 17 characters of front matter"]);
        let record = read(b"---\na: [\n---\nText".to_vec()).unwrap();
        assert!(record.text.starts_with("---") && record.notes[0].starts_with("front matter left"));
    }
}

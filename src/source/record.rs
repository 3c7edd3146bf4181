//! What a reader makes of one record, before metadata from elsewhere is joined to it.

use crate::document::{GivenTurn, MetaValue};
use crate::error::{Error, ErrorKind, Result};

/// Named values in the order of the input.
pub(crate) type Columns = Vec<(String, MetaValue)>;

/// The records of one file, read one at a time.
pub(crate) type Records<'a> = Box<dyn Iterator<Item = Result<Record>> + Send + 'a>;

/// One text as its reader found it.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) text: String,
    /// What the record itself says: table columns, JSON fields, front matter.
    pub(crate) columns: Columns,
    /// What the format says beside it: `<meta>`, core properties, `teiHeader`. Yields to everything else.
    pub(crate) properties: Columns,
    pub(crate) turns: Vec<GivenTurn>,
    pub(crate) notes: Vec<String>,
    /// Number of the record in its file, from 1; `None` where the file is the document.
    pub(crate) number: Option<u64>,
}

/// The records of a file that is one document.
pub(crate) fn single<'a>(record: Result<Record>) -> Records<'a> {
    Box::new(std::iter::once(record))
}

/// `records`, or an error saying that the file has none.
pub(crate) fn at_least_one<'a>(
    records: impl Iterator<Item = Result<Record>> + Send + 'a,
) -> Records<'a> {
    let mut records = records.peekable();
    if records.peek().is_none() {
        let error = Error::new(ErrorKind::Input, "holds no records");
        return single(Err(error.hint("the file has no data beyond its header")));
    }
    Box::new(records)
}

/// A text value, unless it is empty.
pub(crate) fn text_column(name: &str, value: impl Into<String>) -> Option<(String, MetaValue)> {
    let value = value.into();
    let trimmed = value.trim();
    if trimmed.is_empty() {
        return None;
    }
    Some((name.to_owned(), MetaValue::Text(trimmed.to_owned())))
}

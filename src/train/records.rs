//! Test sets: one JSON record a line.

use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// The records in the file at `path`, each made by `parse` from its line; blank lines are passed over.
///
/// # Errors
/// When the file cannot be read, holds no record (`what` names them), or `parse` refuses a line; the error names the line.
pub(super) fn read<T>(
    path: &Path,
    what: &str,
    parse: impl Fn(&str) -> Result<T>,
) -> Result<Vec<T>> {
    let file = fs_err::File::open(path).map_err(|source| Error::io("read", path, source))?;
    let mut records = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.map_err(|source| Error::io("read", path, source).at_line(number))?;
        if !line.trim().is_empty() {
            records.push(parse(&line).map_err(|error| error.in_file(path).at_line(number))?);
        }
    }
    if records.is_empty() {
        return Err(Error::new(ErrorKind::Input, format!("holds no {what}"))
            .in_file(path)
            .hint("is it the right file for the task?"));
    }
    Ok(records)
}

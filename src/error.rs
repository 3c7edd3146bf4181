//! The one error type of the library: what went wrong, where in the input, and what to do about it.
//!
//! A message is a lowercase fragment that reads well after "failed to …", without a final stop. The place
//! (file, record, line, byte) is kept apart from the message, so that a run's manifest can list skipped
//! documents as data. The remedy is a `hint`, shown by the program under the message.

use std::fmt;
use std::path::{Path, PathBuf};

/// The result of anything in this library that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What part of the work failed. Callers match on this, people read the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused a read or a write.
    Io,
    /// An input is empty, broken, of an unknown format or beyond a safety limit.
    Input,
    /// Metadata cannot be read or joined.
    Metadata,
    /// A codebook is malformed or inconsistent.
    Codebook,
    /// Model files are missing, corrupt or do not fit together.
    Model,
    /// Labelled sentences are malformed or do not fit the codebook.
    Labels,
    /// A setting or a flag has a value that makes no sense.
    Config,
    /// The output folder cannot be used.
    Output,
    /// The user asked to stop.
    Interrupted,
}

/// Where in the input an error was found. Lines and records count from 1, bytes from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The file, as the user named it.
    pub file: Option<PathBuf>,
    /// The record within a table or a JSON Lines file.
    pub record: Option<u64>,
    /// The line within the file.
    pub line: Option<u64>,
    /// The byte offset within the file.
    pub byte: Option<u64>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.file.as_ref().map(|file| file.display().to_string()),
            self.record.map(|record| format!("record {record}")),
            self.line.map(|line| format!("line {line}")),
            self.byte.map(|byte| format!("byte {byte}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(&parts.join(", "))
    }
}

/// An error with its kind, its place, its remedy and what caused it.
#[derive(Debug)]
pub struct Error(Box<Details>);

#[derive(Debug)]
struct Details {
    kind: ErrorKind,
    message: String,
    location: Location,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            message: message.into(),
            location: Location::default(),
            hint: None,
            source: None,
        }))
    }

    /// An input-output error on `path` while doing `what` ("read", "create", "rename").
    pub fn io(what: &str, path: &Path, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, format!("cannot {what}")).in_file(path).caused_by(source)
    }

    /// Names the file, unless a deeper layer has named one already.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.location.file.get_or_insert_with(|| path.into());
        self
    }

    /// Names the record, counted from 1.
    #[must_use]
    pub fn at_record(mut self, record: u64) -> Self {
        self.0.location.record = Some(record);
        self
    }

    /// Names the line, counted from 1.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.0.location.line = Some(line);
        self
    }

    /// Names the byte offset, counted from 0.
    #[must_use]
    pub fn at_byte(mut self, byte: u64) -> Self {
        self.0.location.byte = Some(byte);
        self
    }

    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Keeps the underlying error as the source.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Place and cause: "a.csv, line 3: cannot read: permission denied".
    pub fn in_full(&self) -> String {
        match self.location().to_string().as_str() {
            "" => self.cause(),
            place => format!("{place}: {}", self.cause()),
        }
    }

    /// What part of the work failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where in the input it failed.
    pub fn location(&self) -> &Location {
        &self.0.location
    }

    /// What the user can do about it.
    pub fn remedy(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The message with its causes but without the place: "cannot read: permission denied".
    pub fn cause(&self) -> String {
        let mut text = self.0.message.clone();
        let mut next = std::error::Error::source(self);
        while let Some(source) = next {
            text.push_str(": ");
            text.push_str(&source.to_string());
            next = source.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.0.location.to_string();
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_place_cause_and_remedy() {
        let io = std::io::Error::other("disk on fire");
        let error =
            Error::io("read", Path::new("a.csv"), io).at_record(3).at_line(9).hint("use water");
        assert_eq!(error.to_string(), "a.csv, record 3, line 9: cannot read");
        assert_eq!(error.cause(), "cannot read: disk on fire");
        assert_eq!(error.remedy(), Some("use water"));
    }

    #[test]
    fn the_deepest_file_name_wins() {
        let error = Error::new(ErrorKind::Input, "is empty").in_file("inner.txt").in_file("outer");
        assert_eq!(error.location().file.as_deref(), Some(Path::new("inner.txt")));
    }
}

//! What the program says: data on standard output, everything else on standard error.

use std::io::Write;

use crate::error::{Error, ErrorKind, Result};

/// Writes `text` to standard output.
///
/// # Errors
/// When it is closed or full.
pub(super) fn data(text: &str) -> Result<()> {
    lines(|out| out.write_all(text.as_bytes()))
}

/// Lets `write` fill standard output through a buffer.
///
/// # Errors
/// When it is closed or full.
pub(super) fn lines(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    write(&mut out).and_then(|()| out.flush()).map_err(|error| {
        Error::new(ErrorKind::Io, "cannot write to standard output").caused_by(error)
    })
}

/// Writes `value` as one line of JSON.
///
/// # Errors
/// When `out` is closed or full.
pub(super) fn json_line(out: &mut dyn Write, value: &impl serde::Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Whether the error is that nobody reads standard output any more.
pub(super) fn is_broken_pipe(error: &Error) -> bool {
    let source =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|source| source.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Says why the program ends.
pub(super) fn error(error: &Error) {
    eprint!("{}", described("error", error));
}

/// Says why a document is left out.
pub(super) fn skipped(error: &Error) -> String {
    described("skipped", error)
}

/// `label: place: cause`, with the remedy on a line of its own.
fn described(label: &str, error: &Error) -> String {
    let mut text = format!("{label}: {}\n", error.in_full());
    if let Some(remedy) = error.remedy() {
        text = format!("{text}  hint: {remedy}\n");
    }
    text
}

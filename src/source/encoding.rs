//! Which encoding bytes are in, and text out of them; what was done goes into notes.

use std::io::{self, BufRead, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::format;
use crate::error::{Error, ErrorKind, Result};

/// Bytes looked at to tell the encoding of a stream.
const SAMPLE: usize = 1 << 20;

/// An encoding and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    encoding: &'static Encoding,
    /// Length of the byte-order mark.
    mark: usize,
    certain: bool,
}

/// Decodes a whole file. `declared` is the label the file gives itself, if any.
///
/// # Errors
///
/// When the bytes are not text in any encoding.
pub(crate) fn decode(bytes: Vec<u8>, declared: Option<&str>) -> Result<(String, Vec<String>)> {
    if bytes.starts_with(b"\xef\xbb\xbf") || memchr::memchr(0, &bytes).is_some() {
        return decode_unusual(&bytes, declared);
    }
    match String::from_utf8(bytes) {
        Ok(text) if few_controls(text.as_bytes()) => Ok((text, Vec::new())),
        Ok(text) => Err(not_text(text.as_bytes())),
        Err(error) => decode_unusual(error.as_bytes(), declared),
    }
}

fn decode_unusual(bytes: &[u8], declared: Option<&str>) -> Result<(String, Vec<String>)> {
    let found = detect(bytes, declared)?;
    let mut notes: Vec<String> = found.note().into_iter().collect();
    let body = &bytes[found.mark..];
    if found.encoding == UTF_8 {
        let (text, note) = lossy(body, found.mark);
        notes.extend(note);
        return Ok((text, notes));
    }
    let (text, malformed) = found.encoding.decode_without_bom_handling(body);
    if malformed {
        notes.push(format!("some bytes are not valid {}: replaced by U+FFFD", found.name()));
    }
    Ok((text.into_owned(), notes))
}

/// UTF-8 text out of `bytes`, with a note where U+FFFD stands for bytes that are none.
/// `offset` is where `bytes` start in the file.
pub(crate) fn lossy(bytes: &[u8], offset: usize) -> (String, Option<String>) {
    let Err(error) = std::str::from_utf8(bytes) else {
        return (String::from_utf8_lossy(bytes).into_owned(), None);
    };
    let first = offset + error.valid_up_to();
    let text = String::from_utf8_lossy(bytes).into_owned();
    let note = format!("invalid UTF-8 replaced by U+FFFD, first at byte {first}");
    (text, Some(note))
}

/// A reader of UTF-8 and what had to be done for it.
type Utf8<'a> = (Box<dyn BufRead + Send + 'a>, Option<String>);

/// A reader of UTF-8 without byte-order mark, whatever the encoding of `bytes`.
///
/// Bytes that are not valid UTF-8 in a stream that otherwise is pass through; records deal with them.
///
/// # Errors
///
/// When reading fails or the first bytes are no text.
pub(crate) fn utf8_reader<'a>(
    mut bytes: Box<dyn BufRead + Send + 'a>,
) -> io::Result<Result<Utf8<'a>>> {
    let mut head = Vec::new();
    let failed = bytes.by_ref().take(SAMPLE as u64).read_to_end(&mut head).err();
    if let Some(error) = failed {
        if head.is_empty() {
            return Err(error);
        }
        // What could be read comes first, the error after it.
        bytes = Box::new(Failed(Some(error)));
    }
    let found = match detect(&head, None) {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let mut start = io::Cursor::new(head);
    start.set_position(found.mark as u64);
    let whole = start.chain(bytes);
    let reader: Box<dyn BufRead + Send + 'a> = if found.encoding == UTF_8 {
        Box::new(whole)
    } else {
        Box::new(Transcoder::new(whole, found.encoding))
    };
    Ok(Ok((reader, found.note())))
}

impl Found {
    fn certain(encoding: &'static Encoding, mark: usize) -> Self {
        Self { encoding, mark, certain: true }
    }

    fn name(self) -> String {
        self.encoding.name().to_ascii_lowercase()
    }

    fn note(self) -> Option<String> {
        match (self.encoding == UTF_8, self.mark, self.certain) {
            (true, 0, _) => None,
            (true, ..) => Some("removed the byte-order mark".to_owned()),
            (false, 0, false) => Some(format!("decoded from {} (detected)", self.name())),
            (false, ..) => Some(format!("decoded from {}", self.name())),
        }
    }
}

/// Tells the encoding of `bytes`: by mark, by zero bytes, by validity, by declaration, by statistics.
fn detect(bytes: &[u8], declared: Option<&str>) -> Result<Found> {
    if bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff") {
        let error = Error::new(ErrorKind::Input, "is in UTF-32, which is not supported");
        return Err(error.hint("save it as UTF-8"));
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Ok(Found::certain(encoding, mark));
    }
    if memchr::memchr(0, bytes).is_some()
        && let Some(encoding) = wide(bytes)
    {
        return Ok(Found { encoding, mark: 0, certain: false });
    }
    if !few_controls(bytes) {
        return Err(not_text(bytes));
    }
    if mostly_utf8(bytes) {
        return Ok(Found::certain(UTF_8, 0));
    }
    if let Some(encoding) = declared.and_then(|label| Encoding::for_label(label.as_bytes()))
        && encoding != UTF_8
        && encoding.output_encoding() == encoding
    {
        return Ok(Found::certain(encoding, 0));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(SAMPLE)], true);
    Ok(Found { encoding: detector.guess(None, Utf8Detection::Deny), mark: 0, certain: false })
}

/// UTF-16 without a mark: zero bytes on one side of the pairs only, and decodable to few control characters.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let encoding = match () {
        () if odd > 20 * even => UTF_16LE,
        () if even > 20 * odd => UTF_16BE,
        () => return None,
    };
    // A surrogate pair may straddle the end of the sample: leave the last pairs out.
    let sample = if sample.len() == SAMPLE { &sample[..SAMPLE - 4] } else { sample };
    let (text, malformed) = encoding.decode_without_bom_handling(sample);
    let plausible = |c: &char| c.is_alphanumeric() || c.is_whitespace() || c.is_ascii_punctuation();
    let good = text.chars().filter(plausible).count();
    let enough = 10 * good >= 7 * text.chars().count();
    (!malformed && enough && few_controls(text.as_bytes())).then_some(encoding)
}

/// Whether control characters are as rare as in text: at most one byte in fifty, zeros one in a thousand.
fn few_controls(bytes: &[u8]) -> bool {
    let (mut controls, mut zeros) = (0, 0);
    for &byte in bytes {
        controls += usize::from(byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c));
        zeros += usize::from(byte == 0);
    }
    50 * controls <= bytes.len() && 1000 * zeros <= bytes.len()
}

/// Whether `bytes` are UTF-8 but for a few accidents: at most one broken sequence for ten good ones.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    // A sample may end inside a character.
    bad.saturating_sub(usize::from(bytes.len() == SAMPLE)) * 10 <= good
}

fn not_text(bytes: &[u8]) -> Error {
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c);
    let at = bytes.iter().position(control).unwrap_or(0);
    let error = Error::new(ErrorKind::Input, "is not text").at_byte(at as u64);
    match format::binary_kind(bytes) {
        Some(kind) => error.hint(format!("it looks like {kind}; give it the right extension")),
        None => error.hint("it looks like a binary file"),
    }
}

/// A reader that fails once and then is at its end.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl BufRead for Failed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.take().map_or(Ok(&[]), Err)
    }

    fn consume(&mut self, _: usize) {}
}

/// Turns any encoding into UTF-8 while reading.
struct Transcoder<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    output: Vec<u8>,
    filled: usize,
    position: usize,
    finished: bool,
}

impl<R: BufRead> Transcoder<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { inner, decoder, output: vec![0; 64 << 10], filled: 0, position: 0, finished: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        (self.position, self.filled) = (0, 0);
        while self.filled == 0 && !self.finished {
            let input = self.inner.fill_buf()?;
            let last = input.is_empty();
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(input, &mut self.output, last);
            self.finished = last && result == encoding_rs::CoderResult::InputEmpty;
            self.filled = written;
            self.inner.consume(read);
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Transcoder<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position == self.filled {
            self.refill()?;
        }
        Ok(&self.output[self.position..self.filled])
    }

    fn consume(&mut self, amount: usize) {
        self.position += amount;
    }
}

#[cfg(test)]
#[path = "tests/encoding.rs"]
mod tests;

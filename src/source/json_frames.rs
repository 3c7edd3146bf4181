//! Cuts a JSON Lines file, or a JSON array of objects, into one object after the other.

use std::io::{self, BufRead};

/// Where an object stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Line of its first byte, from 1.
    pub(crate) line: u64,
    /// Its first byte, from 0.
    pub(crate) byte: u64,
    /// Whether it was longer than allowed; what was read of it is thrown away.
    pub(crate) too_long: bool,
}

/// What separates the objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Line ends.
    Lines,
    /// Their own braces, in an array or one after the other.
    Braces,
}

/// Hands out the bytes of one object at a time.
pub(crate) struct Frames<R> {
    reader: R,
    framing: Framing,
    limit: usize,
    line: u64,
    byte: u64,
}

impl<R: BufRead> Frames<R> {
    pub(crate) fn new(reader: R, framing: Framing, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { reader, framing, limit, line: 1, byte: 0 }
    }

    /// Reads the next object into `buffer`; `None` at the end of the file.
    pub(crate) fn next(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Frame>> {
        match self.framing {
            Framing::Lines => self.next_line(buffer),
            Framing::Braces => self.next_braces(buffer),
        }
    }

    fn next_line(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Frame>> {
        loop {
            buffer.clear();
            let mut frame = Frame { line: self.line, byte: self.byte, too_long: false };
            let started = self.byte;
            let mut ended = false;
            while !ended {
                let chunk = self.reader.fill_buf()?;
                if chunk.is_empty() {
                    break;
                }
                let at = memchr::memchr(b'\n', chunk);
                ended = at.is_some();
                let length = at.map_or(chunk.len(), |at| at + 1);
                frame.too_long |= keep(buffer, &chunk[..length], self.limit);
                self.reader.consume(length);
                self.byte += length as u64;
            }
            if self.byte == started {
                return Ok(None);
            }
            self.line += 1;
            if frame.too_long || !buffer.trim_ascii().is_empty() {
                return Ok(Some(frame));
            }
        }
    }

    fn next_braces(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Frame>> {
        buffer.clear();
        if !self.skip_between()? {
            return Ok(None);
        }
        let mut frame = Frame { line: self.line, byte: self.byte, too_long: false };
        let mut state = State::default();
        while !state.finished {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            let length = state.advance(chunk);
            let lines = memchr::memchr_iter(b'\n', &chunk[..length]).count();
            frame.too_long |= keep(buffer, &chunk[..length], self.limit);
            self.reader.consume(length);
            self.byte += length as u64;
            self.line += lines as u64;
        }
        Ok(Some(frame))
    }

    /// Skips white space, commas and the array's brackets; false at the end of the file.
    fn skip_between(&mut self) -> io::Result<bool> {
        loop {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                return Ok(false);
            }
            let between = |byte: &u8| byte.is_ascii_whitespace() || b",[]".contains(byte);
            let length = chunk.iter().position(|byte| !between(byte)).unwrap_or(chunk.len());
            let found = length < chunk.len();
            self.line += memchr::memchr_iter(b'\n', &chunk[..length]).count() as u64;
            self.byte += length as u64;
            self.reader.consume(length);
            if found {
                return Ok(true);
            }
        }
    }
}

/// Appends `chunk` unless that exceeds `limit`; then empties the buffer and says so.
fn keep(buffer: &mut Vec<u8>, chunk: &[u8], limit: usize) -> bool {
    if buffer.len() + chunk.len() > limit {
        buffer.clear();
        buffer.shrink_to(1 << 20);
        return true;
    }
    buffer.extend_from_slice(chunk);
    false
}

/// Follows braces and strings up to the end of an object.
#[derive(Default)]
struct State {
    depth: usize,
    in_string: bool,
    escaped: bool,
    finished: bool,
}

impl State {
    /// The number of bytes of `chunk` that belong to the object.
    fn advance(&mut self, chunk: &[u8]) -> usize {
        let mut at = 0;
        while at < chunk.len() {
            if self.in_string && !self.escaped {
                let Some(next) = memchr::memchr2(b'"', b'\\', &chunk[at..]) else {
                    return chunk.len();
                };
                at += next;
            }
            self.step(chunk[at]);
            at += 1;
            if self.finished {
                return at;
            }
        }
        chunk.len()
    }

    fn step(&mut self, byte: u8) {
        if self.in_string {
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        // What starts with no brace is no object; it ends where the line does.
        self.finished = self.depth == 0 && matches!(byte, b'}' | b']' | b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(text: &str, framing: Framing, limit: u64) -> Vec<(String, u64, bool)> {
        // A tiny buffer makes every object straddle its edge.
        let reader = io::BufReader::with_capacity(3, text.as_bytes());
        let mut frames = Frames::new(reader, framing, limit);
        let (mut buffer, mut found) = (Vec::new(), Vec::new());
        while let Some(frame) = frames.next(&mut buffer).unwrap() {
            let text = String::from_utf8(buffer.clone()).unwrap();
            found.push((text.trim_end().to_owned(), frame.line, frame.too_long));
        }
        found
    }

    fn owned(expected: &[(&str, u64)]) -> Vec<(String, u64, bool)> {
        expected.iter().map(|(text, line)| ((*text).to_owned(), *line, false)).collect()
    }

    #[test]
    fn lines_are_objects_and_blank_lines_are_none() {
        let found = frames("{\"a\":1}\n\n \r\n{}\r\n{\"b\"", Framing::Lines, 99);
        assert_eq!(found, owned(&[("{\"a\":1}", 1), ("{}", 4), ("{\"b\"", 5)]));
    }

    #[test]
    fn braces_end_objects_but_not_inside_strings() {
        let text = "[\n {\"a\": \"}]\\\"{\"},\n{\"b\": [{}]} ]\n{}";
        let found = frames(text, Framing::Braces, 99);
        let expected = [("{\"a\": \"}]\\\"{\"}", 2), ("{\"b\": [{}]}", 3), ("{}", 4)];
        assert_eq!(found, owned(&expected));
    }

    #[test]
    fn a_long_object_is_skipped_and_the_next_one_read() {
        let text = format!("{{\"a\":\"{}\"}}\n{{}}\n", "x".repeat(50));
        for framing in [Framing::Lines, Framing::Braces] {
            let found = frames(&text, framing, 10);
            assert_eq!((found.len(), found[0].2), (2, true));
            assert_eq!((found[1].0.as_str(), found[1].2), ("{}", false));
        }
    }
}

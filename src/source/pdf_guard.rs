//! Refuses PDFs whose packed streams inflate beyond all measure, before a parser unpacks them.

use std::io::{self, Read};

use memchr::memmem;

use crate::error::{Error, ErrorKind, Result};

use super::Limits;

/// Bytes before `stream` that its dictionary is looked for in.
const DICTIONARY: usize = 1024;

/// Unpacks each deflated stream into nothing and adds up what comes out.
///
/// Images are left out: they are never unpacked. So are streams whose data does not start like zlib data.
///
/// # Errors
///
/// When the sum is beyond `limits`, or a stream is packed twice over.
pub(crate) fn check(bytes: &[u8], limits: Limits) -> Result<()> {
    let allowed =
        limits.free_inflation.max((bytes.len() as u64).saturating_mul(limits.max_inflation));
    let mut left = allowed;
    for at in memmem::find_iter(bytes, b"stream") {
        let dictionary = &bytes[at.saturating_sub(DICTIONARY)..at];
        let start = memmem::rfind(dictionary, b" obj").unwrap_or(0);
        let dictionary = &dictionary[start..];
        if dictionary.ends_with(b"end") {
            continue;
        }
        if memmem::find_iter(dictionary, b"FlateDecode").count() > 1 {
            return Err(bomb("a stream is packed twice over"));
        }
        if memmem::find(dictionary, b"/Image").is_some() {
            continue;
        }
        let data = bytes[at + b"stream".len()..].trim_ascii_start();
        if data.first().is_some_and(|byte| byte & 0x0f == 8) {
            left = left.saturating_sub(inflated(data, left));
        }
        if left == 0 {
            return Err(bomb(&format!("its streams unpack to more than {} MiB", allowed >> 20)));
        }
    }
    Ok(())
}

/// How many bytes `data` unpacks to, at most `limit`.
fn inflated(data: &[u8], limit: u64) -> u64 {
    let mut unpacked = flate2::read::ZlibDecoder::new(data).take(limit);
    let mut total = 0;
    let mut buffer = [0; 16 << 10];
    while let Ok(length @ 1..) = unpacked.read(&mut buffer) {
        total += length as u64;
    }
    total
}

fn bomb(cause: &str) -> Error {
    Error::new(ErrorKind::Input, "inflates beyond all measure")
        .caused_by(io::Error::other(cause.to_owned()))
        .hint("the file is built to exhaust memory; convert it to text if you trust it")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn stream(dictionary: &str, length: usize) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; length]).unwrap();
        let packed = encoder.finish().unwrap();
        let head = format!("1 0 obj\n<<{dictionary}>>\nstream\r\n").into_bytes();
        [head, packed, b"\nendstream\nendobj".to_vec()].concat()
    }

    #[test]
    fn streams_are_measured_before_they_are_unpacked() {
        let limits = Limits { free_inflation: 1 << 20, ..Limits::default() };
        assert!(check(&stream("/Filter/FlateDecode", 1000), limits).is_ok());
        assert!(check(&stream("/Filter/FlateDecode", 2 << 20), limits).is_err());
        assert!(check(&stream("/Subtype/Image/Filter/FlateDecode", 2 << 20), limits).is_ok());
        assert!(check(&stream("/Filter[/FlateDecode/FlateDecode]", 1), limits).is_err());
        let many = stream("/Filter/FlateDecode", 400 << 10).repeat(3);
        assert!(check(&many, limits).is_err());
        assert!(check(b"no stream here", limits).is_ok());
    }
}

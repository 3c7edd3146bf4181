//! The bytes of an input: read, hashed and unpacked in one pass, with a guard against archive bombs.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::format::{self, Packing};
use super::{InputFile, Limits};
use crate::digest;
use crate::error::{Error, ErrorKind, Result};

/// Unpacked bytes, buffered.
pub(crate) type Bytes<'a> = Box<dyn BufRead + Send + 'a>;

const BUFFER: usize = 128 << 10;

/// What reading a file leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// The file's SHA-256, once it was read to its end.
    pub(crate) digest: OnceLock<String>,
    /// Bytes read so far, as they lie on disk.
    pub(crate) bytes: Arc<AtomicU64>,
}

/// Opens `file`, unpacks gz and zst by their magic bytes, and keeps account in `trace`.
pub(crate) fn open<'a>(file: &InputFile, limits: Limits, trace: &'a Trace) -> Result<Bytes<'a>> {
    let raw: Box<dyn Read + Send> =
        if file.is_stdin() { Box::new(io::stdin()) } else { Box::new(open_file(&file.path)?) };
    unpack(Hashing::new(raw, trace), limits).map_err(|error| read_error(&error, &file.path))
}

/// Unpacks `raw` where its first bytes say it is packed.
fn unpack(raw: Hashing<'_>, limits: Limits) -> io::Result<Bytes<'_>> {
    let packed = Arc::clone(&raw.count);
    let mut raw = BufReader::with_capacity(BUFFER, raw);
    let guard = |unpacked| Guard { unpacked, packed, produced: 0, limits };
    Ok(match format::packing(raw.fill_buf()?) {
        None => Box::new(raw),
        Some(Packing::Gzip) => buffered(guard(Box::new(flate2::bufread::MultiGzDecoder::new(raw)))),
        Some(Packing::Zstd) => {
            buffered(guard(Box::new(zstd::stream::read::Decoder::with_buffer(raw)?)))
        }
    })
}

fn buffered(reader: Guard<'_>) -> Bytes<'_> {
    Box::new(BufReader::with_capacity(BUFFER, reader))
}

/// Everything in `bytes`, up to the size of a document.
pub(crate) fn read_all(bytes: &mut dyn BufRead, limits: Limits, path: &Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    let limit = limits.max_document_bytes;
    bytes
        .take(limit.saturating_add(1))
        .read_to_end(&mut all)
        .map_err(|error| read_error(&error, path))?;
    match all.len() as u64 {
        0 => {
            let hint = "the file has no bytes at all; was it copied whole?";
            Err(Error::new(ErrorKind::Input, "is empty").in_file(path).hint(hint))
        }
        length if length > limit => Err(too_large(limit).in_file(path)),
        _ => Ok(all),
    }
}

/// The error for a document beyond `limit` bytes.
pub(crate) fn too_large(limit: u64) -> Error {
    let message = format!("is larger than {} MiB, the limit for one document", limit >> 20);
    Error::new(ErrorKind::Input, message).hint("split it, or raise the limit on a document's size")
}

/// Tells a refused read from packed data that is broken or cut short.
pub(crate) fn read_error(error: &io::Error, path: &Path) -> Error {
    let (message, hint) = match error.kind() {
        io::ErrorKind::UnexpectedEof => (
            "ends in the middle of its packed data",
            "the file was probably cut short while copying; fetch it again",
        ),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            ("holds broken packed data", "fetch the file again")
        }
        io::ErrorKind::FileTooLarge => {
            ("inflates beyond all measure", "if you trust it, unpack it yourself first")
        }
        _ => {
            let copy = io::Error::new(error.kind(), error.to_string());
            return Error::io("read", path, copy);
        }
    };
    Error::new(ErrorKind::Input, message).in_file(path).hint(hint).caused_by(error.to_string())
}

/// The SHA-256 of the file at `path`, in lowercase hexadecimal.
pub(crate) fn sha256(path: &Path) -> Result<String> {
    let trace = Trace::default();
    let mut reader = Hashing::new(Box::new(open_file(path)?), &trace);
    io::copy(&mut reader, &mut io::sink()).map_err(|error| read_error(&error, path))?;
    Ok(trace
        .digest
        .into_inner()
        .expect("copying ends at the end of the file, where the digest is made"))
}

fn open_file(path: &Path) -> Result<fs_err::File> {
    fs_err::File::open(path).map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::PermissionDenied => "you may not read this file; check its permissions",
            _ => "check that the file is still there",
        };
        Error::new(ErrorKind::Io, "cannot open").in_file(path).caused_by(error).hint(hint)
    })
}

/// Counts and hashes what passes through; the digest is left behind at the end.
struct Hashing<'a> {
    inner: Box<dyn Read + Send>,
    hasher: Option<Sha256>,
    digest: &'a OnceLock<String>,
    count: Arc<AtomicU64>,
}

impl<'a> Hashing<'a> {
    fn new(inner: Box<dyn Read + Send>, trace: &'a Trace) -> Self {
        let hasher = trace.digest.get().is_none().then(Sha256::new);
        trace.bytes.store(0, Ordering::Relaxed);
        Self { inner, hasher, digest: &trace.digest, count: Arc::clone(&trace.bytes) }
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count.fetch_add(length as u64, Ordering::Relaxed);
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..length]);
        }
        if length == 0
            && !buffer.is_empty()
            && let Some(hasher) = self.hasher.take()
        {
            self.digest.get_or_init(|| digest::hexadecimal(&hasher.finalize()));
        }
        Ok(length)
    }
}

/// Stops unpacking when far more comes out than went in.
struct Guard<'a> {
    unpacked: Box<dyn Read + Send + 'a>,
    packed: Arc<AtomicU64>,
    produced: u64,
    limits: Limits,
}

impl Read for Guard<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.unpacked.read(buffer)?;
        self.produced += length as u64;
        let consumed = self.packed.load(Ordering::Relaxed);
        let allowed = consumed.saturating_mul(self.limits.max_inflation);
        if self.produced > self.limits.free_inflation.max(allowed) {
            let ratio = self.produced / consumed.max(1);
            let message = format!("{consumed} bytes have become {} ({ratio}×)", self.produced);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: Vec<u8>, limits: Limits) -> (Result<Vec<u8>>, Option<String>) {
        let trace = Trace::default();
        let raw = Hashing::new(Box::new(io::Cursor::new(packed)), &trace);
        let mut bytes = unpack(raw, limits).unwrap();
        let all = read_all(&mut bytes, limits, Path::new("x.gz"));
        drop(bytes);
        (all, trace.digest.into_inner())
    }

    #[test]
    fn members_of_a_gzip_file_are_joined() {
        let packed = [gzip(b"one "), gzip(b"two")].concat();
        let (all, digest) = unpacked(packed, Limits::default());
        assert_eq!(all.unwrap(), b"one two");
        assert_eq!(digest.unwrap().len(), 64);
    }

    #[test]
    fn zstandard_is_unpacked() {
        let packed = zstd::encode_all(&b"some text"[..], 3).unwrap();
        assert_eq!(unpacked(packed, Limits::default()).0.unwrap(), b"some text");
    }

    #[test]
    fn cut_archives_say_so() {
        for packed in [gzip(&[b'a'; 5000]), zstd::encode_all(&[b'a'; 5000][..], 3).unwrap()] {
            let cut = packed[..packed.len() - 5].to_vec();
            let error = unpacked(cut, Limits::default()).0.unwrap_err();
            assert!(error.to_string().contains("ends in the middle"), "{error}");
        }
    }

    #[test]
    fn a_bomb_is_stopped_early() {
        let bomb = gzip(&vec![0; 4 << 20]);
        let limits = Limits { free_inflation: 1 << 20, ..Limits::default() };
        let error = unpacked(bomb, limits).0.unwrap_err();
        assert!(error.to_string().contains("inflates beyond all measure"), "{error}");
    }

    #[test]
    fn size_and_emptiness_are_checked() {
        let limits = Limits { max_document_bytes: 3, ..Limits::default() };
        assert!(unpacked(b"abc".to_vec(), limits).0.is_ok());
        assert!(unpacked(b"abcd".to_vec(), limits).0.is_err());
        assert!(unpacked(Vec::new(), limits).0.unwrap_err().to_string().contains("is empty"));
    }

    #[test]
    fn the_digest_is_that_of_the_packed_file() {
        let (_, digest) = unpacked(b"abc".to_vec(), Limits::default());
        // FIPS 180-2, appendix B.1
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.as_deref(), Some(expected));
    }
}

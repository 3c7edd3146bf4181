//! The journal: finished documents, safe on disk as soon as they are finished.
//!
//! One append-only file. Each entry carries a key (the hash of everything its result depends on), the
//! document's identifier and the compressed result, under a checksum. A run that was killed leaves at most a
//! torn last entry, which the next run cuts off; everything before it is reused. The tables are always
//! written from the journal, so an interrupted and an uninterrupted run end with the same bytes.
//!
//! Layout: the magic line, then entries of
//! `payload length u32 · identifier length u32 · key [32] · CRC-32 u32 · identifier · payload`,
//! little-endian; the CRC covers everything else in the entry.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fs_err::{File, OpenOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::schedule::Workers;
use crate::sink::replace::ReplaceFile;

const MAGIC: &[u8] = b"plenary journal 1\n";
const HEAD: usize = 4 + 4 + 32 + 4;
/// An entry beyond this is a torn or foreign file, not a document.
const MAX_PAYLOAD: u32 = 1 << 30;
/// Fast and small enough: analysed text shrinks to about a third.
const COMPRESSION_LEVEL: i32 = 1;

/// The hash of everything a document's result depends on.
pub type Key = [u8; 32];

/// Where an entry lies in the file.
#[derive(Clone, Copy, Debug)]
struct Entry {
    key: Key,
    offset: u64,
    id_len: u32,
    payload_len: u32,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    entries: HashMap<String, Entry>,
    end: u64,
    /// Bytes of entries that later ones replaced.
    stale: u64,
}

impl Journal {
    /// Opens the journal at `path`, creating it when there is none, and cuts off a torn end.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is no journal of this version.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| Error::io("open the journal", path, error))?;
        let length = file.metadata().map_err(|error| Error::io("read", path, error))?.len();
        if length < MAGIC.len() as u64 {
            file.set_len(0)
                .and_then(|()| file.write_all(MAGIC))
                .map_err(|error| Error::io("write", path, error))?;
        }
        let mut journal = Self {
            path: path.to_owned(),
            file,
            entries: HashMap::new(),
            end: MAGIC.len() as u64,
            stale: 0,
        };
        journal.scan(length)?;
        Ok(journal)
    }

    /// Documents with an entry.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no document has an entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the result of `doc_id` under `key` is there.
    pub fn contains(&self, doc_id: &str, key: &Key) -> bool {
        self.entries.get(doc_id).is_some_and(|entry| entry.key == *key)
    }

    /// Adds results, packed by `workers`, and brings them to the disk.
    ///
    /// # Errors
    /// When the disk refuses; the journal then ends where it ended before.
    pub fn append<T: Serialize + Sync>(
        &mut self,
        results: &[(String, Key, T)],
        workers: &Workers,
    ) -> Result<()> {
        let mut bytes = Vec::new();
        let mut added = Vec::with_capacity(results.len());
        let payloads = workers.try_map(results.iter().collect(), |(.., result)| pack(result));
        let payloads = payloads.map_err(|error| error.in_file(&self.path))?;
        for ((doc_id, key, _), payload) in results.iter().zip(payloads) {
            let offset = self.end + bytes.len() as u64;
            added.push((doc_id, push_entry(&mut bytes, doc_id, *key, &payload, offset)?));
        }
        let written = self
            .file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_| self.file.write_all(&bytes))
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // What was cut short is found by its checksum if even this fails.
            let _ = self.file.set_len(self.end);
            return Err(Error::io("write", &self.path, error).hint(
                "free some space and run the same command again; finished documents are kept",
            ));
        }
        self.end += bytes.len() as u64;
        for (doc_id, entry) in added {
            self.insert(doc_id.clone(), entry);
        }
        Ok(())
    }

    /// Reads the result of `doc_id`.
    ///
    /// # Errors
    /// When there is none, or the file was damaged since it was opened.
    pub fn read<T: DeserializeOwned>(&mut self, doc_id: &str) -> Result<T> {
        let damaged = || {
            Error::new(ErrorKind::Output, format!("the journal has no sound entry for {doc_id:?}"))
                .in_file(&self.path)
                .hint("delete the journal and run the same command again")
        };
        let entry = *self.entries.get(doc_id).ok_or_else(damaged)?;
        let mut payload = vec![0; entry.payload_len as usize];
        let start = entry.offset + HEAD as u64 + u64::from(entry.id_len);
        self.file
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.file.read_exact(&mut payload))
            .map_err(|error| damaged().caused_by(error))?;
        unpack(&payload).map_err(|error| damaged().caused_by(error))
    }

    /// Forgets all documents that `keep` does not want, and rewrites the file when most of it is dead weight.
    ///
    /// # Errors
    /// When the disk refuses; the old journal is then still there.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) -> Result<()> {
        let dropped: Vec<String> =
            self.entries.keys().filter(|doc_id| !keep(doc_id)).cloned().collect();
        for doc_id in dropped {
            self.forget(&doc_id);
        }
        if self.stale * 2 > self.end { self.compact() } else { Ok(()) }
    }

    fn scan(&mut self, length: u64) -> Result<()> {
        let failed = |error| Error::io("read the journal", &self.path, error);
        let mut reader =
            std::io::BufReader::with_capacity(1 << 20, File::open(&self.path).map_err(failed)?);
        let mut magic = [0; MAGIC.len()];
        if reader.read_exact(&mut magic).is_err() || magic != MAGIC {
            return Err(Error::new(
                ErrorKind::Output,
                "is not a journal of this version of Plenary",
            )
            .in_file(&self.path)
            .hint(
                "choose another output folder, or delete this file to compute everything again",
            ));
        }
        while let Some((doc_id, entry)) = next_entry(&mut reader, self.end) {
            self.end += entry_bytes(entry);
            self.insert(doc_id, entry);
        }
        if self.end < length {
            self.file
                .set_len(self.end)
                .map_err(|error| Error::io("repair the journal", &self.path, error))?;
        }
        Ok(())
    }

    fn insert(&mut self, doc_id: String, entry: Entry) {
        if let Some(old) = self.entries.insert(doc_id, entry) {
            self.stale += entry_bytes(old);
        }
    }

    fn forget(&mut self, doc_id: &str) {
        if let Some(old) = self.entries.remove(doc_id) {
            self.stale += entry_bytes(old);
        }
    }

    /// Copies the living entries to a new file, in the order of the old one.
    fn compact(&mut self) -> Result<()> {
        let failed = |error| Error::io("write", &self.path, error);
        let mut living: Vec<Entry> = self.entries.values().copied().collect();
        living.sort_by_key(|entry| entry.offset);
        let (promise, mut copy) = ReplaceFile::create(&self.path)?;
        copy.write_all(MAGIC).map_err(failed)?;
        for entry in living {
            let mut bytes =
                vec![0; usize::try_from(entry_bytes(entry)).expect("entries are below 2 GiB")];
            self.file
                .seek(SeekFrom::Start(entry.offset))
                .and_then(|_| self.file.read_exact(&mut bytes))
                .and_then(|()| copy.write_all(&bytes))
                .map_err(failed)?;
        }
        copy.flush().map_err(failed)?;
        drop(copy);
        promise.commit()?;
        *self = Self::open(&self.path)?;
        Ok(())
    }
}

fn entry_bytes(entry: Entry) -> u64 {
    HEAD as u64 + u64::from(entry.id_len) + u64::from(entry.payload_len)
}

fn push_entry(
    bytes: &mut Vec<u8>,
    doc_id: &str,
    key: Key,
    payload: &[u8],
    offset: u64,
) -> Result<Entry> {
    let too_large =
        || Error::new(ErrorKind::Output, format!("the result of {doc_id:?} is too large"));
    let payload_len = u32::try_from(payload.len())
        .ok()
        .filter(|len| *len <= MAX_PAYLOAD)
        .ok_or_else(too_large)?;
    let id_len = u32::try_from(doc_id.len()).map_err(|_| too_large())?;
    let mut head = [0; HEAD - 4];
    head[..4].copy_from_slice(&payload_len.to_le_bytes());
    head[4..8].copy_from_slice(&id_len.to_le_bytes());
    head[8..].copy_from_slice(&key);
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(&checksum(&head, doc_id.as_bytes(), payload).to_le_bytes());
    bytes.extend_from_slice(doc_id.as_bytes());
    bytes.extend_from_slice(payload);
    Ok(Entry { key, offset, id_len, payload_len })
}

/// The next whole entry, or `None` at the end or at the first torn one.
fn next_entry(reader: &mut impl Read, offset: u64) -> Option<(String, Entry)> {
    let mut head = [0; HEAD];
    reader.read_exact(&mut head).ok()?;
    let number = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().expect("four bytes"));
    let (payload_len, id_len, crc) = (number(0), number(4), number(HEAD - 4));
    if payload_len > MAX_PAYLOAD || id_len > MAX_PAYLOAD {
        return None;
    }
    // `take` instead of a vector of the stated size: a torn head may state gigabytes that are not there.
    let mut rest = Vec::new();
    let stated = u64::from(id_len) + u64::from(payload_len);
    reader.take(stated).read_to_end(&mut rest).ok().filter(|read| *read as u64 == stated)?;
    let (id, payload) = rest.split_at(id_len as usize);
    if checksum(&head[..HEAD - 4], id, payload) != crc {
        return None;
    }
    let key = head[8..40].try_into().expect("32 bytes");
    Some((String::from_utf8(id.to_vec()).ok()?, Entry { key, offset, id_len, payload_len }))
}

fn checksum(head: &[u8], id: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(id);
    hasher.update(payload);
    hasher.finalize()
}

fn pack<T: Serialize>(result: &T) -> Result<Vec<u8>> {
    let failed = || Error::new(ErrorKind::Output, "cannot pack a result");
    let bytes = postcard::to_stdvec(result).map_err(|error| failed().caused_by(error))?;
    zstd::encode_all(bytes.as_slice(), COMPRESSION_LEVEL).map_err(|error| failed().caused_by(error))
}

fn unpack<T: DeserializeOwned>(
    payload: &[u8],
) -> Result<T, Box<dyn std::error::Error + Send + Sync>> {
    Ok(postcard::from_bytes(&zstd::decode_all(payload)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(names: &[&str]) -> Vec<(String, Key, String)> {
        names.iter().map(|name| (name.to_string(), [7; 32], format!("result of {name}"))).collect()
    }

    fn append(journal: &mut Journal, names: &[&str]) {
        journal.append(&results(names), &Workers::start(2).unwrap()).unwrap();
    }

    fn journal_with(path: &Path, names: &[&str]) -> Journal {
        let mut journal = Journal::open(path).unwrap();
        append(&mut journal, names);
        journal
    }

    #[test]
    fn what_was_appended_is_read_back_by_a_later_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        drop(journal_with(&path, &["a", "b"]));
        let mut journal = journal_with(&path, &["c"]);
        assert_eq!(journal.len(), 3);
        assert!(journal.contains("b", &[7; 32]));
        assert!(!journal.contains("b", &[8; 32]));
        assert_eq!(journal.read::<String>("a").unwrap(), "result of a");
        assert_eq!(journal.read::<String>("c").unwrap(), "result of c");
        assert!(journal.read::<String>("d").is_err());
    }

    #[test]
    fn a_journal_cut_at_any_byte_keeps_every_whole_entry() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut ends = vec![];
        let mut journal = Journal::open(&path).unwrap();
        for name in ["a", "b", "c"] {
            append(&mut journal, &[name]);
            ends.push(journal.end);
        }
        let whole = fs_err::read(&path).unwrap();
        for cut in 0..=whole.len() {
            fs_err::write(&path, &whole[..cut]).unwrap();
            if (1..MAGIC.len()).contains(&cut) || cut == 0 {
                assert!(Journal::open(&path).unwrap().is_empty());
                continue;
            }
            let mut journal = Journal::open(&path).unwrap();
            assert_eq!(
                journal.len(),
                ends.iter().filter(|end| **end <= cut as u64).count(),
                "cut at {cut}"
            );
            append(&mut journal, &["z"]);
            assert_eq!(Journal::open(&path).unwrap().read::<String>("z").unwrap(), "result of z");
        }
    }

    #[test]
    fn a_flipped_byte_ends_the_sound_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        drop(journal_with(&path, &["a", "b"]));
        let whole = fs_err::read(&path).unwrap();
        for at in MAGIC.len()..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x20;
            fs_err::write(&path, damaged).unwrap();
            assert!(Journal::open(&path).unwrap().len() < 2, "flip at {at} went unseen");
        }
    }

    #[test]
    fn stale_entries_are_compacted_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = journal_with(&path, &["a", "b", "c", "d", "e"]);
        let before = fs_err::metadata(&path).unwrap().len();
        journal.retain(|doc_id| doc_id == "b").unwrap();
        assert!(fs_err::metadata(&path).unwrap().len() < before / 2);
        assert_eq!(journal.len(), 1);
        assert_eq!(journal.read::<String>("b").unwrap(), "result of b");
    }

    #[test]
    fn a_foreign_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        fs_err::write(&path, "somebody's notes, not a journal").unwrap();
        let error = Journal::open(&path).unwrap_err();
        assert!(error.to_string().contains("not a journal"), "{error}");
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "somebody's notes, not a journal");
    }
}

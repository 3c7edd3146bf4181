//! A file on its way: `FILE.part`, with the digest of what is there so far.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fs_err as fs;
use sha2::{Digest, Sha256};

use crate::digest;
use crate::error::{Error, Result};

/// The beginning of a file, to be continued.
pub(super) struct Partial {
    path: PathBuf,
    file: fs::File,
    hasher: Sha256,
    size: u64,
}

impl Partial {
    /// Opens what an earlier call has left of `target`, or starts with nothing.
    pub(super) fn open(target: &Path) -> Result<Self> {
        let mut name = target.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let refused = |error| Error::io("write", &path, error);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(refused)?;
        }
        let options =
            fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options.map_err(refused)?;
        let mut hasher = Sha256::new();
        let size = hash_into(&mut hasher, &mut file).map_err(refused)?;
        Ok(Self { path, file, hasher, size })
    }

    /// Bytes that are there.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Forgets what is there.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .map_err(|error| Error::io("write", &self.path, error))?;
        self.hasher = Sha256::new();
        self.size = 0;
        Ok(())
    }

    /// Adds `bytes` at the end.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| {
            Error::io("write", &self.path, error).hint("is the disk full? what is there is kept")
        })?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// The SHA-256 of what is there.
    pub(super) fn sha256(&self) -> String {
        digest::hexadecimal(&self.hasher.clone().finalize())
    }

    /// Brings the file to the disk and gives it its name.
    pub(super) fn commit(self, target: &Path) -> Result<()> {
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.path, target))
            .map_err(|error| Error::io("write", target, error))
    }
}

/// Hashes `source` to its end; the number of its bytes.
fn hash_into(hasher: &mut Sha256, source: &mut impl Read) -> std::io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            return Ok(size);
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_continued_with_its_digest() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("sub").join("file");
        Partial::open(&target).unwrap().write(b"abc").unwrap();
        assert!(!target.exists());
        let mut part = Partial::open(&target).unwrap();
        assert_eq!(part.size(), 3);
        part.write(b"def").unwrap();
        assert_eq!(part.sha256(), digest::sha256(b"abcdef"));
        part.commit(&target).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"abcdef");
        let mut part = Partial::open(&target).unwrap();
        part.write(b"old").unwrap();
        part.restart().unwrap();
        part.write(b"xy").unwrap();
        assert_eq!((part.size(), part.sha256()), (2, digest::sha256(b"xy")));
        part.commit(&target).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"xy");
        assert_eq!(fs::read_dir(folder.path().join("sub")).unwrap().count(), 1);
    }
}

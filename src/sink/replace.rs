//! Files that appear whole or not at all.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::error::{Error, Result};

/// The promise of a file: it is written under another name and renamed onto its own when complete.
///
/// Dropped without [`ReplaceFile::commit`], it removes what was written and leaves an older file untouched.
#[derive(Debug)]
pub struct ReplaceFile {
    target: PathBuf,
    partial: PathBuf,
}

impl ReplaceFile {
    /// Opens `<target>.partial` for writing.
    ///
    /// # Errors
    /// When the folder does not exist or cannot be written.
    pub fn create(target: &Path) -> Result<(Self, BufWriter<fs::File>)> {
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        let promise = Self { target: target.to_owned(), partial: PathBuf::from(name) };
        match fs::File::create(&promise.partial) {
            Ok(file) => Ok((promise, BufWriter::new(file))),
            Err(error) => Err(Error::io("create the file", target, error)),
        }
    }

    /// The final name.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Brings the file, which its writer has flushed, to the disk and renames it onto its final name.
    ///
    /// # Errors
    /// When the disk refuses; the older file, if any, is then still there.
    pub fn commit(self) -> Result<()> {
        fs::File::open(&self.partial)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.partial, &self.target))
            .map_err(|error| Error::io("write", &self.target, error))
    }

    /// Writes `bytes` as the whole file `target`.
    ///
    /// # Errors
    /// When the folder cannot be written or the disk is full.
    pub fn write_all(target: &Path, bytes: &[u8]) -> Result<()> {
        let (promise, mut file) = Self::create(target)?;
        file.write_all(bytes)
            .and_then(|()| file.flush())
            .map_err(|error| Error::io("write", target, error))?;
        promise.commit()
    }
}

impl Drop for ReplaceFile {
    fn drop(&mut self) {
        if self.partial.exists() {
            // Nothing can be done about a failure here, and the next run overwrites the remains.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_committed_file_replaces_the_old_one_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("table");
        fs::write(&target, "old").unwrap();
        let (promise, mut file) = ReplaceFile::create(&target).unwrap();
        file.write_all(b"new").unwrap();
        file.flush().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "old");
        promise.commit().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_abandoned_file_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("table");
        fs::write(&target, "old").unwrap();
        ReplaceFile::create(&target).unwrap().1.write_all(b"half").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_named_in_the_error() {
        let error = ReplaceFile::create(Path::new("/nowhere/at/all/table.parquet")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all/table.parquet"), "{error}");
    }
}

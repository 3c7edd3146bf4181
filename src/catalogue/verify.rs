//! The files of a model against its description: sizes and digests.

use std::path::Path;

use fs_err as fs;
use serde::Serialize;

use super::description::{Description, ModelFile};
use super::facts::Facts;
use crate::digest;
use crate::error::{Error, Result};

/// What was found where a file should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Finding {
    /// The file as described.
    Right,
    /// Nothing, or no file.
    Missing,
    /// A file of another size.
    WrongSize {
        /// Its bytes.
        found: u64,
    },
    /// A file of the right size with other content.
    WrongDigest {
        /// Its SHA-256.
        found: String,
    },
}

/// One file and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked<'a> {
    /// The file as described.
    #[serde(skip)]
    pub file: &'a ModelFile,
    /// Its path.
    pub path: &'a str,
    /// What is there.
    #[serde(flatten)]
    pub finding: Finding,
}

/// Checks every file that `description` lists in `folder`, in its order.
///
/// # Errors
/// Where a file is there but cannot be read.
pub fn verify<'a>(description: &'a Description, folder: &Path) -> Result<Vec<Checked<'a>>> {
    let check = |file: &'a ModelFile| {
        Ok(Checked { file, path: &file.path, finding: find(file, &folder.join(&file.path))? })
    };
    description.files.iter().map(check).collect()
}

/// Where the files in `folder` and `description` disagree on the use of the model, one line each: pooling,
/// normalisation, length, prompts.
///
/// # Errors
/// Where one of the files cannot be read or understood.
pub fn differences(description: &Description, folder: &Path) -> Result<Vec<String>> {
    Ok(Facts::read(folder)?.differences(description))
}

fn find(file: &ModelFile, path: &Path) -> Result<Finding> {
    let Ok(metadata) = fs::metadata(path) else { return Ok(Finding::Missing) };
    if !metadata.is_file() {
        return Ok(Finding::Missing);
    }
    if metadata.len() != file.size {
        return Ok(Finding::WrongSize { found: metadata.len() });
    }
    let (_, found) = fs::File::open(path)
        .and_then(digest::sha256_of)
        .map_err(|error| Error::io("read", path, error))?;
    Ok(if found == file.sha256 { Finding::Right } else { Finding::WrongDigest { found } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_damage_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = |path: &str| ModelFile {
            path: path.to_owned(),
            size: 3,
            sha256: digest::sha256(b"abc"),
        };
        for (path, bytes) in [("right", "abc"), ("short", "ab"), ("long", "abcd"), ("other", "abd")]
        {
            fs::write(folder.path().join(path), bytes).unwrap();
        }
        fs::create_dir(folder.path().join("folder")).unwrap();
        let found = |path: &str| find(&file(path), &folder.path().join(path)).unwrap();
        assert_eq!(found("right"), Finding::Right);
        assert_eq!(found("short"), Finding::WrongSize { found: 2 });
        assert_eq!(found("long"), Finding::WrongSize { found: 4 });
        assert_eq!(found("other"), Finding::WrongDigest { found: digest::sha256(b"abd") });
        assert_eq!(found("gone"), Finding::Missing);
        assert_eq!(found("folder"), Finding::Missing);
    }
}

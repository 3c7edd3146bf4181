//! The files of a model, on disk or in memory, with a digest of all that was read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::digest;

use crate::error::{Error, ErrorKind, Result};

/// Where the files lie.
#[derive(Debug)]
enum Place<'a> {
    Folder(&'a Path),
    Memory { name: &'a str, files: &'a [(&'a str, &'a [u8])] },
}

/// The files of one model.
#[derive(Debug)]
pub(super) struct Files<'a> {
    place: Place<'a>,
    digests: BTreeMap<String, String>,
}

impl<'a> Files<'a> {
    pub(super) fn in_folder(folder: &'a Path) -> Result<Self> {
        if folder.is_dir() {
            return Ok(Self { place: Place::Folder(folder), digests: BTreeMap::new() });
        }
        Err(Error::new(ErrorKind::Model, "is not a folder")
            .in_file(folder)
            .hint("a model is a folder with config.json, tokenizer.json and model.safetensors"))
    }

    pub(super) fn in_memory(name: &'a str, files: &'a [(&'a str, &'a [u8])]) -> Self {
        Self { place: Place::Memory { name, files }, digests: BTreeMap::new() }
    }

    /// The same files; what is read of them is no part of this digest.
    pub(super) fn apart(&self) -> Self {
        let place = match self.place {
            Place::Folder(folder) => Place::Folder(folder),
            Place::Memory { name, files } => Place::Memory { name, files },
        };
        Self { place, digests: BTreeMap::new() }
    }

    /// The path to name in messages.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        match self.place {
            Place::Folder(folder) => folder.join(file),
            Place::Memory { name, .. } => Path::new(name).join(file),
        }
    }

    /// The bytes of a file that must be there.
    pub(super) fn read(&mut self, file: &str) -> Result<Cow<'a, [u8]>> {
        self.read_optional(file)?.ok_or_else(|| {
            Error::new(ErrorKind::Model, "is missing")
                .in_file(self.path(file))
                .hint("copy the whole model folder, as saved by sentence-transformers")
        })
    }

    /// The bytes of a file, where there is one.
    pub(super) fn read_optional(&mut self, file: &str) -> Result<Option<Cow<'a, [u8]>>> {
        let bytes = match self.place {
            Place::Memory { files, .. } => {
                files.iter().find(|(name, _)| *name == file).map(|(_, bytes)| Cow::Borrowed(*bytes))
            }
            Place::Folder(folder) => match fs_err::read(folder.join(file)) {
                Ok(bytes) => Some(Cow::Owned(bytes)),
                Err(error) if error.kind() == IoErrorKind::NotFound => None,
                Err(error) => return Err(Error::io("read", &folder.join(file), error)),
            },
        };
        if let Some(bytes) = &bytes {
            self.digests.insert(file.to_owned(), digest::sha256(bytes));
        }
        Ok(bytes)
    }

    /// A JSON file that must be there.
    pub(super) fn json<T: DeserializeOwned>(&mut self, file: &str) -> Result<T> {
        let bytes = self.read(file)?;
        parse(&bytes, &self.path(file))
    }

    /// A JSON file, where there is one.
    pub(super) fn json_optional<T: DeserializeOwned>(&mut self, file: &str) -> Result<Option<T>> {
        let bytes = self.read_optional(file)?;
        bytes.map(|bytes| parse(&bytes, &self.path(file))).transpose()
    }

    /// SHA-256 over the names and digests of all files read.
    pub(super) fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        for (file, digest) in &self.digests {
            hasher.update(format!("{digest}  {file}\n"));
        }
        digest::hexadecimal(&hasher.finalize())
    }
}

pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        let line = error.line() as u64;
        Error::new(ErrorKind::Model, "cannot be understood")
            .in_file(path)
            .at_line(line)
            .hint("the file is damaged or not of a kind this program knows; fetch it again")
            .caused_by(error)
    })
}

//! Fetches models from a hub: the pinned revision, checked by size and SHA-256 while it comes in.
//!
//! The only network code of the program, built by the feature `fetch` alone. A file is written to `FILE.part`,
//! goes on there when a connection was cut, and gets its name when it is whole and right. A model that is whole is
//! not asked for again. One process at a time fetches a model: others wait at a lock file.

mod download;
mod first_use;
mod http;
mod partial;

pub use first_use::{NewModel, fetch_new};
pub use http::{Hub, Patience};

use std::path::{Path, PathBuf};

use fs_err as fs;

use super::description::{Description, ModelFile};
use super::store::Store;
use super::verify::{Finding, verify};
use crate::error::{Error, ErrorKind, Result};
use crate::observe::{Event, Observer};
use download::{Failure, Wanted};

/// What a fetch did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where the model lies.
    pub folder: PathBuf,
    /// Files that came from the hub; 0 where all were here.
    pub files: usize,
    /// Bytes of these files.
    pub bytes: u64,
}

/// Brings all files of `model` into `store`. Files that are here and right are kept, others replaced.
///
/// # Errors
/// Where the hub cannot be reached or has no such file, a file is not the one described, or the disk refuses.
/// Nothing unchecked is then under a file's name, and the next call goes on where this one stopped.
pub fn fetch(
    store: &Store,
    model: &Description,
    hub: &Hub,
    observer: &dyn Observer,
) -> Result<Fetched> {
    model.check()?;
    let folder = store.folder(model);
    // Before the lock, so that a model that is whole can lie in a store that cannot be written.
    if wrong(model, &folder)?.is_empty() {
        return Ok(Fetched { folder, files: 0, bytes: 0 });
    }
    let _lock = lock(store, &model.name, &model.revision, observer)?;
    let files = wrong(model, &folder)?;
    let bytes = files.iter().map(|file| file.size).sum();
    observer.event(&Event::Fetching { bytes });
    let mut before = 0;
    for file in &files {
        let path = file.path.as_str();
        let report = |here| observer.event(&Event::Fetched { file: path, bytes: before + here });
        let wanted = Wanted {
            path,
            url: hub.url(&model.id, &model.revision, path),
            revision: &model.revision,
            size: Some(file.size),
            sha256: Some(&file.sha256),
            limit: file.size,
        };
        download::download(hub, &wanted, &folder.join(path), &report)
            .map_err(Failure::into_error)?;
        before += file.size;
    }
    Ok(Fetched { folder, files: files.len(), bytes })
}

/// The files that are not here as described.
fn wrong<'a>(model: &'a Description, folder: &Path) -> Result<Vec<&'a ModelFile>> {
    let checked = verify(model, folder)?.into_iter();
    Ok(checked.filter(|file| file.finding != Finding::Right).map(|file| file.file).collect())
}

/// Keeps other processes from fetching the same model until it is dropped. The system takes the lock from a
/// process that dies, so none is ever left over; the empty file is.
fn lock(store: &Store, name: &str, revision: &str, observer: &dyn Observer) -> Result<fs::File> {
    let folder = store.root().join(name);
    fs::create_dir_all(&folder).map_err(|error| Error::io("create the folder", &folder, error))?;
    let path = folder.join(format!("{revision}.lock"));
    let refused = |error| {
        Error::io("lock the model", &path, error)
            .hint("PLENARY_MODELS names another folder for models, on a local disk if need be")
    };
    let file = fs::File::options().create(true).append(true).open(&path).map_err(refused)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            let message = format!("{name} is being fetched by another process; waiting for it");
            observer.event(&Event::Warning { message: &message });
            file.lock().map_err(refused)?;
        }
        Err(std::fs::TryLockError::Error(error)) => return Err(refused(error)),
    }
    Ok(file)
}

fn model_error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Model, message)
}

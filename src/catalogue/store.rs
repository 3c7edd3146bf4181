//! Where the files of models lie on this machine: `NAME/REVISION/` below one folder, and users' own descriptions
//! as `NAME.toml` in it.

use std::path::{Path, PathBuf};

use super::description::Description;
use crate::error::{Error, ErrorKind, Result};

/// The folder of models and descriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    root: PathBuf,
}

/// How much of a model is here, judged by the sizes of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Every file, with its size.
    Here,
    /// Some files; these are missing or of another size.
    Partial(Vec<String>),
    /// No file at all.
    Absent,
}

impl Store {
    /// The store in the folder `root`, which need not exist yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The store that the environment names: `PLENARY_MODELS`, else `plenary/models` in the user's cache folder
    /// (`XDG_CACHE_HOME`, else `~/.cache`).
    ///
    /// # Errors
    /// Where there is neither such a variable nor a home folder.
    pub fn from_environment() -> Result<Self> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self::from_folders(
            set("PLENARY_MODELS").map(PathBuf::from),
            set("XDG_CACHE_HOME").map(PathBuf::from),
            std::env::home_dir(),
        )
    }

    fn from_folders(
        own: Option<PathBuf>,
        cache: Option<PathBuf>,
        home: Option<PathBuf>,
    ) -> Result<Self> {
        // The XDG specification has relative paths ignored.
        let cache = cache.filter(|path| path.is_absolute());
        let cache = cache.or_else(|| home.map(|home| home.join(".cache")));
        let root = own.or_else(|| cache.map(|cache| cache.join("plenary").join("models")));
        root.map(Self::at).ok_or_else(|| {
            Error::new(ErrorKind::Config, "no folder for models: there is no home folder")
                .hint("set PLENARY_MODELS to a folder for models")
        })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the files of a model belong. The names in a description cannot lead out: it was checked.
    pub fn folder(&self, description: &Description) -> PathBuf {
        self.root.join(&description.name).join(&description.revision)
    }

    /// How much of a model is here. Digests are not looked at: that takes long, and [`verify`](super::verify()) does it.
    pub fn presence(&self, description: &Description) -> Presence {
        let folder = self.folder(description);
        let size_of = |path: &str| {
            let file = fs_err::metadata(folder.join(path)).ok().filter(std::fs::Metadata::is_file);
            file.map(|file| file.len())
        };
        let sizes: Vec<Option<u64>> =
            description.files.iter().map(|file| size_of(&file.path)).collect();
        let wrong =
            description.files.iter().zip(&sizes).filter(|(file, size)| **size != Some(file.size));
        let wrong: Vec<String> = wrong.map(|(file, _)| file.path.clone()).collect();
        if wrong.is_empty() {
            Presence::Here
        } else if sizes.iter().all(Option::is_none) {
            Presence::Absent
        } else {
            Presence::Partial(wrong)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_own_then_cache_then_home() {
        let path = |text: &str| Some(PathBuf::from(text));
        let root = |own, cache, home| Store::from_folders(own, cache, home).unwrap().root;
        assert_eq!(root(path("/own"), path("/cache"), path("/home")), Path::new("/own"));
        assert_eq!(root(None, path("/cache"), path("/home")), Path::new("/cache/plenary/models"));
        assert_eq!(
            root(None, path("here"), path("/home")),
            Path::new("/home/.cache/plenary/models")
        );
        assert!(Store::from_folders(None, None, None).unwrap_err().remedy().is_some());
    }
}

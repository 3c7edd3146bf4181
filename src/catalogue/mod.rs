//! The catalogue of models: which there are, what they are, where their files lie.
//!
//! A model is described by a small TOML file ([`Description`]): those in `models/` are compiled in, users' own lie
//! in the [`Store`] beside the files of models. Nothing here touches the network; that is `fetch`'s part,
//! which only the feature of that name builds.

mod description;
mod facts;
#[cfg(feature = "fetch")]
pub mod fetch;
mod names;
mod store;
mod verify;

pub use description::{Description, MAX_FILE_SIZE, ModelFile, Pooling, Prompts};
pub use store::{Presence, Store};
pub use verify::{Checked, Finding, differences, verify};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// The descriptions in `models/`.
const BUILT_IN: &[(&str, &str)] =
    &[("all-MiniLM-L6-v2", include_str!("../../models/all-MiniLM-L6-v2.toml"))];

/// Every model that is described, and the store for their files.
#[derive(Debug)]
pub struct Catalogue {
    store: Store,
    models: BTreeMap<String, Description>,
    broken: BTreeMap<String, Error>,
}

impl Catalogue {
    /// The built-in descriptions and those in `store`. A description that cannot be used is kept as an error and
    /// does not stand in the way of others.
    ///
    /// # Errors
    /// Where the folder of the store is there but cannot be listed.
    pub fn open(store: Store) -> Result<Self> {
        let mut catalogue = Self { store, models: BTreeMap::new(), broken: BTreeMap::new() };
        for (name, toml) in BUILT_IN {
            let path = PathBuf::from(format!("models/{name}.toml"));
            catalogue.add(name, Description::parse(name, toml, &path));
        }
        for path in own_descriptions(catalogue.store.root())? {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            catalogue.add(&name, catalogue.read_own(&name, &path));
        }
        Ok(catalogue)
    }

    /// The catalogue with the store that the environment names.
    ///
    /// # Errors
    /// As [`Store::from_environment`] and [`Catalogue::open`].
    pub fn from_environment() -> Result<Self> {
        Self::open(Store::from_environment()?)
    }

    fn read_own(&self, name: &str, path: &Path) -> Result<Description> {
        if self.models.contains_key(name) {
            return Err(Error::new(ErrorKind::Model, "has the name of a built-in description")
                .in_file(path)
                .hint("give the file another name"));
        }
        let toml = fs_err::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
        Description::parse(name, &toml, path)
    }

    fn add(&mut self, name: &str, description: Result<Description>) {
        match description {
            Ok(description) => drop(self.models.insert(name.to_owned(), description)),
            Err(error) => drop(self.broken.insert(name.to_owned(), error)),
        }
    }

    /// The store for the files.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// All models, by name.
    pub fn models(&self) -> impl Iterator<Item = &Description> {
        self.models.values()
    }

    /// Why descriptions in the store could not be used.
    pub fn broken(&self) -> impl Iterator<Item = &Error> {
        self.broken.values()
    }

    /// Whether a model has this name or this id.
    pub fn knows(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The model with the name or the id `name`.
    ///
    /// # Errors
    /// Where there is none, or its description is broken; the error lists those there are.
    pub fn find(&self, name: &str) -> Result<&Description> {
        self.get(name).ok_or_else(|| match self.broken.get(name) {
            Some(error) => again(error),
            None => self.unknown(name),
        })
    }

    fn get(&self, name: &str) -> Option<&Description> {
        self.models.get(name).or_else(|| self.models.values().find(|model| model.id == name))
    }

    fn unknown(&self, name: &str) -> Error {
        let known: Vec<&str> = self.models.keys().map(String::as_str).collect();
        let message = format!("{name:?} is neither a folder nor a model of the catalogue");
        Error::new(ErrorKind::Model, message).hint(format!(
            "known are {}; others come with `plenary models fetch OWNER/NAME --revision COMMIT`",
            known.join(", ")
        ))
    }

    /// The description that the files in `folder` should fit: that of the name or the revision which the folder
    /// is called by.
    pub fn of_folder(&self, folder: &Path) -> Option<&Description> {
        let called = folder.file_name()?.to_str()?;
        self.models.values().find(|model| model.name == called || model.revision == called)
    }

    /// The folder with the files of the model `name`. Sizes are compared, digests are not.
    ///
    /// # Errors
    /// Where no model has this name, or not all of its files are here.
    pub fn folder_of(&self, name: &str) -> Result<PathBuf> {
        let model = self.find(name)?;
        let folder = self.store.folder(model);
        let missing = match self.store.presence(model) {
            Presence::Here => return Ok(folder),
            Presence::Absent => format!("the model {name:?} is not here yet"),
            Presence::Partial(files) => {
                format!("the model {name:?} is not whole: {}", files.join(", "))
            }
        };
        Err(Error::new(ErrorKind::Model, missing).in_file(folder).hint(how_to_get(model)))
    }
}

/// The command that brings the files of a model.
fn how_to_get(model: &Description) -> String {
    format!(
        "`plenary models fetch {}` gets it ({} MB)",
        model.name,
        model.size().div_ceil(1_000_000)
    )
}

/// The folder of the model that `name` stands for: a folder that exists, else a model of the catalogue that is
/// here.
///
/// # Errors
/// Where there is neither; the error says how to get the model, or which there are.
pub fn resolve(name: &str) -> Result<PathBuf> {
    let folder = Path::new(name);
    if folder.is_dir() {
        return Ok(folder.to_owned());
    }
    if name == "default" {
        return Err(Error::new(ErrorKind::Model, "the model \"default\" has no folder").hint(
            "it lies inside the program and runs on the native engine; name a folder instead",
        ));
    }
    Catalogue::from_environment()?.folder_of(name)
}

/// What is to stand before every text that the model `name`, whose files lie in `folder`, encodes: as its description says,
/// else as its files say.
///
/// # Errors
/// Where the files cannot be understood.
pub fn default_prompt(name: &str, folder: &Path) -> Result<Option<String>> {
    let described = Catalogue::from_environment().ok();
    let described = described.as_ref().and_then(|catalogue| catalogue.get(name));
    match described.and_then(|model| model.prompts.default.clone()) {
        Some(prompt) => Ok(Some(prompt)),
        None => Ok(facts::prompts(folder)?.default),
    }
}

/// The same error once more: the catalogue keeps the first.
fn again(error: &Error) -> Error {
    let mut copy = Error::new(error.kind(), error.cause());
    if let Some(file) = &error.location().file {
        copy = copy.in_file(file);
    }
    if let Some(line) = error.location().line {
        copy = copy.at_line(line);
    }
    match error.remedy() {
        Some(hint) => copy.hint(hint),
        None => copy,
    }
}

/// The `*.toml` files in `root`, in order; none where there is no such folder.
fn own_descriptions(root: &Path) -> Result<Vec<PathBuf>> {
    let refused = |error| Error::io("list the models", root, error);
    let entries = match fs_err::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refused(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(refused)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests;

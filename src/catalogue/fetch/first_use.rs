//! A model that nobody has described: its usual files are fetched, measured and described.
//!
//! The digests are trusted on first use. What the hub itself says of a file, size and SHA-256 of large ones and
//! the commit, is checked; later fetches and `verify` hold the files against what was measured.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fs_err as fs;
use serde::Deserialize;

use super::download::{self, Failure, Wanted};
use super::http::Hub;
use super::{Fetched, fetch, lock, model_error};
use crate::catalogue::description::{
    Description, MAX_FILE_SIZE, ModelFile, NAME_HINT, REVISION_HINT,
};
use crate::catalogue::facts::{self, Facts, Module};
use crate::catalogue::{Catalogue, Store, names};
use crate::digest;
use crate::error::{Error, Result};
use crate::observe::{Event, Observer};

/// Weights may be as large as a description allows; nothing else is: 256 MiB.
const MAX_SMALL_SIZE: u64 = 256 << 20;

/// More shards than any model has.
const MAX_FILES: usize = 1000;

/// The file with the digests and names of weights in several files.
const INDEX: &str = "model.safetensors.index.json";

/// A model on the hub, to be described by fetching it.
#[derive(Clone, Debug)]
pub struct NewModel<'a> {
    /// `OWNER/NAME`.
    pub id: &'a str,
    /// The commit, 40 hexadecimal digits.
    pub revision: &'a str,
    /// What to call it; the second part of the id by default.
    pub name: Option<&'a str>,
    /// Files to have beside the usual ones, such as `onnx/model.onnx`.
    pub more: &'a [String],
}

/// `model.safetensors.index.json`.
#[derive(Deserialize)]
struct Index {
    weight_map: std::collections::BTreeMap<String, String>,
}

/// Fetches a model and writes its description into the store. A model that is described at this revision is
/// fetched as [`fetch`] does.
///
/// # Errors
/// As [`fetch`]; and where the id, the revision, the name or a path is none, the name is taken, or there are no
/// weights that can be used.
pub fn fetch_new(
    catalogue: &Catalogue,
    model: &NewModel<'_>,
    hub: &Hub,
    observer: &dyn Observer,
) -> Result<(Description, Fetched)> {
    let name = check(model)?;
    if catalogue.knows(name) {
        let known = catalogue.find(name)?;
        return if known.id == model.id && known.revision == model.revision && has_all(known, model)
        {
            Ok((known.clone(), fetch(catalogue.store(), known, hub, observer)?))
        } else {
            let message =
                format!("the name {name:?} is taken by {} at {}", known.id, known.revision);
            Err(model_error(message).hint("--name gives the new one another name"))
        };
    }
    let store = catalogue.store();
    let _lock = lock(store, name, model.revision, observer)?;
    let mut files = Files::new(model, store, name, hub, observer);
    observer.event(&Event::Fetching { bytes: 0 });
    files.take_usual()?;
    let description = files.describe(name)?;
    write_description(store, &description)?;
    let fetched = Fetched { folder: files.folder, files: files.fetched, bytes: files.bytes };
    Ok((description, fetched))
}

/// The name the model will have.
fn check<'a>(model: &NewModel<'a>) -> Result<&'a str> {
    let refuse = |what: &str, value: &str, hint: &str| {
        Err(model_error(format!("the {what} {value:?} is not usable")).hint(hint))
    };
    if !names::is_id(model.id) {
        return refuse("id", model.id, "an id is OWNER/NAME, as on the hub");
    }
    if !names::is_revision(model.revision) {
        return refuse("revision", model.revision, REVISION_HINT);
    }
    if let Some(path) = model.more.iter().find(|path| !names::is_file_path(path)) {
        return refuse("file path", path, "a path is as on the hub, with / between its parts");
    }
    let name = model.name.or(model.id.split('/').nth(1)).unwrap_or_default();
    if names::is_name(name) { Ok(name) } else { refuse("name", name, NAME_HINT) }
}

fn has_all(known: &Description, model: &NewModel<'_>) -> bool {
    model.more.iter().all(|path| known.files.iter().any(|file| file.path == *path))
}

/// The files taken so far.
struct Files<'a> {
    model: &'a NewModel<'a>,
    hub: &'a Hub,
    observer: &'a dyn Observer,
    folder: PathBuf,
    taken: Vec<ModelFile>,
    fetched: usize,
    bytes: u64,
}

impl<'a> Files<'a> {
    fn new(
        model: &'a NewModel<'a>,
        store: &Store,
        name: &str,
        hub: &'a Hub,
        observer: &'a dyn Observer,
    ) -> Self {
        let folder = store.root().join(name).join(model.revision);
        Self { model, hub, observer, folder, taken: Vec::new(), fetched: 0, bytes: 0 }
    }

    /// What an encoder in the layout of sentence-transformers has, and what was asked for.
    fn take_usual(&mut self) -> Result<()> {
        self.take("config.json")?;
        self.take("tokenizer.json")?;
        self.take_modules()?;
        for file in ["sentence_bert_config.json", "config_sentence_transformers.json", "README.md"]
        {
            self.try_take(file)?;
        }
        for path in self.model.more {
            self.take(path)?;
        }
        self.take_weights()
    }

    fn take_modules(&mut self) -> Result<()> {
        if !self.try_take("modules.json")? {
            return Ok(());
        }
        let modules: Vec<Module> = facts::json(&self.folder, "modules.json")?.unwrap_or_default();
        for module in &modules {
            let named: &[&str] = match module.kind() {
                "Pooling" => &["config.json"],
                "Dense" => &["config.json", "model.safetensors"],
                _ => &[],
            };
            for file in named {
                self.take(&module.file(file).ok_or_else(|| self.leads_out("modules.json"))?)?;
            }
        }
        Ok(())
    }

    /// `model.safetensors`, or the shards that the index names. A graph that was asked for stands in for both.
    fn take_weights(&mut self) -> Result<()> {
        if self.try_take("model.safetensors")? {
            return Ok(());
        }
        if self.try_take(INDEX)? {
            let index: Option<Index> = facts::json(&self.folder, INDEX)?;
            let shards: BTreeSet<String> =
                index.map(|index| index.weight_map.into_values().collect()).unwrap_or_default();
            for shard in shards {
                if !names::is_file_path(&shard) {
                    return Err(self.leads_out(INDEX));
                }
                self.take(&shard)?;
            }
            return Ok(());
        }
        if self.taken.iter().any(|file| has_extension(&file.path, "onnx")) {
            return Ok(());
        }
        Err(model_error(format!("{} has no weights in safetensors", self.model.id)).hint(
            "choose a revision or a model that has model.safetensors, or name a graph: --file onnx/model.onnx",
        ))
    }

    fn take(&mut self, path: &str) -> Result<()> {
        self.get(path).map_err(Failure::into_error)
    }

    /// Whether the hub has the file; it is then here.
    fn try_take(&mut self, path: &str) -> Result<bool> {
        match self.get(path) {
            Ok(()) => Ok(true),
            Err(Failure::Absent(_)) => Ok(false),
            Err(failure) => Err(failure.into_error()),
        }
    }

    /// A file that has its name came in whole, in this call or in an earlier one that did not get to the end.
    fn get(&mut self, path: &str) -> Result<(), Failure> {
        if self.taken.iter().any(|file| file.path == path) {
            return Ok(());
        }
        if self.taken.len() == MAX_FILES {
            return Err(model_error(format!("has more than {MAX_FILES} files")).into());
        }
        let target = self.folder.join(path);
        let (size, sha256) = if target.is_file() {
            let measured = fs::File::open(&target).and_then(digest::sha256_of);
            measured.map_err(|error| Error::io("read", &target, error))?
        } else {
            let (bytes, observer) = (self.bytes, self.observer);
            let report = |here| observer.event(&Event::Fetched { file: path, bytes: bytes + here });
            let large =
                ["safetensors", "onnx", "onnx_data"].iter().any(|end| has_extension(path, end));
            let wanted = Wanted {
                path,
                url: self.hub.url(self.model.id, self.model.revision, path),
                revision: self.model.revision,
                size: None,
                sha256: None,
                limit: if large { MAX_FILE_SIZE } else { MAX_SMALL_SIZE },
            };
            let got = download::download(self.hub, &wanted, &target, &report)?;
            self.fetched += 1;
            self.bytes += got.size;
            (got.size, got.sha256)
        };
        self.taken.push(ModelFile { path: path.to_owned(), size, sha256 });
        Ok(())
    }

    fn leads_out(&self, file: &str) -> Error {
        model_error("names a file outside the folder of the model")
            .in_file(self.folder.join(file))
            .hint("do not use this model")
    }

    fn describe(&mut self, name: &str) -> Result<Description> {
        let Facts { pooling, normalise, max_length, prompts } = Facts::read(&self.folder)?;
        let description = Description {
            name: name.to_owned(),
            id: self.model.id.to_owned(),
            revision: self.model.revision.to_owned(),
            licence: licence(&self.folder).unwrap_or_else(|| "unknown".to_owned()),
            pooling,
            normalise,
            max_length,
            first_use: true,
            prompts,
            files: std::mem::take(&mut self.taken),
        };
        description.check()?;
        Ok(description)
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// The licence in the head of the model's page.
fn licence(folder: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        license: Option<String>,
    }
    let page = fs::read_to_string(folder.join("README.md")).ok()?;
    let (head, _) = page.strip_prefix("---\n")?.split_once("\n---")?;
    let head: Head = serde_norway::from_str(head).ok()?;
    head.license.filter(|licence| !licence.trim().is_empty())
}

fn write_description(store: &Store, description: &Description) -> Result<()> {
    let path = store.root().join(format!("{}.toml", description.name));
    let partial = store.root().join(format!(".{}.toml.part", description.name));
    let text = format!(
        "# Written by `plenary models fetch`. The digests were measured at the first download; nobody vouches for them.\n{}",
        description.to_toml()
    );
    fs::write(&partial, text)
        .and_then(|()| fs::rename(&partial, &path))
        .map_err(|error| Error::io("write the description", &path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_licence_is_read_from_the_page() {
        let folder = tempfile::tempdir().unwrap();
        let page = |text: &str| {
            fs::write(folder.path().join("README.md"), text).unwrap();
            licence(folder.path())
        };
        let found = page("---\nlanguage: en\nlicense: apache-2.0\n---\n# A model\n");
        assert_eq!(found.as_deref(), Some("apache-2.0"));
        for text in
            ["", "# A model\nlicense: mit\n", "---\nlicense: [\n---\n", "---\nlanguage: en\n---\n"]
        {
            assert_eq!(page(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_unusable_is_asked_for() {
        let revision = "0a".repeat(20);
        let model =
            |id, revision, name, more| check(&NewModel { id, revision, name, more }).is_ok();
        assert!(model("dovia/sentences", &revision, None, &[]));
        assert!(!model("sentences", &revision, None, &[]));
        assert!(!model("../sentences", &revision, None, &[]));
        assert!(!model("dovia/sentences", "main", None, &[]));
        assert!(!model("dovia/default", &revision, None, &[]));
        assert!(!model("dovia/sentences", &revision, Some("../up"), &[]));
        assert!(!model("dovia/sentences", &revision, None, &["../up".to_owned()]));
    }
}

//! What the files of a model say about its use, to be held against its description.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::description::{Description, Pooling, Prompts};
use super::names;
use crate::error::{Error, ErrorKind, Result};

/// Pooling, normalisation, length and prompts, as sentence-transformers saves them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) pooling: Option<Pooling>,
    pub(super) normalise: bool,
    pub(super) max_length: Option<usize>,
    pub(super) prompts: Prompts,
}

/// One entry of `modules.json`.
#[derive(Debug, Deserialize)]
pub(super) struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

impl Module {
    /// The last part of its type, such as `Pooling`.
    pub(super) fn kind(&self) -> &str {
        self.kind.rsplit('.').next().unwrap_or_default()
    }

    /// A file in its folder, seen from the model's; nothing where the folder lies elsewhere.
    pub(super) fn file(&self, name: &str) -> Option<String> {
        let path =
            if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) };
        names::is_file_path(&path).then_some(path)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PromptConfig {
    prompts: std::collections::BTreeMap<String, Option<String>>,
    default_prompt_name: Option<String>,
}

/// The prompts that the files in `folder` tell of.
pub(super) fn prompts(folder: &Path) -> Result<Prompts> {
    let saved: PromptConfig =
        json(folder, "config_sentence_transformers.json")?.unwrap_or_default();
    let prompt = |names: &[&str]| {
        let found = names.iter().find_map(|name| saved.prompts.get(*name).cloned().flatten());
        found.filter(|text| !text.is_empty())
    };
    Ok(Prompts {
        query: prompt(&["query"]),
        passage: prompt(&["passage", "document"]),
        default: saved.default_prompt_name.as_deref().and_then(|name| prompt(&[name])),
    })
}

impl Facts {
    /// Reads what there is in `folder`; files that are missing say nothing.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let modules: Vec<Module> = json(folder, "modules.json")?.unwrap_or_default();
        let sentence: SentenceConfig =
            json(folder, "sentence_bert_config.json")?.unwrap_or_default();
        let pooling = modules.iter().find(|module| module.kind() == "Pooling");
        Ok(Self {
            pooling: pooling.map(|module| self::pooling(folder, module)).transpose()?.flatten(),
            normalise: modules.iter().any(|module| module.kind() == "Normalize"),
            max_length: sentence.max_seq_length,
            prompts: prompts(folder)?,
        })
    }

    /// What `description` says otherwise, one line each. Prompts may be left out of the files: many models tell
    /// them on their page alone.
    pub(super) fn differences(&self, description: &Description) -> Vec<String> {
        let mut lines = Vec::new();
        let mut compare = |what: &str, here: String, there: String| {
            if here != there {
                lines.push(format!("{what} is {here} in the files and {there} in the description"));
            }
        };
        compare("pooling", shown(self.pooling), shown(description.pooling));
        compare("normalise", self.normalise.to_string(), description.normalise.to_string());
        compare("max_length", shown(self.max_length), shown(description.max_length));
        if !self.prompts.is_empty() {
            compare("prompts", format!("{:?}", self.prompts), format!("{:?}", description.prompts));
        }
        lines
    }
}

fn shown(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// The one way of pooling that is switched on.
fn pooling(folder: &Path, module: &Module) -> Result<Option<Pooling>> {
    let Some(file) = module.file("config.json") else { return Ok(None) };
    let flags: serde_json::Map<String, Value> = json(folder, &file)?.unwrap_or_default();
    let on = |name: &str| flags.get(name).and_then(Value::as_bool).unwrap_or_default();
    let known = [
        ("pooling_mode_cls_token", Pooling::Cls),
        ("pooling_mode_max_tokens", Pooling::Max),
        ("pooling_mode_mean_tokens", Pooling::Mean),
        ("pooling_mode_mean_sqrt_len_tokens", Pooling::MeanSqrtLen),
    ];
    let mut found = known.iter().filter(|(name, _)| on(name)).map(|(_, pooling)| *pooling);
    Ok(found.next().filter(|_| found.next().is_none()))
}

/// The JSON file `name` in `folder`, where there is one.
pub(super) fn json<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Option<T>> {
    let path = folder.join(name);
    let bytes = match fs_err::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", &path, error)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        Error::new(ErrorKind::Model, "cannot be understood")
            .in_file(&path)
            .at_line(error.line() as u64)
            .hint("the file is damaged, or not what sentence-transformers saves")
            .caused_by(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_from_the_files_of_a_model() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
        let facts = Facts::read(&folder).unwrap();
        assert_eq!(facts.pooling, None, "it puts two ways side by side");
        assert_eq!(facts.max_length, Some(256));
    }

    #[test]
    fn prompts_and_other_poolings_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs_err::write(folder.path().join(name), text).unwrap();
        fs_err::create_dir(folder.path().join("pool")).unwrap();
        write(
            "modules.json",
            r#"[{"path": "pool", "type": "x.Pooling"}, {"path": "n", "type": "x.Normalize"}]"#,
        );
        write("pool/config.json", r#"{"pooling_mode_cls_token": true, "include_prompt": true}"#);
        write(
            "config_sentence_transformers.json",
            r#"{"prompts": {"query": "query: ", "document": "", "STS": "same: "}, "default_prompt_name": "STS"}"#,
        );
        let facts = Facts::read(folder.path()).unwrap();
        assert_eq!(facts.pooling, Some(Pooling::Cls));
        assert!(facts.normalise);
        let [query, default] = ["query: ", "same: "].map(|text| Some(text.to_owned()));
        assert_eq!(facts.prompts, Prompts { query, passage: None, default });
        write("modules.json", "[{]");
        let error = Facts::read(folder.path()).unwrap_err();
        assert!(error.to_string().contains("modules.json, line 1"), "{error}");
    }

    #[test]
    fn a_module_outside_the_folder_is_not_followed() {
        let module = Module { path: "../elsewhere".to_owned(), kind: "x.Pooling".to_owned() };
        assert_eq!(module.file("config.json"), None);
    }
}

//! What is known of a model before its files are here: where they lie, which they are, how it is used.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::names;
use crate::error::{Error, ErrorKind, Result};

/// No file of a model may be larger, in bytes: 32 GiB.
pub const MAX_FILE_SIZE: u64 = 32 << 30;

/// One model at one revision, as `models/NAME.toml` describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// What users call it: the name of the file without its extension.
    #[serde(skip)]
    pub name: String,
    /// The repository on the hub, `OWNER/NAME`.
    pub id: String,
    /// The commit in that repository, 40 hexadecimal digits.
    pub revision: String,
    /// The licence of the weights: an SPDX identifier where there is one.
    pub licence: String,
    /// How the vectors of tokens become one; nothing for a model that gives no vectors, such as a cross-encoder,
    /// or puts several ways side by side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pooling: Option<Pooling>,
    /// Whether vectors have length 1.
    #[serde(default)]
    pub normalise: bool,
    /// The most tokens it reads of a text, special ones included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// Whether nobody vouches for the digests: they were measured at the first download.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first_use: bool,
    /// What the model wants to read before a text.
    #[serde(default, skip_serializing_if = "Prompts::is_empty")]
    pub prompts: Prompts,
    /// The files to have; at least one.
    pub files: Vec<ModelFile>,
}

/// How the vectors of the tokens of a text become one, in the words of sentence-transformers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// The vector of the first token.
    Cls,
    /// The largest number of each coordinate.
    Max,
    /// The mean.
    Mean,
    /// The sum over the square root of the number of tokens.
    MeanSqrtLen,
}

impl fmt::Display for Pooling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cls => "cls",
            Self::Max => "max",
            Self::Mean => "mean",
            Self::MeanSqrtLen => "mean_sqrt_len",
        })
    }
}

/// What goes before a text, for models that were trained with it (E5: "query: ").
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompts {
    /// Before a text that is compared with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Before a text that is searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage: Option<String>,
    /// Before every text that is encoded, whatever it is for: what sentence-transformers calls the default prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

impl Prompts {
    /// Whether the model wants none.
    pub fn is_empty(&self) -> bool {
        self.query.is_none() && self.passage.is_none() && self.default.is_none()
    }
}

/// One file of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Below the folder of the model, with `/` between the parts.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

impl Description {
    /// Reads the description `toml` of the model `name`; `path` is named in errors.
    ///
    /// # Errors
    /// Where it is no TOML, lacks a key or has an unknown one, or where a name, path, revision or digest in it is
    /// none, or could lead out of the store.
    pub fn parse(name: &str, toml: &str, path: &Path) -> Result<Self> {
        let read: Result<Self, toml::de::Error> = toml::from_str(toml);
        let mut description = read.map_err(|error| syntax_error(toml, &error).in_file(path))?;
        name.clone_into(&mut description.name);
        description.check().map_err(|error| error.in_file(path))?;
        Ok(description)
    }

    /// The description as TOML.
    ///
    /// # Panics
    /// Never: a description is plain data.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a description is plain data")
    }

    /// All files together, in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Checks all that does not depend on the files themselves.
    ///
    /// # Errors
    /// As [`Description::parse`].
    pub fn check(&self) -> Result<()> {
        let rule = |holds: bool, what: &str, value: &str, hint: &str| {
            let message = || format!("{what} {value:?} is not usable");
            if holds { Ok(()) } else { Err(Error::new(ErrorKind::Model, message()).hint(hint)) }
        };
        rule(names::is_name(&self.name), "the name", &self.name, NAME_HINT)?;
        rule(names::is_id(&self.id), "the id", &self.id, "an id is OWNER/NAME, as on the hub")?;
        rule(names::is_revision(&self.revision), "the revision", &self.revision, REVISION_HINT)?;
        let licence = !self.licence.trim().is_empty();
        rule(licence, "the licence", &self.licence, "name the licence, or write \"unknown\"")?;
        if self.files.is_empty() {
            return Err(Error::new(ErrorKind::Model, "lists no files")
                .hint("each file is a table [[files]] with path, size and sha256"));
        }
        for (index, file) in self.files.iter().enumerate() {
            rule(names::is_file_path(&file.path), "the file path", &file.path, PATH_HINT)?;
            rule(
                names::is_sha256(&file.sha256),
                "the sha256",
                &file.sha256,
                "it has 64 hexadecimal digits in lower case, as sha256sum prints",
            )?;
            let size = file.size.to_string();
            rule(file.size <= MAX_FILE_SIZE, "the size", &size, "no file may exceed 32 GiB")?;
            let apart = self.files[..index].iter().all(|other| !collide(&other.path, &file.path));
            rule(
                apart,
                "the file path",
                &file.path,
                "another file has this path, or lies below it",
            )?;
        }
        Ok(())
    }
}

pub(super) const REVISION_HINT: &str =
    "a revision is a whole commit of 40 hexadecimal digits; branches and tags move";
pub(super) const NAME_HINT: &str =
    "a name has letters, digits, dots, - and _, and is neither \"default\" nor \"hashed\"";
const PATH_HINT: &str = "a path stays below the model's folder and has / between its parts";

/// Whether two paths cannot both be files, also where capital and small letters are the same.
fn collide(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    one == other || one.starts_with(&format!("{other}/")) || other.starts_with(&format!("{one}/"))
}

fn syntax_error(text: &str, error: &toml::de::Error) -> Error {
    let broken = Error::new(ErrorKind::Model, error.message().to_owned())
        .hint("`plenary models info all-MiniLM-L6-v2 --toml` prints a description to start from");
    match error.span() {
        Some(span) => broken.at_line(1 + text[..span.start].matches('\n').count() as u64),
        None => broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str) -> String {
        format!(
            "id = \"ruvania/speeches\"\nrevision = \"{}\"\nlicence = \"MIT\"\n\
             [prompts]\nquery = \"query: \"\n[[files]]\npath = {}\nsize = 3\nsha256 = \"{}\"\n",
            "0a".repeat(20),
            toml::Value::from(path),
            "1b".repeat(32)
        )
    }

    fn parse(toml: &str) -> Result<Description> {
        Description::parse("speeches", toml, Path::new("speeches.toml"))
    }

    #[test]
    fn a_description_survives_writing_and_reading() {
        let read = parse(&text("1_Pooling/config.json")).unwrap();
        assert_eq!(read.size(), 3);
        assert_eq!(read.prompts.query.as_deref(), Some("query: "));
        assert_eq!(parse(&read.to_toml()).unwrap(), read);
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        for path in ["../x", "/x", "a/../../x", "C:\\x", "C:x", "a\\b", "a\u{0}b", "~/x/..", ".ssh"]
        {
            let error = parse(&text(path)).unwrap_err();
            assert!(error.to_string().starts_with("speeches.toml: the file path"), "{error}");
        }
    }

    #[test]
    fn the_name_cannot_lead_out_either() {
        for name in ["..", "a/b", "a\\b", "default", ""] {
            let error = Description::parse(name, &text("a"), Path::new("x.toml")).unwrap_err();
            assert!(error.to_string().contains("the name"), "{error}");
        }
    }

    #[test]
    fn broken_toml_is_named_with_its_line() {
        let error = parse("id = \"a/b\"\nrevision = \n").unwrap_err();
        assert_eq!(error.location().line, Some(2), "{error}");
        let error = parse(&text("a").replace("licence", "license")).unwrap_err();
        assert_eq!(error.location().line, Some(3), "{error}");
        assert!(error.to_string().contains("license"), "{error}");
    }

    #[test]
    fn each_value_is_checked() {
        let good = text("a");
        for (from, to, what) in [
            ("ruvania/speeches", "speeches", "the id"),
            ("\"MIT\"", "\" \"", "the licence"),
            ("0a0a", "main", "the revision"),
            ("1b1b", "XXXX", "the sha256"),
            ("size = 3", "size = 99999999999999", "the size"),
        ] {
            let error = parse(&good.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(what) && error.remedy().is_some(), "{error}");
        }
        let twice =
            format!("{good}{}", good.split_once("[[").unwrap().1.replace("[files", "[[files"));
        assert!(parse(&twice).is_err());
    }

    #[test]
    fn files_that_cannot_stand_together_collide() {
        assert!(collide("A/b", "a/B") && collide("a", "a/b") && collide("a/b", "a"));
        assert!(!collide("a/b", "a/c") && !collide("ab", "a/b"));
    }
}

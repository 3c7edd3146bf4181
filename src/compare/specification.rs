//! How a contender is named.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::config::BUILT_IN;
use crate::error::{Error, ErrorKind, Result};

/// A contender: what judges, and what it reads.
///
/// | written | is |
/// |---|---|
/// | `default`, `FOLDER` | a model with its heads: the built-in one, one by `plenary train` |
/// | `ENCODER+FOLDER` | the heads of `FOLDER` (or `default`) on another encoder of the same dimension: the same model through another backend |
/// | `heads:ENCODER` | heads learned here from the training labels |
/// | `prototypes:ENCODER` | zero-shot by the codebook's definitions and examples; thresholds from the training labels (`prototypes` alone has those of the built-in model) |
/// | `nli:FOLDER` | zero-shot by an entailment model; thresholds from the training labels where there are any, else one half |
/// | `dictionary` | phrases |
///
/// An `ENCODER` is what `--model` takes: `default`, a folder or a model's name, with `onnx:` or `libtorch:` in front for another backend, `f32:`, `bf16:` or
/// `int8:` for a precision of the native one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Specification {
    /// A model with heads.
    Model(String),
    /// An encoder and the model whose heads it gets.
    Paired {
        /// The encoder.
        encoder: String,
        /// The model.
        heads: String,
    },
    /// Heads learned here.
    Learned(String),
    /// Prototypes on an encoder.
    Prototypes(String),
    /// An entailment model.
    Entailment(String),
    /// The dictionary of the built-in codebook.
    Dictionary,
}

/// A contender and the name of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is shown; the specification itself unless the user gave another name.
    pub name: String,
    /// What it is.
    pub specification: Specification,
}

impl FromStr for Entry {
    type Err = Error;

    /// `NAME=SPECIFICATION`, or the specification alone. A name has no characters that paths and prefixes have.
    fn from_str(text: &str) -> Result<Self> {
        let is_name = |name: &str| !name.trim().is_empty() && !name.contains(['/', '\\', ':', '+']);
        match text.split_once('=') {
            Some((name, specification)) if is_name(name) => {
                Ok(Self { name: name.trim().to_owned(), specification: specification.parse()? })
            }
            _ => {
                let specification: Specification = text.parse()?;
                Ok(Self { name: specification.to_string(), specification })
            }
        }
    }
}

impl Specification {
    /// Whether it needs labelled sentences to learn from.
    pub fn learns(&self) -> bool {
        match self {
            Self::Learned(_) => true,
            Self::Prototypes(encoder) => encoder != BUILT_IN,
            _ => false,
        }
    }

    /// The folder its heads come from, where that is one.
    pub(super) fn heads_folder(&self) -> Option<&Path> {
        match self {
            Self::Model(name) | Self::Paired { heads: name, .. } if name != BUILT_IN => {
                Some(Path::new(name))
            }
            _ => None,
        }
    }
}

impl FromStr for Specification {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let named = |name: &str| {
            match name.trim() {
            "" => Err(Error::new(ErrorKind::Config, format!("{text:?} names no model"))
                .hint("write default, a folder, ENCODER+FOLDER, heads:ENCODER, prototypes:ENCODER, nli:FOLDER or dictionary")),
            name => Ok(name.to_owned()),
        }
        };
        match text {
            "dictionary" => return Ok(Self::Dictionary),
            "prototypes" => return Ok(Self::Prototypes(BUILT_IN.to_owned())),
            _ => {}
        }
        match text.split_once(':') {
            Some(("heads", encoder)) => return named(encoder).map(Self::Learned),
            Some(("prototypes", encoder)) => return named(encoder).map(Self::Prototypes),
            Some(("nli", folder)) => return named(folder).map(Self::Entailment),
            _ => {}
        }
        match text.rsplit_once('+') {
            // A folder may have a plus sign in its name.
            Some((encoder, heads)) if !Path::new(text).exists() => {
                Ok(Self::Paired { encoder: named(encoder)?, heads: named(heads)? })
            }
            _ => named(text).map(Self::Model),
        }
    }
}

impl fmt::Display for Specification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(name) => f.write_str(name),
            Self::Paired { encoder, heads } => write!(f, "{encoder}+{heads}"),
            Self::Learned(encoder) => write!(f, "heads:{encoder}"),
            Self::Prototypes(encoder) if encoder == BUILT_IN => f.write_str("prototypes"),
            Self::Prototypes(encoder) => write!(f, "prototypes:{encoder}"),
            Self::Entailment(folder) => write!(f, "nli:{folder}"),
            Self::Dictionary => f.write_str("dictionary"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_alike() {
        for text in [
            "default",
            "models/mine",
            "onnx:minilm/model_int8.onnx+models/mine",
            "heads:libtorch:minilm",
            "prototypes",
            "prototypes:all-MiniLM-L6-v2",
            "nli:models/nli",
            "dictionary",
        ] {
            assert_eq!(text.parse::<Specification>().unwrap().to_string(), text);
        }
        for text in ["", " ", "heads:", "+models/mine", "x+"] {
            let error = text.parse::<Specification>().unwrap_err();
            assert!(error.remedy().is_some(), "{text:?}");
        }
    }

    #[test]
    fn a_row_may_have_a_name_of_its_own() {
        let entry: Entry = "MiniLM by ONNX=onnx:minilm+heads".parse().unwrap();
        assert_eq!(entry.name, "MiniLM by ONNX");
        assert_eq!(entry.specification.to_string(), "onnx:minilm+heads");
        let entry: Entry = "models/a=b".parse().unwrap();
        assert_eq!(entry.name, "models/a=b");
        assert!("name=".parse::<Entry>().is_err());
    }

    #[test]
    fn only_those_without_thresholds_of_their_own_learn() {
        let learns = |text: &str| text.parse::<Specification>().unwrap().learns();
        assert!(learns("heads:default") && learns("prototypes:elsewhere"));
        assert!(!learns("default") && !learns("prototypes") && !learns("dictionary"));
    }
}

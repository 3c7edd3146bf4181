//! Codebooks: which axes there are, which two poles each has, and what counts as support for a pole.
//!
//! A codebook is a TOML file. Nothing else in Plenary knows the names of axes and poles, so coding another
//! debate takes another file and labelled sentences, no code.

mod parse;

use std::path::Path;

use fs_err as fs;
use serde::Serialize;

use crate::digest;
use crate::error::{Error, ErrorKind, Result};

const BUILT_IN: &str = include_str!("../../data/codebooks/internet-governance.toml");

/// The axes of a debate, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Codebook {
    /// Identifier: lower-case letters, digits, `_` and `-`.
    pub id: String,
    /// Version, as its authors count.
    pub version: String,
    /// Title for people.
    pub title: String,
    /// At least one axis.
    pub axes: Vec<Axis>,
}

/// A dimension of disagreement with two poles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Axis {
    /// Identifier, used in column names: a lower-case letter, then lower-case letters, digits and `_`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What the axis is about and what is off its topic.
    pub description: String,
    /// The first and the second pole. Positions run from the first (negative) to the second (positive).
    pub poles: [Pole; 2],
}

/// One end of an axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pole {
    /// Identifier, like that of an axis.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What supporting the pole means.
    pub definition: String,
    /// Borderline cases that count.
    pub clarification: String,
    /// Look-alikes that do not count.
    pub negative_clarification: String,
    /// Statements that plainly hold the pole.
    pub examples: Vec<String>,
    /// The pole as one sentence about `{holder}`, for models that are asked whether a statement entails it; else
    /// the definition serves ([`Hypotheses`](super::Hypotheses)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hypothesis: Option<String>,
}

impl Codebook {
    /// Reads a codebook from `toml`; `path` is named in errors.
    ///
    /// # Errors
    /// A syntax error, an unknown, missing or mistyped key, a malformed or repeated identifier, an axis
    /// without exactly two poles: each with the line it stands on.
    pub fn parse(toml: &str, path: impl AsRef<Path>) -> Result<Self> {
        parse::codebook(toml).map_err(|error| error.in_file(path.as_ref()))
    }

    /// Reads the codebook in the file at `path`.
    ///
    /// # Errors
    /// As [`Codebook::parse`], and when the file cannot be read as UTF-8.
    pub fn load(path: &Path) -> Result<Self> {
        let toml =
            fs::read_to_string(path).map_err(|error| Error::io("read codebook", path, error))?;
        Self::parse(&toml, path)
    }

    /// The codebook inside the program: `control` (sovereignty, openness) and `governance` (multilateral,
    /// multistakeholder).
    ///
    /// # Panics
    /// Never: a test parses it.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN, "internet-governance.toml").expect("the built-in codebook is valid")
    }

    /// The axis called `id`.
    pub fn axis(&self, id: &str) -> Option<&Axis> {
        self.axes.iter().find(|axis| axis.id == id)
    }

    /// All poles in order, each with its axis: first and second pole of the first axis, then the next axis.
    pub fn poles(&self) -> impl Iterator<Item = (&Axis, &Pole)> {
        self.axes.iter().flat_map(|axis| axis.poles.iter().map(move |pole| (axis, pole)))
    }

    /// SHA-256 (hex) of what the codebook says, whatever the comments, spacing and key order of its file.
    ///
    /// Hypotheses are no part of it: they ask for what the poles mean, and neither coders nor trained heads read
    /// them, so that adding or rewording one leaves heads valid.
    ///
    /// # Panics
    /// Never: a codebook is plain data.
    pub fn sha256(&self) -> String {
        let mut coded = self.clone();
        for pole in coded.axes.iter_mut().flat_map(|axis| &mut axis.poles) {
            pole.hypothesis = None;
        }
        let canonical = serde_json::to_vec(&coded).expect("a codebook is plain data");
        digest::sha256(canonical)
    }

    /// An error that names the axes there are, for a mistyped one.
    pub(crate) fn no_such_axis(&self, id: &str) -> Error {
        let known: Vec<&str> = self.axes.iter().map(|axis| axis.id.as_str()).collect();
        Error::new(ErrorKind::Labels, format!("the codebook `{}` has no axis `{id}`", self.id))
            .hint(format!("its axes are {}", known.join(", ")))
    }
}

#[cfg(test)]
mod tests;

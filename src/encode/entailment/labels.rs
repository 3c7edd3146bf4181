//! The labels of a classifier, as `config.json` lists them, and which of them is entailment.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::encode::files;
use crate::error::{Error, ErrorKind, Result};

/// The label, in whatever case.
const ENTAILMENT: &str = "entailment";

const ADVICE: &str = "an entailment model has a label \"entailment\" in id2label; where the names were lost, write them \
                      there in the order of its training";

/// The part of `config.json` that is read here.
#[derive(Debug, Deserialize)]
struct RawLabels {
    id2label: Option<BTreeMap<usize, String>>,
    label2id: Option<BTreeMap<String, usize>>,
}

/// What the rows of a classification head stand for.
#[derive(Debug)]
pub(super) struct Labels {
    names: Vec<String>,
    entailment: usize,
}

impl Labels {
    /// Reads the bytes of `config.json`; `path` is named in errors.
    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let raw: RawLabels = files::parse(bytes, path)?;
        raw.resolve().map_err(|error| error.in_file(path))
    }

    /// As written, in the order of the rows; two at least.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The row of entailment.
    pub(super) fn entailment(&self) -> usize {
        self.entailment
    }
}

impl RawLabels {
    fn resolve(self) -> Result<Labels> {
        let names = self.names()?;
        if let [only] = names.as_slice() {
            let message = format!("has one label only, {only:?}");
            return Err(invalid(message).hint(
                "a model with one output ranks passages or scores likeness; entailment has two labels or three",
            ));
        }
        let is_entailment = |name: &str| name.trim().eq_ignore_ascii_case(ENTAILMENT);
        let rows: Vec<usize> = (0..names.len()).filter(|row| is_entailment(&names[*row])).collect();
        let [entailment] = *rows.as_slice() else {
            let count = if rows.is_empty() { "no" } else { "more than one" };
            let message = format!("has {count} label {ENTAILMENT:?} among {names:?}");
            return Err(invalid(message).hint(ADVICE));
        };
        let elsewhere = self
            .label2id
            .iter()
            .flatten()
            .find(|(name, row)| is_entailment(name) && **row != entailment);
        if let Some((name, row)) = elsewhere {
            let message =
                format!("puts {name:?} at {entailment} in id2label but at {row} in label2id");
            return Err(invalid(message).hint("make the two agree with the order of the training"));
        }
        Ok(Labels { names, entailment })
    }

    /// The names in the order of the rows, from `id2label` or else `label2id`.
    fn names(&self) -> Result<Vec<String>> {
        let by_row: Vec<(usize, &String)> = match (&self.id2label, &self.label2id) {
            (Some(names), _) => names.iter().map(|(row, name)| (*row, name)).collect(),
            (None, Some(rows)) => {
                let mut by_row: Vec<_> = rows.iter().map(|(name, row)| (*row, name)).collect();
                by_row.sort_unstable();
                by_row
            }
            (None, None) => Vec::new(),
        };
        if by_row.is_empty() {
            let message = "names no labels: it has neither id2label nor label2id";
            return Err(invalid(message).hint(
                "a model without a classification head, such as a sentence encoder, cannot tell entailment",
            ));
        }
        let rows: Vec<usize> = by_row.iter().map(|(row, _)| *row).collect();
        if rows.iter().enumerate().any(|(expected, row)| expected != *row) {
            return Err(invalid(format!("numbers its labels {rows:?}, not from 0 without a gap"))
                .hint(ADVICE));
        }
        Ok(by_row.into_iter().map(|(_, name)| name.clone()).collect())
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Model, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Labels> {
        Labels::parse(json.as_bytes(), Path::new("config.json"))
    }

    #[test]
    fn entailment_is_found_in_any_case_and_place() {
        let known = [
            (r#"{"id2label": {"0": "CONTRADICTION", "1": "NEUTRAL", "2": "ENTAILMENT"}}"#, 2),
            (
                r#"{"id2label": {"10": "k", "1": "entailment", "0": "a", "2": "b", "3": "c", "4": "d",
                 "5": "e", "6": "f", "7": "g", "8": "h", "9": "i"}}"#,
                1,
            ),
            (r#"{"label2id": {"not_entailment": 1, "Entailment": 0}}"#, 0),
            (
                r#"{"id2label": {"0": "no", "1": "entailment"}, "label2id": {"LABEL_0": 0, "LABEL_1": 1}}"#,
                1,
            ),
        ];
        for (json, row) in known {
            assert_eq!(parse(json).unwrap().entailment(), row, "{json}");
        }
    }

    #[test]
    fn labels_without_entailment_are_refused_with_a_remedy() {
        for (json, words) in [
            ("{}", "names no labels"),
            (r#"{"id2label": {}}"#, "names no labels"),
            (r#"{"id2label": {"0": "LABEL_0"}}"#, "one label only, \"LABEL_0\""),
            (r#"{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}"#, "no label \"entailment\" among"),
            (r#"{"id2label": {"0": "entailment", "1": "ENTAILMENT"}}"#, "more than one label"),
            (r#"{"id2label": {"0": "entailment", "2": "neutral"}}"#, "numbers its labels [0, 2]"),
            (r#"{"label2id": {"entailment": 0, "neutral": 0}}"#, "numbers its labels [0, 0]"),
            (
                r#"{"id2label": {"0": "entailment", "1": "neutral"}, "label2id": {"entailment": 1}}"#,
                "at 0 in id2label but at 1 in label2id",
            ),
            (r#"{"id2label": {"first": "entailment"}}"#, "cannot be understood"),
        ] {
            let error = parse(json).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Model);
            assert!(error.cause().contains(words), "{:?} does not say {words:?}", error.cause());
            assert!(error.remedy().is_some() && error.location().file.is_some());
        }
    }
}

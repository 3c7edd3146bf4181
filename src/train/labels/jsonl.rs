//! Labels as JSON Lines.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Coded, Labelled, default_manner, finish, holder, manner, side};
use crate::classify::{Codebook, Side};
use crate::error::{Error, ErrorKind, Result};

#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    doc_id: Option<String>,
    #[serde(default)]
    corpus: Option<String>,
    #[serde(default)]
    actor: Option<String>,
    #[serde(default)]
    actor_type: Option<String>,
    #[serde(default, alias = "lang")]
    language: Option<String>,
    #[serde(default)]
    prev: Option<String>,
    #[serde(alias = "text")]
    sentence: String,
    #[serde(default)]
    next: Option<String>,
    statements: Vec<Map<String, Value>>,
}

/// The records of a file called `name`.
pub(super) fn records(text: &str, name: &str, codebook: &Codebook) -> Result<Vec<Labelled>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            record(line, name, index + 1, codebook).map_err(|error| error.at_line(index as u64 + 1))
        })
        .collect()
}

fn record(line: &str, name: &str, number: usize, codebook: &Codebook) -> Result<Labelled> {
    let record: Record = serde_json::from_str(line).map_err(|error| {
        Error::new(ErrorKind::Labels, "is not a labelled sentence").caused_by(error)
    })?;
    let statements = record
        .statements
        .iter()
        .enumerate()
        .map(|(index, fields)| {
            coded(fields, codebook).map_err(|error| in_statement(index + 1, &error))
        })
        .collect::<Result<_>>()?;
    let labelled = Labelled {
        group: record.doc_id.unwrap_or_default(),
        id: record.id.unwrap_or_default(),
        corpus: record.corpus.unwrap_or_default(),
        actor: record.actor.unwrap_or_default(),
        actor_type: record.actor_type.unwrap_or_default(),
        language: record.language.unwrap_or_default(),
        prev: record.prev.unwrap_or_default(),
        sentence: record.sentence,
        next: record.next.unwrap_or_default(),
        statements,
        labelled: vec![true; codebook.axes.len()],
    };
    finish(labelled, name, number)
}

fn coded(fields: &Map<String, Value>, codebook: &Codebook) -> Result<Coded> {
    let mut sides = vec![Some(Side::Neither); codebook.axes.len()];
    let (mut source, mut told) = (None, None);
    for (key, value) in fields {
        let text = text(key, value)?;
        match (key.as_str(), codebook.axes.iter().position(|axis| axis.id == *key)) {
            ("holder", _) => source = text.and_then(holder),
            ("manner", _) => told = text.map(manner).transpose()?,
            (_, Some(axis)) => sides[axis] = Some(side(codebook, axis, text.unwrap_or_default())?),
            (_, None) => return Err(codebook.no_such_axis(key)),
        }
    }
    let manner = told.unwrap_or_else(|| default_manner(source.as_deref()));
    Ok(Coded { holder: source, manner, sides })
}

fn text<'a>(key: &str, value: &'a Value) -> Result<Option<&'a str>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        other => {
            let message = format!("`{key}` is {other}, not a string or null");
            Err(Error::new(ErrorKind::Labels, message))
        }
    }
}

/// Says which statement of the record is wrong, keeping the remedy.
fn in_statement(number: usize, error: &Error) -> Error {
    let hint = error.remedy().map(str::to_owned);
    let outer = Error::new(error.kind(), format!("statement {number}: {}", error.cause()));
    match hint {
        Some(hint) => outer.hint(hint),
        None => outer,
    }
}

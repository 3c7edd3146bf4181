//! From TOML to a codebook, with the line of every mistake.
//!
//! The file is read into a tree that remembers where each key and value stands, and walked by hand:
//! serde's derive would lose the place of what is wrong in meaning rather than in form.

use std::collections::HashSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Axis, Codebook, Pole};
use crate::classify::hypothesis::HOLDER;
use crate::error::{Error, ErrorKind, Result};

const CODEBOOK_KEYS: &[&str] = &["id", "version", "title", "axes"];
const AXIS_KEYS: &[&str] = &["id", "name", "description", "poles"];
const POLE_KEYS: &[&str] = &[
    "id",
    "name",
    "definition",
    "clarification",
    "negative_clarification",
    "examples",
    "hypothesis",
];

/// Reads a codebook.
pub(super) fn codebook(toml: &str) -> Result<Codebook> {
    let root = DeTable::parse(toml).map_err(|error| syntax_error(toml, &error))?;
    let node = Node { toml, what: "the codebook", start: 0, table: root.get_ref() };
    node.check_keys(CODEBOOK_KEYS)?;
    let codebook = Codebook {
        id: node.identifier("id", true)?,
        version: node.text("version")?,
        title: node.text("title")?,
        axes: node.tables("axes", "axis")?.iter().map(axis).collect::<Result<_>>()?,
    };
    if codebook.axes.is_empty() {
        return Err(node.error("a codebook needs at least one axis").hint("add an [[axes]] table"));
    }
    unique_ids(&node)?;
    Ok(codebook)
}

fn axis(node: &Node<'_>) -> Result<Axis> {
    node.check_keys(AXIS_KEYS)?;
    let id = node.identifier("id", false)?;
    let nodes = node.tables("poles", "pole")?;
    let poles: Vec<Pole> = nodes.iter().map(pole).collect::<Result<_>>()?;
    let found = poles.len();
    let poles = poles.try_into().map_err(|_| {
        node.error(format!("axis `{id}` has {found} {}, not two", plural(found, "pole"))).hint(
            "give each axis exactly two [[axes.poles]] tables; split three poles over two axes",
        )
    })?;
    Ok(Axis { id, name: node.text("name")?, description: node.text("description")?, poles })
}

fn pole(node: &Node<'_>) -> Result<Pole> {
    node.check_keys(POLE_KEYS)?;
    Ok(Pole {
        id: node.identifier("id", false)?,
        name: node.text("name")?,
        definition: node.text("definition")?,
        clarification: node.optional_text("clarification")?,
        negative_clarification: node.optional_text("negative_clarification")?,
        examples: node.texts("examples")?,
        hypothesis: node.find("hypothesis").map(|value| hypothesis(node, value)).transpose()?,
    })
}

/// A sentence about [`HOLDER`], without other braces.
fn hypothesis(node: &Node<'_>, value: &Spanned<DeValue<'_>>) -> Result<String> {
    let text = node.text_of("hypothesis", value)?;
    let fail = |message| {
        Err(node.error_at(value.span().start, message).hint(format!(
            "write it about whoever holds the position, as in \"{HOLDER} wants lower taxes.\""
        )))
    };
    if !text.contains(HOLDER) {
        return fail(format!("`hypothesis` of pole does not say {HOLDER}"));
    }
    if text.replace(HOLDER, "").contains(['{', '}']) {
        return fail(format!("`hypothesis` of pole has a brace that is no {HOLDER}"));
    }
    Ok(text)
}

/// Axis ids must differ from each other, and so must the pole ids of the whole codebook: label files and
/// output columns name poles by id alone.
fn unique_ids(root: &Node<'_>) -> Result<()> {
    let (mut axes, mut poles) = (HashSet::new(), HashSet::from(["both".into(), "none".into()]));
    for axis in root.tables("axes", "axis")? {
        axis.claim_id("axis", &mut axes)?;
        for pole in axis.tables("poles", "pole")? {
            pole.claim_id("pole", &mut poles)?;
        }
    }
    Ok(())
}

/// A table of the file: what it describes and where it begins.
struct Node<'a> {
    toml: &'a str,
    what: &'static str,
    start: usize,
    table: &'a DeTable<'a>,
}

impl<'a> Node<'a> {
    fn error(&self, message: impl Into<String>) -> Error {
        self.error_at(self.start, message)
    }

    fn error_at(&self, byte: usize, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Codebook, message).at_line(line_of(self.toml, byte))
    }

    fn find(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn require(&self, key: &str) -> Result<&'a Spanned<DeValue<'a>>> {
        self.find(key).ok_or_else(|| self.error(format!("{} has no `{key}`", self.what)))
    }

    fn check_keys(&self, known: &[&str]) -> Result<()> {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let message = format!("unknown key `{name}` in {}", self.what);
                return Err(self.error_at(key.span().start, message).hint(suggestion(name, known)));
            }
        }
        Ok(())
    }

    fn text(&self, key: &str) -> Result<String> {
        self.text_of(key, self.require(key)?)
    }

    fn optional_text(&self, key: &str) -> Result<String> {
        self.find(key).map_or_else(|| Ok(String::new()), |value| self.text_of(key, value))
    }

    /// The value as text on one line, not empty.
    fn text_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<String> {
        let start = value.span().start;
        let text = value.get_ref().as_str().ok_or_else(|| {
            let found = value.get_ref().type_str();
            self.error_at(start, format!("`{key}` of {} is {found}, not a string", self.what))
        })?;
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return Err(self.error_at(start, format!("`{key}` of {} is empty", self.what)));
        }
        Ok(words.join(" "))
    }

    fn texts(&self, key: &str) -> Result<Vec<String>> {
        self.array(key)?.iter().map(|item| self.text_of(key, item)).collect()
    }

    /// The value of `key` as a list; a missing key is an empty list.
    fn array(&self, key: &str) -> Result<&'a [Spanned<DeValue<'a>>]> {
        let Some(value) = self.find(key) else { return Ok(&[]) };
        let items = value.get_ref().as_array().ok_or_else(|| {
            let found = value.get_ref().type_str();
            let message = format!("`{key}` of {} is {found}, not an array", self.what);
            self.error_at(value.span().start, message)
        })?;
        Ok(items)
    }

    fn tables(&self, key: &str, what: &'static str) -> Result<Vec<Node<'a>>> {
        let table = |item: &'a Spanned<DeValue<'a>>| {
            let start = item.span().start;
            let found = item.get_ref().type_str();
            let table = item.get_ref().as_table().ok_or_else(|| {
                self.error_at(start, format!("an {what} is {found}, not a table"))
            })?;
            Ok(Node { toml: self.toml, what, start, table })
        };
        self.array(key)?.iter().map(table).collect()
    }

    fn identifier(&self, key: &str, hyphen: bool) -> Result<String> {
        let id = self.text(key)?;
        let valid = id.starts_with(|first: char| first.is_ascii_lowercase())
            && id.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_') || (hyphen && c == '-'));
        if valid {
            return Ok(id);
        }
        let message = format!("`{id}` cannot be the id of {}", self.what_with_article());
        Err(self.error_at(self.require(key)?.span().start, message).hint(
            "begin with a lower-case letter a-z and go on with a-z, 0-9 and _: ids become column names",
        ))
    }

    fn what_with_article(&self) -> String {
        match self.what {
            "axis" => "an axis".into(),
            "pole" => "a pole".into(),
            other => other.into(),
        }
    }

    fn claim_id(&self, what: &str, taken: &mut HashSet<String>) -> Result<()> {
        let id = self.text("id")?;
        if taken.contains(&id) {
            let message = match id.as_str() {
                "both" | "none" => format!("`{id}` cannot be the id of a {what}: it is a lean"),
                _ => format!("the id `{id}` is given to a second {what}"),
            };
            return Err(self.error_at(self.require("id")?.span().start, message));
        }
        taken.insert(id);
        Ok(())
    }
}

fn syntax_error(toml: &str, error: &toml::de::Error) -> Error {
    let start = error.span().map_or(0, |span| span.start);
    let message = format!("is not valid TOML: {}", error.message().trim_end().replace('\n', ", "));
    Error::new(ErrorKind::Codebook, message).at_line(line_of(toml, start))
}

fn line_of(toml: &str, byte: usize) -> u64 {
    let newlines = memchr::memchr_iter(b'\n', &toml.as_bytes()[..byte.min(toml.len())]);
    1 + newlines.count() as u64
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.into() } else { format!("{noun}s") }
}

/// "did you mean `x`?" for a near miss, else the list of what is known.
fn suggestion(name: &str, known: &[&str]) -> String {
    let nearest = known.iter().min_by_key(|candidate| edit_distance(name, candidate));
    match nearest {
        Some(near) if edit_distance(name, near) <= near.len() / 3 + 1 => {
            format!("did you mean `{near}`?")
        }
        _ => format!("known keys are {}", known.join(", ")),
    }
}

/// Levenshtein distance in characters, of keys cut to 64 characters so that hostile input stays cheap.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

//! The actors that Plenary knows by name, and how a name becomes an actor.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::name::{is_acronym, normal};
use crate::document::Actor;
use crate::error::{Error, ErrorKind, Result};

/// The built-in table: states, intergovernmental and technical bodies, some organisations and companies.
const BUILT_IN: &str = include_str!("../../data/lexicons/actors.csv");

/// What is known about a name beside the name.
#[derive(Clone, Copy, Debug, Default)]
pub struct ActorContext<'a> {
    /// The state or body given beside the name: "(Ruvania)".
    pub affiliation: Option<&'a str>,
    /// An office given beside the name: "President of Ruvania".
    pub role: Option<&'a str>,
    /// The country that the metadata of the document name, ISO 3166-1 alpha-3.
    pub country_iso: Option<&'a str>,
    /// The type that the metadata give.
    pub actor_type: Option<&'a str>,
    /// When it was said, as far as known: `2019`, `2019-05`, `2019-05-01`.
    pub date: Option<&'a str>,
    /// Whether the text shows that it is a person.
    pub person: bool,
    /// Where the name stands.
    pub place: NamePlace,
}

/// Where a name stands decides what an unknown one can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NamePlace {
    /// Within running text: an unknown name may be anything.
    #[default]
    Text,
    /// The label of a turn: an unknown name is a person.
    Label,
    /// The actor field of the metadata: an unknown name is an actor all the same.
    Metadata,
}

/// Actors with their names, and the rules by which a name is resolved. Built once, passed by reference.
#[derive(Clone, Debug)]
pub struct ActorRegistry {
    pub(super) entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
    aliases: HashMap<String, Vec<Alias>>,
    layer: u8,
}

/// One row of the table.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) actor_id: String,
    pub(super) name: String,
    #[serde(default)]
    aliases: String,
    #[serde(default, rename = "type")]
    pub(super) actor_type: Option<String>,
    #[serde(default)]
    pub(super) country_iso: Option<String>,
    #[serde(default)]
    valid_from: Option<String>,
    #[serde(default)]
    valid_to: Option<String>,
}

/// How an alias names its actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AliasKind {
    /// A name of its own.
    Name,
    /// The adjective of a state and the name of its people.
    Demonym,
    /// A capital, a seat or an organ that stands for the actor.
    Metonym,
}

#[derive(Clone, Debug)]
struct Alias {
    entry: usize,
    kind: AliasKind,
    /// Whether others outside the table bear the same name.
    shared: bool,
    acronym: bool,
    layer: u8,
}

/// What sort of actor a name is known to stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KnownAs {
    /// A state, by its name, its capital or one of its organs.
    State,
    /// A company.
    Firm,
    /// Any other body.
    Body,
    /// A person that the table lists.
    Person,
    /// The adjective of a state or the name of its people.
    Adjective,
}

/// The actors behind a name.
pub(super) struct Found<'r> {
    pub(super) entries: Vec<&'r Entry>,
    pub(super) kind: AliasKind,
    pub(super) shared: bool,
}

impl ActorRegistry {
    /// The actors that come with Plenary.
    ///
    /// # Panics
    ///
    /// Never: the table is part of the program and tested.
    pub fn built_in() -> Self {
        let mut registry =
            Self { entries: Vec::new(), by_id: HashMap::new(), aliases: HashMap::new(), layer: 0 };
        registry
            .add_table(BUILT_IN.as_bytes())
            .expect("the built-in table of actors is well-formed");
        registry
    }

    /// Adds the actors of a CSV file with the columns `actor_id`, `name` and optionally `aliases` (separated
    /// by `|`), `type`, `country_iso`, `valid_from`, `valid_to`.
    ///
    /// A known `actor_id` gets the new name, type, country and dates and keeps its old aliases; a known alias
    /// goes to the new actor. Before an alias, `~` marks a capital or seat that stands for the actor, `+` an
    /// adjective or the name of a people, `?` a name that others bear too.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, a column is missing or a row is incomplete; the error names the line.
    pub fn with_csv(self, path: &Path) -> Result<Self> {
        let table = fs_err::read(path)
            .map_err(|error| Error::io("read the table of actors", path, error))?;
        self.with_table(&table, path)
    }

    /// As [`ActorRegistry::with_csv`], for a `table` already read from `path`, which errors name.
    ///
    /// # Errors
    ///
    /// When a column is missing or a row is incomplete; the error names the line.
    pub fn with_table(mut self, table: &[u8], path: &Path) -> Result<Self> {
        self.layer += 1;
        self.add_table(table).map_err(|error| error.in_file(path))?;
        Ok(self)
    }

    /// How many actors are known.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no actor is known.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The actor with the identifier `actor_id`.
    pub fn get(&self, actor_id: &str) -> Option<Actor> {
        self.by_id.get(actor_id).map(|at| self.entries[*at].actor(false))
    }

    fn add_table(&mut self, table: &[u8]) -> Result<()> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table);
        for row in reader.deserialize::<Entry>() {
            let entry = row.map_err(table_error)?;
            if entry.actor_id.is_empty() || entry.name.is_empty() {
                let error =
                    Error::new(ErrorKind::Metadata, "an actor lacks its actor_id or its name");
                let line = self.line_of(&entry, table);
                return Err(error.at_line(line).hint("fill both columns in every row"));
            }
            self.add(entry);
        }
        Ok(())
    }

    /// The line of an incomplete row, found by its cells.
    fn line_of(&self, entry: &Entry, table: &[u8]) -> u64 {
        debug_assert!(self.layer > 0, "the built-in table is complete");
        let mut reader = csv::Reader::from_reader(table);
        let same = |record: &csv::StringRecord| {
            record.get(0).map(str::trim) == Some(&entry.actor_id)
                && record.get(1).map(str::trim) == Some(&entry.name)
        };
        let record = reader.records().flatten().find(same);
        record.and_then(|record| record.position().map(csv::Position::line)).unwrap_or(1)
    }

    fn add(&mut self, entry: Entry) {
        let names = entry.aliases.clone();
        let name = entry.name.clone();
        let at = *self.by_id.entry(entry.actor_id.clone()).or_insert(self.entries.len());
        if at == self.entries.len() {
            self.entries.push(entry);
        } else {
            self.entries[at] = entry;
        }
        for alias in std::iter::once(name.as_str()).chain(names.split('|')) {
            self.add_alias(at, alias.trim());
        }
    }

    fn add_alias(&mut self, entry: usize, marked: &str) {
        let alias = marked.trim_start_matches(['?', '~', '+']);
        let marks = &marked[..marked.len() - alias.len()];
        let kind = match () {
            () if marks.contains('~') => AliasKind::Metonym,
            () if marks.contains('+') => AliasKind::Demonym,
            () => AliasKind::Name,
        };
        let key = normal(alias);
        if key.is_empty() {
            return;
        }
        let known = self.aliases.entry(key).or_default();
        known.retain(|other| other.layer == self.layer);
        match known.iter_mut().find(|other| other.entry == entry) {
            Some(other) => other.shared |= marks.contains('?'),
            None => known.push(Alias {
                entry,
                kind,
                shared: marks.contains('?'),
                acronym: is_acronym(alias),
                layer: self.layer,
            }),
        }
    }

    /// What sort of actor bears `name`, at whatever time.
    pub(super) fn known_as(&self, name: &str) -> Option<KnownAs> {
        let found = self.find(name, None)?;
        let first = found.entries.first()?;
        Some(match (found.kind, first.actor_type.as_deref()) {
            (AliasKind::Demonym, _) => KnownAs::Adjective,
            (_, Some("state" | "territory")) => KnownAs::State,
            (_, Some("business")) => KnownAs::Firm,
            (_, Some("person")) => KnownAs::Person,
            _ => KnownAs::Body,
        })
    }

    /// The actors that bear `name` at `date`.
    pub(super) fn find(&self, name: &str, date: Option<&str>) -> Option<Found<'_>> {
        let key = normal(name);
        let known = self.aliases.get(&key).or_else(|| self.aliases.get(key.strip_suffix('s')?))?;
        let capitals = name.chars().filter(|c| c.is_uppercase()).count();
        let fits = |alias: &&Alias| {
            (!alias.acronym || capitals > 1) && self.entries[alias.entry].is_valid(date)
        };
        let fitting: Vec<&Alias> = known.iter().filter(fits).collect();
        let first = fitting.first()?;
        Some(Found {
            entries: fitting.iter().map(|alias| &self.entries[alias.entry]).collect(),
            kind: first.kind,
            shared: fitting.iter().any(|alias| alias.shared),
        })
    }
}

impl Entry {
    pub(super) fn actor(&self, ambiguous: bool) -> Actor {
        Actor {
            actor_id: self.actor_id.clone(),
            name: self.name.clone(),
            actor_type: self.actor_type.clone().filter(|text| !text.is_empty()),
            country_iso: self.country_iso.clone().filter(|text| !text.is_empty()),
            ambiguous,
        }
    }

    /// Whether the actor existed at `date`.
    fn is_valid(&self, date: Option<&str>) -> bool {
        holds_at(date, self.valid_from.as_deref(), self.valid_to.as_deref())
    }
}

/// Whether `date` lies between two others; the three compare as text, as far as all are given.
pub(super) fn holds_at(date: Option<&str>, from: Option<&str>, to: Option<&str>) -> bool {
    let Some(date) = date else { return true };
    let begun = |from: &str| date >= &from[..from.len().min(date.len())];
    let lasts = |to: &str| &date[..to.len().min(date.len())] <= to;
    from.filter(|from| from.is_ascii()).is_none_or(begun)
        && (!date.is_ascii() || to.filter(|to| !to.is_empty()).is_none_or(lasts))
}

fn table_error(error: csv::Error) -> Error {
    let line = error.position().map(csv::Position::line);
    let mut wrapped = Error::new(ErrorKind::Metadata, "cannot read the table of actors")
        .hint("the columns are actor_id,name,aliases,type,country_iso,valid_from,valid_to");
    if let Some(line) = line {
        wrapped = wrapped.at_line(line);
    }
    wrapped.caused_by(error)
}

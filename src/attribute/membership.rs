//! Which states and bodies belong to which grouping, and when: the table by which positions are added up.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::registry::holds_at;
use crate::error::{Error, ErrorKind, Result};

/// The built-in table.
const BUILT_IN: &str = include_str!("../../data/lexicons/memberships.csv");

/// Members of groupings with the time of their membership. Built once, passed by reference.
#[derive(Clone, Debug, Default)]
pub struct Memberships {
    by_member: HashMap<String, Vec<Membership>>,
}

/// One row of the table.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    group_id: String,
    member_id: String,
    #[serde(default)]
    valid_from: Option<String>,
    #[serde(default)]
    valid_to: Option<String>,
}

/// One membership of a member.
#[derive(Clone, Debug)]
struct Membership {
    group_id: String,
    valid_from: Option<String>,
    valid_to: Option<String>,
}

impl Memberships {
    /// The memberships that come with Plenary.
    ///
    /// # Panics
    ///
    /// Never: the table is part of the program and tested.
    pub fn built_in() -> Self {
        Self::read(BUILT_IN.as_bytes()).expect("the built-in table of memberships is well-formed")
    }

    /// Adds the memberships of a CSV `table`, read from `path`, with the columns `group_id`, `member_id` (both
    /// actor identifiers) and optionally `valid_from`, `valid_to` (a year, a month or a day). The rows of a
    /// grouping that the table names replace those known of it.
    ///
    /// # Errors
    ///
    /// When a column is missing or a row is incomplete; the error names the line.
    pub fn with_table(mut self, table: &[u8], path: &Path) -> Result<Self> {
        let added = Self::read(table).map_err(|error| error.in_file(path))?;
        let named = |group: &str| added.groups().any(|other| other == group);
        for memberships in self.by_member.values_mut() {
            memberships.retain(|membership| !named(&membership.group_id));
        }
        for (member, memberships) in added.by_member.clone() {
            self.by_member.entry(member).or_default().extend(memberships);
        }
        Ok(self)
    }

    /// The groupings that `member` belongs to at `date`, as far as that is given: `2019`, `2019-05`, `2019-05-01`.
    /// A text without a date counts for memberships that have not ended.
    pub fn groups_of<'m>(
        &'m self,
        member: &str,
        date: Option<&'m str>,
    ) -> impl Iterator<Item = &'m str> {
        let valid = move |membership: &&Membership| match date {
            Some(_) => {
                holds_at(date, membership.valid_from.as_deref(), membership.valid_to.as_deref())
            }
            None => membership.valid_to.as_deref().is_none_or(str::is_empty),
        };
        let memberships = self.by_member.get(member).map(Vec::as_slice).unwrap_or_default();
        memberships.iter().filter(valid).map(|membership| membership.group_id.as_str())
    }

    fn groups(&self) -> impl Iterator<Item = &str> {
        self.by_member.values().flatten().map(|membership| membership.group_id.as_str())
    }

    fn read(table: &[u8]) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table);
        let headers = reader.headers().cloned().map_err(table_error)?;
        let mut memberships = Self::default();
        for record in reader.records() {
            let record = record.map_err(table_error)?;
            let line = record.position().map_or(1, csv::Position::line);
            let row: Row = record.deserialize(Some(&headers)).map_err(table_error)?;
            if row.group_id.is_empty() || row.member_id.is_empty() {
                let message = "a membership lacks its group_id or its member_id";
                let error = Error::new(ErrorKind::Metadata, message).at_line(line);
                return Err(error.hint("fill both columns in every row"));
            }
            let Row { group_id, member_id, valid_from, valid_to } = row;
            let membership = Membership { group_id, valid_from, valid_to };
            memberships.by_member.entry(member_id).or_default().push(membership);
        }
        Ok(memberships)
    }
}

fn table_error(error: csv::Error) -> Error {
    let line = error.position().map(csv::Position::line);
    let wrapped = Error::new(ErrorKind::Metadata, "cannot read the table of memberships")
        .hint("the columns are group_id,member_id,valid_from,valid_to");
    let wrapped = line.into_iter().fold(wrapped, Error::at_line);
    wrapped.caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::ActorRegistry;

    fn groups(memberships: &Memberships, member: &str, date: Option<&str>) -> Vec<String> {
        memberships.groups_of(member, date).map(str::to_owned).collect()
    }

    #[test]
    fn every_grouping_and_member_of_the_table_is_an_actor() {
        let registry = ActorRegistry::built_in();
        let memberships = Memberships::built_in();
        for (member, theirs) in &memberships.by_member {
            assert!(registry.get(member).is_some(), "{member}");
            for membership in theirs {
                assert!(registry.get(&membership.group_id).is_some(), "{}", membership.group_id);
            }
        }
        let count = |group: &str, date: &str| {
            let is_in = |member: &&String| {
                groups(&memberships, member, Some(date)).contains(&group.to_owned())
            };
            memberships.by_member.keys().filter(is_in).count()
        };
        assert_eq!(
            [count("eu", "2012"), count("eu", "2019-05"), count("eu", "2021-01-01")],
            [27, 28, 27]
        );
        assert_eq!(
            [count("g77", "2020"), count("au", "2020"), count("coe", "2024")],
            [134, 54, 46]
        );
        assert_eq!(
            [count("brics", "2010-06"), count("brics", "2025-06"), count("nato", "2025")],
            [4, 10, 32]
        );
        assert_eq!([count("g7", "2010"), count("g7", "2020"), count("g20", "2010")], [8, 7, 20]);
    }

    #[test]
    fn membership_depends_on_the_date() {
        let memberships = Memberships::built_in();
        let is_in_eu = |date| groups(&memberships, "GBR", date).contains(&"eu".to_owned());
        assert!(is_in_eu(Some("2016-06-23")) && !is_in_eu(Some("2021")) && !is_in_eu(None));
        assert!(!is_in_eu(Some("1969")));
    }

    #[test]
    fn a_table_of_the_user_replaces_the_groupings_it_names() {
        let table =
            b"group_id,member_id,valid_from,valid_to\nlake-league,QRU,2001,2010\nbrics,QRU,,\n";
        let memberships = Memberships::built_in().with_table(table, Path::new("m.csv")).unwrap();
        assert_eq!(groups(&memberships, "QRU", Some("2005-01")), ["lake-league", "brics"]);
        assert_eq!(groups(&memberships, "QRU", Some("2011")), ["brics"]);
        assert!(!groups(&memberships, "CHN", None).contains(&"brics".to_owned()));
        let broken = b"group_id,member_id\nbrics,QRU\n,QRU\n";
        let error = Memberships::default().with_table(broken, Path::new("m.csv")).unwrap_err();
        assert_eq!((error.location().line, error.remedy().is_some()), (Some(3), true));
    }
}

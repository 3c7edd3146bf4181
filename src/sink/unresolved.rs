//! The names that resolved to nobody, or to several: what a table of actors of one's own should add.

use std::collections::BTreeMap;

use crate::analysis::Statement;

/// Why a name stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// Nobody is known by it.
    Unknown,
    /// Several are, and nothing tells which is meant.
    Ambiguous,
}

/// Holders without an actor of their own, counted over all documents.
#[derive(Debug, Default)]
pub(super) struct Unresolved {
    documents: usize,
    names: BTreeMap<(String, Reason), Tally>,
}

#[derive(Debug)]
struct Tally {
    statements: usize,
    documents: usize,
    /// The document counted last, numbered from 1.
    last: usize,
    /// The first statement.
    example: String,
}

/// One row of the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnresolvedName<'u> {
    pub(super) name: &'u str,
    pub(super) reason: &'static str,
    pub(super) n_statements: usize,
    pub(super) n_documents: usize,
    pub(super) example: &'u str,
}

impl Unresolved {
    /// Begins the next document.
    pub(super) fn begin_document(&mut self) {
        self.documents += 1;
    }

    /// Takes note of a statement, if its holder is somebody else's name that stands for no one actor.
    pub(super) fn add(&mut self, statement: &Statement, id: &str) {
        let Some(name) = statement.holder.as_deref() else { return };
        let reason = match &statement.actor {
            None => Reason::Unknown,
            Some(actor) if actor.ambiguous => Reason::Ambiguous,
            Some(_) => return,
        };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let tally = self.names.entry((name, reason)).or_insert_with(|| Tally {
            statements: 0,
            documents: 0,
            last: 0,
            example: id.to_owned(),
        });
        tally.statements += 1;
        if tally.last != self.documents {
            (tally.last, tally.documents) = (self.documents, tally.documents + 1);
        }
    }

    /// The names, the most frequent first, then by name.
    pub(super) fn rows(&self) -> Vec<UnresolvedName<'_>> {
        let mut rows = Vec::with_capacity(self.names.len());
        for ((name, reason), tally) in &self.names {
            rows.push(UnresolvedName {
                name,
                reason: match reason {
                    Reason::Unknown => "unknown",
                    Reason::Ambiguous => "ambiguous",
                },
                n_statements: tally.statements,
                n_documents: tally.documents,
                example: &tally.example,
            });
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.n_statements));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Actor, Manner};

    fn statement(holder: Option<&str>, ambiguous: Option<bool>) -> Statement {
        let actor = ambiguous.map(|ambiguous| Actor {
            actor_id: "a".into(),
            name: "A".into(),
            actor_type: None,
            country_iso: None,
            ambiguous,
        });
        Statement {
            sentence: 0,
            holder: holder.map(str::to_owned),
            manner: Manner::Indirect,
            actor,
            attribution: None,
            leans: Vec::new(),
        }
    }

    #[test]
    fn names_without_an_actor_are_counted_the_most_frequent_first() {
        let mut list = Unresolved::default();
        let documents = [
            [statement(Some("the lake\n group"), None), statement(Some("Congo"), Some(true))],
            [statement(Some("the lake group"), None), statement(Some("Dovia"), Some(false))],
            [statement(None, None), statement(Some("Velt"), None)],
        ];
        for (number, statements) in documents.iter().enumerate() {
            list.begin_document();
            for (at, statement) in statements.iter().enumerate() {
                list.add(statement, &format!("d{number}.{at}"));
            }
        }
        let rows: Vec<_> = list
            .rows()
            .iter()
            .map(|row| {
                (
                    row.name.to_owned(),
                    row.reason,
                    row.n_statements,
                    row.n_documents,
                    row.example.to_owned(),
                )
            })
            .collect();
        let expected = [
            ("the lake group", "unknown", 2, 2, "d0.0"),
            ("Congo", "ambiguous", 1, 1, "d0.1"),
            ("Velt", "unknown", 1, 1, "d2.1"),
        ];
        assert_eq!(
            rows,
            expected.map(|(name, reason, n, d, id)| (name.to_owned(), reason, n, d, id.to_owned()))
        );
    }
}

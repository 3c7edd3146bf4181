//! Where groupings stand by their members: the statements of the members at the time, added up.
//!
//! What a grouping says itself is counted under its own name by [`crate::positions`]; here it counts for the
//! grouping only if it is a member of another one, as the African Union is of the G20.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::{Analysis, Statement};
use crate::attribute::{ActorRegistry, Memberships};
use crate::classify::{Codebook, Position, Side, log_odds};
use crate::document::Actor;

/// Where the members of one grouping stand together on one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupingPosition {
    /// The grouping.
    pub group: Actor,
    /// Index into the axes of the codebook.
    pub axis: usize,
    /// Members that hold a statement, with or without a lean.
    pub n_members: usize,
    /// Statements of members that lean on this axis, sure or not.
    pub n_statements: usize,
    /// Statements that lean to each pole. One that leans to both counts for both.
    pub n_poles: [usize; 2],
    /// The position, positive towards the second pole; `None` without a leaning statement.
    pub estimate: Option<Position>,
}

/// Counts the statements of the members of each grouping, document by document.
#[derive(Debug)]
pub struct Groupings<'a> {
    axes: usize,
    registry: &'a ActorRegistry,
    memberships: &'a Memberships,
    groups: BTreeMap<String, Tally>,
}

#[derive(Debug)]
struct Tally {
    members: BTreeSet<String>,
    statements: Vec<usize>,
    poles: Vec<[usize; 2]>,
}

impl<'a> Groupings<'a> {
    /// No statements yet, for the axes of `codebook`.
    pub fn new(
        codebook: &Codebook,
        registry: &'a ActorRegistry,
        memberships: &'a Memberships,
    ) -> Self {
        Self { axes: codebook.axes.len(), registry, memberships, groups: BTreeMap::new() }
    }

    /// Adds the statements of one document. Its date decides who is a member; an ambiguous name counts for nobody.
    pub fn add(&mut self, analysis: &Analysis) {
        let date = analysis.document.meta.date.as_deref();
        for statement in &analysis.statements {
            let Some(actor) = statement.actor.as_ref().filter(|actor| !actor.ambiguous) else {
                continue;
            };
            for group in self.memberships.groups_of(&actor.actor_id, date) {
                let axes = self.axes;
                let tally = self.groups.entry(group.to_owned()).or_insert_with(|| Tally::new(axes));
                tally.add(statement, &actor.actor_id);
            }
        }
    }

    /// One position per grouping and axis, ordered by grouping and axis.
    pub fn finish(&self) -> Vec<GroupingPosition> {
        let positions = |(id, tally): (&String, &Tally)| {
            let group = self.registry.get(id).unwrap_or_else(|| Actor {
                actor_id: id.clone(),
                name: id.clone(),
                actor_type: None,
                country_iso: None,
                ambiguous: false,
            });
            (0..self.axes).map(|axis| tally.position(&group, axis)).collect::<Vec<_>>()
        };
        self.groups.iter().flat_map(positions).collect()
    }
}

impl Tally {
    fn new(axes: usize) -> Self {
        Self { members: BTreeSet::new(), statements: vec![0; axes], poles: vec![[0; 2]; axes] }
    }

    fn add(&mut self, statement: &Statement, member: &str) {
        if !self.members.contains(member) {
            self.members.insert(member.to_owned());
        }
        for (axis, lean) in statement.leans.iter().enumerate() {
            let [first, second] = match lean.lean {
                Side::Neither => continue,
                Side::First => [1, 0],
                Side::Second => [0, 1],
                Side::Both => [1, 1],
            };
            self.statements[axis] += 1;
            self.poles[axis][0] += first;
            self.poles[axis][1] += second;
        }
    }

    fn position(&self, group: &Actor, axis: usize) -> GroupingPosition {
        let [first, second] = self.poles[axis];
        GroupingPosition {
            group: group.clone(),
            axis,
            n_members: self.members.len(),
            n_statements: self.statements[axis],
            n_poles: [first, second],
            estimate: log_odds(first as u64, second as u64),
        }
    }
}

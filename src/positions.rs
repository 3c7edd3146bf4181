//! From statements to actor positions: counts per actor and axis, and the log-odds they imply.

use std::collections::BTreeMap;

use crate::analysis::{Analysis, Statement};
use crate::classify::{Codebook, Position, Side, log_odds};
use crate::document::Actor;

/// Where one actor stands on one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct ActorPosition {
    /// Who.
    pub actor: Actor,
    /// Index into the axes of the codebook.
    pub axis: usize,
    /// Sentences in which the actor is the holder of a statement, with or without a lean.
    pub n_sentences: usize,
    /// Statements of the actor that lean on this axis, sure or not.
    pub n_statements: usize,
    /// Statements that lean to each pole. One that leans to both counts for both.
    pub n_poles: [usize; 2],
    /// The position, positive towards the second pole; `None` without a leaning statement.
    pub estimate: Option<Position>,
}

/// Counts the statements of each actor, document by document.
#[derive(Debug)]
pub struct Positions {
    axes: usize,
    documents: usize,
    actors: BTreeMap<String, Tally>,
}

#[derive(Debug)]
struct Tally {
    actor: Actor,
    sentences: usize,
    /// The document, numbered from 1, and the sentence counted last.
    last: (usize, u32),
    statements: Vec<usize>,
    poles: Vec<[usize; 2]>,
}

impl Positions {
    /// No statements yet, for the axes of `codebook`.
    pub fn new(codebook: &Codebook) -> Self {
        Self { axes: codebook.axes.len(), documents: 0, actors: BTreeMap::new() }
    }

    /// Adds the statements of one document.
    pub fn add(&mut self, analysis: &Analysis) {
        self.documents += 1;
        for statement in &analysis.statements {
            if let Some(actor) = &statement.actor {
                self.add_statement(statement, actor);
            }
        }
    }

    fn add_statement(&mut self, statement: &Statement, actor: &Actor) {
        let axes = self.axes;
        let place = (self.documents, statement.sentence);
        let tally =
            self.actors.entry(actor.actor_id.clone()).or_insert_with(|| Tally::new(actor, axes));
        if tally.last != place {
            tally.last = place;
            tally.sentences += 1;
        }
        for (axis, lean) in statement.leans.iter().enumerate() {
            let poles = match lean.lean {
                Side::Neither => continue,
                Side::First => [1, 0],
                Side::Second => [0, 1],
                Side::Both => [1, 1],
            };
            tally.statements[axis] += 1;
            tally.poles[axis][0] += poles[0];
            tally.poles[axis][1] += poles[1];
        }
    }

    /// One position per actor and axis, ordered by actor and axis.
    pub fn finish(&self) -> Vec<ActorPosition> {
        let axes = 0..self.axes;
        self.actors
            .values()
            .flat_map(|tally| axes.clone().map(|axis| tally.position(axis)))
            .collect()
    }
}

impl Tally {
    fn new(actor: &Actor, axes: usize) -> Self {
        Self {
            actor: actor.clone(),
            sentences: 0,
            last: (0, 0),
            statements: vec![0; axes],
            poles: vec![[0; 2]; axes],
        }
    }

    fn position(&self, axis: usize) -> ActorPosition {
        let [first, second] = self.poles[axis];
        ActorPosition {
            actor: self.actor.clone(),
            axis,
            n_sentences: self.sentences,
            n_statements: self.statements[axis],
            n_poles: [first, second],
            estimate: log_odds(first as u64, second as u64),
        }
    }
}

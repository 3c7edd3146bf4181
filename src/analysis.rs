//! What the analysis of one document yields: the unit that is computed, kept in the journal and written out.

use serde::{Deserialize, Serialize};

use crate::classify::Lean;
use crate::document::{Actor, Attribution, Document, Manner, Sentence, Turn};

/// One (sentence, holder) pair with its leans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Index into [`Analysis::sentences`].
    pub sentence: u32,
    /// The source as the text names it; `None` is the voice of the text itself.
    pub holder: Option<String>,
    /// Own, direct or indirect.
    pub manner: Manner,
    /// Who that is, where it could be resolved.
    pub actor: Option<Actor>,
    /// Index into [`Analysis::attributions`].
    pub attribution: Option<u32>,
    /// One lean per axis of the codebook, in its order.
    pub leans: Vec<Lean>,
}

/// A document with everything found in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The document, with its text.
    pub document: Document,
    /// The actor that the metadata names.
    pub actor: Option<Actor>,
    /// The sentences in the order of the text.
    pub sentences: Vec<Sentence>,
    /// The speaker turns in the order of the text; empty unless it is a transcript.
    pub turns: Vec<Turn>,
    /// For each turn, its speaker.
    pub turn_actors: Vec<Option<Actor>>,
    /// For each sentence, the turn it lies in.
    pub turn_of: Vec<Option<u32>>,
    /// Words and views of others that the text tells.
    pub attributions: Vec<Attribution>,
    /// For each attribution, its source.
    pub attribution_actors: Vec<Option<Actor>>,
    /// The statements, sentence by sentence, the text's own voice first.
    pub statements: Vec<Statement>,
    /// For each sentence its lean on each axis of the codebook, whoever in it holds the position.
    pub sentence_leans: Vec<Vec<Lean>>,
    /// The embeddings of the statements, one after the other; empty unless asked for.
    pub embeddings: Vec<f32>,
    /// How many statements were longer than the model reads.
    pub truncated: u32,
}

impl Analysis {
    /// Gives each sentence the leans of all its statements together.
    pub fn lean_as_statements_do(&mut self) {
        for statement in &self.statements {
            let whole = &mut self.sentence_leans[statement.sentence as usize];
            if whole.is_empty() {
                whole.clone_from(&statement.leans);
            } else {
                whole.iter_mut().zip(&statement.leans).for_each(|(all, one)| *all = all.or(*one));
            }
        }
    }

    /// The index of the sentence that holds byte `offset`, or of the last one that starts before it.
    pub fn sentence_at(&self, offset: usize) -> Option<usize> {
        let after = self.sentences.partition_point(|sentence| sentence.span.start <= offset);
        after.checked_sub(1)
    }
}

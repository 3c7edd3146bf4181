//! The columns of every table: schema version 1 of the output contract.
//!
//! Spans are half-open ranges of Unicode code points into the document's text.

use indexmap::IndexMap;

use super::{Field, Kind};
use crate::classify::{Codebook, Pole};
use crate::document::{MetaValue, Metadata};

/// The version of the tables' schema. It grows when a column changes its name, type or meaning.
pub const SCHEMA_VERSION: u32 = 1;

const DOCUMENTS: [(&str, Kind); 15] = [
    ("doc_id", Kind::Text),
    ("path", Kind::Text),
    ("title", Kind::Text),
    ("actor", Kind::Text),
    ("actor_id", Kind::Text),
    ("actor_type", Kind::Text),
    ("country_iso", Kind::Text),
    ("date", Kind::Date),
    ("date_precision", Kind::Text),
    ("event", Kind::Text),
    ("lang", Kind::Text),
    ("n_chars", Kind::Int),
    ("n_sentences", Kind::Int),
    ("sha256", Kind::Text),
    ("notes", Kind::Text),
];

/// One row per document: the contract's columns, then every metadata column of the input.
pub fn documents(extra: &ExtraColumns) -> Vec<Field> {
    let contract = DOCUMENTS.map(|(name, kind)| Field::new(name, kind));
    contract.into_iter().chain(extra.fields()).collect()
}

/// One row per sentence, with its leans whoever in it holds the position.
pub fn sentences(codebook: &Codebook) -> Vec<Field> {
    let mut fields = fields(&[
        ("doc_id", Kind::Text),
        ("sentence_id", Kind::Text),
        ("sentence_index", Kind::Int),
        ("paragraph_index", Kind::Int),
        ("turn_index", Kind::Int),
        ("start_char", Kind::Int),
        ("end_char", Kind::Int),
        ("text", Kind::Text),
        ("lang", Kind::Text),
    ]);
    fields.extend(leans(codebook));
    fields
}

/// One row per speaker turn of a transcript.
pub fn turns() -> Vec<Field> {
    fields(&[
        ("doc_id", Kind::Text),
        ("turn_index", Kind::Int),
        ("start_char", Kind::Int),
        ("end_char", Kind::Int),
        ("speaker", Kind::Text),
        ("role", Kind::Text),
        ("affiliation", Kind::Text),
        ("actor_id", Kind::Text),
        ("method", Kind::Text),
        ("confidence", Kind::Float),
    ])
}

/// One row per attribution, and one more for each further piece of a split content.
pub fn attributions() -> Vec<Field> {
    fields(&[
        ("attribution_id", Kind::Text),
        ("doc_id", Kind::Text),
        ("sentence_id", Kind::Text),
        ("manner", Kind::Text),
        ("source_start", Kind::Int),
        ("source_end", Kind::Int),
        ("source_text", Kind::Text),
        ("cue_start", Kind::Int),
        ("cue_end", Kind::Int),
        ("content_start", Kind::Int),
        ("content_end", Kind::Int),
        ("content_text", Kind::Text),
        ("actor_id", Kind::Text),
        ("method", Kind::Text),
        ("confidence", Kind::Float),
    ])
}

/// One row per statement: a sentence and one holder of a position in it.
pub fn statements(codebook: &Codebook) -> Vec<Field> {
    let mut fields = fields(&[
        ("statement_id", Kind::Text),
        ("doc_id", Kind::Text),
        ("sentence_id", Kind::Text),
        ("holder", Kind::Text),
        ("manner", Kind::Text),
        ("actor_id", Kind::Text),
        ("actor_name", Kind::Text),
        ("actor_type", Kind::Text),
        ("country_iso", Kind::Text),
        ("actor_ambiguous", Kind::Bool),
        ("attribution_id", Kind::Text),
    ]);
    fields.extend(leans(codebook));
    fields
}

/// For each axis the lean, the probability of each pole, and whether the decision is unsure.
fn leans(codebook: &Codebook) -> impl Iterator<Item = Field> + '_ {
    codebook.axes.iter().flat_map(|axis| {
        let id = &axis.id;
        let probability = |pole: &Pole| Field::new(format!("{id}_p_{}", pole.id), Kind::Float);
        let [first, second] = axis.poles.each_ref().map(probability);
        let lean = Field::new(format!("{id}_lean"), Kind::Text);
        [lean, first, second, Field::new(format!("{id}_abstain"), Kind::Bool)]
    })
}

/// One row per actor and axis. The counts of poles of other axes are null.
pub fn actors(codebook: &Codebook) -> Vec<Field> {
    let mut fields = fields(&[
        ("actor_id", Kind::Text),
        ("actor_name", Kind::Text),
        ("actor_type", Kind::Text),
        ("country_iso", Kind::Text),
        ("axis", Kind::Text),
        ("n_sentences", Kind::Int),
        ("n_statements", Kind::Int),
    ]);
    fields.extend(position(codebook));
    fields
}

/// One row per grouping and axis: its members together. The counts of poles of other axes are null.
pub fn groupings(codebook: &Codebook) -> Vec<Field> {
    let mut fields = fields(&[
        ("group_id", Kind::Text),
        ("group_name", Kind::Text),
        ("axis", Kind::Text),
        ("n_members", Kind::Int),
        ("n_statements", Kind::Int),
    ]);
    fields.extend(position(codebook));
    fields
}

/// One row per name that resolved to nobody or to several.
pub fn unresolved() -> Vec<Field> {
    fields(&[
        ("name", Kind::Text),
        ("reason", Kind::Text),
        ("n_statements", Kind::Int),
        ("n_documents", Kind::Int),
        ("example_statement_id", Kind::Text),
    ])
}

/// The counts of each pole, and the position they imply with its interval.
fn position(codebook: &Codebook) -> impl Iterator<Item = Field> + '_ {
    let poles = codebook.axes.iter().flat_map(|axis| &axis.poles);
    let counts = poles.map(|pole| Field::new(format!("n_{}", pole.id), Kind::Int));
    counts.chain(["position", "conf_low", "conf_high"].map(|name| Field::new(name, Kind::Float)))
}

/// One row per statement: its embedding, one column per component.
pub fn embeddings(dimension: usize) -> Vec<Field> {
    let components = (0..dimension).map(|index| Field::new(format!("e{index:04}"), Kind::Float32));
    [Field::new("statement_id", Kind::Text)].into_iter().chain(components).collect()
}

/// One row per document: the text all spans point into.
pub fn texts() -> Vec<Field> {
    fields(&[("doc_id", Kind::Text), ("text", Kind::Text)])
}

fn fields(columns: &[(&str, Kind)]) -> Vec<Field> {
    columns.iter().map(|(name, kind)| Field::new(*name, *kind)).collect()
}

/// The metadata columns that the inputs of a run brought along, with the narrowest type that holds all values.
#[derive(Clone, Debug, Default)]
pub struct ExtraColumns(IndexMap<String, Kind>);

impl ExtraColumns {
    /// Takes note of the columns of one document.
    pub fn observe(&mut self, meta: &Metadata) {
        for (name, value) in &meta.extra {
            let seen = kind_of(value);
            let kind = self.0.entry(name.clone()).or_insert(seen);
            *kind = common(*kind, seen);
        }
    }

    /// Puts the columns into the order of their names, so that it does not depend on which document came first.
    pub fn settle(&mut self) {
        self.0.sort_keys();
    }

    /// The columns with their names in the input.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.0.iter().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// The columns as they stand in the table: one named like a column of the contract gets a `meta_` in front,
    /// and so does one that differs from another only in case, which DuckDB and R would take for the same.
    fn fields(&self) -> Vec<Field> {
        let mut taken: Vec<String> = DOCUMENTS.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut fields = Vec::with_capacity(self.0.len());
        for (name, kind) in self.iter() {
            let mut name = name.to_owned();
            while taken.contains(&name.to_lowercase()) {
                name.insert_str(0, "meta_");
            }
            taken.push(name.to_lowercase());
            fields.push(Field::new(name, kind));
        }
        fields
    }
}

fn kind_of(value: &MetaValue) -> Kind {
    match value {
        MetaValue::Text(_) => Kind::Text,
        MetaValue::Int(number) if i32::try_from(*number).is_ok() => Kind::Int,
        MetaValue::Int(_) | MetaValue::Float(_) => Kind::Float,
        MetaValue::Bool(_) => Kind::Bool,
    }
}

fn common(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (one, other) if one == other => one,
        (Kind::Int | Kind::Float, Kind::Int | Kind::Float) => Kind::Float,
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(columns: &[(&str, MetaValue)]) -> Metadata {
        let extra =
            columns.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Metadata { extra, ..Metadata::default() }
    }

    #[test]
    fn extra_columns_take_the_narrowest_common_type_in_any_order() {
        let first = meta(&[("year", MetaValue::Int(2018)), ("id", MetaValue::Int(7))]);
        let second =
            meta(&[("id", MetaValue::Text("b7".into())), ("share", MetaValue::Float(0.5))]);
        let third = meta(&[("share", MetaValue::Int(1)), ("big", MetaValue::Int(1 << 40))]);
        let orders = [[&first, &second, &third], [&third, &second, &first]];
        for order in orders {
            let mut extra = ExtraColumns::default();
            for meta in order {
                extra.observe(meta);
            }
            extra.settle();
            let columns: Vec<_> = extra.iter().collect();
            let expected = [
                ("big", Kind::Float),
                ("id", Kind::Text),
                ("share", Kind::Float),
                ("year", Kind::Int),
            ];
            assert_eq!(columns, expected);
        }
    }

    #[test]
    fn a_metadata_column_never_shadows_the_contract() {
        let mut extra = ExtraColumns::default();
        extra.observe(&meta(&[("n_chars", MetaValue::Int(1)), ("Speaker", MetaValue::Bool(true))]));
        extra.observe(&meta(&[("speaker", MetaValue::Bool(true))]));
        let names: Vec<String> =
            documents(&extra).into_iter().skip(15).map(|field| field.name).collect();
        assert_eq!(names, ["meta_n_chars", "Speaker", "meta_speaker"]);
    }
}

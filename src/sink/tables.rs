//! Analysed documents become rows.
//!
//! [`Tables`] takes documents one after the other and writes each table in every format asked for. The rows,
//! and so the bytes of the files, depend on the documents and their order alone.

use std::path::Path;

use super::csv::CsvTable;
use super::parquet::ParquetTable;
use super::schema::{self, ExtraColumns};
use super::unresolved::Unresolved;
use super::{Cell, Field, Kind, TableSink};
use crate::analysis::{Analysis, Statement};
use crate::attribute::{ActorRegistry, Memberships};
use crate::classify::{Codebook, Lean, Position};
use crate::config::Format;
use crate::digest;
use crate::document::{Actor, CharOffsets, MetaValue, SPEAKER, Span};
use crate::error::Result;
use crate::groupings::{GroupingPosition, Groupings};
use crate::positions::{ActorPosition, Positions};

/// Which tables to write, and how.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The formats, each written in full.
    pub formats: Vec<Format>,
    /// Whether to write `texts`.
    pub texts: bool,
    /// Whether to write `embeddings`, and their length.
    pub embeddings: Option<usize>,
    /// The metadata columns of the input.
    pub extra: ExtraColumns,
}

/// What the rows speak of: axes, actors and groupings.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The axes and poles.
    pub codebook: &'a Codebook,
    /// The actors.
    pub registry: &'a ActorRegistry,
    /// Who belongs to which grouping.
    pub memberships: &'a Memberships,
}

/// The names of all tables that a run can write.
pub const NAMES: [&str; 9] = [
    "documents",
    "sentences",
    "turns",
    "attributions",
    "statements",
    "actors",
    "groupings",
    "embeddings",
    "texts",
];

/// The list of names that resolved to nobody: always CSV, since people read it and turn it into a table of actors.
const UNRESOLVED: &str = "unresolved_actors";

/// All tables of an output folder, being written.
pub struct Tables<'a> {
    codebook: &'a Codebook,
    extra: ExtraColumns,
    documents: Table,
    sentences: Table,
    turns: Table,
    attributions: Table,
    statements: Table,
    actors: Table,
    groupings: Table,
    unresolved: Table,
    embeddings: Option<(Table, usize)>,
    texts: Option<Table>,
    positions: Positions,
    members: Groupings<'a>,
    names: Unresolved,
}

impl<'a> Tables<'a> {
    /// Opens the tables in `folder`.
    ///
    /// # Errors
    /// When a file cannot be created.
    pub fn create(folder: &Path, layout: &Layout, known: Known<'a>) -> Result<Self> {
        let Known { codebook, registry, memberships } = known;
        let open =
            |name: &str, fields: Vec<Field>| Table::create(folder, name, &fields, &layout.formats);
        Ok(Self {
            codebook,
            extra: layout.extra.clone(),
            documents: open("documents", schema::documents(&layout.extra))?,
            sentences: open("sentences", schema::sentences(codebook))?,
            turns: open("turns", schema::turns())?,
            attributions: open("attributions", schema::attributions())?,
            statements: open("statements", schema::statements(codebook))?,
            actors: open("actors", schema::actors(codebook))?,
            groupings: open("groupings", schema::groupings(codebook))?,
            unresolved: Table::create(folder, UNRESOLVED, &schema::unresolved(), &[Format::Csv])?,
            embeddings: match layout.embeddings {
                Some(dimension) => {
                    Some((open("embeddings", schema::embeddings(dimension))?, dimension))
                }
                None => None,
            },
            texts: if layout.texts { Some(open("texts", schema::texts())?) } else { None },
            positions: Positions::new(codebook),
            members: Groupings::new(codebook, registry, memberships),
            names: Unresolved::default(),
        })
    }

    /// Adds the rows of one document.
    ///
    /// # Errors
    /// When the disk refuses the write.
    pub fn add(&mut self, analysis: &Analysis) -> Result<()> {
        let offsets = CharOffsets::new(&analysis.document.text);
        self.add_document(analysis, &offsets)?;
        self.add_sentences(analysis, &offsets)?;
        self.add_turns(analysis, &offsets)?;
        self.add_attributions(analysis, &offsets)?;
        self.add_statements(analysis)?;
        self.positions.add(analysis);
        self.members.add(analysis);
        match &mut self.texts {
            Some(texts) => {
                let document = &analysis.document;
                texts.row(&[Cell::text(&*document.doc_id), Cell::text(&*document.text)])
            }
            None => Ok(()),
        }
    }

    /// Writes the actors and makes all files appear. Returns each table's name and number of rows.
    ///
    /// # Errors
    /// When the disk refuses a write.
    pub fn finish(mut self) -> Result<Vec<(&'static str, u64)>> {
        for position in self.positions.finish() {
            self.actors.row(&actor_row(&position, self.codebook))?;
        }
        for position in self.members.finish() {
            self.groupings.row(&grouping_row(&position, self.codebook))?;
        }
        for name in self.names.rows() {
            self.unresolved.row(&[
                Cell::text(name.name),
                Cell::text(name.reason),
                Cell::count(name.n_statements),
                Cell::count(name.n_documents),
                Cell::text(name.example),
            ])?;
        }
        let mut rows = vec![
            ("documents", self.documents.finish()?),
            ("sentences", self.sentences.finish()?),
            ("turns", self.turns.finish()?),
            ("attributions", self.attributions.finish()?),
            ("statements", self.statements.finish()?),
            ("actors", self.actors.finish()?),
            ("groupings", self.groupings.finish()?),
            (UNRESOLVED, self.unresolved.finish()?),
        ];
        if let Some((table, _)) = self.embeddings {
            rows.push(("embeddings", table.finish()?));
        }
        if let Some(table) = self.texts {
            rows.push(("texts", table.finish()?));
        }
        Ok(rows)
    }

    fn add_document(&mut self, analysis: &Analysis, offsets: &CharOffsets<'_>) -> Result<()> {
        let document = &analysis.document;
        let meta = &document.meta;
        let actor = analysis.actor.as_ref();
        let (date, precision) = meta.date.as_deref().map_or((Cell::Null, Cell::Null), date_cells);
        let mut row = vec![
            Cell::text(&*document.doc_id),
            Cell::text(&*document.path),
            Cell::maybe(meta.title.as_deref()),
            Cell::maybe(meta.actor.as_deref()),
            Cell::maybe(actor.map(|actor| &*actor.actor_id)),
            Cell::maybe(
                meta.actor_type.as_deref().or(actor.and_then(|actor| actor.actor_type.as_deref())),
            ),
            Cell::maybe(
                meta.country_iso
                    .as_deref()
                    .or(actor.and_then(|actor| actor.country_iso.as_deref())),
            ),
            date,
            precision,
            Cell::maybe(meta.event.as_deref()),
            Cell::maybe(meta.lang.as_deref()),
            Cell::count(offsets.total()),
            Cell::count(analysis.sentences.len()),
            Cell::text(digest::sha256(&document.text)),
            if document.notes.is_empty() {
                Cell::Null
            } else {
                Cell::text(document.notes.join("; "))
            },
        ];
        row.extend(self.extra.iter().map(|(name, kind)| {
            meta.extra.get(name).map_or(Cell::Null, |value| meta_cell(value, kind))
        }));
        self.documents.row(&row)
    }

    fn add_sentences(&mut self, analysis: &Analysis, offsets: &CharOffsets<'_>) -> Result<()> {
        let document = &analysis.document;
        for (index, sentence) in analysis.sentences.iter().enumerate() {
            let mut row = vec![
                Cell::text(&*document.doc_id),
                Cell::text(sentence_id(analysis, index)),
                Cell::count(index),
                Cell::count(sentence.paragraph as usize),
                analysis.turn_of[index].map_or(Cell::Null, |turn| Cell::count(turn as usize)),
                Cell::count(offsets.chars(sentence.span.start)),
                Cell::count(offsets.chars(sentence.span.end)),
                Cell::text(sentence.span.of(&document.text)),
                Cell::maybe(document.meta.lang.as_deref()),
            ];
            row.extend(lean_cells(self.codebook, &analysis.sentence_leans[index]));
            self.sentences.row(&row)?;
        }
        Ok(())
    }

    fn add_turns(&mut self, analysis: &Analysis, offsets: &CharOffsets<'_>) -> Result<()> {
        for (index, (turn, actor)) in analysis.turns.iter().zip(&analysis.turn_actors).enumerate() {
            self.turns.row(&[
                Cell::text(&*analysis.document.doc_id),
                Cell::count(index),
                Cell::count(offsets.chars(turn.span.start)),
                Cell::count(offsets.chars(turn.span.end)),
                Cell::maybe(turn.speaker.as_deref()),
                Cell::maybe(turn.role.as_deref()),
                Cell::maybe(turn.affiliation.as_deref()),
                Cell::maybe(actor.as_ref().map(|actor| &*actor.actor_id)),
                Cell::text(&*turn.method),
                Cell::Float(rounded(turn.confidence)),
            ])?;
        }
        Ok(())
    }

    fn add_attributions(&mut self, analysis: &Analysis, offsets: &CharOffsets<'_>) -> Result<()> {
        let document = &analysis.document;
        let ends = |span: Option<Span>| match span {
            Some(span) => {
                [Cell::count(offsets.chars(span.start)), Cell::count(offsets.chars(span.end))]
            }
            None => [Cell::Null, Cell::Null],
        };
        for (index, attribution) in analysis.attributions.iter().enumerate() {
            let [source_start, source_end] = ends(attribution.source);
            let [cue_start, cue_end] = ends(attribution.cue);
            let place =
                attribution.cue.or(attribution.source).or(attribution.content.first().copied());
            let sentence = place.and_then(|span| analysis.sentence_at(span.start));
            for content in &attribution.content {
                let [content_start, content_end] = ends(Some(*content));
                self.attributions.row(&[
                    Cell::text(attribution_id(analysis, index)),
                    Cell::text(&*document.doc_id),
                    sentence.map_or(Cell::Null, |index| Cell::text(sentence_id(analysis, index))),
                    Cell::text(attribution.manner.as_str()),
                    source_start.clone(),
                    source_end.clone(),
                    Cell::maybe(attribution.source.map(|span| span.of(&document.text))),
                    cue_start.clone(),
                    cue_end.clone(),
                    content_start,
                    content_end,
                    Cell::text(content.of(&document.text)),
                    Cell::maybe(
                        analysis.attribution_actors[index].as_ref().map(|actor| &*actor.actor_id),
                    ),
                    Cell::text(&*attribution.method),
                    Cell::Float(rounded(attribution.confidence)),
                ])?;
            }
        }
        Ok(())
    }

    fn add_statements(&mut self, analysis: &Analysis) -> Result<()> {
        self.names.begin_document();
        for (index, statement) in analysis.statements.iter().enumerate() {
            let id = format!("{}.{}", analysis.document.doc_id, statement_suffix(analysis, index));
            self.statements.row(&statement_row(analysis, statement, &id, self.codebook))?;
            self.names.add(statement, &id);
            if let Some((table, dimension)) = &mut self.embeddings {
                let vector = &analysis.embeddings[index * *dimension..(index + 1) * *dimension];
                let components = vector.iter().map(|component| Cell::Float32(*component));
                let row: Vec<Cell<'_>> = [Cell::text(&*id)].into_iter().chain(components).collect();
                table.row(&row)?;
            }
        }
        Ok(())
    }
}

fn statement_row<'r>(
    analysis: &'r Analysis,
    statement: &'r Statement,
    id: &'r str,
    codebook: &'r Codebook,
) -> Vec<Cell<'r>> {
    let actor: Option<&Actor> = statement.actor.as_ref();
    let mut row = vec![
        Cell::text(id),
        Cell::text(&*analysis.document.doc_id),
        Cell::text(sentence_id(analysis, statement.sentence as usize)),
        Cell::text(statement.holder.as_deref().unwrap_or(SPEAKER)),
        Cell::text(statement.manner.as_str()),
        Cell::maybe(actor.map(|actor| &*actor.actor_id)),
        Cell::maybe(actor.map(|actor| &*actor.name)),
        Cell::maybe(actor.and_then(|actor| actor.actor_type.as_deref())),
        Cell::maybe(actor.and_then(|actor| actor.country_iso.as_deref())),
        Cell::Bool(actor.is_some_and(|actor| actor.ambiguous)),
        match statement.attribution {
            Some(index) => Cell::text(attribution_id(analysis, index as usize)),
            None => Cell::Null,
        },
    ];
    row.extend(lean_cells(codebook, &statement.leans));
    row
}

/// The cells of [`schema`]'s columns of leans.
fn lean_cells<'r>(codebook: &'r Codebook, leans: &[Lean]) -> impl Iterator<Item = Cell<'r>> {
    codebook.axes.iter().zip(leans).flat_map(|(axis, lean)| {
        let [first, second] = lean.p.map(Cell::Float);
        [Cell::text(lean.lean.name(axis)), first, second, Cell::Bool(lean.abstain)]
    })
}

fn actor_row<'r>(position: &'r ActorPosition, codebook: &'r Codebook) -> Vec<Cell<'r>> {
    let actor = &position.actor;
    let mut row = vec![
        Cell::text(&*actor.actor_id),
        Cell::text(&*actor.name),
        Cell::maybe(actor.actor_type.as_deref()),
        Cell::maybe(actor.country_iso.as_deref()),
        Cell::text(&*codebook.axes[position.axis].id),
        Cell::count(position.n_sentences),
        Cell::count(position.n_statements),
    ];
    row.extend(pole_cells(position.n_poles, position.axis, codebook.axes.len()));
    row.extend(estimate_cells(position.estimate));
    row
}

fn grouping_row<'r>(position: &'r GroupingPosition, codebook: &'r Codebook) -> Vec<Cell<'r>> {
    let mut row = vec![
        Cell::text(&*position.group.actor_id),
        Cell::text(&*position.group.name),
        Cell::text(&*codebook.axes[position.axis].id),
        Cell::count(position.n_members),
        Cell::count(position.n_statements),
    ];
    row.extend(pole_cells(position.n_poles, position.axis, codebook.axes.len()));
    row.extend(estimate_cells(position.estimate));
    row
}

/// One count per pole of the codebook; those of other axes are null.
fn pole_cells<'r>(
    counts: [usize; 2],
    axis: usize,
    n_axes: usize,
) -> impl Iterator<Item = Cell<'r>> {
    (0..n_axes).flat_map(move |index| {
        counts.map(|count| if index == axis { Cell::count(count) } else { Cell::Null })
    })
}

fn estimate_cells<'r>(estimate: Option<Position>) -> [Cell<'r>; 3] {
    [
        Cell::number(estimate.map(|estimate| estimate.position)),
        Cell::number(estimate.map(|estimate| estimate.conf_low)),
        Cell::number(estimate.map(|estimate| estimate.conf_high)),
    ]
}

fn sentence_id(analysis: &Analysis, index: usize) -> String {
    format!("{}.{index}", analysis.document.doc_id)
}

fn attribution_id(analysis: &Analysis, index: usize) -> String {
    format!("{}.a{index}", analysis.document.doc_id)
}

/// `<sentence>` for the text's own voice, `<sentence>h<n>` for the n-th other holder of the sentence.
fn statement_suffix(analysis: &Analysis, index: usize) -> String {
    let sentence = analysis.statements[index].sentence;
    let before = analysis.statements[..index].iter().rev();
    match before.take_while(|statement| statement.sentence == sentence).count() {
        0 => format!("{sentence}"),
        holder => format!("{sentence}h{holder}"),
    }
}

/// Confidences are tenths by nature; as `float64` they should not show the tail of a `float32`.
fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 1000.0).round() / 1000.0
}

/// A year, a month or a day as its first day, with the precision beside it. A date that cannot be read is null
/// here; its words stay in the metadata's own column.
fn date_cells(date: &str) -> (Cell<'static>, Cell<'static>) {
    let (precision, full) = match date.len() {
        4 => ("year", format!("{date}-01-01")),
        7 => ("month", format!("{date}-01")),
        _ => ("day", date.to_owned()),
    };
    let Ok(day) = full.parse::<jiff::civil::Date>() else {
        return (Cell::Null, Cell::Null);
    };
    let epoch = jiff::civil::date(1970, 1, 1);
    match epoch.until(day) {
        Ok(span) => (Cell::Date(span.get_days()), Cell::text(precision)),
        Err(_) => (Cell::Null, Cell::Null),
    }
}

fn meta_cell(value: &MetaValue, kind: Kind) -> Cell<'_> {
    match (value, kind) {
        (MetaValue::Text(text), _) => Cell::text(&**text),
        (MetaValue::Int(number), Kind::Int) => i32::try_from(*number).map_or(Cell::Null, Cell::Int),
        (MetaValue::Int(number), Kind::Float) => Cell::Float(*number as f64),
        (MetaValue::Float(number), Kind::Float) => Cell::Float(*number),
        (MetaValue::Bool(flag), Kind::Bool) => Cell::Bool(*flag),
        (other, _) => Cell::text(other.to_string()),
    }
}

/// One table in each of its formats.
struct Table(Vec<Box<dyn TableSink>>);

impl Table {
    fn create(folder: &Path, name: &str, fields: &[Field], formats: &[Format]) -> Result<Self> {
        let open = |format: &Format| -> Result<Box<dyn TableSink>> {
            Ok(match format {
                Format::Parquet => {
                    Box::new(ParquetTable::create(&folder.join(format!("{name}.parquet")), fields)?)
                }
                Format::Csv => {
                    Box::new(CsvTable::create(&folder.join(format!("{name}.csv")), fields)?)
                }
            })
        };
        formats.iter().map(open).collect::<Result<_>>().map(Self)
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        self.0.iter_mut().try_for_each(|sink| sink.row(cells))
    }

    fn finish(self) -> Result<u64> {
        self.0.into_iter().try_fold(0, |_, sink| sink.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_keep_their_precision() {
        assert_eq!(date_cells("1970-01-02"), (Cell::Date(1), Cell::text("day")));
        assert_eq!(date_cells("1971-01"), (Cell::Date(365), Cell::text("month")));
        assert_eq!(date_cells("1969"), (Cell::Date(-365), Cell::text("year")));
        for unreadable in ["", "soon", "2018-13-45", "20é8"] {
            assert_eq!(date_cells(unreadable), (Cell::Null, Cell::Null), "{unreadable}");
        }
    }
}

//! Parquet tables through polars, with types every reader knows.
//!
//! Polars describes text columns to Arrow readers as *string view*, which R and older Python readers do not
//! know. The writer therefore states its own Arrow schema with plain `string`, the type of the Parquet column.

use std::io::BufWriter;
use std::path::Path;

use fs_err::File;
use polars::prelude::{
    ArrowDataType, ArrowField, ArrowSchema, BatchedWriter, Column, DataFrame, DataType, IntoColumn,
    KeyValueMetadata, NamedFrom, ParquetWriter, PlSmallStr, PolarsResult, Schema, Series,
};

use super::replace::ReplaceFile;
use super::{Cell, Field, Kind, TableSink};
use crate::error::{Error, Result};

/// Rows per row group. Fixed, so that the bytes of a table depend on its rows alone.
pub const ROW_GROUP: usize = 32_768;

/// About how many cells a row group may hold: wide tables (embeddings) get fewer rows.
const GROUP_CELLS: usize = 4_000_000;

/// A Parquet file being written.
pub struct ParquetTable {
    promise: ReplaceFile,
    writer: BatchedWriter<BufWriter<File>>,
    fields: Vec<Field>,
    columns: Vec<Values>,
    pending: usize,
    group: usize,
    rows: u64,
}

impl ParquetTable {
    /// Opens the table at `path`.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path, fields: &[Field]) -> Result<Self> {
        let (promise, file) = ReplaceFile::create(path)?;
        let schema: Schema = fields
            .iter()
            .map(|field| polars::prelude::Field::new(name(field), data_type(field.kind)))
            .collect();
        let writer = ParquetWriter::new(file)
            .set_parallel(false)
            .with_key_value_metadata(Some(arrow_schema(fields)))
            .batched(&schema)
            .map_err(|error| failed(path, error))?;
        Ok(Self {
            promise,
            writer,
            fields: fields.to_vec(),
            columns: fields.iter().map(|field| Values::new(field.kind)).collect(),
            pending: 0,
            group: (GROUP_CELLS / fields.len().max(1)).clamp(1, ROW_GROUP),
            rows: 0,
        })
    }

    fn flush(&mut self) -> Result<()> {
        if self.pending == 0 {
            return Ok(());
        }
        let columns: Vec<Column> = self
            .fields
            .iter()
            .zip(&mut self.columns)
            .map(|(field, values)| values.take(name(field)))
            .collect();
        let written =
            DataFrame::new(self.pending, columns).and_then(|frame| self.writer.write_batch(&frame));
        self.pending = 0;
        written.map_err(|error| failed(self.promise.target(), error))
    }
}

impl TableSink for ParquetTable {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        debug_assert_eq!(cells.len(), self.fields.len(), "one cell per column");
        for (values, cell) in self.columns.iter_mut().zip(cells) {
            values.push(cell);
        }
        self.pending += 1;
        self.rows += 1;
        if self.pending == self.group { self.flush() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<u64> {
        self.flush()?;
        self.writer.finish().map_err(|error| failed(self.promise.target(), error))?;
        self.promise.commit()?;
        Ok(self.rows)
    }
}

fn name(field: &Field) -> PlSmallStr {
    PlSmallStr::from_str(&field.name)
}

fn failed(path: &Path, error: polars::prelude::PolarsError) -> Error {
    Error::new(crate::error::ErrorKind::Io, "cannot write the table").in_file(path).caused_by(error)
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::String,
        Kind::Int => DataType::Int32,
        Kind::Float => DataType::Float64,
        Kind::Float32 => DataType::Float32,
        Kind::Bool => DataType::Boolean,
        Kind::Date => DataType::Date,
    }
}

fn arrow_type(kind: Kind) -> ArrowDataType {
    match kind {
        Kind::Text => ArrowDataType::Utf8,
        Kind::Int => ArrowDataType::Int32,
        Kind::Float => ArrowDataType::Float64,
        Kind::Float32 => ArrowDataType::Float32,
        Kind::Bool => ArrowDataType::Boolean,
        Kind::Date => ArrowDataType::Date32,
    }
}

fn arrow_schema(fields: &[Field]) -> KeyValueMetadata {
    let schema: ArrowSchema = fields
        .iter()
        .map(|field| (name(field), ArrowField::new(name(field), arrow_type(field.kind), true)))
        .collect();
    KeyValueMetadata::Static(vec![polars_parquet::write::schema_to_metadata_key(&schema)])
}

/// The pending values of one column.
enum Values {
    Text(Vec<Option<String>>),
    Int(Vec<Option<i32>>),
    Float(Vec<Option<f64>>),
    Float32(Vec<Option<f32>>),
    Bool(Vec<Option<bool>>),
    Date(Vec<Option<i32>>),
}

impl Values {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Vec::new()),
            Kind::Int => Self::Int(Vec::new()),
            Kind::Float => Self::Float(Vec::new()),
            Kind::Float32 => Self::Float32(Vec::new()),
            Kind::Bool => Self::Bool(Vec::new()),
            Kind::Date => Self::Date(Vec::new()),
        }
    }

    /// Adds a cell. A cell of another kind is a mistake in this crate and becomes null in release builds.
    fn push(&mut self, cell: &Cell<'_>) {
        match (self, cell) {
            (Self::Text(values), Cell::Text(text)) => values.push(Some(text.to_string())),
            (Self::Int(values), Cell::Int(number)) => values.push(Some(*number)),
            (Self::Float(values), Cell::Float(number)) => values.push(Some(*number)),
            (Self::Float32(values), Cell::Float32(number)) => values.push(Some(*number)),
            (Self::Bool(values), Cell::Bool(flag)) => values.push(Some(*flag)),
            (Self::Date(values), Cell::Date(days)) => values.push(Some(*days)),
            (values, cell) => {
                debug_assert!(matches!(cell, Cell::Null), "{cell:?} does not fit its column");
                values.push_null();
            }
        }
    }

    fn push_null(&mut self) {
        match self {
            Self::Text(values) => values.push(None),
            Self::Int(values) | Self::Date(values) => values.push(None),
            Self::Float(values) => values.push(None),
            Self::Float32(values) => values.push(None),
            Self::Bool(values) => values.push(None),
        }
    }

    /// The values as a column, leaving none behind.
    fn take(&mut self, name: PlSmallStr) -> Column {
        match self {
            Self::Text(values) => Series::new(name, std::mem::take(values)).into_column(),
            Self::Int(values) => Series::new(name, std::mem::take(values)).into_column(),
            Self::Float(values) => Series::new(name, std::mem::take(values)).into_column(),
            Self::Float32(values) => Series::new(name, std::mem::take(values)).into_column(),
            Self::Bool(values) => Series::new(name, std::mem::take(values)).into_column(),
            Self::Date(values) => {
                let days: PolarsResult<Series> =
                    Series::new(name, std::mem::take(values)).cast(&DataType::Date);
                days.expect("int32 casts to date").into_column()
            }
        }
    }
}

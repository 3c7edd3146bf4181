//! Tables out: the schema of the output contract, and its writers.
//!
//! [`schema`] says which columns each table has, [`parquet`] and [`csv`] write them, [`tables`] turns analysed
//! documents into rows, [`manifest`] records how the tables came about. Every file appears by
//! write-then-rename ([`replace`]), so a reader never sees half a table.

pub mod csv;
pub mod manifest;
pub mod parquet;
pub mod replace;
pub mod schema;
pub mod tables;
mod unresolved;

use std::borrow::Cow;

use crate::error::Result;

/// What a column holds. The list is closed: it is what R's and Python's readers agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text (`string`).
    Text,
    /// A whole number (`int32`).
    Int,
    /// A number (`float64`).
    Float,
    /// A number of single precision (`float32`), for embeddings.
    Float32,
    /// True or false (`bool`).
    Bool,
    /// A day (`date32`), as days since 1970-01-01.
    Date,
}

/// A column: its name and what it holds. Every column may hold nulls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Unique within its table.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

impl Field {
    /// The column `name` of `kind`.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind }
    }
}

/// One value of a row, to be written into a column of the same [`Kind`].
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing known.
    Null,
    /// For [`Kind::Text`].
    Text(Cow<'a, str>),
    /// For [`Kind::Int`].
    Int(i32),
    /// For [`Kind::Float`].
    Float(f64),
    /// For [`Kind::Float32`].
    Float32(f32),
    /// For [`Kind::Bool`].
    Bool(bool),
    /// For [`Kind::Date`]: days since 1970-01-01.
    Date(i32),
}

impl<'a> Cell<'a> {
    /// Text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Text, or null.
    pub fn maybe(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    /// A count or an index. Tables hold `int32`; a count beyond it saturates, which no real corpus reaches.
    pub fn count(number: usize) -> Self {
        Self::Int(i32::try_from(number).unwrap_or(i32::MAX))
    }

    /// A number, or null where there is none.
    pub fn number(number: Option<f64>) -> Self {
        number.map_or(Self::Null, Self::Float)
    }
}

/// A table being written, row by row.
///
/// The law: the bytes of the finished file are a function of the rows alone. A row must have one cell per
/// column, each of the column's kind or null. After an error the file is abandoned and never appears.
pub trait TableSink {
    /// Adds one row.
    ///
    /// # Errors
    /// When the disk refuses the write.
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()>;

    /// Writes what is left and makes the file appear under its name. Returns the number of rows.
    ///
    /// # Errors
    /// When the disk refuses the write or the rename.
    fn finish(self: Box<Self>) -> Result<u64>;
}

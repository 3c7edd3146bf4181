//! CSV tables, for spreadsheets and for readers without Parquet: UTF-8, RFC 4180 quoting, a header row.
//!
//! Null is the empty field; an empty text is written as `""`, so the two stay apart for readers that look.

use std::io::{BufWriter, Write};
use std::path::Path;

use fs_err::File;

use super::replace::ReplaceFile;
use super::{Cell, Field, TableSink};
use crate::error::{Error, Result};

/// A CSV file being written.
pub struct CsvTable {
    promise: ReplaceFile,
    file: BufWriter<File>,
    line: String,
    rows: u64,
}

impl CsvTable {
    /// Opens the table at `path` and writes its header.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path, fields: &[Field]) -> Result<Self> {
        let (promise, file) = ReplaceFile::create(path)?;
        let mut table = Self { promise, file, line: String::new(), rows: 0 };
        let header: Vec<Cell<'_>> =
            fields.iter().map(|field| Cell::text(field.name.as_str())).collect();
        table.write_line(&header)?;
        Ok(table)
    }

    fn write_line(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        self.line.clear();
        for (column, cell) in cells.iter().enumerate() {
            if column > 0 {
                self.line.push(',');
            }
            push_cell(&mut self.line, cell);
        }
        self.line.push('\n');
        let written = self.file.write_all(self.line.as_bytes());
        written.map_err(|error| Error::io("write", self.promise.target(), error))
    }
}

impl TableSink for CsvTable {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        self.rows += 1;
        self.write_line(cells)
    }

    fn finish(mut self: Box<Self>) -> Result<u64> {
        let flushed = self.file.flush();
        flushed.map_err(|error| Error::io("write", self.promise.target(), error))?;
        self.promise.commit()?;
        Ok(self.rows)
    }
}

fn push_cell(line: &mut String, cell: &Cell<'_>) {
    match cell {
        Cell::Null => {}
        Cell::Text(text) => push_text(line, text),
        Cell::Int(number) => line.push_str(&number.to_string()),
        Cell::Float(number) => line.push_str(&number.to_string()),
        Cell::Float32(number) => line.push_str(&number.to_string()),
        Cell::Bool(flag) => line.push_str(if *flag { "true" } else { "false" }),
        Cell::Date(days) => line.push_str(&iso_day(*days)),
    }
}

fn push_text(line: &mut String, text: &str) {
    if !text.is_empty() && !text.contains([',', '"', '\n', '\r']) {
        line.push_str(text);
        return;
    }
    line.push('"');
    line.push_str(&text.replace('"', "\"\""));
    line.push('"');
}

/// Days since 1970-01-01 as `YYYY-MM-DD`.
fn iso_day(days: i32) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    match epoch.checked_add(jiff::Span::new().days(days)) {
        Ok(date) => date.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn a_table_reads_back_with_quotes_newlines_and_nulls() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let fields = [Field::new("a", Kind::Text), Field::new("b", Kind::Date)];
        let mut table = Box::new(CsvTable::create(&path, &fields).unwrap());
        table.row(&[Cell::text("say \"yes\",\nthen go"), Cell::Date(17_800)]).unwrap();
        table.row(&[Cell::text(""), Cell::Null]).unwrap();
        assert_eq!(table.finish().unwrap(), 2);
        let text = fs_err::read_to_string(&path).unwrap();
        insta::assert_snapshot!(text, @r#"
        a,b
        "say ""yes"",
        then go",2018-09-26
        "",
        "#);
    }
}

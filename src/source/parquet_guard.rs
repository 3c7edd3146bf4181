//! Checks the counts in a Parquet file before its values are decoded.
//!
//! The decoder allocates what the headers of the pages ask for. A damaged header asks for more than any machine
//! has, and a failed allocation ends the process: no error can be made of it afterwards.

use std::io::{Cursor, Read, Seek, SeekFrom};

use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::read::{ColumnChunkMetadata, PageReader, RowGroupMetadata};

use crate::error::{Error, ErrorKind, Result};

use super::Limits;

/// Values that a column may have however small the file is: one value repeated takes next to no space.
const FREE_VALUES: u64 = 1 << 20;

/// Walks the page headers of a row group and compares them with the footer and with `limits`.
///
/// # Errors
///
/// When a column has more or other values than the footer says, or unpacks to more than `limits` allow.
pub(crate) fn check<R: Read + Seek>(
    reader: &mut R,
    group: &RowGroupMetadata,
    limits: Limits,
) -> Result<()> {
    let length = reader.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let most = FREE_VALUES.max(length.saturating_mul(8));
    let mut left = limits.free_inflation.max(length.saturating_mul(limits.max_inflation));
    if group.num_rows() as u64 > most {
        return Err(damaged(&format!("a row group claims {} rows", group.num_rows())));
    }
    for column in group.parquet_columns() {
        let values = u64::try_from(column.num_values()).ok().filter(|values| *values <= most);
        let Some(values) = values else {
            return Err(damaged(&format!("a column claims {} values", column.num_values())));
        };
        let bytes = bytes_of(reader, column, length)?;
        let (found, unpacked) = measure(bytes, column, values)?;
        if found != values {
            return Err(damaged("a column has more or fewer values than the footer says"));
        }
        left = left.checked_sub(unpacked).ok_or_else(|| {
            Error::new(ErrorKind::Input, "inflates beyond all measure")
                .hint("write it again with less compression if you trust it")
        })?;
    }
    Ok(())
}

/// The packed bytes of a column.
fn bytes_of<R: Read + Seek>(
    reader: &mut R,
    column: &ColumnChunkMetadata,
    length: u64,
) -> Result<Vec<u8>> {
    let range = column.byte_range();
    if range.end > length || range.start > range.end {
        return Err(damaged("a column lies beyond the end of the file"));
    }
    let mut bytes = Vec::new();
    reader.seek(SeekFrom::Start(range.start)).map_err(unreadable)?;
    reader.take(range.end - range.start).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// How many values the pages of a column hold, and how many bytes they unpack to.
fn measure(bytes: Vec<u8>, column: &ColumnChunkMetadata, values: u64) -> Result<(u64, u64)> {
    let pages = PageReader::new(Cursor::new(bytes.into()), column, Vec::new(), usize::MAX);
    let (mut found, mut unpacked) = (0_u64, 0_u64);
    for page in pages {
        let page = page.map_err(|error| damaged(&error.to_string()))?;
        let CompressedPage::Data(page) = page else { continue };
        let count = page.num_values() as u64;
        if count > values - found {
            return Err(damaged(&format!("a page claims {count} values")));
        }
        found += count;
        unpacked += page.uncompressed_size() as u64;
    }
    Ok((found, unpacked))
}

fn damaged(cause: &str) -> Error {
    Error::new(ErrorKind::Input, "is a broken Parquet file")
        .caused_by(cause)
        .hint("write it again, or fetch it again if it was copied")
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, "cannot read").caused_by(error.to_string())
}

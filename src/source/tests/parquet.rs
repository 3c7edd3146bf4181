use polars::prelude::{DataType, NamedFrom, ParquetWriter, Series};

use super::*;

fn parquet(columns: Vec<Series>, row_group: usize) -> Vec<u8> {
    let height = columns[0].len();
    let columns = columns.into_iter().map(Into::into).collect();
    let mut frame = DataFrame::new(height, columns).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).with_row_group_size(Some(row_group)).finish(&mut frame).unwrap();
    bytes
}

fn sample() -> Vec<u8> {
    let days = Series::new("date".into(), [Some(17_799_i32), None, Some(0)]);
    let times = Series::new("seen".into(), [1_537_869_600_000_i64, 0, 1]);
    parquet(
        vec![
            Series::new("doc_id".into(), ["a", "b", "c"]),
            Series::new("text".into(), [Some("One."), None, Some("Three.")]),
            Series::new("session".into(), [73_u32, 74, 75]),
            Series::new("score".into(), [0.5_f64, 1.0, 2.0]),
            days.cast(&DataType::Date).unwrap(),
            times.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).unwrap(),
        ],
        2,
    )
}

fn all(bytes: Vec<u8>) -> Vec<Result<Record>> {
    match read_bytes(bytes, &SourceOptions::default()) {
        Ok(records) => records.collect(),
        Err(error) => vec![Err(error)],
    }
}

#[test]
fn rows_of_all_row_groups_keep_their_values() {
    let options = SourceOptions::default();
    let records: Vec<Record> =
        read_bytes(sample(), &options).unwrap().map(Result::unwrap).collect();
    assert_eq!(records.len(), 3);
    assert_eq!((records[0].text.as_str(), records[1].text.as_str()), ("One.", ""));
    assert_eq!(records[2].number, Some(3));
    let expected = [
        ("doc_id", MetaValue::Text("a".into())),
        ("session", MetaValue::Int(73)),
        ("score", MetaValue::Float(0.5)),
        ("date", MetaValue::Text("2018-09-25".into())),
        ("seen", MetaValue::Text("2018-09-25T10:00:00".into())),
    ];
    assert_eq!(records[0].columns, expected.map(|(name, value)| (name.to_owned(), value)));
}

#[test]
fn broken_files_and_missing_columns_are_errors() {
    let mut cut = sample();
    cut.truncate(cut.len() - 20);
    assert!(all(cut)[0].is_err());
    assert!(all(b"PAR1".to_vec())[0].is_err());
    let no_text = parquet(vec![Series::new("title".into(), ["a"])], 2);
    let error = all(no_text).remove(0).unwrap_err();
    assert!(error.remedy().unwrap().contains("its columns are title"), "{error}");
}

#[test]
fn damaged_counts_do_not_exhaust_memory() {
    let bytes = sample();
    for at in 0..bytes.len() {
        // As a zigzag varint: a negative number, and one beyond all memory.
        for value in [0x01, 0x7f, 0xfe] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            drop(all(damaged));
        }
    }
}

#[test]
fn damaged_files_never_panic() {
    let bytes = sample();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        drop(all(damaged));
    }
}

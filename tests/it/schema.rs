use std::fmt::Write;

use polars::prelude::{ParquetReader, SerReader};

use crate::support::{run_small, sample};

/// The schema as the Parquet files state it. A change here is a change of the output contract:
/// raise `SCHEMA_VERSION` and say so in the changelog.
#[test]
fn the_columns_and_types_are_those_of_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    run_small(&sample().join("briefing_2022-11-17.txt"), &out).arg("--texts").exits(0);
    let mut text = String::new();
    for table in [
        "documents",
        "sentences",
        "turns",
        "attributions",
        "statements",
        "actors",
        "groupings",
        "texts",
    ] {
        writeln!(text, "{table}").unwrap();
        let file = fs_err::File::open(out.join(format!("{table}.parquet"))).unwrap();
        let frame = ParquetReader::new(file.into_file()).finish().unwrap();
        for column in frame.columns() {
            writeln!(text, "  {}: {}", column.name(), column.dtype()).unwrap();
        }
    }
    insta::assert_snapshot!("schema", text);
}

/// The types as the Parquet files themselves state them. What they tell Arrow readers beside that (plain strings,
/// no string views) is looked at from Python, by `tests/readers/check_output.py`.
#[test]
fn the_files_state_no_type_that_readers_stumble_over() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    run_small(&sample().join("oped_estuary.txt"), &out).args(&["--texts", "--embeddings"]).exits(0);
    let mut seen = 0;
    for entry in fs_err::read_dir(&out).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "parquet") {
            continue;
        }
        let mut file = fs_err::File::open(&path).unwrap();
        let metadata = polars_parquet::read::read_metadata(&mut file).unwrap();
        for column in metadata.schema().columns() {
            let kind = &column.descriptor.primitive_type;
            let stated = format!("{:?} {:?}", kind.physical_type, kind.logical_type);
            let plain = [
                "ByteArray Some(String)",
                "Int32 None",
                "Int32 Some(Date)",
                "Double None",
                "Float None",
                "Boolean None",
            ];
            assert!(
                plain.contains(&&*stated),
                "{}: {} is {stated}",
                path.display(),
                kind.field_info.name
            );
            assert_eq!(column.path_in_schema.len(), 1, "a nested column");
            seen += 1;
        }
    }
    assert!(seen > 70, "only {seen} columns were looked at");
}

"""Checks the output folder of a run: that every reader sees the same tables, and that the tables keep their laws.

    pip install -r tests/readers/requirements.txt
    plenary run data/sample -o out --texts --format parquet,csv
    python tests/readers/check_output.py out

Reads every table with polars, pandas, pyarrow and DuckDB. Checks on the Parquet schema itself that nothing is in it that R's
readers stumble over. The laws of the spans need texts.parquet; without it they are reported as skipped.
The last line counts; the exit code is 1 when a check failed and 2 when there is nothing to check.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import laws

TEXT, INT, FLOAT, FLOAT32, BOOL, DATE = pa.string(), pa.int32(), pa.float64(), pa.float32(), pa.bool_(), pa.date32()

# The built-in codebook; --axis names others.
AXES = {"control": ["sovereignty", "openness"], "governance": ["multilateral", "multistakeholder"]}

SCHEMAS = {
    "documents": {
        "doc_id": TEXT, "path": TEXT, "title": TEXT, "actor": TEXT, "actor_id": TEXT, "actor_type": TEXT,
        "country_iso": TEXT, "date": DATE, "date_precision": TEXT, "event": TEXT, "lang": TEXT, "n_chars": INT,
        "n_sentences": INT, "sha256": TEXT, "notes": TEXT,
    },
    "sentences": {
        "doc_id": TEXT, "sentence_id": TEXT, "sentence_index": INT, "paragraph_index": INT, "turn_index": INT,
        "start_char": INT, "end_char": INT, "text": TEXT, "lang": TEXT,
    },
    "turns": {
        "doc_id": TEXT, "turn_index": INT, "start_char": INT, "end_char": INT, "speaker": TEXT, "role": TEXT,
        "affiliation": TEXT, "actor_id": TEXT, "method": TEXT, "confidence": FLOAT,
    },
    "attributions": {
        "attribution_id": TEXT, "doc_id": TEXT, "sentence_id": TEXT, "manner": TEXT, "source_start": INT,
        "source_end": INT, "source_text": TEXT, "cue_start": INT, "cue_end": INT, "content_start": INT,
        "content_end": INT, "content_text": TEXT, "actor_id": TEXT, "method": TEXT, "confidence": FLOAT,
    },
    "statements": {
        "statement_id": TEXT, "doc_id": TEXT, "sentence_id": TEXT, "holder": TEXT, "manner": TEXT, "actor_id": TEXT,
        "actor_name": TEXT, "actor_type": TEXT, "country_iso": TEXT, "actor_ambiguous": BOOL, "attribution_id": TEXT,
    },
    "actors": {
        "actor_id": TEXT, "actor_name": TEXT, "actor_type": TEXT, "country_iso": TEXT, "axis": TEXT,
        "n_sentences": INT, "n_statements": INT,
    },
    "groupings": {"group_id": TEXT, "group_name": TEXT, "axis": TEXT, "n_members": INT, "n_statements": INT},
}
TEXTS = {"doc_id": TEXT, "text": TEXT}

# What R's nanoparquet and arrow read without an extra package.
CODECS = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"}
ENCODINGS = {
    "PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED",
    "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT",
}
PHYSICAL = {  # Arrow type -> the Parquet column behind it
    TEXT: {("BYTE_ARRAY", "STRING")}, INT: {("INT32", "NONE"), ("INT32", "INT")}, FLOAT: {("DOUBLE", "NONE")},
    FLOAT32: {("FLOAT", "NONE")}, BOOL: {("BOOLEAN", "NONE")}, DATE: {("INT32", "DATE")},
}


class Report:
    """Counts checks and prints one line for each."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, problems):
        problems = [str(problem) for problem in problems]
        if problems:
            self.failed += 1
            more = f" … and {len(problems) - 3} more" if len(problems) > 3 else ""
            print(f"FAIL {name}: " + "; ".join(problems[:3]) + more)
        else:
            self.passed += 1
            print(f"ok   {name}")

    def skip(self, name, why):
        print(f"skip {name}: {why}")


def schemas(axes):
    """The tables with their columns, for a codebook with these axes."""
    expected = {name: dict(columns) for name, columns in SCHEMAS.items()}
    for axis, poles in axes.items():
        for table in ("sentences", "statements"):
            expected[table][f"{axis}_lean"] = TEXT
            expected[table].update({f"{axis}_p_{pole}": FLOAT for pole in poles})
            expected[table][f"{axis}_abstain"] = BOOL
        for table in ("actors", "groupings"):
            expected[table].update({f"n_{pole}": INT for pole in poles})
    for table in ("actors", "groupings"):
        expected[table].update({"position": FLOAT, "conf_low": FLOAT, "conf_high": FLOAT})
    return expected


# Schemas and readers


def check_schema(report, path, expected, open_ended):
    """The Arrow schema has the contract's columns; `open_ended` tables may have more of any plain type after them."""
    schema = pq.read_schema(path)
    problems = []
    names = list(expected)
    if schema.names[: len(names)] != names:
        problems.append(f"columns are {schema.names}, expected {names}")
    elif len(schema.names) > len(names) and not open_ended:
        problems.append(f"columns beyond the contract: {schema.names[len(names):]}")
    folded = [name.lower() for name in schema.names]
    problems += [f"column {name} differs from another only in case" for name in schema.names if folded.count(name.lower()) > 1]
    for field in schema:
        wanted = {expected[field.name]} if field.name in expected else {TEXT, INT, FLOAT, BOOL, DATE}
        if field.type not in wanted:
            problems.append(f"{field.name} is {field.type}, expected {' or '.join(sorted(map(str, wanted)))}")
    report.check(f"{path.name}: columns and types", problems)


def check_parquet(report, path):
    """The Parquet file itself: flat, signed, plain; no type that only an Arrow hint explains."""
    file = pq.ParquetFile(path)
    problems = []
    for index, field in enumerate(file.schema_arrow):
        column = file.schema.column(index)
        found = (column.physical_type, column.logical_type.type)
        if found not in PHYSICAL.get(field.type, set()):
            problems.append(f"{column.path} is stored as {found[0]}/{found[1]}")
        elif found == ("INT32", "INT") and "isSigned=true" not in str(column.logical_type):
            problems.append(f"{column.path} is unsigned: {column.logical_type}")
        if column.max_repetition_level > 0 or column.max_definition_level > 1 or "." in column.path.removeprefix(field.name):
            problems.append(f"{column.path} is nested")
    for group in range(file.metadata.num_row_groups):
        for index in range(file.metadata.num_columns):
            chunk = file.metadata.row_group(group).column(index)
            if chunk.compression not in CODECS:
                problems.append(f"{chunk.path_in_schema} is compressed with {chunk.compression}")
            problems += [f"{chunk.path_in_schema} is encoded as {name}" for name in set(chunk.encodings) - ENCODINGS]
    report.check(f"{path.name}: Parquet types that R reads", problems)


def plain(value):
    """A cell without its reader's own types: dates as ISO text, missing as None."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return value.item() if isinstance(value, np.generic) else value


def by_polars(path):
    table = pl.read_parquet(path)
    return {name: table[name].to_list() for name in table.columns}


def by_pandas(path):
    table = pd.read_parquet(path)
    return {name: table[name].tolist() for name in table.columns}


def by_pyarrow(path):
    table = pq.read_table(path)
    return {name: table[name].to_pylist() for name in table.column_names}


def by_duckdb(path):
    cursor = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(path)])
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    return {name: [row[index] for row in rows] for index, name in enumerate(names)}


READERS = {"polars": by_polars, "pandas": by_pandas, "pyarrow": by_pyarrow, "DuckDB": by_duckdb}


def check_readers(report, path):
    """All readers see the same columns, rows and cells."""
    seen = {}
    for reader, read in READERS.items():
        try:
            seen[reader] = {name: list(map(plain, values)) for name, values in read(path).items()}
            report.check(f"{path.name}: read by {reader}", [])
        except Exception as error:  # any failure to read is the finding
            report.check(f"{path.name}: read by {reader}", [f"{type(error).__name__}: {error}"])
    first, *others = seen
    for reader in others:
        problems = []
        if list(seen[reader]) != list(seen[first]):
            problems.append(f"columns {list(seen[reader])} are not {list(seen[first])}")
        else:
            problems = [f"column {name} differs" for name in seen[first] if seen[reader][name] != seen[first][name]]
        report.check(f"{path.name}: {reader} and {first} see the same cells", problems)


def check_csv(report, path, table):
    """The CSV table has the columns, rows and gaps of the Parquet table."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[], encoding="utf-8")
    problems = []
    if list(rows) != list(table):
        problems.append(f"columns {list(rows)}")
    elif len(rows) != len(table):
        problems.append(f"{len(rows)} rows, the Parquet table has {len(table)}")
    else:
        for name in table:
            here, there = rows[name], table[name]
            if pd.api.types.is_bool_dtype(there):
                same = here == there.map({True: "true", False: "false"})
            elif pd.api.types.is_numeric_dtype(there):
                close = 1e-6 if there.dtype == np.float32 else 1e-12
                same = np.isclose(pd.to_numeric(here, errors="coerce"), there.astype(float), rtol=close, equal_nan=True)
            else:
                same = here == there.map(plain).fillna("").astype(str)
            problems += [] if np.all(same) else [f"column {name} differs in {int((~np.asarray(same)).sum())} rows"]
    report.check(f"{path.name}: the same as its Parquet table", problems)


def check_manifest(report, folder):
    path = folder / "manifest.json"
    if not path.is_file():
        report.check("manifest.json: is there", ["it is missing"])
        return
    try:
        json.loads(path.read_text(encoding="utf-8"))
        report.check("manifest.json: is there and is JSON", [])
    except ValueError as error:
        report.check("manifest.json: is there and is JSON", [error])


def axis_argument(text):
    axis, _, poles = text.partition("=")
    poles = poles.split(",")
    if len(poles) != 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not AXIS=POLE,POLE")
    return axis, poles


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="the output folder of a run")
    parser.add_argument("--axis", action="append", type=axis_argument, metavar="AXIS=POLE,POLE", help="axes of another codebook, in order")
    arguments = parser.parse_args()
    axes = dict(arguments.axis or AXES.items())
    folder, report = arguments.out, Report()
    expected = schemas(axes)

    missing = [name for name in expected if not (folder / f"{name}.parquet").is_file()]
    if missing:
        print(f"error: {folder} has no {', '.join(f'{name}.parquet' for name in missing)}", file=sys.stderr)
        return 2
    if (folder / "texts.parquet").is_file():
        expected["texts"] = TEXTS
    if (folder / "embeddings.parquet").is_file():
        names = pq.read_schema(folder / "embeddings.parquet").names
        expected["embeddings"] = {"statement_id": TEXT} | {f"e{index:04}": FLOAT32 for index in range(len(names) - 1)}

    sound = True
    for name, columns in expected.items():
        path = folder / f"{name}.parquet"
        before = report.failed
        check_schema(report, path, columns, open_ended=name == "documents")
        sound = sound and report.failed == before
        check_parquet(report, path)
        check_readers(report, path)
    if not sound:
        report.skip("laws of the tables", "their columns are not as expected")
    else:
        tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in expected}
        for name, table in tables.items():
            if (folder / f"{name}.csv").is_file():
                check_csv(report, folder / f"{name}.csv", table)
        check_manifest(report, folder)
        laws.check_keys(report, tables)
        laws.check_references(report, tables)
        laws.check_sentences(report, tables)
        laws.check_dates(report, tables["documents"])
        laws.check_turns(report, tables)
        laws.check_attributions(report, tables["attributions"])
        laws.check_statements(report, tables, axes)
        laws.check_actors(report, tables, axes)
        if "texts" in tables:
            laws.check_spans(report, tables)
        else:
            report.skip("laws of the spans", "no texts.parquet; write it with --texts")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Checks the output folder of a run: that every reader sees the same tables, and that the tables keep their laws.

    pip install -r tests/readers/requirements.txt
    plenary run data/sample -o out --texts --format parquet,csv
    python tests/readers/check_output.py out

Reads every table with polars, pandas, pyarrow and DuckDB. Checks on the Parquet schema itself that nothing is in it that R's
readers stumble over. The laws of the spans need texts.parquet; without it they are reported as skipped.
The last line counts; the exit code is 1 when a check failed and 2 when there is nothing to check.
"""

import argparse
import hashlib
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
Z_95 = 1.959963984540054


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
        expected["statements"][f"{axis}_lean"] = TEXT
        expected["statements"].update({f"{axis}_p_{pole}": FLOAT for pole in poles})
        expected["statements"][f"{axis}_abstain"] = BOOL
        expected["actors"].update({f"n_{pole}": INT for pole in poles})
    expected["actors"].update({"position": FLOAT, "conf_low": FLOAT, "conf_high": FLOAT})
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


# Laws of the tables


def where(table, bad, column):
    """Names the rows for which `bad` holds."""
    return table.loc[np.asarray(bad, bool), column].tolist()


def check_keys(report, tables):
    keys = {
        "documents": ["doc_id"], "sentences": ["sentence_id"], "turns": ["doc_id", "turn_index"],
        "attributions": ["attribution_id", "content_start"], "statements": ["statement_id"],
        "actors": ["actor_id", "axis"], "texts": ["doc_id"], "embeddings": ["statement_id"],
    }
    for name, key in keys.items():
        if name in tables:
            table = tables[name]
            problems = [f"{row} twice" for row in table.loc[table.duplicated(key), key].to_numpy().tolist()]
            problems += [f"{int(table[column].isna().sum())} rows without {column}" for column in key if table[column].isna().any()]
            report.check(f"{name}: {', '.join(key)} unique and present", problems)


def check_references(report, tables):
    references = [
        ("sentences", ["doc_id"], "documents"), ("turns", ["doc_id"], "documents"), ("texts", ["doc_id"], "documents"),
        ("sentences", ["doc_id", "turn_index"], "turns"), ("attributions", ["doc_id", "sentence_id"], "sentences"),
        ("statements", ["doc_id", "sentence_id"], "sentences"), ("statements", ["doc_id", "attribution_id"], "attributions"),
        ("statements", ["actor_id"], "actors"), ("actors", ["actor_id"], "statements"), ("embeddings", ["statement_id"], "statements"),
    ]
    for child, columns, parent in references:
        if child in tables and parent in tables:
            known = set(map(tuple, tables[parent][columns].dropna().to_numpy().tolist()))
            used = set(map(tuple, tables[child][columns].dropna().to_numpy().tolist()))
            report.check(f"{child}: {', '.join(columns)} found in {parent}", sorted(used - known))


def check_sentences(report, tables):
    documents, sentences = tables["documents"], tables["sentences"].sort_values(["doc_id", "sentence_index"], kind="stable")
    ids = sentences["doc_id"] + "." + sentences["sentence_index"].astype(str)
    report.check("sentences: sentence_id is <doc_id>.<n>", where(sentences, ids != sentences["sentence_id"], "sentence_id"))

    grouped = sentences.groupby("doc_id")
    numbers = grouped.cumcount()
    report.check("sentences: numbered from 0 without a gap", where(sentences, numbers != sentences["sentence_index"], "sentence_id"))
    overlap = sentences["start_char"] < grouped["end_char"].shift().fillna(0)
    empty = sentences["start_char"] >= sentences["end_char"]
    report.check("sentences: spans in order, apart and not empty", where(sentences, overlap | empty, "sentence_id"))
    back = sentences["paragraph_index"] < grouped["paragraph_index"].shift().fillna(0)
    report.check("sentences: paragraphs do not run backwards", where(sentences, back, "sentence_id"))
    length = sentences["text"].str.len() != sentences["end_char"] - sentences["start_char"]
    report.check("sentences: a span is as long as its text", where(sentences, length, "sentence_id"))

    counts = documents["doc_id"].map(sentences.groupby("doc_id").size()).fillna(0)
    report.check("documents: n_sentences is right", where(documents, counts != documents["n_sentences"], "doc_id"))
    ends = documents["doc_id"].map(sentences.groupby("doc_id")["end_char"].max()).fillna(0)
    report.check("documents: n_chars covers all sentences", where(documents, ends > documents["n_chars"], "doc_id"))


def check_dates(report, documents):
    precision, date = documents["date_precision"], pd.to_datetime(documents["date"])
    bad = (precision.isna() != date.isna()) | ~(precision.isin(["day", "month", "year"]) | precision.isna())
    bad |= precision.isin(["month", "year"]) & (date.dt.day != 1)
    bad |= (precision == "year") & (date.dt.month != 1)
    report.check("documents: date and date_precision fit together", where(documents, bad, "doc_id"))


def check_spans(report, tables):
    """text[start:end] is what the tables say, for every row; needs texts.parquet."""
    documents, sentences = tables["documents"], tables["sentences"]
    texts = dict(zip(tables["texts"]["doc_id"], tables["texts"]["text"]))
    report.check("texts: every document has its text", sorted(set(documents["doc_id"]) - set(texts)))

    known = documents[documents["doc_id"].isin(list(texts))]
    lengths = known["doc_id"].map(lambda doc: len(texts[doc])) != known["n_chars"]
    report.check("texts: as long as n_chars says", where(known, lengths, "doc_id"))
    hashes = known["doc_id"].map(lambda doc: hashlib.sha256(texts[doc].encode()).hexdigest()) != known["sha256"]
    report.check("texts: sha256 is right", where(known, hashes, "doc_id"))

    problems, loose = [], []
    for doc, rows in sentences.groupby("doc_id"):
        text, end = texts.get(doc, ""), 0
        for name, start, stop, sentence in rows[["sentence_id", "start_char", "end_char", "text"]].itertuples(index=False):
            if text[start:stop] != sentence:
                problems.append(name)
            if text[end:start].strip():
                loose.append(f"{name} has {text[end:start].strip()[:30]!r} before it")
            end = stop
        if text[end:].strip():
            loose.append(f"{doc} ends with {text[end:].strip()[:30]!r}")
    report.check("sentences: text[start:end] is the sentence, every row", problems)
    report.check("sentences: no character but white space lies outside", loose)

    for kind, held in {"source": "source_text", "content": "content_text"}.items():
        rows = tables["attributions"].dropna(subset=[f"{kind}_start"])
        wrong = [
            name for name, doc, start, stop, text
            in rows[["attribution_id", "doc_id", f"{kind}_start", f"{kind}_end", held]].itertuples(index=False)
            if texts.get(doc, "")[int(start):int(stop)] != text
        ]
        report.check(f"attributions: text[{kind}_start:{kind}_end] is {held}, every row", wrong)


def check_turns(report, tables):
    turns = tables["turns"].sort_values(["doc_id", "turn_index"], kind="stable")
    overlap = turns["start_char"] < turns.groupby("doc_id")["end_char"].shift().fillna(0)
    report.check("turns: in order and apart", where(turns, overlap, "doc_id"))
    joined = tables["sentences"].dropna(subset=["turn_index"]).merge(turns, on=["doc_id", "turn_index"], suffixes=("", "_turn"))
    outside = (joined["start_char"] < joined["start_char_turn"]) | (joined["start_char"] >= joined["end_char_turn"])
    report.check("sentences: each begins inside its turn", where(joined, outside, "sentence_id"))
    confidence = ~turns["confidence"].between(0, 1)
    report.check("turns: confidence in [0, 1]", where(turns, confidence, "doc_id"))

    own = tables["statements"].loc[tables["statements"]["holder"] == "SPEAKER", ["sentence_id", "actor_id"]]
    own = own.merge(tables["sentences"][["sentence_id", "doc_id", "turn_index"]], on="sentence_id")
    own = own.merge(turns[["doc_id", "turn_index", "actor_id"]], on=["doc_id", "turn_index"], how="left", suffixes=("", "_turn"))
    own = own.merge(tables["documents"][["doc_id", "actor_id"]], on="doc_id", suffixes=("", "_document"))
    expected = own["actor_id_turn"].where(own["turn_index"].notna(), own["actor_id_document"])
    wrong = expected.notna() & (own["actor_id"] != expected)
    report.check("statements: the own voice is the turn's actor, else the document's", where(own, wrong, "sentence_id"))


def check_attributions(report, attributions):
    shared = ["doc_id", "manner", "source_start", "source_end", "cue_start", "cue_end", "method"]
    differing = attributions.groupby("attribution_id")[shared].nunique(dropna=False).gt(1).any(axis=1)
    report.check("attributions: the pieces of one agree", differing[differing].index)
    report.check("attributions: manner is direct or indirect", where(attributions, ~attributions["manner"].isin(["direct", "indirect"]), "attribution_id"))
    report.check("attributions: confidence in [0, 1]", where(attributions, ~attributions["confidence"].between(0, 1), "attribution_id"))


def check_statements(report, tables, axes):
    statements, sentences = tables["statements"], tables["sentences"]
    own = statements[statements["holder"] == "SPEAKER"].groupby("sentence_id").size()
    counts = sentences["sentence_id"].map(own).fillna(0)
    report.check("statements: every sentence has one of its own voice", where(sentences, counts != 1, "sentence_id"))
    bad = ~statements["manner"].isin(["own", "direct", "indirect"]) | ((statements["holder"] == "SPEAKER") != (statements["manner"] == "own"))
    report.check("statements: manner is own for SPEAKER, direct or indirect for others", where(statements, bad, "statement_id"))
    bad = (statements["manner"] == "own") != statements["attribution_id"].isna()
    report.check("statements: those of others name their attribution", where(statements, bad, "statement_id"))
    bad = statements["actor_id"].isna() != statements["actor_name"].isna()
    report.check("statements: actor_id comes with actor_name", where(statements, bad, "statement_id"))
    for axis, poles in axes.items():
        columns = [f"{axis}_p_{pole}" for pole in poles]
        inside = statements[columns].apply(lambda column: column.between(0, 1)).all(axis=1)
        report.check(f"statements: probabilities of {axis} in [0, 1]", where(statements, ~inside, "statement_id"))
        bad = ~statements[f"{axis}_lean"].isin([*poles, "both", "none"])
        report.check(f"statements: {axis}_lean is a pole, both or none", where(statements, bad, "statement_id"))


def check_actors(report, tables, axes):
    """Counts actors.parquet again from the statements."""
    statements, actors = tables["statements"], tables["actors"]
    held = statements[statements["actor_id"].notna()]
    missing = {(actor, axis) for actor in held["actor_id"].unique() for axis in axes}
    missing -= set(zip(actors["actor_id"], actors["axis"]))
    report.check("actors: one row per actor and axis", sorted(missing))
    sizes = actors["actor_id"].map(held.groupby("actor_id")["sentence_id"].nunique())
    report.check("actors: n_sentences counted again", where(actors, sizes != actors["n_sentences"], "actor_id"))
    for axis, poles in axes.items():
        rows = actors[actors["axis"] == axis]
        lean = held.loc[~held[f"{axis}_abstain"], ["actor_id", f"{axis}_lean"]]
        lean = lean[lean[f"{axis}_lean"] != "none"]

        def count(values):
            matching = lean[lean[f"{axis}_lean"].isin(values)]
            return rows["actor_id"].map(matching.groupby("actor_id").size()).fillna(0)

        first, second = count([poles[0], "both"]), count([poles[1], "both"])
        columns = {"n_statements": count([*poles, "both"]), f"n_{poles[0]}": first, f"n_{poles[1]}": second}
        for column, again in columns.items():
            report.check(f"actors: {column} on {axis} counted again", where(rows, again != rows[column], "actor_id"))
        foreign = [f"n_{pole}" for other, names in axes.items() if other != axis for pole in names]
        report.check(f"actors: counts of other axes are null on {axis}", where(rows, rows[foreign].notna().any(axis=1), "actor_id"))

        position = np.log((second + 0.5) / (first + 0.5)).where(first + second > 0)
        half = Z_95 * np.sqrt(1 / (second + 0.5) + 1 / (first + 0.5))
        for column, again in {"position": position, "conf_low": position - half, "conf_high": position + half}.items():
            same = np.isclose(rows[column].astype(float), again, rtol=1e-9, atol=1e-9, equal_nan=True)
            report.check(f"actors: {column} on {axis} computed again", where(rows, ~same, "actor_id"))


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
        check_keys(report, tables)
        check_references(report, tables)
        check_sentences(report, tables)
        check_dates(report, tables["documents"])
        check_turns(report, tables)
        check_attributions(report, tables["attributions"])
        check_statements(report, tables, axes)
        check_actors(report, tables, axes)
        if "texts" in tables:
            check_spans(report, tables)
        else:
            report.skip("laws of the spans", "no texts.parquet; write it with --texts")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

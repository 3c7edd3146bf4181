"""Proves that check_output.py can fail: breaks a sound output folder in one way at a time and expects each to be noticed.

    python tests/readers/prove_check.py out

The folder must hold texts.parquet, and check_output.py must pass on it. Nothing in it is changed.
"""

import contextlib
import io
import shutil
import sys
import tempfile
from pathlib import Path

import check_output
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def set_cell(table, column, row, value):
    values = table[column].to_pylist()
    values[row] = value
    index = table.column_names.index(column)
    return table.set_column(index, table.field(column), pa.array(values, table.schema.field(column).type))


def cell(column, change, row=0):
    """Changes one cell: `change` gets its value."""
    return lambda table: set_cell(table, column, row, change(table[column][row].as_py()))


def cast(column, kind):
    return lambda table: table.set_column(table.column_names.index(column), column, table[column].cast(kind))


def first_actor(table):
    """Adds one to the first count that is not null."""
    row = next(row for row, count in enumerate(table["n_statements"].to_pylist()) if count)
    return set_cell(table, "n_statements", row, table["n_statements"][row].as_py() + 1)


def moved_position(table):
    row = next(row for row, position in enumerate(table["position"].to_pylist()) if position is not None)
    return set_cell(table, "position", row, table["position"][row].as_py() + 0.1)


def another_actor(table):
    row = next(row for row, actor in enumerate(table["actor_id"].to_pylist()) if actor)
    return set_cell(table, "actor_id", row, "XZZ")


BREAKS = [  # table, what is done to it, a part of the failing line that is expected
    ("documents", cell("n_sentences", lambda n: n + 1), "n_sentences is right"),
    ("documents", cell("sha256", lambda digest: digest[::-1]), "sha256 is right"),
    ("documents", cell("date_precision", lambda _: "week"), "date_precision fit"),
    ("documents", lambda table: pa.concat_tables([table, table.slice(0, 1)]), "documents: doc_id unique"),
    ("documents", lambda table: table.slice(1), "found in documents"),
    ("documents", lambda table: table.append_column("DOC_ID", table["doc_id"]), "columns and types"),
    ("sentences", cell("text", lambda text: text[:-1] + "§"), "is the sentence, every row"),
    ("sentences", cell("start_char", lambda start: start + 1), "is as long as its text"),
    ("sentences", lambda table: table.slice(0, table.num_rows - 1), "white space lies outside"),
    ("sentences", cell("sentence_index", lambda _: 999), "numbered from 0"),
    ("sentences", cast("start_char", pa.uint32()), "columns and types"),
    ("sentences", cast("lang", pa.large_string()), "columns and types"),
    ("sentences", lambda table: table.drop_columns(["lang"]), "columns and types"),
    ("sentences", lambda table: table.rename_columns(["doc", *table.column_names[1:]]), "columns and types"),
    ("statements", cell("control_p_openness", lambda _: 1.5), "probabilities of control"),
    ("statements", cell("governance_p_multilateral", lambda _: None), "probabilities of governance"),
    ("statements", cell("control_lean", lambda _: "openly"), "control_lean is a pole"),
    ("sentences", cell("control_p_openness", lambda _: -0.5), "sentences: probabilities of control"),
    ("sentences", cell("governance_lean", lambda _: "openly"), "sentences: governance_lean is a pole"),
    ("statements", cell("manner", lambda _: "direct"), "manner is own"),
    ("statements", lambda table: table.slice(1), "one of its own voice"),
    ("statements", cell("sentence_id", lambda name: name + "x"), "found in sentences"),
    ("statements", lambda table: table.filter(pc.is_null(table["actor_id"])), "found in statements"),
    ("statements", lambda table: table.set_column(0, "statement_id", pa.array(["same"] * table.num_rows)), "statement_id unique"),
    ("statements", lambda table: table.set_column(3, "holder", table["holder"].dictionary_encode()), "columns and types"),
    ("turns", cell("confidence", lambda _: 2.0), "turns: confidence"),
    ("turns", cell("end_char", lambda end: end + 9), "turns: in order and apart"),
    ("turns", lambda table: table.slice(1), "found in turns"),
    ("turns", another_actor, "the own voice is the turn's actor"),
    ("attributions", cell("content_text", lambda text: text + "x"), "is content_text, every row"),
    ("attributions", cell("manner", lambda _: "told"), "manner is own, direct or indirect"),
    ("attributions", lambda table: table.slice(table.num_rows), "found in attributions"),
    ("actors", first_actor, "n_statements on"),
    ("actors", moved_position, "position on"),
    ("actors", lambda table: table.slice(1), "one row per actor and axis"),
    ("texts", cell("text", lambda text: "x" + text), "as long as n_chars says"),
]


def verdict(folder):
    """The exit code and the failing lines of the check."""
    spoken = io.StringIO()
    sys.argv = ["check_output.py", str(folder)]
    with contextlib.redirect_stdout(spoken), contextlib.redirect_stderr(spoken):
        code = check_output.main()
    return code, [line for line in spoken.getvalue().splitlines() if line.startswith("FAIL")]


def main():
    out = Path(sys.argv[1])
    code, failing = verdict(out)
    if code != 0:
        print(f"error: {out} is not sound to begin with (exit code {code})", *failing, sep="\n", file=sys.stderr)
        return 2
    missed = 0
    for number, (name, change, expected) in enumerate(BREAKS, 1):
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder) / "out"
            shutil.copytree(out, broken, ignore=shutil.ignore_patterns("*.csv"))
            path = broken / f"{name}.parquet"
            pq.write_table(change(pq.read_table(path)), path)
            code, failing = verdict(broken)
        noticed = code == 1 and any(expected in line for line in failing)
        missed += not noticed
        print(f"{'ok  ' if noticed else 'FAIL'} break {number} of {name}: {expected}" + ("" if noticed else f", but: {failing}"))
    print(f"{len(BREAKS) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Sentences beside the labelled ones: our labels for them, their words from the label files and corpora.

data/training/neighbours holds labels without texts, since the texts are other people's. A line names a sentence as the
one before or after a labelled sentence (`beside`, `place`) or by its place in a text of a corpus (`doc_id`, `start`,
`end`, in code points), and has the start of its SHA-256, so that labels never meet other words than those coded.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

# Characters of a corpus that stand as context on each side of a sentence that is found by its place.
CONTEXT = 300


def write_records(labels: Path, label_files: list[Path], corpora: Path, out: Path) -> int:
    """Writes what `labels` says as a label file with texts; gives the number of sentences found."""
    wanted = read(labels)
    beside = {row["beside"] for row in wanted if "beside" in row}
    labelled = {row["id"]: row for path in label_files for row in read(path) if row["id"] in beside}
    texts = read_texts(corpora, {row["doc_id"] for row in wanted if "beside" not in row})
    found = [record for row in wanted if (record := resolve(row, labelled, texts))]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in found), encoding="utf-8")
    return len(found)


def resolve(row: dict, labelled: dict[str, dict], texts: dict[str, dict]) -> dict | None:
    """The labelled sentence with its words; nothing where its text is not at hand."""
    if "beside" in row:
        source = labelled.get(row["beside"])
        if source is None:
            return None
        words = {"prev": "", "sentence": source[row["place"]].strip(), "next": ""}
        words["next" if row["place"] == "prev" else "prev"] = source["sentence"]
        name = f"{row['beside']}.{row['place']}"
    else:
        source = texts.get(row["doc_id"])
        if source is None:
            return None
        text, start, end = source["text"], row["start"], row["end"]
        words = {"prev": text[max(0, start - CONTEXT) : start], "sentence": text[start:end].strip(), "next": text[end : end + CONTEXT]}
        name = f"{row['doc_id']}#{start}"
    digest = hashlib.sha256(words["sentence"].encode()).hexdigest()
    if not digest.startswith(row["sha256"]):
        raise SystemExit(f"{name}: the text is not the one that was labelled")
    known = {key: source.get(key) for key in ("doc_id", "corpus", "actor")}
    return {"id": name, **known, **words, "statements": row["statements"]}


def read_texts(corpora: Path, names: set[str]) -> dict[str, dict]:
    """The documents of these names; their corpus is that of the folder, as the label files call it."""
    found = {}
    for path in sorted([*corpora.glob("*/*.jsonl"), *corpora.glob("*/*.jsonl.gz")]):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                # Most lines are long texts nobody asked for: their names stand at the start.
                if line[12 : line.index('"', 12)] in names:
                    document = json.loads(line)
                    found[document["doc_id"]] = {**document, "corpus": path.parent.name.split("_")[0]}
    return found


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").strip().split("\n")]

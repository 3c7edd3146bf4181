"""Labelled statements as the program sees them, and what the network reads of them."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

SPEAKER = "SPEAKER"
# The order of classify::StatementFeatures::NAMES.
FEATURES = ["direct", "indirect", "own_beside_reported", "own_reported_share"]
# Longer inputs are cut in training (the engine reads 256); a few in ten thousand are.
MAX_TOKENS = 192
UNKNOWN = float("nan")


@dataclass
class Statement:
    """A (sentence, holder) pair. `leans` and `sentence_leans` hold 0, 1 or NaN (unknown) for each pole."""

    ids: list[int]
    type_ids: list[int]
    features: list[float]
    leans: list[float]
    # What anybody in the sentence holds; known for the text's own voice only, which reads the sentence alone.
    sentence_leans: list[float]
    reported: bool
    group: str


def load(program: list[str], files: list[Path], poles: list[tuple[str, str]], tokenizer: Tokenizer, read=None) -> list[Statement]:
    """The statements of `files` with a known lean, each made of its row by `read` or else by `statement`."""
    if not files:
        return []
    rows = print_rows(program, files)
    anybody = anybody_leans(rows, poles)
    found = [(read or statement)(row, anybody[row["id"]], poles, tokenizer) for row in rows]
    return [one for one in found if not np.isnan(one.leans + one.sentence_leans).all()]


def print_rows(program: list[str], files: list[Path]) -> list[dict]:
    """What `plenary statements` prints."""
    return [json.loads(line) for line in call(program, "statements", *map(str, files)).split("\n")]


def poles_of(codebook: dict) -> list[tuple[str, str]]:
    """Axis and pole, in the order of the codebook."""
    return [(axis["id"], pole["id"]) for axis in codebook["axes"] for pole in axis["poles"]]


def call(program: list[str], *arguments: str) -> str:
    """What the program prints, without white space around it."""
    return subprocess.run([*program, *arguments], check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8").stdout.strip()


def anybody_leans(rows: list[dict], poles: list[tuple[str, str]]) -> dict[str, list[float]]:
    """For each sentence what any coded holder in it supports."""
    anybody = defaultdict(lambda: [0.0] * len(poles))
    for row in rows:
        if row["coded"]:
            held = anybody[row["id"]]
            for pole, lean in enumerate(leans_of(row, poles)):
                held[pole] = max(held[pole], 0.0 if np.isnan(lean) else lean)
    return anybody


def statement(row: dict, anybody: list[float], poles, tokenizer: Tokenizer) -> Statement:
    reported = row["holder"] != SPEAKER
    pair = (row["holder"], row["sentence"]) if reported else (row["sentence"],)
    encoding = tokenizer.encode(*pair)
    return Statement(
        ids=encoding.ids,
        type_ids=encoding.type_ids,
        features=[row["features"][name] for name in FEATURES],
        # Where no word of the holder stands in the sentence the program decides by rule: nothing to learn.
        leans=leans_of(row, poles) if row["own_words"] else [UNKNOWN] * len(poles),
        sentence_leans=[UNKNOWN] * len(poles) if reported else anybody,
        reported=reported,
        group=row["group"],
    )


def leans_of(row: dict, poles: list[tuple[str, str]]) -> list[float]:
    def lean(axis: str, pole: str) -> float:
        side = row["sides"][axis]
        return UNKNOWN if side is None else float(side in (pole, "both"))

    return [lean(axis, pole) for axis, pole in poles]


def read_tokenizer(path: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def folds(statements: list[Statement], n_folds: int) -> list[int]:
    """A fold for each statement: documents stay together, rare poles are spread.

    Groups are dealt from the richest in positives to the poorest, each to the fold that has least of what the group
    has (the greedy scheme of Sechidis, Tsoumakas & Vlahavas 2011, with groups in the place of examples).
    """
    counts = defaultdict(lambda: np.zeros(len(statements[0].leans) + 1))
    for one in statements:
        counts[one.group] += np.append(np.nan_to_num(one.leans), 1.0)
    totals = np.maximum(sum(counts.values()), 1.0)
    filled = np.zeros((n_folds, len(totals)))
    fold_of = {}
    for group, count in sorted(counts.items(), key=lambda item: (-(item[1] / totals).sum(), item[0])):
        fold_of[group] = int((filled * count / totals**2).sum(axis=1).argmin())
        filled[fold_of[group]] += count
    return [fold_of[one.group] for one in statements]

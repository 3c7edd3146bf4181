"""Compares ways for the network to read a statement, on articles, where most positions are somebody else's.

    python models/training/variants.py --program target/release/plenary       # 20 minutes on two cores

Each variant is trained from the published encoder on four fifths of the documents of `articles_train` and a sample of the
written statements, and judged on the last fifth: a small budget, to rank variants and not to show how good they get.
Prints a Markdown table of average precision, the mean over poles.
"""

from __future__ import annotations

import argparse
import functools
import json
import random
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import average_precision_score

import fitting
import statements as data
from network import Batch, StanceNetwork
from train import BASE, REAL, WRITTEN, log

CONTEXT_CHARS = 200


@dataclass
class Marked(data.Statement):
    """A statement with the places of its holder's tokens in the sentence; none where it does not stand there."""

    holder_tokens: list[int] = field(default_factory=list)


class SpanNetwork(StanceNetwork):
    """Pools over the holder's tokens in the place of the first token, where they stand in the sentence."""

    def embed(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        output = self.encoder(batch.ids, attention_mask=batch.mask, token_type_ids=batch.type_ids)
        states = output.last_hidden_state.float()
        weights = batch.mask.unsqueeze(-1).float()
        mean = (states * weights).sum(1) / weights.sum(1)
        first = states[:, 0].clone()
        for row, places in enumerate(batch.holder_tokens):
            if places:
                first[row] = states[row, places].mean(0)
        return F.normalize(torch.cat([first, mean], 1), dim=1), F.normalize(mean, dim=1)


class MarkedBatch(Batch):
    def __init__(self, statements: list[Marked]) -> None:
        super().__init__(statements)
        self.holder_tokens = [one.holder_tokens for one in statements]


def read(row: dict, anybody: list[float], poles, tokenizer, variant: str) -> Marked:
    one = data.statement(row, anybody, poles, tokenizer)
    marked = Marked(**vars(one))
    sentence, holder = row["sentence"], row["holder"]
    if variant in ("sentence alone", "holder's tokens pooled"):
        encoding = tokenizer.encode(sentence)
        marked.ids, marked.type_ids = encoding.ids, encoding.type_ids
        if variant != "sentence alone" and one.reported:
            marked.holder_tokens = tokens_of(holder, sentence, encoding)
    if variant == "pair and sentence before":
        before = row["prev"][-CONTEXT_CHARS:]
        pair = (holder, f"{sentence} {before}") if one.reported else (sentence, before)
        encoding = tokenizer.encode(*pair) if before else tokenizer.encode(*pair[: 1 + one.reported])
        marked.ids, marked.type_ids = encoding.ids, encoding.type_ids
    return marked


def tokens_of(holder: str, sentence: str, encoding) -> list[int]:
    """The tokens of the holder, or of its last word that occurs."""
    for name in [holder, *reversed([word for word in holder.split() if len(word) > 2])]:
        start = sentence.find(name)
        if start >= 0:
            end = start + len(name)
            return [place for place, (a, b) in enumerate(encoding.offsets) if a < b and a < end and b > start]
    return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="cargo run --release --quiet --")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--written", type=int, default=2500, help="written statements beside the real ones")
    args = parser.parse_args()
    torch.set_num_threads(2)
    program = args.program.split()
    poles = data.poles_of(json.loads(data.call(program, "codebook", "show", "--json")))
    tokenizer = data.read_tokenizer(BASE / "tokenizer.json")
    fitting.Batch = MarkedBatch
    print("| the network reads | tokens | statements, mean AP | of others, mean AP | sentences, mean AP |\n|---|---|---|---|---|")
    for variant in ("sentence alone", "holder's tokens pooled", "holder and sentence as a pair", "pair and sentence before"):
        scores = judge(variant, args, program, poles, tokenizer)
        print(f"| {variant} | " + " | ".join(scores) + " |", flush=True)


def judge(variant: str, args, program: list[str], poles, tokenizer) -> list[str]:
    read_variant = functools.partial(read, variant=variant)
    real = data.load(program, REAL[1:], poles, tokenizer, read_variant)
    written = data.load(program, WRITTEN, poles, tokenizer, read_variant)
    written = random.Random(1).sample(written, args.written)
    fold_of = data.folds(real, 5)
    learned = [one for one, fold in zip(real, fold_of) if fold] + written
    held_out = [one for one, fold in zip(real, fold_of) if not fold]
    means = fitting.original_means(fitting.load_encoder(str(BASE)), learned)
    torch.manual_seed(1)
    kind = SpanNetwork if variant == "holder's tokens pooled" else StanceNetwork
    network = kind(fitting.load_encoder(str(BASE)), len(poles))
    fitting.fit(network, learned, means, fitting.Recipe(epochs=args.epochs), 1, log)
    statement, sentence = (margins.numpy() for margins in fitting.margins(network, held_out))
    leans, wholes = (np.array([getattr(one, name) for one in held_out]) for name in ("leans", "sentence_leans"))
    others = np.array([one.reported for one in held_out])
    n_tokens = sum(len(one.ids) for one in held_out)
    found = [mean_precision(leans, statement), mean_precision(leans[others], statement[others]), mean_precision(wholes, sentence)]
    return [str(n_tokens), *(f"{score:.3f}" for score in found)]


def mean_precision(truth: np.ndarray, margins: np.ndarray) -> float:
    scores = []
    for pole in range(truth.shape[1]):
        known = ~np.isnan(truth[:, pole])
        if truth[known, pole].any():
            scores.append(average_precision_score(truth[known, pole], margins[known, pole]))
    return float(np.mean(scores))


if __name__ == "__main__":
    main()

"""Writes a trained network as the folder that the program loads."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

from calibration import Decision, probability
from fitting import load_encoder, margins
from network import StanceNetwork
from statements import FEATURES, Statement

COPIED = ["config.json", "sentence_bert_config.json"]
MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]
FORMAT = 2
NAME = "plenary-minilm"


def write_encoder(network: StanceNetwork, base: Path, folder: Path) -> None:
    """Weights in f16, tokenizer and shape."""
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.copyfile(base / name, folder / name)
    tokenizer = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    # The original pads and cuts everything to 128 tokens, which sentence-transformers overrides; so do we.
    tokenizer["truncation"] = tokenizer["padding"] = None
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    write_json(folder / "modules.json", MODULES)
    pooling = {
        "word_embedding_dimension": network.encoder.config.hidden_size,
        "pooling_mode_cls_token": True,
        "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False,
    }
    write_json(folder / "1_Pooling" / "config.json", pooling)
    tensors = {name: value.half().contiguous() for name, value in network.encoder.state_dict().items() if not name.endswith("position_ids")}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)


def rounded(network: StanceNetwork, folder: Path) -> StanceNetwork:
    """The network as the program will see it: encoder weights as written, heads as `number` rounds them."""
    network.encoder = load_encoder(str(folder))
    for name, parameter in network.named_parameters():
        if not name.startswith("encoder."):
            parameter.data = parameter.data.double().apply_(number).float()
    return network.eval()


def write_heads(network: StanceNetwork, folder: Path, codebook: dict, stamps: dict, counts: dict[str, list], decisions: dict[str, list[Decision]]) -> None:
    """`heads.json`: `decisions` and `counts` hold a list with one entry a pole for `statement` and for `sentence`."""

    def axes(level: str) -> list[dict]:
        weights = getattr(network, level)
        features = getattr(network, f"{level}_features").weight
        reported = network.reported.weight if level == "statement" else None

        def head(place: int, name: str) -> dict:
            decision = decisions[level][place]
            n_statements, n_positive = counts[level][place]
            return {
                "pole": name,
                "n_statements": n_statements,
                "n_positive": n_positive,
                "penalty": 0.0,
                "calibration": {"slope": number(decision.slope), "intercept": number(decision.intercept)},
                "threshold": number(decision.threshold),
                "unsure_from": number(decision.unsure_from),
                "unsure_to": number(decision.unsure_to),
                "bias": number(weights.bias[place].item()),
                "feature_weights": numbers(features[place]),
                "weights": numbers(weights.weight[place]),
                "reported_weights": [] if reported is None else numbers(reported[place]),
                "word_weights": [],
            }

        return [
            {"axis": axis["id"], "poles": [head(2 * place + side, pole["id"]) for side, pole in enumerate(axis["poles"])]}
            for place, axis in enumerate(codebook["axes"])
        ]

    heads = {
        "format": FORMAT,
        "codebook": stamps["codebook"],
        "encoder": {"name": NAME, "fingerprint": fingerprint(folder), "dimension": network.statement.in_features},
        "training": stamps["training"],
        "features": FEATURES,
        "holder_pairs": True,
        "words": {"terms": [], "idf": []},
        "axes": axes("statement"),
        "sentence_axes": axes("sentence"),
        "relevance": 0.0,
    }
    write_json(folder / "heads.json", heads)


def write_fixture(network: StanceNetwork, rows: list[dict], statements: list[Statement], decisions: dict[str, list[Decision]], path: Path) -> None:
    """What this network says about some statements, for the test that the program says the same."""
    found = dict(zip(["statement", "sentence"], margins(network, statements)))

    def probabilities(level: str, place: int) -> list[float]:
        return [
            round(float(probability(decision.slope * margin + decision.intercept)), 6)
            for decision, margin in zip(decisions[level], found[level][place].double().numpy())
        ]

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for place, (row, one) in enumerate(zip(rows, statements)):
            line = {key: row[key] for key in ("sentence", "holder", "manner", "features")}
            line["p"] = probabilities("statement", place)
            if not one.reported:
                line["sentence_p"] = probabilities("sentence", place)
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def fingerprint(folder: Path) -> str:
    """As `encode::Files::fingerprint`: SHA-256 over the names and digests of all files of the encoder."""
    files = sorted([*COPIED, "1_Pooling/config.json", "model.safetensors", "modules.json", "tokenizer.json"])
    lines = "".join(f"{sha256(folder / name)}  {name}\n" for name in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def number(value: float) -> float:
    """Six significant digits: short in the file, and the same bits in every reader."""
    return float(f"{value:.5e}")


def numbers(values: torch.Tensor) -> list[float]:
    return [number(value) for value in values.tolist()]


def write_json(path: Path, value: object) -> None:
    """Indented, but with each list of plain values on one line."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    one_line = lambda match: "[" + " ".join(match.group(1).split()) + "]"  # noqa: E731
    path.write_text(re.sub(r"\[\s+([^\[\]{}]+?)\s+\]", one_line, text) + "\n", encoding="utf-8")

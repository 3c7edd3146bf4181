"""Writes a trained tagger beside the encoder that it shares its lowest layers with."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from export import number, write_json
from tagger.corpus import Text
from tagger.decoding import Claim, Decision, claims_of
from tagger.network import REACH, TRUNK, WIDTH, TaggerNetwork

FORMAT = 1
HEADS = ["shape.weight", "quote.weight", "gate", "cue", "query", "key", "word", "distance.weight"]


def write(network: TaggerNetwork, folder: Path, decision: Decision, training: dict) -> None:
    """`tagger.safetensors` in f16, `tagger.json`."""
    tensors = {}
    for name, value in network.state_dict().items():
        if name.startswith("encoder.encoder.layer."):
            layer, part = name.removeprefix("encoder.encoder.layer.").split(".", 1)
            if int(layer) >= TRUNK:
                tensors[f"encoder.layer.{int(layer) - TRUNK}.{part}"] = value.half().contiguous()
        elif name.startswith(tuple(HEADS)):
            tensors[name] = value.half().contiguous()
    save_file(tensors, folder / "tagger.safetensors", metadata={"format": "pt"})
    (folder / "tagger.safetensors").chmod(0o644)
    settings = {
        "format": FORMAT,
        "trunk_layers": TRUNK,
        "layers": len(network.encoder.encoder.layer) - TRUNK,
        "width": WIDTH,
        "reach": REACH,
        "cue_penalty": number(decision.penalty),
        "gate": number(decision.gate),
        "calibration": {"slope": number(decision.slope), "intercept": number(decision.intercept)},
        "trunk_sha256": trunk_digest(folder / "model.safetensors"),
        "training": training,
    }
    write_json(folder / "tagger.json", settings)


def trunk_digest(path: Path) -> str:
    """As `encode::weights::Tensors::digest_of_layers`: names and bytes of what lies below the branch."""
    below = tuple(f"encoder.layer.{layer}." for layer in range(TRUNK)) + ("embeddings.LayerNorm.",)
    digest = hashlib.sha256()
    for name, value in sorted(load_file(path).items()):
        if name.startswith(below):
            digest.update(name.encode())
            digest.update(value.contiguous().numpy().tobytes())
    return digest.hexdigest()


def rounded(network: TaggerNetwork, folder: Path) -> TaggerNetwork:
    """The network as the program will see it: shared weights of `folder`, all others in f16."""
    shared = {f"encoder.{name}": value.float() for name, value in load_file(folder / "model.safetensors").items()}
    for name, value in network.state_dict().items():
        trunk = name.startswith("encoder.embeddings.") or name.startswith(tuple(f"encoder.encoder.layer.{layer}." for layer in range(TRUNK)))
        if value.is_floating_point():
            value.copy_(shared[name] if trunk else value.half().float())
    return network.eval()


@torch.no_grad()
def write_fixture(network: TaggerNetwork, texts: list[Text], plain: dict[str, str], decision: Decision, path: Path) -> None:
    """What the tagger finds in some sentences, for the test that the program finds the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    for text, sentence, score, claims in claims_of(network, texts, decision.penalty):
        start = sentence.start
        end = sentence.words[-1][1]
        inside = lambda words: [place - start for place in sentence.of_text(words)]  # noqa: E731
        row = {
            "text": plain[text.id][start:end],
            "quoted": [list(run) for run in runs(sentence)],
            "admitted": score >= decision.gate,
            "claims": [fixture_claim(claim, inside, decision) for claim in claims],
        }
        rows.append(((text.id, start), row))
    with path.open("w", encoding="utf-8") as file:
        for _, row in sorted(rows, key=lambda pair: pair[0]):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def fixture_claim(claim: Claim, inside, decision: Decision) -> dict:
    return {
        "cue": inside(claim.cue),
        "source": inside(claim.source) if claim.source else None,
        "content": [inside(piece) for piece in claim.content],
        "confidence": round(decision.confidence(claim.score), 5),
    }


def runs(sentence) -> list[tuple[int, int]]:
    """The quoted stretches of a sentence, counted from its start."""
    found: list[list[int]] = []
    for (start, end), quoted, before in zip(sentence.words, sentence.quoted, [0, *sentence.quoted]):
        if quoted and before:
            found[-1][1] = end - sentence.start
        elif quoted:
            found.append([start - sentence.start, end - sentence.start])
    return [tuple(run) for run in found]

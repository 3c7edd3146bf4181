"""Makes the tagger of models/default: who says what, word by word.

    pip install -r models/training/requirements.txt
    python models/training/train_tagger.py

Texts: the articles of PolNeAR where they are (`../shared/bench/attribution/polnear/train.jsonl`), and always
data/training/attributions/*.jsonl, which we wrote ourselves; without the former the tagger is trained and decided on the
latter alone, and the script says so.

A tenth of the real texts is held out of training; on it the price of a cue, the gate and the calibration are chosen.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from export import sha256
from fitting import load_encoder
from tagger import corpus, export
from tagger.corpus import ROLES, Text
from tagger.decoding import Claim, Decision, claims_of, f1, overlap_f1, predict, touch
from tagger.fitting import Recipe, fit, fit_gate
from tagger.network import TaggerNetwork
from train import BASE, BASE_SHA256, ROOT, log

WRITTEN = sorted((ROOT / "data" / "training" / "attributions").glob("*.jsonl"))
REAL = ROOT.parent / "shared" / "bench" / "attribution" / "polnear" / "train.jsonl"
FIXTURE_SIZE = 60
PENALTIES = np.arange(-0.5, 1.51, 0.25)
# Of the cues of held-out texts so many must stand in sentences that pass the gate.
GATE_RECALL = 0.99


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "default", help="the folder of the encoder, to write to")
    parser.add_argument("--program", default="cargo run --release --quiet --", help="how to call plenary")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--held-out", type=float, default=0.1, help="share of the texts on which choices are made")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2, help="the sums of another number may differ in the last digits")
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "target" / "training" / "tagger.pt", help="the trained network, reused if there")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    if sha256(BASE / "model.safetensors") != BASE_SHA256:
        raise SystemExit(f"{BASE / 'model.safetensors'} is not the published file")
    program = args.program.split()
    written = [text for path in WRITTEN for text in corpus.load(program, path)]
    real = corpus.load(program, REAL) if REAL.is_file() else []
    if not real:
        log(f"{REAL} is not there: training and choices rest on the written texts alone")
        real, written = written, []
    random.Random(5).shuffle(real)
    n_held_out = int(args.held_out * len(real))
    held_out, learned = real[:n_held_out], real[n_held_out:] + written
    network = trained(args, learned, held_out)
    network = export.rounded(network, args.out)
    decision = decide(network, held_out)
    files = ([REAL] if REAL.is_file() else []) + WRITTEN
    training = {
        "files": [{"file": path.name, "sha256": sha256(path)} for path in files],
        "n_texts": len(learned),
        "n_attributions": sum(len(one.attributions) for text in learned for one in text.sentences),
        "n_held_out": len(held_out),
        "epochs": args.epochs,
    }
    export.write(network, args.out, decision, training)
    fixture(args, program, network, decision)
    log(f"{args.out}: tagger written")


def trained(args, learned: list[Text], held_out: list[Text]) -> TaggerNetwork:
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    network = TaggerNetwork(load_encoder(str(BASE)))
    if args.checkpoint.is_file():
        log(f"reused {args.checkpoint}")
        network.load_state_dict(torch.load(args.checkpoint, weights_only=True))
        return network
    sentences = [one for text in learned for one in text.sentences if one.words]
    log(f"{len(learned)} texts, {len(sentences)} sentences")

    def report(epoch: int) -> None:
        found = predict(network, held_out, penalty=0.0)
        scores = ", ".join(f"{role} {f1(found, held_out, role):.3f}" for role in ROLES)
        log(f"epoch {epoch + 1}: exact F1 on held-out texts: {scores}")

    fit(network, sentences, Recipe(epochs=args.epochs), log, report)
    fit_gate(network, sentences)
    args.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), args.checkpoint)
    return network


def decide(network: TaggerNetwork, held_out: list[Text]) -> Decision:
    """The penalty with the best mean F1, the gate that keeps enough cues, Platt's calibration of the claims."""

    def mean_f1(penalty: float) -> float:
        """Over the roles, exact and overlap alike: where a span ends matters, and so does that it was found."""
        found = predict(network, held_out, penalty)
        return float(np.mean([score(found, held_out, role) for role in ROLES for score in (f1, overlap_f1)]))

    scores = {float(penalty): mean_f1(penalty) for penalty in PENALTIES}
    log("mean F1 by price of a cue: " + ", ".join(f"{penalty:+.2f} {score:.4f}" for penalty, score in scores.items()))
    penalty = max(scores, key=scores.get)
    worths, right, gates, passing = [], [], [], []
    for text, sentence, gate, claims in claims_of(network, held_out, penalty):
        gates += [gate] * len(sentence.attributions)
        passing.append(gate)
        for claim in claims:
            worths.append([claim.score])
            right.append(any(agree(claim, one) for one in sentence.attributions))
    gate = float(np.quantile(gates, 1 - GATE_RECALL))
    log(f"the gate keeps {np.mean(np.array(gates) >= gate):.4f} of the cues and {np.mean(np.array(passing) >= gate):.4f} of the sentences")
    platt = LogisticRegression(C=np.inf).fit(worths, right)
    log(f"{np.mean(right):.3f} of {len(right)} claims touch cue and content of an annotated one")
    return Decision(penalty, gate, float(platt.coef_[0, 0]), float(platt.intercept_[0]))


def agree(claim: Claim, attribution: corpus.Attribution) -> bool:
    """Whether they touch each other in cue and in content."""
    return touch(claim.cue, [attribution.cue]) and any(touch(one, attribution.content) for one in claim.content)


def fixture(args, program: list[str], network: TaggerNetwork, decision: Decision) -> None:
    """What the tagger finds in every so-many-th written text."""
    texts = [text for path in WRITTEN for text in corpus.load(program, path)]
    texts = texts[:: max(1, len(texts) // FIXTURE_SIZE)]
    records = [json.loads(line) for path in WRITTEN for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    plain = {record["id"]: corpus.from_marked(record)["text"] for record in records}
    path = ROOT / "tests" / "fixtures" / "attribute" / "tagger.jsonl"
    if args.out.resolve() != ROOT / "models" / "default":
        path = args.out / "tagger_fixture.jsonl"
    export.write_fixture(network, texts, plain, decision, path)


if __name__ == "__main__":
    main()

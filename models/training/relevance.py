"""Sets `relevance` in heads.json: below it, on every pole, a sentence is not searched for positions of others.

    python models/training/relevance.py --program target/release/plenary --model models/default

Lets the program read texts everywhere and takes the probability, of the sentence as a whole, below which a share `--lost`
of the reported statements that lean would be lost. No label is used: the model is compared with itself, and on texts that
it was not trained on, since it is surer of those it knows.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "corpora" / "newcomer_demo" / "speeches"
TEXTS = REAL if REAL.is_dir() else ROOT / "data" / "sample"
LOST = 0.02


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="cargo run --release --quiet --", help="how to call plenary")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "default", help="folder with heads.json")
    parser.add_argument("--lost", type=float, default=LOST, help="share of leaning reported statements that may be lost")
    args = parser.parse_args()
    print(set_relevance(args.program.split(), args.model, args.lost))


def set_relevance(program: list[str], model: Path, lost: float = LOST) -> str:
    """Writes the number into the model's heads.json; gives a sentence about it."""
    highest, leaning = read(program, model)
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


def read(program: list[str], model: Path) -> tuple[dict[str, float], list[str]]:
    """For each sentence the highest probability of a pole; the sentence of each reported statement that leans."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*program, "run", str(TEXTS), "-o", folder, "--model", str(model), "--attribution", "everywhere", "--format", "csv", "--quiet"]
        subprocess.run(command, check=True)
        sentences, statements = (rows(Path(folder) / f"{table}.csv") for table in ("sentences", "statements"))
    poles = [name for name in sentences[0] if re.search("_p_", name)]
    leans = [name for name in sentences[0] if name.endswith("_lean")]
    highest = {row["sentence_id"]: max(float(row[pole]) for pole in poles) for row in sentences}
    reported = [row for row in statements if row["manner"] != "own"]
    return highest, [row["sentence_id"] for row in reported if any(row[lean] != "none" for lean in leans)]


def rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


if __name__ == "__main__":
    main()

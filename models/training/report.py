"""Makes the tables on the built-in stance model: data/reports/stance.csv, stance.md and the numbers in the model's card.

    cargo build --release
    python models/training/report.py --program target/release/plenary        # needs ../shared/labels

Standard library only. The words around the tables stand in stance_preface.md.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REPORTS = ROOT / "data" / "reports"
CARD = ROOT / "models" / "default" / "README.md"
DEV = [ROOT.parent / "shared" / "labels" / name for name in ("speeches_dev.jsonl", "articles_dev.jsonl")]
LEVELS = {"sentence": "sentences", "holder": "holders given", "end_to_end": "end to end"}
ERROR_LEVELS = [0.05, 0.1, 0.2, 0.3]
MARKS = ("<!-- numbers: models/training/report.py -->", "<!-- end of numbers -->")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="plenary")
    program = parser.parse_args().program
    with tempfile.TemporaryDirectory() as folder:
        said_path = Path(folder) / "said.jsonl"
        table = evaluate(program, DEV, said_path)
        said = read_lines(said_path)
        evaluate(program, [HERE / "examples.jsonl"], said_path)
        examples = read_lines(said_path)
    (REPORTS / "stance.csv").write_text(table, encoding="utf-8")
    scores = Scores(list(csv.DictReader(table.splitlines())))
    said = [one for one in said if one["contender"] == "heads" and one["coded"]]
    parts = [
        (HERE / "stance_preface.md").read_text(encoding="utf-8").rstrip(),
        scores.overview(),
        scores.poles(),
        *scores.details(),
        reliability(said),
        abstention(said),
        known_answers(examples),
    ]
    (REPORTS / "stance.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    card = CARD.read_text(encoding="utf-8")
    before, rest = card.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    CARD.write_text(f"{before}{MARKS[0]}\n{scores.card()}\n{MARKS[1]}{after}", encoding="utf-8")


def evaluate(program: str, labels: list[Path], predictions: Path) -> str:
    files = [part for path in labels for part in ("--labels", str(path))]
    command = [program, "evaluate", *files, "--format", "csv", "--predictions", str(predictions)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8").stdout


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").strip().split("\n")]


class Scores:
    """The rows of stance.csv."""

    def __init__(self, rows: list[dict]) -> None:
        self.rows = rows
        self.files = list(dict.fromkeys(row["file"] for row in rows))
        self.contenders = list(dict.fromkeys(row["contender"] for row in rows))
        self.pole_names = [pole for pole in dict.fromkeys(row["pole"] for row in rows) if pole not in ("micro", "macro")]

    def f1(self, file: str, contender: str, level: str, pole: str) -> str:
        wanted = {"file": file, "contender": contender, "level": level, "slice": "all", "pole": pole}
        row = next(row for row in self.rows if all(row[key] == value for key, value in wanted.items()))
        return interval(row, "f1")

    def overview(self) -> str:
        rows = [
            [f"`{file}`", contender, *(self.f1(file, contender, level, "micro") for level in LEVELS)]
            for file in self.files
            for contender in self.contenders
        ]
        return "## Micro-averaged F1 over the four poles\n" + markdown(["file", "contender", *LEVELS.values()], rows)

    def poles(self) -> str:
        rows = [
            [f"`{file}`", contender, *(self.f1(file, contender, "sentence", pole) for pole in [*self.pole_names, "macro"])]
            for file in self.files
            for contender in self.contenders
        ]
        return "## F1 per pole, sentences\n" + markdown(["file", "contender", *self.pole_names, "macro"], rows)

    def details(self) -> list[str]:
        header = ["slice", "pole", "n", "support", "precision", "recall", "F1", "AP", "ECE"]
        parts = []
        for file in self.files:
            for level, name in LEVELS.items():
                rows = [
                    [row["slice"], row["pole"], row["n"], row["support"], *(interval(row, key) for key in ("precision", "recall", "f1"))]
                    + [row["average_precision"], row["calibration_error"]]
                    for row in self.rows
                    if (row["file"], row["contender"], row["level"]) == (file, "heads", level)
                ]
                parts.append(f"## Heads on `{file}`, {name}\n" + markdown(header, rows))
        return parts

    def card(self) -> str:
        columns = [(self.files[0], "sentence"), (self.files[0], "end_to_end"), (self.files[1], "sentence"), (self.files[1], "holder"), (self.files[1], "end_to_end")]
        header = ["", *(f"{file.split('_')[0]}, {LEVELS[level]}" for file, level in columns)]
        rows = [[pole, *(self.f1(file, "heads", level, pole) for file, level in columns)] for pole in [*self.pole_names, "micro"]]
        return markdown(header, rows)


def interval(row: dict, key: str) -> str:
    if not row[key]:
        return ""
    return f"{float(row[key]):.2f} [{float(row[key + '_low']):.2f}, {float(row[key + '_high']):.2f}]"


def decisions(said: list[dict]) -> dict[tuple[str, str], list[tuple[float, bool, bool]]]:
    """For each file and pole: probability, whether the pole was coded, whether it was found."""
    found = defaultdict(list)
    for one in said:
        for axis in one["axes"].values():
            for pole, p in axis["p"].items():
                if axis["coded"] is not None:
                    found[one["file"], pole].append((p, axis["coded"] in (pole, "both"), axis["lean"] in (pole, "both")))
    return found


def reliability(said: list[dict]) -> str:
    """How often a pole was coded where the model gave it so much probability."""
    edges = [0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0001]
    header = ["file", "pole", *(f"{low:.1f}–{min(high, 1):.1f}" for low, high in zip(edges, edges[1:]))]
    rows = []
    for (file, pole), cases in decisions(said).items():
        cells = []
        for low, high in zip(edges, edges[1:]):
            inside = [(p, truth) for p, truth, _ in cases if low <= p < high]
            mean = sum(p for p, _ in inside) / max(1, len(inside))
            share = sum(truth for _, truth in inside) / max(1, len(inside))
            cells.append(f"{mean:.2f} → {share:.2f} ({len(inside)})" if inside else "")
        rows.append([f"`{file}`", pole, *cells])
    return "## Reliability: mean probability → share coded (statements, holders given)\n" + markdown(header, rows)


def abstention(said: list[dict]) -> str:
    """What is left, and how often it is wrong, if decisions less sure than a chosen level are set aside."""
    header = ["file", "pole", *(f"error ≤ {level}: kept, wrong, poles found" for level in ERROR_LEVELS)]
    rows = []
    for (file, pole), cases in decisions(said).items():
        cells = []
        for level in ERROR_LEVELS:
            kept = [(truth, found) for p, truth, found in cases if (p >= 1 - level if found else p <= level)]
            wrong = sum(truth != found for truth, found in kept) / max(1, len(kept))
            hits = sum(truth and found for truth, found in kept)
            cells.append(f"{len(kept) / len(cases):.2f}, {wrong:.3f}, {hits} of {sum(truth for _, truth, _ in cases)}")
        rows.append([f"`{file}`", pole, *cells])
    return "## Abstention: decisions with a smaller probability of being wrong than the level\n" + markdown(header, rows)


def known_answers(said: list[dict]) -> str:
    sentences = {one["id"]: one["sentence"] for one in read_lines(HERE / "examples.jsonl")}
    rows = []
    for one in said:
        if one["contender"] != "heads" or not one["coded"]:
            continue
        coded, found = ([axis[key] for axis in one["axes"].values() if axis[key] != "none"] for key in ("coded", "lean"))
        top = ", ".join(f"{pole} {p:.2f}" for axis in one["axes"].values() for pole, p in axis["p"].items() if p >= 0.1)
        right = "yes" if coded == found else "**no**"
        rows.append([sentences[one["id"]], one["holder"], ", ".join(coded) or "none", ", ".join(found) or "none", top, right])
    header = ["sentence", "holder", "should be", "is", "probabilities ≥ 0.1", "right"]
    return "## Known answers (sentences written for this report)\n" + markdown(header, rows)


def markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()

"""How good `plenary train` is on axes it was not made for: three public sets, three small codebooks.

    cargo build --release
    python benches/own_axes/measure.py > data/reports/own_axes.md      # 15 minutes on two cores

Reads ../shared/bench/stance; standard library only. With `--original FOLDER`, the folder of the published
all-MiniLM-L6-v2, heads are trained on its embeddings as well: what fine-tuning took from or gave to other axes.
"""

import argparse
import csv
import json
import math
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
BENCH = HERE.parents[2] / "shared" / "bench" / "stance"
TARGETS = ["abortion", "atheism", "climate", "feminist", "hillary"]


class Encoder:
    """An encoder to train heads on: the built-in one, or that of a folder."""

    def __init__(self, program: str, name: str, folder: Path | None, work: Path) -> None:
        self.program, self.name, self.folder, self.work = program, name, folder, work

    def train(self, codebook: str, labels: list[Path], *more: str) -> Path:
        """Heads for the codebook; returns the folder of the model."""
        model = Path(tempfile.mkdtemp(dir=self.work)) / "model"
        encoder = "default"
        if self.folder:
            shutil.copytree(self.folder, model)
            encoder = str(model)
        files = [part for path in labels for part in ("--labels", str(path))]
        start = time.monotonic()
        self.call("train", "--codebook", str(HERE / codebook), "--encoder", encoder, *files, "-o", str(model), *more)
        print(f"{self.name}, {codebook}: trained in {time.monotonic() - start:.0f} s", file=sys.stderr)
        return model

    def predict(self, model: Path, labels: list[Path]) -> list[dict]:
        """What the heads say about labelled sentences."""
        out = self.work / "predictions.jsonl"
        files = [part for path in labels for part in ("--labels", str(path))]
        self.call("evaluate", "--model", str(model), *files, "--no-baselines", "--predictions", str(out))
        return [json.loads(line) for line in out.read_text(encoding="utf-8").strip().split("\n")]

    def call(self, *arguments: str) -> None:
        subprocess.run([self.program, *arguments], check=True, stdout=subprocess.DEVNULL)


def manifestos(encoder: Encoder) -> list[str]:
    """Positions of 18 party-years, each from heads trained on the other elections' half, through a whole run."""
    records = [one for one in read("uk_manifestos", "test") if one["meta"]["dimension"] == "economic"]
    crowd = {one["actor"]: one["mean_score"] for one in read("uk_manifestos", "actors") if one["dimension"] == "economic"}
    # Every second election: 1987, 1997, 2005 against 1992, 2001, 2010, with all three parties on both sides.
    years = sorted({one["meta"]["year"] for one in records})
    position, expected = {}, defaultdict(lambda: [0.0, 0.0])
    for half in (0, 1):
        trained = [one for one in records if years.index(one["meta"]["year"]) % 2 == half]
        tested = [one for one in records if years.index(one["meta"]["year"]) % 2 != half]
        side = {"favor": "left", "against": "right", "none": "none"}
        rows = [[one["id"], one["text"], one["meta"]["actor"], side[one["label"]]] for one in trained]
        model = encoder.train("economy.toml", [table(encoder.work / "train.csv", ["id", "text", "doc_id", "economic"], rows)])
        rows = [[one["id"], one["text"], one["meta"]["actor"]] for one in tested]
        corpus = table(encoder.work / "corpus.csv", ["doc_id", "text", "actor"], rows)
        out = Path(tempfile.mkdtemp(dir=encoder.work)) / "out"
        encoder.call("run", str(corpus), "--model", str(model), "--attribution", "none", "--format", "csv", "-o", str(out), "--quiet")
        with (out / "actors.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                position[row["actor_name"]] = float(row["position"])
        with (out / "statements.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for place, pole in enumerate(("left", "right")):
                    expected[row["actor_name"]][place] += float(row[f"economic_p_{pole}"])
    names = sorted(crowd)
    ratios = {name: math.log((right + 0.5) / (left + 0.5)) for name, (left, right) in expected.items()}
    cells = []
    for found in (position, ratios):
        r = correlation([found[name] for name in names], [crowd[name] for name in names])
        low, high = fisher_interval(r, len(names))
        cells.append(f"**{r:.3f}** [{low:.3f}, {high:.3f}]")
    return [encoder.name, str(len(records)), *cells]


def semeval(encoder: Encoder) -> list[str]:
    """F_avg of the task: mean of the F1 of favour and against, over the tweets of all targets together."""
    header = ["id", "text"]

    def files(split: list[dict], name: str) -> list[Path]:
        made = []
        for target in TARGETS:
            rows = [[one["id"], one["text"], side(one)] for one in split if one["meta"]["target_key"] == target]
            made.append(table(encoder.work / f"{name}_{target}.csv", [*header, target], rows))
        return made

    def side(one: dict) -> str:
        return "none" if one["label"] == "none" else f"{one['meta']['target_key']}_{one['label']}"

    model = encoder.train("targets.toml", files(read("semeval2016", "train") + read("semeval2016", "dev"), "train"))
    truth, found = [], []
    for said in encoder.predict(model, files(read("semeval2016", "test"), "test")):
        for axis, one in said["axes"].items():
            if one["coded"] is not None and said["holder"] == "SPEAKER":
                truth.append(one["coded"].removeprefix(f"{axis}_"))
                found.append(most_likely(one, axis))
    scores = [f1(truth, found, stance) for stance in ("favor", "against")]
    return [encoder.name, str(len(truth)), f"{100 * scores[0]:.1f}", f"{100 * scores[1]:.1f}", f"**{50 * sum(scores):.1f}**"]


def most_likely(one: dict, axis: str) -> str:
    """The tweet's one stance: of two poles found, the likelier."""
    if one["lean"] != "both":
        return one["lean"].removeprefix(f"{axis}_")
    return max(one["p"], key=one["p"].get).removeprefix(f"{axis}_")


def perspectrum(encoder: Encoder) -> list[str]:
    """Macro-F1 over support and undermine; claim and perspective are encoded as a pair."""
    side = {"favor": "support", "against": "undermine"}

    def file(split: str) -> Path:
        header = ["id", "text", "doc_id", "holder", "claim"]
        rows = [[one["id"], one["text"], one["target"], one["target"], side[one["label"]]] for one in read("perspectrum", split)]
        return table(encoder.work / f"{split}.csv", header, rows)

    model = encoder.train("claims.toml", [file("train")], "--read-holders")
    truth, found = [], []
    for said in encoder.predict(model, [file("test")]):
        one = said["axes"]["claim"]
        if said["holder"] != "SPEAKER" and said["coded"]:
            truth.append(one["coded"])
            found.append(max(one["p"], key=one["p"].get))
    scores = [f1(truth, found, stance) for stance in side.values()]
    return [encoder.name, str(len(truth)), f"{100 * scores[0]:.1f}", f"{100 * scores[1]:.1f}", f"**{50 * sum(scores):.1f}**"]


def read(corpus: str, split: str) -> list[dict]:
    with (BENCH / corpus / f"{split}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def table(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        # A few texts are white space only, which no label file may hold.
        writer.writerows(row for row in rows if row[1].strip())
    return path


def f1(truth: list[str], found: list[str], label: str) -> float:
    hits = sum(t == f == label for t, f in zip(truth, found))
    return 2 * hits / max(1, truth.count(label) + found.count(label))


def correlation(xs: list[float], ys: list[float]) -> float:
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    covariance = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys))
    return covariance / math.sqrt(sum((x - mean_x) ** 2 for x in xs) * sum((y - mean_y) ** 2 for y in ys))


def fisher_interval(r: float, n: int) -> tuple[float, float]:
    """95 % interval of a correlation by Fisher's z."""
    z, width = math.atanh(r), 1.96 / math.sqrt(n - 3)
    return math.tanh(z - width), math.tanh(z + width)


def markdown(title: str, header: str, rows: list[list[str]], published: list[str] = ()) -> None:
    columns = header.split(" | ")
    print(f"\n## {title}\n\n| {header} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    for row in published:
        print(f"| {row} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(HERE.parents[1] / "target" / "release" / "plenary"))
    parser.add_argument("--original", type=Path, help="folder of the published all-MiniLM-L6-v2")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        encoders = [Encoder(args.program, "default", None, Path(work))]
        if args.original:
            encoders.append(Encoder(args.program, "all-MiniLM-L6-v2", args.original, Path(work)))
        print((HERE / "preface.md").read_text(encoding="utf-8"), end="")
        published = "(published) "
        markdown(
            "Party positions: UK manifestos, economic axis",
            "heads on | sentences | correlation over 18 party-years: log-odds of counts (`actors`) | log-odds of expected counts (sums of probabilities in `statements`)",
            [manifestos(one) for one in encoders],
        )
        markdown(
            "Tweets: SemEval-2016 Task 6 A, test",
            "heads on | tweets | F1 favour | F1 against | F_avg",
            [semeval(one) for one in encoders],
            [f"{published}SVM on n-grams, the task's baseline (Mohammad et al. 2016) | 1249 | | | 69.0", f"{published}MITRE, best of 19 systems (same paper) | 1249 | | | 67.8"],
        )
        markdown(
            "Claims: Perspectrum, stance of a perspective, test",
            "heads on | pairs | F1 support | F1 undermine | macro-F1",
            [perspectrum(one) for one in encoders],
            [f"{published}BERT-base, fine-tuned (Chen et al. 2019) | 2773 | | | 70.8", f"{published}people (same paper) | 2773 | | | 90.9"],
        )


if __name__ == "__main__":
    main()

"""Sentences per second of Plenary's encoder and of other engines, on the same sentences, threads and weights.

    pip install -r benches/peers/requirements.txt
    cargo build --release
    python benches/peers/compare.py --threads 2

All engines run models/default in f32, one after the other in each of five rounds, so that whatever else the machine
does falls on all of them alike. Each gets the sentences as text and gives normalised vectors; tokenisation counts.
The others take the sentences sorted by length and run at the batch size that was fastest on a sample. Prints a table
of medians with the ratio to sentence-transformers and the cosine to its vectors.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models" / "default"
MFLOP_PER_TOKEN = 21.23  # of the matrix products; see src/encode/kernel/mod.rs
BATCH_SIZES = (8, 16, 32, 64)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, help="use this many sentences, drawn evenly")
    parser.add_argument("--plenary", default=str(ROOT / "target/release/plenary"), help="the built program")
    parser.add_argument("--sentences", type=Path, help="a file with one sentence a line; default: data/training")
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    return parser.parse_args()


def load_sentences(path: Path | None, limit: int | None) -> list[str]:
    if path:
        lines = path.read_text(encoding="utf-8").splitlines()
    else:
        labelled = (ROOT / "data/training/synthetic.jsonl").read_text(encoding="utf-8").splitlines()
        lines = [" ".join(json.loads(line)["sentence"].split()) for line in labelled]
    lines = list(dict.fromkeys(line for line in lines if line))
    return lines[:: max(1, len(lines) // limit)][:limit] if limit else lines


class SentenceTransformers:
    name = "sentence-transformers f32"

    def __init__(self, threads: int):
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        self.model = SentenceTransformer(str(MODEL), device="cpu", model_kwargs={"torch_dtype": torch.float32})

    def encode(self, sentences: list[str], batch_size: int):
        return self.model.encode(sentences, batch_size=batch_size, show_progress_bar=False)


class Exported:
    """What ONNX Runtime and OpenVINO have in common: tokenising, sorting, pooling."""

    def __init__(self):
        import numpy
        from tokenizers import Tokenizer

        self.np = numpy
        self.tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
        self.tokenizer.enable_truncation(256)
        self.tokenizer.enable_padding()

    def encode(self, sentences: list[str], batch_size: int):
        np, order = self.np, sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
        vectors = np.empty((len(sentences), 768), dtype=np.float32)
        for start in range(0, len(order), batch_size):
            places = order[start : start + batch_size]
            encodings = self.tokenizer.encode_batch([sentences[i] for i in places])
            ids, mask, types = (
                np.array([getattr(e, field) for e in encodings], dtype=np.int64)
                for field in ("ids", "attention_mask", "type_ids")
            )
            weights = mask[:, :, None].astype(np.float32)
            states = self.forward(ids, mask, types)
            mean = (states * weights).sum(axis=1) / weights.sum(axis=1)
            pooled = np.concatenate([states[:, 0], mean], axis=1)
            vectors[places] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return vectors


def export_onnx(target: Path) -> None:
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(MODEL, torch_dtype=torch.float32, add_pooling_layer=False).eval()
    model.config.return_dict = False
    example = tuple(torch.ones(2, 8, dtype=torch.int64) for _ in range(3))
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "length"} for name in [*names, "hidden"]}
    torch.onnx.export(model, example, str(target), input_names=names, output_names=["hidden"], dynamic_axes=axes, opset_version=17)


class OnnxRuntime(Exported):
    name = "ONNX Runtime f32"

    def __init__(self, threads: int, exported: Path):
        import onnxruntime

        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = onnxruntime.InferenceSession(str(exported), options, providers=["CPUExecutionProvider"])

    def forward(self, ids, mask, types):
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return self.session.run(["hidden"], feeds)[0]


class OpenVino(Exported):
    name = "OpenVINO f32"

    def __init__(self, threads: int, exported: Path):
        import openvino

        super().__init__()
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        self.model = openvino.Core().compile_model(str(exported), "CPU", settings)

    def forward(self, ids, mask, types):
        return self.model([ids, mask, types])[0]


class Plenary:
    name = "Plenary f32"

    def __init__(self, threads: int, program: str, scratch: Path):
        self.command, self.scratch, self.report = [program, "encode", "--threads", str(threads), "--json"], scratch, {}

    def encode(self, sentences: list[str], batch_size: int):
        """Runs the program; its time is what it reports for tokenising and encoding, without its start."""
        source, target = self.scratch / "sentences.txt", self.scratch / "vectors.parquet"
        source.write_text("\n".join(sentences) + "\n", encoding="utf-8")
        self.report = json.loads(subprocess.run([*self.command, str(source)], check=True, stdout=subprocess.PIPE).stdout)
        return target

    def vectors(self, sentences: list[str]):
        import pyarrow.parquet

        target = self.encode(sentences, 0)
        subprocess.run([*self.command, str(self.scratch / "sentences.txt"), "-o", str(target)], check=True, stdout=subprocess.DEVNULL)
        table = pyarrow.parquet.read_table(target)
        return table.drop_columns(["text"]).to_pandas().to_numpy()


def timed(engine, sentences: list[str], batch_size: int) -> float:
    start = time.perf_counter()
    engine.encode(sentences, batch_size)
    elapsed = time.perf_counter() - start
    if isinstance(engine, Plenary):
        return engine.report["tokenize_seconds"] + engine.report["encode_seconds"]
    return elapsed


def best_batch_size(engine, sentences: list[str]) -> int:
    if isinstance(engine, Plenary):
        return 0
    sample = sentences[:: max(1, len(sentences) // 200)]
    engine.encode(sample[:32], 8)  # the first call allocates
    return min(BATCH_SIZES, key=lambda size: min(timed(engine, sample, size) for _ in range(2)))


def main() -> None:
    options = arguments()
    os.environ["RAYON_NUM_THREADS"] = str(options.threads)  # of the tokenizers package
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    sentences = load_sentences(options.sentences, options.limit)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        export_onnx(scratch / "model.onnx")
        engines = [
            SentenceTransformers(options.threads),
            OnnxRuntime(options.threads, scratch / "model.onnx"),
            OpenVino(options.threads, scratch / "model.onnx"),
            Plenary(options.threads, options.plenary, scratch),
        ]
        run(engines, sentences, options)


def run(engines: list, sentences: list[str], options: argparse.Namespace) -> None:
    reference = engines[0].encode(sentences, 32)
    lowest = {}
    for engine in engines:
        vectors = engine.vectors(sentences) if isinstance(engine, Plenary) else engine.encode(sentences, 32)
        lowest[engine.name] = float((vectors * reference).sum(axis=1).min())
    sizes = {engine.name: best_batch_size(engine, sentences) for engine in engines}
    seconds = {engine.name: [] for engine in engines}
    for number in range(options.rounds):
        for engine in engines:
            seconds[engine.name].append(timed(engine, sentences, sizes[engine.name]))
        print(f"round {number + 1}", {name: round(s[-1], 2) for name, s in seconds.items()}, file=sys.stderr)
    report = engines[-1].report
    rows = []
    for name, times in seconds.items():
        rate = len(sentences) / statistics.median(times)
        ratios = [first / own for first, own in zip(seconds[engines[0].name], times)]
        rows.append({
            "engine": name, "batch_size": sizes[name], "sentences_per_second": round(rate, 1),
            "slowest": round(len(sentences) / max(times), 1), "fastest": round(len(sentences) / min(times), 1),
            "ratio": round(statistics.median(ratios), 2), "lowest_cosine": round(lowest[name], 7),
            "gflop_per_second": round(report["tokens"] * MFLOP_PER_TOKEN / 1e3 / statistics.median(times), 1),
        })
    print(f"{len(sentences)} sentences, {report['tokens']} tokens, {options.threads} threads, {options.rounds} rounds; "
          f"Plenary starts in {report['start_seconds']:.3f} s\n")
    print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")
    if options.json:
        options.json.write_text(json.dumps({"plenary": report, "engines": rows}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

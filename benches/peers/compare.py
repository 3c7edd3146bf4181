"""Sentences per second of Plenary's encoder and of other engines, on the same sentences, threads and weights.

    pip install -r benches/peers/requirements.txt
    cargo build --release
    python benches/peers/compare.py --threads 2              # sentences as they come, 31 tokens on average
    python benches/peers/compare.py --threads 2 --tokens 200 # sentences of one length

All engines run models/default, each in the precisions it has, one after the other in each of five rounds, so that
whatever else the machine does falls on all of them alike. Each gets the sentences as text and gives normalised
vectors; tokenisation counts. The others take the sentences sorted by length and run at the batch size that was fastest
on a sample. Prints a table of medians with the ratio to the fastest of the others (and to the fastest of them in f32)
and the cosine to the vectors of sentence-transformers in f32. Engines that are not installed are left out and named.
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
sys.path.insert(0, str(ROOT / "benches" / "models"))
import export_onnx  # noqa: E402

MODEL = ROOT / "models" / "default"
MFLOP_PER_TOKEN = 21.23  # of the matrix products; see src/encode/kernel/mod.rs
BATCH_SIZES = (8, 16, 32, 64)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, help="use this many sentences, drawn evenly")
    parser.add_argument("--plenary", default=str(ROOT / "target/release/plenary"), help="the built program")
    parser.add_argument("--candle", type=Path, default=ROOT / "benches/peers/candle/target/release/candle-peer", help="candle, built")
    parser.add_argument("--sentences", type=Path, help="a file with one sentence a line; default: data/training")
    parser.add_argument("--tokens", type=int, help="make sentences of so many tokens out of these")
    parser.add_argument("--engines", nargs="*", help="only those whose names contain one of these words")
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


def of_length(sentences: list[str], tokens: int) -> list[str]:
    """Running text cut into pieces of exactly so many tokens, special ones included, as far as words allow."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    words = [word for sentence in sentences for word in sentence.split()]
    pieces, piece, length = [], [], 2
    for word, count in zip(words, (len(e.ids) for e in tokenizer.encode_batch(words, add_special_tokens=False))):
        if length + count > tokens:
            pieces.append(" ".join(piece))
            piece, length = [], 2
        piece.append(word)
        length += count
    return list(dict.fromkeys(pieces))


class SentenceTransformers:
    def __init__(self, threads: int, precision: str):
        import torch
        from sentence_transformers import SentenceTransformer

        self.name = f"sentence-transformers {precision}"
        torch.set_num_threads(threads)
        kind = {"f32": torch.float32, "bf16": torch.bfloat16}[precision]
        self.model = SentenceTransformer(str(MODEL), device="cpu", model_kwargs={"torch_dtype": kind})

    def encode(self, sentences: list[str], batch_size: int):
        tensors = self.model.encode(
            sentences, batch_size=batch_size, show_progress_bar=False, convert_to_tensor=True, convert_to_numpy=False
        )
        return tensors.float().numpy()


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


class OnnxRuntime(Exported):
    def __init__(self, threads: int, exported: Path, precision: str):
        import onnxruntime

        super().__init__()
        self.name = f"ONNX Runtime {precision}"
        if precision == "int8":
            exported, source = exported.with_name("int8.onnx"), exported
            export_onnx.quantise(source, exported)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = onnxruntime.InferenceSession(str(exported), options, providers=["CPUExecutionProvider"])

    def forward(self, ids, mask, types):
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return self.session.run(["hidden"], feeds)[0]


class OpenVino(Exported):
    def __init__(self, threads: int, exported: Path, precision: str):
        import openvino

        super().__init__()
        self.name = f"OpenVINO {precision}"
        core = openvino.Core()
        model = core.read_model(str(exported))
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        if precision == "int8":
            import nncf

            # Weights in int8; the plugin rounds activations as they come and computes the rest in bf16 where it can.
            model = nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_SYM)
            settings["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = "32"
        else:
            settings["INFERENCE_PRECISION_HINT"] = precision
        self.model = core.compile_model(model, "CPU", settings)

    def forward(self, ids, mask, types):
        return self.model([ids, mask, types])[0]


class Candle:
    """The program of `candle/`; its time, too, is what it reports for tokenising and encoding, without its start."""

    def __init__(self, threads: int, program: Path, scratch: Path):
        if not program.is_file():
            raise ImportError(f"{program} is not built, see README.md")
        self.name, self.program, self.scratch, self.seconds = "candle f32", program, scratch, 0.0
        self.environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}

    def encode(self, sentences: list[str], batch_size: int):
        import numpy

        source, target = self.scratch / "sentences.txt", self.scratch / "vectors.f32"
        source.write_text("\n".join(sentences) + "\n", encoding="utf-8")
        command = [str(self.program), str(MODEL), str(source), str(batch_size), str(target)]
        self.seconds = float(subprocess.run(command, env=self.environment, check=True, stdout=subprocess.PIPE).stdout)
        return numpy.fromfile(target, dtype="<f4").reshape(len(sentences), -1)


class Plenary:
    def __init__(self, threads: int, program: str, precision: str, scratch: Path):
        self.name, self.scratch, self.report = f"Plenary {precision}", scratch, {}
        self.command = [program, "encode", "--threads", str(threads), "--precision", precision, "--json"]

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
    return engine.seconds if isinstance(engine, Candle) else elapsed


def best_batch_size(engine, sentences: list[str]) -> int:
    if isinstance(engine, Plenary):
        return 0
    sample = sentences[:: max(1, len(sentences) // 200)]
    engine.encode(sample[:32], 8)  # the first call allocates
    return min(BATCH_SIZES, key=lambda size: min(timed(engine, sample, size) for _ in range(2)))


def load_engines(options: argparse.Namespace, scratch: Path) -> list:
    """Every engine that is installed and asked for, the reference first."""
    export_onnx.export(MODEL, scratch / "model.onnx")
    threads, exported = options.threads, scratch / "model.onnx"
    makers = {"sentence-transformers f32": lambda: SentenceTransformers(threads, "f32")}
    makers["sentence-transformers bf16"] = lambda: SentenceTransformers(threads, "bf16")
    for precision in ("f32", "int8"):
        makers[f"ONNX Runtime {precision}"] = lambda p=precision: OnnxRuntime(threads, exported, p)
    for precision in ("f32", "bf16", "int8"):
        makers[f"OpenVINO {precision}"] = lambda p=precision: OpenVino(threads, exported, p)
    makers["candle f32"] = lambda: Candle(threads, options.candle, scratch)
    for precision in ("f32", "bf16", "int8"):
        makers[f"Plenary {precision}"] = lambda p=precision: Plenary(threads, options.plenary, p, scratch)
    engines = []
    for number, (name, make) in enumerate(makers.items()):
        if number > 0 and options.engines and not any(word in name for word in options.engines):
            continue
        try:
            engines.append(make())
        except ImportError as error:
            print(f"left out: {name} ({error})", file=sys.stderr)
    return engines


def main() -> None:
    options = arguments()
    os.environ["RAYON_NUM_THREADS"] = str(options.threads)  # of the tokenizers package
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    sentences = load_sentences(options.sentences, None if options.tokens else options.limit)
    if options.tokens:
        sentences = of_length(sentences, options.tokens)[: options.limit]
    with tempfile.TemporaryDirectory() as scratch:
        run(load_engines(options, Path(scratch)), sentences, options)


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
    report = next((engine.report for engine in engines if isinstance(engine, Plenary)), {})
    rows = [row(name, times, sizes, lowest, seconds, sentences) for name, times in seconds.items()]
    print(f"{len(sentences)} sentences, {report.get('tokens')} tokens, {options.threads} threads, {options.rounds} rounds")
    for engine in engines:
        if isinstance(engine, Plenary):
            start, rate = engine.report["start_seconds"], engine.report["tokens"] / statistics.median(seconds[engine.name])
            print(f"{engine.name}: {engine.report['instructions']}, starts in {start:.3f} s, {rate * MFLOP_PER_TOKEN / 1e3:.0f} GFLOP/s")
    print("\n| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for cells in rows:
        print("| " + " | ".join(str(value) for value in cells.values()) + " |")
    if options.json:
        options.json.write_text(json.dumps({"plenary": report, "engines": rows}, indent=2) + "\n", encoding="utf-8")


def row(name: str, times: list, sizes: dict, lowest: dict, seconds: dict, sentences: list[str]) -> dict:
    """One engine's line of the table; ratios are medians of the ratios within a round."""
    others = {other: s for other, s in seconds.items() if not other.startswith("Plenary")}
    floats = {other: s for other, s in others.items() if other.endswith("f32")}

    def ratio(to: dict) -> float:
        best = min(to.values(), key=statistics.median)
        return round(statistics.median(first / own for first, own in zip(best, times)), 2)

    return {
        "engine": name,
        "batch size": sizes[name] or "",
        "sentences/s": round(len(sentences) / statistics.median(times), 1),
        "slowest": round(len(sentences) / max(times), 1),
        "fastest": round(len(sentences) / min(times), 1),
        "to the best other in f32": ratio(floats),
        "to the best other": ratio(others),
        "lowest cosine": round(lowest[name], 7),
    }


if __name__ == "__main__":
    main()

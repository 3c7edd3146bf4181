"""Exports a model of the BERT family to ONNX, in f32 and in int8, for the engine `onnx:`.

    python benches/models/export_onnx.py FOLDER OUT

OUT gets `model.onnx`, `model_int8.onnx` and what else an encoder reads: tokenizer, pooling, lengths.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

BESIDE = ["config.json", "modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "tokenizer.json"]
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]


def main() -> None:
    model, out = map(Path, sys.argv[1:])
    for name in filter(lambda name: (model / name).is_file(), BESIDE):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(model / name, out / name)
    export(model, out / "model.onnx")
    quantise(out / "model.onnx", out / "model_int8.onnx")


def export(model: Path, target: Path) -> None:
    import torch
    from transformers import AutoModel

    network = AutoModel.from_pretrained(model, torch_dtype=torch.float32, add_pooling_layer=False).eval()
    network.config.return_dict = False
    example = tuple(torch.ones(2, 8, dtype=torch.int64) for _ in INPUTS)
    axes = {name: {0: "batch", 1: "length"} for name in [*INPUTS, "hidden"]}
    torch.onnx.export(network, example, str(target), input_names=INPUTS, output_names=["hidden"], dynamic_axes=axes, opset_version=17)


def quantise(exported: Path, target: Path) -> None:
    """int8 weights for each column, activations by the row as they come: what its documentation advises for transformers."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(str(exported), str(target), weight_type=QuantType.QInt8, per_channel=True)


if __name__ == "__main__":
    main()

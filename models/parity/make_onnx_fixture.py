"""Makes tests/fixtures/encode/exported: one tiny, randomly initialised model as safetensors and as ONNX graphs.

    pip install -r models/parity/requirements.txt
    python models/parity/make_onnx_fixture.py

The safetensors are for the native engine and libtorch, which the graphs must agree with: model.onnx gives a vector for
each token, pooled.onnx one for each input, and int8.onnx multiplies integers. All take any size of batch.
"""

import shutil
from pathlib import Path

import torch
import transformers
from make_fixtures import FIXTURES, SENTENCES, randomise, save_tokenizer
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer, models
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import WordPiece

FOLDER = FIXTURES / "exported"
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]


def write_tokenizer(folder: Path) -> int:
    """WordPiece with as few pieces as make sentences differ; returns their number."""
    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=160, limit_alphabet=40, special_tokens=SPECIALS, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids)
    save_tokenizer(folder, tokenizer, "[CLS]", "[SEP]", SPECIALS)
    return tokenizer.get_vocab_size()


class Pooled(torch.nn.Module):
    """The transformer with mean pooling and normalisation on top."""

    def __init__(self, transformer: torch.nn.Module):
        super().__init__()
        self.transformer = transformer

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        states = self.transformer(ids, mask, types)[0]
        weights = mask.unsqueeze(-1).to(states.dtype)
        return torch.nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=1)


def export(module: torch.nn.Module, target: Path, output: str, axes: dict[int, str]) -> None:
    example = (torch.ones(2, 8, dtype=torch.int64), torch.ones(2, 8, dtype=torch.int64), torch.zeros(2, 8, dtype=torch.int64))
    dynamic = {name: {0: "batch", 1: "tokens"} for name in INPUTS} | {output: axes}
    torch.onnx.export(module, example, str(target), input_names=INPUTS, output_names=[output], dynamic_axes=dynamic, opset_version=17)


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    vocabulary = write_tokenizer(FOLDER)
    config = transformers.BertConfig(
        vocab_size=vocabulary, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=64, attn_implementation="eager")
    model = transformers.BertModel(config, add_pooling_layer=False).eval()
    randomise(model)
    model.save_pretrained(FOLDER)
    transformer = models.Transformer(str(FOLDER), max_seq_length=64, model_args={"attn_implementation": "eager"})
    head = [models.Pooling(16, "mean"), models.Normalize()]
    SentenceTransformer(modules=[transformer, *head], device="cpu").save(str(FOLDER), create_model_card=False)
    model.config.return_dict = False
    export(model, FOLDER / "model.onnx", "last_hidden_state", {0: "batch", 1: "tokens"})
    export(Pooled(model), FOLDER / "pooled.onnx", "sentence_embedding", {0: "batch"})
    quantize_dynamic(str(FOLDER / "model.onnx"), str(FOLDER / "int8.onnx"), weight_type=QuantType.QInt8, per_channel=True)
    for name in ("vocab.txt", "special_tokens_map.json", "tokenizer_config.json", "config_sentence_transformers.json"):
        (FOLDER / name).unlink(missing_ok=True)  # only the reference reads them
    for file in FOLDER.rglob("*"):
        if file.is_file():
            file.chmod(0o644)
            print(file.relative_to(FOLDER), file.stat().st_size)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(20261123)
    main()

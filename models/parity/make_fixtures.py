"""Makes tests/fixtures/encode: what the reference implementation says about our sentences.

    pip install -r models/parity/requirements.txt
    python models/parity/make_fixtures.py

For the default model and for one tiny, randomly initialised model of each family (whose tokenizer is trained
on the sentences) the script stores token ids, segment numbers and vectors of sentences.txt as
sentence-transformers computes them in f32, and of some pairs. The tiny models are stored too; between them they
cover every tokenizer, weight type, way of pooling and module that the engine reads.
"""

import inspect
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import sentencepiece
import torch
import transformers
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer, models
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE, WordPiece

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "encode"
SENTENCES = (FIXTURES / "sentences.txt").read_text(encoding="utf-8").split("\n")[:-1]
PAIRS = list(zip(SENTENCES[:12] + SENTENCES[-8:], SENTENCES[20:32] + SENTENCES[-10:-2]))
MAX_TOKENS = 120
SHAPE = dict(hidden_size=48, num_hidden_layers=2, num_attention_heads=3, intermediate_size=80)


@dataclass(frozen=True)
class Corpus:
    """What a tokenizer is trained on, and how large it becomes."""

    texts: list[str]
    vocabulary: int
    alphabet: int
    max_tokens: int


def wordpiece(folder: Path, cls: str, sep: str, specials: list[str], corpus: Corpus) -> None:
    unknown = specials[-2]
    tokenizer = Tokenizer(WordPiece(unk_token=unknown))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=corpus.vocabulary, limit_alphabet=corpus.alphabet, special_tokens=specials, show_progress=False)
    tokenizer.train_from_iterator(corpus.texts, trainer)
    ids = [(token, tokenizer.token_to_id(token)) for token in (cls, sep)]
    if cls == "<s>":
        pair = f"{cls} $A {sep} {sep} $B {sep}"
    else:
        pair = f"{cls} $A {sep} $B:1 {sep}:1"
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{cls} $A {sep}", pair=pair, special_tokens=ids)
    save_tokenizer(folder, tokenizer, cls, sep, specials, corpus)


def byte_level(folder: Path, corpus: Corpus) -> None:
    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=corpus.vocabulary, special_tokens=specials, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(corpus.texts, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    save_tokenizer(folder, tokenizer, "<s>", "</s>", specials, corpus)


def save_tokenizer(folder: Path, tokenizer: Tokenizer, cls: str, sep: str, specials: list[str], corpus: Corpus) -> None:
    pad = next(token for token in specials if "pad" in token.lower())
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, cls_token=cls, sep_token=sep, pad_token=pad, unk_token=specials[-2],
        mask_token=specials[-1], model_max_length=corpus.max_tokens,
    ).save_pretrained(folder)


def sentence_piece(folder: Path, corpus: Corpus) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus.texts), model_prefix=f"{scratch}/spm", vocab_size=corpus.vocabulary, model_type="unigram",
            character_coverage=0.995, max_sentence_length=20000, num_threads=1, minloglevel=2,
        )
        slow = transformers.XLMRobertaTokenizer(f"{scratch}/spm.model", model_max_length=corpus.max_tokens)
        slow.save_pretrained(scratch)
        transformers.XLMRobertaTokenizerFast.from_pretrained(scratch).save_pretrained(folder)
    (folder / "sentencepiece.bpe.model").unlink(missing_ok=True)


def make_tokenizer(family: str, folder: Path, corpus: Corpus) -> None:
    if family in ("bert", "distilbert"):
        wordpiece(folder, "[CLS]", "[SEP]", ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"], corpus)
    elif family == "mpnet":
        wordpiece(folder, "<s>", "</s>", ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"], corpus)
    elif family == "roberta":
        byte_level(folder, corpus)
    else:
        sentence_piece(folder, corpus)


def tiny(family: str, folder: Path, vocabulary: int) -> transformers.PreTrainedModel:
    common = dict(vocab_size=vocabulary, max_position_embeddings=MAX_TOKENS + 10)
    if family == "bert":
        config = transformers.BertConfig(**SHAPE, **common, hidden_act="gelu_new")
        return transformers.BertModel(config, add_pooling_layer=False)
    if family == "distilbert":
        config = transformers.DistilBertConfig(**common, dim=48, n_layers=2, n_heads=3, hidden_dim=80, activation="relu")
        return transformers.DistilBertModel(config)
    common |= dict(pad_token_id=1, bos_token_id=0, eos_token_id=2, layer_norm_eps=1e-5)
    if family == "roberta":
        return transformers.RobertaModel(transformers.RobertaConfig(**SHAPE, **common, type_vocab_size=1), add_pooling_layer=False)
    if family == "xlm-roberta":
        return transformers.XLMRobertaModel(transformers.XLMRobertaConfig(**SHAPE, **common, type_vocab_size=1, hidden_act="silu"), add_pooling_layer=False)
    return transformers.MPNetModel(transformers.MPNetConfig(**SHAPE, **common), add_pooling_layer=False)


def randomise(model: torch.nn.Module) -> None:
    """Weights large enough that attention is far from uniform and every bias counts."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "LayerNorm.weight" in name or "layer_norm.weight" in name:
                parameter.normal_(1.0, 0.2)
            else:
                parameter.normal_(0.0, 0.2)


WEIGHT_TYPES = {"roberta": torch.float16, "xlm-roberta": torch.bfloat16, "distilbert": torch.float16}
HEADS = {
    "bert": lambda: [models.Pooling(48, "cls"), models.Dense(48, 40)],
    "roberta": lambda: [models.Pooling(48, "mean"), models.Normalize()],
    "xlm-roberta": lambda: [models.Pooling(48, pooling_mode_max_tokens=True, pooling_mode_mean_tokens=True)],
    "distilbert": lambda: [models.Pooling(48, "max")],
    "mpnet": lambda: [models.Pooling(48, "mean_sqrt_len_tokens"), models.Normalize()],
}


def make_tiny(family: str) -> None:
    folder = FIXTURES / family
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        make_tokenizer(family, base, Corpus(SENTENCES, 700 if family == "xlm-roberta" else 600, 200, MAX_TOKENS))
        vocabulary = len(transformers.AutoTokenizer.from_pretrained(base))
        model = tiny(family, base, vocabulary)
        randomise(model)
        model.to(WEIGHT_TYPES.get(family, torch.float32))
        model.save_pretrained(base, max_shard_size="50KB" if family == "xlm-roberta" else "5GB")
        transformer = models.Transformer(str(base), max_seq_length=MAX_TOKENS, model_args={"torch_dtype": "auto"})
        head = HEADS[family]()
        for module in head:
            randomise(module)
        SentenceTransformer(modules=[transformer, *head], device="cpu").save(str(folder), create_model_card=False)
        if family == "xlm-roberta":  # save() knows no shards
            for file in base.glob("model*"):
                shutil.copyfile(file, folder / file.name)
            (folder / "model.safetensors").unlink()
    store(folder, folder)
    for name in ("vocab.txt", "special_tokens_map.json", "tokenizer_config.json", "config_sentence_transformers.json"):
        (folder / name).unlink(missing_ok=True)  # only the reference reads them
    for file in folder.rglob("*.safetensors"):
        file.chmod(0o644)


def store(source: Path, target: Path) -> None:
    model = SentenceTransformer(str(source), device="cpu", model_kwargs={"torch_dtype": torch.float32}).eval()
    assert next(model.parameters()).dtype == torch.float32
    known = inspect.signature(model[0].auto_model.forward).parameters
    tensors = {}
    for kind, inputs in (("single", SENTENCES), ("pair", PAIRS)):
        ids, types, lengths, truncated, vectors = [], [], [], [], []
        for entry in inputs:
            arguments = [entry.strip()] if isinstance(entry, str) else [text.strip() for text in entry]
            options = dict(return_tensors="pt", return_token_type_ids=True)
            whole = model.tokenizer(*arguments, **options)["input_ids"].shape[1]
            features = dict(model.tokenizer(
                *arguments, truncation="longest_first", max_length=model.max_seq_length, **options))
            count = features["input_ids"].shape[1]
            ids += features["input_ids"][0].tolist()
            types += features["token_type_ids"][0].tolist()
            lengths.append(count)
            truncated.append(whole > count)
            features = {name: value for name, value in features.items() if name in known}
            with torch.no_grad():
                vectors.append(model(features)["sentence_embedding"][0])
        tensors |= {
            f"{kind}.ids": torch.tensor(ids, dtype=torch.int32),
            f"{kind}.types": torch.tensor(types, dtype=torch.int32),
            f"{kind}.lengths": torch.tensor(lengths, dtype=torch.int32),
            f"{kind}.truncated": torch.tensor(truncated, dtype=torch.int32),
            f"{kind}.vectors": torch.stack(vectors).contiguous(),
        }
    target.mkdir(parents=True, exist_ok=True)
    save_file(tensors, target / "expected.safetensors", metadata={"model": source.name})
    (target / "expected.safetensors").chmod(0o644)
    print(target.name, tuple(tensors["single.vectors"].shape), "longest", max(tensors["single.lengths"]).item(), "cut", sum(tensors["single.truncated"]).item())


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(20240607)
    (FIXTURES / "pairs.json").write_text(json.dumps(PAIRS, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    store(ROOT / "models" / "default", FIXTURES / "default")
    for family in HEADS:
        make_tiny(family)

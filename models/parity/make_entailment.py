"""Makes tests/fixtures/entailment: what transformers says about pairs of a premise and a hypothesis.

    pip install -r models/parity/requirements.txt
    python models/parity/make_entailment.py

One tiny, randomly initialised sequence classifier of each family, with a tokenizer trained on the pairs, and for
each premise of pairs.json with each of its hypotheses the token ids, segment numbers, logits and the probability of entailment in f32. Between
them the models cover every head that the engine reads, names of labels in either case, and two labels or three.
They know nothing of entailment.
"""

import inspect
import json
import shutil
from pathlib import Path

import torch
import transformers
from make_fixtures import ROOT, Corpus, make_tokenizer, randomise
from safetensors.torch import save_file

FIXTURES = ROOT / "tests" / "fixtures" / "entailment"
MAX_TOKENS = 96
LAYERS, HEADS, HIDDEN, INNER = 2, 2, 16, 24
PREMISES = [
    "Every country may run its own part of the network as it sees fit.",
    "Ruvania will keep the health records of its people on servers at home.",
    "There should be one internet for all, said Mira Solheim.",
    "Tessaly's delegate asked that ministers write the rules at a summit in Galdria.",
    "Engineers, users and companies must sit at the table when rules are made.",
    "The lake froze early, and the ferry to Dovia stayed in port.",
    "We have tabled a draft convention; we ask every member to join in.",
    "“No firewall,” Aru Telnik replied, “has ever made a citizen safer.”",
    "Блокировка сайтов ничего не решает.",
    "A café in Fennmark: 3 tables, 12 cables, 0 répéteurs … 🎉",
    "Yes.",
    "",
    "Amberia's minister told the assembly that the network had grown from a few machines in a few rooms to the "
    "nervous system of the economy, that whoever switches it off switches off hospitals, ports and schools, and that "
    "her government would therefore neither block it nor let others do so, whatever the pretext and whatever the cost.",
]
HYPOTHESES = [
    "The speaker supports the authority of states over their networks.",
    "Ruvania wants one open internet.",
    "Aru Telnik wants governments to make the rules together.",
    "The delegates of Tessaly and Dovia, who had met the evening before in a hotel by the lake, support that users, "
    "engineers and companies share in making the rules for the network, the names and the numbers, and that no "
    "assembly of ministers may overrule them without first hearing those who keep the network working day by day.",
]
LABELS = {
    "bert": ["contradiction", "entailment", "neutral"],
    "roberta": ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"],
    "xlm-roberta": ["Entailment", "Neutral", "Contradiction"],
    "distilbert": ["entailment", "not_entailment"],
    "mpnet": ["contradiction", "entailment", "neutral"],
}
WEIGHT_TYPES = {"roberta": torch.float16, "xlm-roberta": torch.bfloat16, "distilbert": torch.float16}
VOCABULARY = {"bert": 320, "distilbert": 320, "mpnet": 320, "roberta": 400, "xlm-roberta": 210}


def classifier(family: str, vocabulary: int, positions: int) -> transformers.PreTrainedModel:
    names = dict(enumerate(LABELS[family]))
    common = dict(
        vocab_size=vocabulary, max_position_embeddings=positions,
        id2label=names, label2id={name: row for row, name in names.items()},
    )
    shape = dict(hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=INNER)
    if family == "bert":
        return transformers.BertForSequenceClassification(transformers.BertConfig(**shape, **common))
    if family == "distilbert":
        shape = dict(dim=HIDDEN, n_layers=LAYERS, n_heads=HEADS, hidden_dim=INNER)
        return transformers.DistilBertForSequenceClassification(transformers.DistilBertConfig(**shape, **common))
    common |= dict(pad_token_id=1, bos_token_id=0, eos_token_id=2, layer_norm_eps=1e-5)
    if family == "mpnet":
        return transformers.MPNetForSequenceClassification(transformers.MPNetConfig(**shape, **common))
    kind = "Roberta" if family == "roberta" else "XLMRoberta"
    config = getattr(transformers, f"{kind}Config")(**shape, **common, type_vocab_size=1)
    return getattr(transformers, f"{kind}ForSequenceClassification")(config)


def make(family: str, pairs: list[tuple[str, str]]) -> None:
    folder = FIXTURES / family
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    make_tokenizer(family, folder, Corpus(PREMISES + HYPOTHESES, VOCABULARY[family], 80, MAX_TOKENS))
    compact(folder / "tokenizer.json")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    # BERT's tokenizer allows more than its model has positions: the smaller number counts.
    positions = MAX_TOKENS if family == "bert" else MAX_TOKENS + 6
    if family == "bert":
        limit_elsewhere(folder / "tokenizer_config.json")
    model = classifier(family, len(tokenizer), positions)
    randomise(model)
    sharpen(model)
    balance(model, tokenizer, pairs)
    model.to(WEIGHT_TYPES.get(family, torch.float32)).save_pretrained(folder)
    store(family, folder, tokenizer, pairs)
    for name in ("vocab.txt", "special_tokens_map.json"):
        (folder / name).unlink(missing_ok=True)  # only the reference reads them
    for file in folder.iterdir():
        file.chmod(0o644)


def sharpen(model: torch.nn.Module) -> None:
    """Larger weights still: the scores hang on one token, which must differ from pair to pair."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" not in name.lower():
                parameter.mul_(2.5)


def balance(model: transformers.PreTrainedModel, tokenizer: transformers.PreTrainedTokenizerFast, pairs: list[tuple[str, str]]) -> None:
    """No label is more likely than another over all pairs, so that probabilities lie away from 0 and 1."""
    model.eval()
    head = model.classifier.out_proj if hasattr(model.classifier, "out_proj") else model.classifier
    with torch.no_grad():
        head.bias -= torch.stack([logits_of(model, tokenizer, pair) for pair in pairs]).mean(0)


def logits_of(model: transformers.PreTrainedModel, tokenizer: transformers.PreTrainedTokenizerFast, pair: tuple[str, str]) -> torch.Tensor:
    known = inspect.signature(model.forward).parameters
    features = encode(tokenizer, pair, truncation="longest_first", max_length=MAX_TOKENS)
    with torch.no_grad():
        return model(**{name: value for name, value in features.items() if name in known}).logits[0]


def encode(tokenizer: transformers.PreTrainedTokenizerFast, pair: tuple[str, str], **options) -> transformers.BatchEncoding:
    premise, hypothesis = (text.strip() for text in pair)
    return tokenizer(premise, hypothesis, return_tensors="pt", return_token_type_ids=True, **options)


def limit_elsewhere(path: Path) -> None:
    """The number that transformers writes where a tokenizer knows no limit."""
    config = json.loads(path.read_text(encoding="utf-8")) | {"model_max_length": int(1e30)}
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def compact(path: Path) -> None:
    rules = json.loads(path.read_text(encoding="utf-8"))
    steps = (rules["normalizer"] or {}).get("normalizers", [])
    for step in steps:
        if step["type"] == "Precompiled":
            # SentencePiece's table of 300 KB; a model under tests/fixtures/encode has it.
            step.clear()
            step["type"] = "NFKC"
    path.write_text(json.dumps(rules, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def store(family: str, folder: Path, tokenizer: transformers.PreTrainedTokenizerFast, pairs: list[tuple[str, str]]) -> None:
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, torch_dtype=torch.float32).eval()
    row = [name.lower() for name in LABELS[family]].index("entailment")
    ids, types, lengths, truncated, logits = [], [], [], [], []
    for pair in pairs:
        whole = encode(tokenizer, pair)["input_ids"].shape[1]
        features = encode(tokenizer, pair, truncation="longest_first", max_length=MAX_TOKENS)
        count = features["input_ids"].shape[1]
        ids += features["input_ids"][0].tolist()
        types += features["token_type_ids"][0].tolist()
        lengths.append(count)
        truncated.append(whole > count)
        logits.append(logits_of(model, tokenizer, pair))
    logits = torch.stack(logits).contiguous()
    save_file({
        "ids": torch.tensor(ids, dtype=torch.int32),
        "types": torch.tensor(types, dtype=torch.int32),
        "lengths": torch.tensor(lengths, dtype=torch.int32),
        "truncated": torch.tensor(truncated, dtype=torch.int32),
        "logits": logits,
        "entailment": torch.softmax(logits, dim=-1)[:, row].contiguous(),
    }, folder / "expected.safetensors")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{family}: {len(pairs)} pairs, {sum(truncated)} cut, logits spread {logits.std(0).tolist()}, {size} bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(20240608)
    every = [(premise, hypothesis) for premise in PREMISES for hypothesis in HYPOTHESES]
    FIXTURES.mkdir(parents=True, exist_ok=True)
    texts = json.dumps({"premises": PREMISES, "hypotheses": HYPOTHESES}, ensure_ascii=False, indent=0)
    (FIXTURES / "pairs.json").write_text(texts + "\n", encoding="utf-8")
    for family in LABELS:
        make(family, every)

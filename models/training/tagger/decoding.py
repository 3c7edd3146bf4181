"""From scores to spans, as the Rust engine does it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch

from tagger.corpus import Span, Text
from tagger.network import TAGS, Batch, TaggerNetwork

BATCH_SIZE = 64


@dataclass
class Claim:
    """Spans are words of a sentence; the score is a sum of mean log-probabilities."""

    cue: Span
    source: Span | None
    content: list[Span]
    score: float


@dataclass
class Decision:
    """What is chosen on held-out texts: the price of a cue, the gate, and the calibration of confidence."""

    penalty: float
    gate: float
    slope: float
    intercept: float

    def confidence(self, score: float) -> float:
        return 1 / (1 + math.exp(-(self.slope * score + self.intercept)))


def best_spans(scores: list[list[float]], penalty: float = 0.0) -> list[Span]:
    """The likeliest sequence of tags in which nothing is inside what has not begun; each begin costs `penalty`."""
    never = float("-inf")
    best, steps = [0.0, never, never], []
    for outside, begin, inside in scores:
        anywhere = max(range(TAGS), key=lambda tag: best[tag])
        within = 1 if best[1] >= best[2] else 2
        steps.append((anywhere, anywhere, within))
        best = [best[anywhere] + outside, best[anywhere] + begin - penalty, best[within] + inside]
    tag, spans, end = max(range(TAGS), key=lambda tag: best[tag]), [], None
    for place in range(len(scores) - 1, -1, -1):
        if tag and end is None:
            end = place + 1
        if tag == 1:
            spans.append((place, end))
            end = None
        tag = steps[place][tag]
    return spans[::-1]


def predict(network: TaggerNetwork, texts: list[Text], penalty: float) -> dict[str, dict[str, set[Span]]]:
    """The spans of each role that the tagger finds in each text by itself, without the gate."""
    found = {text.id: {"source": set(), "cue": set(), "content": set()} for text in texts}
    for text, sentence, _, claims in claims_of(network, texts, penalty):
        for claim in claims:
            found[text.id]["cue"].add(sentence.of_text(claim.cue))
            found[text.id]["source"].update([sentence.of_text(claim.source)] if claim.source else [])
            found[text.id]["content"].update(map(sentence.of_text, claim.content))
    return found


@torch.no_grad()
def claims_of(network: TaggerNetwork, texts: list[Text], penalty: float):
    """Yields text, sentence, score of the gate and claims."""
    network.eval()
    sentences = [(text, one) for text in texts for one in text.sentences if one.words]
    sentences.sort(key=lambda pair: len(pair[1].ids))
    for first in range(0, len(sentences), BATCH_SIZE):
        some = sentences[first : first + BATCH_SIZE]
        batch = Batch([one for _, one in some])
        states = network.trunk(batch)
        gates = network.gate_scores(states, batch).tolist()
        words = network.words(states, batch)
        cue_scores = network.cue(words).float().log_softmax(-1).tolist()
        cues = [(row, *span) for row, n in enumerate(batch.n_words) for span in best_spans(cue_scores[row][:n], penalty)]
        claims = [[] for _ in some]
        if cues:
            rows, starts, ends = (torch.tensor(column) for column in zip(*cues))
            scores = network.parts(words, rows, starts, ends).float()
            source_scores = scores[..., :TAGS].log_softmax(-1).tolist()
            content_scores = scores[..., TAGS:].log_softmax(-1).tolist()
            for place, (row, start, end) in enumerate(cues):
                n = batch.n_words[row]
                parts = source_scores[place][:n], content_scores[place][:n]
                claims[row] += claim((start, end), cue_scores[row], *parts)
        for (text, sentence), gate, found in zip(some, gates, claims):
            yield text, sentence, gate, found


def claim(cue: Span, cue_scores: list, source_scores: list, content_scores: list) -> list[Claim]:
    """The claim of a cue, if it has a content."""
    sources, content = best_spans(source_scores)[:1], best_spans(content_scores)
    score = worth(cue_scores, [cue]) + worth(content_scores, content) + worth(source_scores, sources)
    return [Claim(cue, sources[0] if sources else None, content, score)] if content else []


def worth(scores: list[list[float]], spans: list[Span]) -> float:
    """The mean log-probability of the tags in some spans; 0 for none."""
    tagged = [scores[word][1 if word == start else 2] for start, end in spans for word in range(start, end)]
    return sum(tagged) / max(len(tagged), 1)


def f1(found: dict[str, dict[str, set[Span]]], texts: list[Text], role: str) -> float:
    """Exact F1 of a role over all texts."""
    hits = sum(len(found[text.id][role] & text.gold[role]) for text in texts)
    counted = sum(len(found[text.id][role]) + len(text.gold[role]) for text in texts)
    return 2 * hits / max(counted, 1)


def overlap_f1(found: dict[str, dict[str, set[Span]]], texts: list[Text], role: str) -> float:
    """F1 of a role where one shared character makes two spans agree."""
    precision = share_touched([(found[text.id][role], text.gold[role]) for text in texts])
    recall = share_touched([(text.gold[role], found[text.id][role]) for text in texts])
    return 2 * precision * recall / max(precision + recall, 1e-9)


def share_touched(pairs: list[tuple[set[Span], set[Span]]]) -> float:
    """Of all first spans of the pairs, the share that overlaps one of the second."""
    touched = [touch(one, others) for some, others in pairs for one in some]
    return sum(touched) / max(len(touched), 1)


def touch(one: Span, others: Iterable[Span]) -> bool:
    return any(one[0] < other[1] and other[0] < one[1] for other in others)

"""Training of the tagger."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from tagger.corpus import Sentence
from tagger.network import IGNORED, TAGS, Batch, TaggerNetwork

# Batches hold sentences of like length, give or take this many tokens.
JITTER = 4
REPORT_EVERY = 100
GATE_EPOCHS = 2
GATE_BATCH_SIZE = 256
GATE_RATE = 1e-2


@dataclass
class Recipe:
    epochs: int = 6
    learning_rate: float = 2e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.06
    batch_size: int = 32
    # Of the loss of cues against that of sources and that of contents.
    cue_weight: float = 2.0


def fit(network: TaggerNetwork, sentences: list[Sentence], recipe: Recipe, log, after_epoch) -> None:
    """AdamW with linear warm-up and decay; embeddings and shared layers stay as they are."""
    learned = [(name, parameter) for name, parameter in network.named_parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for name, parameter in learned if name.startswith("encoder")], "lr": recipe.learning_rate},
        {"params": [parameter for name, parameter in learned if not name.startswith("encoder")], "lr": recipe.head_learning_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)
    steps_in_epoch = math.ceil(len(sentences) / recipe.batch_size)
    steps = recipe.epochs * steps_in_epoch

    def rate(step: int) -> float:
        return min((step + 1) / (recipe.warm_up * steps), max(0, (steps - step) / ((1 - recipe.warm_up) * steps)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    for epoch in range(recipe.epochs):
        network.train()
        total = 0.0
        for step, places in enumerate(batches(sentences, recipe.batch_size), 1):
            loss = batch_loss(network, Batch([sentences[place] for place in places]), recipe)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
            if step % REPORT_EVERY == 0:
                log(f"  epoch {epoch + 1}, batch {step}/{steps_in_epoch}: loss {total / step:.4f}")
        after_epoch(epoch)


def fit_gate(network: TaggerNetwork, sentences: list[Sentence]) -> None:
    """Logistic regression of "this token belongs to a cue" on what the branch reads."""
    network.eval()
    optimizer = torch.optim.Adam(network.gate.parameters(), lr=GATE_RATE)
    for _ in range(GATE_EPOCHS):
        for places in batches(sentences, GATE_BATCH_SIZE):
            batch = Batch([sentences[place] for place in places])
            with torch.no_grad():
                states = network.told(network.trunk(batch), batch)
            scores = network.gate(states).squeeze(-1)
            losses = F.binary_cross_entropy_with_logits(scores, cue_tokens(batch), reduction="none")
            loss = (losses * batch.mask).sum() / batch.mask.sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def cue_tokens(batch: Batch) -> torch.Tensor:
    """1 for the first token of each word of a cue, else 0."""
    marked = torch.zeros(batch.ids.shape)
    return marked.scatter_add(1, batch.first, (batch.cue_tags > 0).float()).clamp(max=1)


def batch_loss(network: TaggerNetwork, batch: Batch, recipe: Recipe) -> torch.Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        words = network.words(network.trunk(batch), batch)
        cues = network.cue(words)
        parts = network.parts(words, batch.rows, batch.starts, batch.ends) if len(batch.rows) else None
    loss = recipe.cue_weight * cross_entropy(cues, batch.cue_tags)
    if parts is not None:
        loss = loss + cross_entropy(parts[..., :TAGS], batch.source_tags) + cross_entropy(parts[..., TAGS:], batch.content_tags)
    return loss


def cross_entropy(scores: torch.Tensor, tags: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(scores.float().reshape(-1, TAGS), tags.reshape(-1), ignore_index=IGNORED)


def batches(sentences: list[Sentence], size: int) -> list[list[int]]:
    order = sorted(range(len(sentences)), key=lambda place: len(sentences[place].ids) + random.random() * JITTER)
    found = [order[first : first + size] for first in range(0, len(order), size)]
    random.shuffle(found)
    return found

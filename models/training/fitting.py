"""Fits a `StanceNetwork`: stages of epochs over statements, in bf16 on the CPU or a GPU's worth of patience."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn
from transformers import BertModel

from network import Batch, StanceNetwork
from statements import Statement

# Batches are cut from windows of this many, sorted by length, so that little of a batch is padding.
WINDOW = 16


@dataclass(frozen=True)
class Recipe:
    """How to train. Chosen on held-out training documents; README.md has the comparison."""

    epochs: int
    batch_size: int = 32
    learning_rate: float = 2e-4
    # Each layer below the last learns this much slower than the one above it (Howard & Ruder 2018).
    layer_decay: float = 0.9
    head_learning_rate: float = 2e-3
    weight_decay: float = 0.01
    warmup: float = 0.06
    # Layers that stay as they are, beside the embeddings.
    frozen_layers: int = 2
    # Weight of the loss on sentences as wholes.
    sentence_weight: float = 0.5
    # Weight of the distance between the mean of the tokens and that of the original encoder.
    keep_weight: float = 1.0


def load_encoder(folder: str) -> BertModel:
    # The plain attention is the fastest of the three on a CPU at these lengths.
    return BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager").float()


def freeze_lower_layers(network: StanceNetwork, n_layers: int) -> None:
    frozen = [network.encoder.embeddings, *network.encoder.encoder.layer[:n_layers]]
    for module in frozen:
        module.requires_grad_(False)
        for part in module.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0


@torch.no_grad()
def original_means(encoder: BertModel, statements: list[Statement]) -> torch.Tensor:
    """What the encoder makes of each statement before training: the mean of its tokens at length one."""
    encoder.eval()
    network = StanceNetwork(encoder, len(statements[0].leans))
    means = torch.zeros(len(statements), encoder.config.hidden_size)
    for places in batches(statements, 64):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            means[places] = network.embed(Batch([statements[place] for place in places]))[1]
    return means


def fit(network: StanceNetwork, statements: list[Statement], means: torch.Tensor, recipe: Recipe, seed: int, log) -> None:
    """Trains `network` in place."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    freeze_lower_layers(network, recipe.frozen_layers)
    optimiser = torch.optim.AdamW(parameter_groups(network, recipe))
    rates = [group["lr"] for group in optimiser.param_groups]
    n_steps = recipe.epochs * len(batches(statements, recipe.batch_size))
    step, start = 0, time.monotonic()
    network.train()
    for epoch in range(recipe.epochs):
        total = 0.0
        epoch_batches = batches(statements, recipe.batch_size, chance)
        for places in epoch_batches:
            for group, rate in zip(optimiser.param_groups, rates):
                group["lr"] = rate * slope(step / n_steps, recipe.warmup)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = loss_of(network, Batch([statements[place] for place in places]), means[places], recipe)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            step += 1
            total += loss.item()
        log(f"  epoch {epoch + 1}/{recipe.epochs}: loss {total / len(epoch_batches):.4f}, {time.monotonic() - start:.0f} s")
    network.eval()


def loss_of(network: StanceNetwork, batch: Batch, means: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    statement, sentence, mean = network(batch)
    drift = 1 - (mean * means).sum(1).mean()
    leans = cross_entropy(statement, batch.leans)
    return leans + recipe.sentence_weight * cross_entropy(sentence, batch.sentence_leans) + recipe.keep_weight * drift


def cross_entropy(margins: torch.Tensor, leans: torch.Tensor) -> torch.Tensor:
    """Summed over poles, averaged over the batch; unknown leans count nothing."""
    known = ~torch.isnan(leans)
    losses = F.binary_cross_entropy_with_logits(margins, torch.nan_to_num(leans), reduction="none")
    return (losses * known).sum() / len(leans)


def parameter_groups(network: StanceNetwork, recipe: Recipe) -> list[dict]:
    n_layers = network.encoder.config.num_hidden_layers
    groups = []
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = recipe.head_learning_rate
        if name.startswith("encoder.encoder.layer."):
            depth = n_layers - 1 - int(name.split(".")[3])
            rate = recipe.learning_rate * recipe.layer_decay**depth
        decay = recipe.weight_decay if parameter.dim() > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate, "weight_decay": decay})
    return groups


def slope(progress: float, warmup: float) -> float:
    """Up to one, then down to zero, in straight lines."""
    return progress / warmup if progress < warmup else (1 - progress) / (1 - warmup)


def batches(statements: list[Statement], size: int, chance: random.Random | None = None) -> list[list[int]]:
    """Places of statements of like length; shuffled where `chance` is given."""
    order = list(range(len(statements)))
    if chance:
        chance.shuffle(order)
    window = size * WINDOW if chance else len(order)
    found = []
    for first in range(0, len(order), window):
        part = sorted(order[first : first + window], key=lambda place: len(statements[place].ids))
        found += [part[place : place + size] for place in range(0, len(part), size)]
    if chance:
        chance.shuffle(found)
    return found


@torch.no_grad()
def margins(network: StanceNetwork, statements: list[Statement]) -> tuple[torch.Tensor, torch.Tensor]:
    """Margins of the statements and of their sentences as wholes, in f32."""
    network.eval()
    n_poles = len(statements[0].leans)
    statement, sentence = torch.zeros(len(statements), n_poles), torch.zeros(len(statements), n_poles)
    for places in batches(statements, 64):
        statement[places], sentence[places], _ = network(Batch([statements[place] for place in places]))
    return statement, sentence


def average(networks: list[StanceNetwork]) -> StanceNetwork:
    """The network whose every weight is the mean of theirs (Wortsman et al. 2022: Model soups)."""
    mean = networks[0]
    states = [network.state_dict() for network in networks]
    mean.load_state_dict({name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]})
    return mean

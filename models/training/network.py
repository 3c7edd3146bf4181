"""The network: a sentence encoder and one linear head for each pole, as the Rust engine computes them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn
from transformers import BertModel

from statements import FEATURES, Statement

# The features' own weights start at zero, so that they begin as a correction.
HEAD_STD = 0.5
# Most statements support a given pole with a probability near one in eight: sigmoid(-2).
HEAD_BIAS = -2.0


class Batch:
    """Statements padded to the longest."""

    def __init__(self, statements: list[Statement]) -> None:
        shape = (len(statements), max(len(one.ids) for one in statements))
        self.ids, self.type_ids, self.mask = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
        for row, one in enumerate(statements):
            n = len(one.ids)
            self.ids[row, :n] = torch.tensor(one.ids)
            self.type_ids[row, :n] = torch.tensor(one.type_ids)
            self.mask[row, :n] = 1
        self.features = torch.tensor([one.features for one in statements])
        self.reported = torch.tensor([[one.reported] for one in statements])
        self.leans = torch.tensor([one.leans for one in statements])
        self.sentence_leans = torch.tensor([one.sentence_leans for one in statements])


class StanceNetwork(nn.Module):
    """`margin = bias + (weights [+ reported_weights]) · embedding + feature_weights · features` for each pole.

    The embedding is the state of the first token beside the mean of all tokens, brought to length one. The first half
    is free to serve the heads; the second is held near the original encoder's (`fitting.py`), for other uses.
    """

    def __init__(self, encoder: BertModel, n_poles: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        width = 2 * encoder.config.hidden_size
        self.statement = self.head(width, n_poles)
        self.reported = self.head(width, n_poles, bias=False)
        self.sentence = self.head(width, n_poles)
        self.statement_features = nn.Linear(len(FEATURES), n_poles, bias=False)
        self.sentence_features = nn.Linear(len(FEATURES), n_poles, bias=False)
        nn.init.zeros_(self.statement_features.weight)
        nn.init.zeros_(self.sentence_features.weight)
        self.dropout = nn.Dropout(dropout)

    @staticmethod
    def head(width: int, n_poles: int, bias: bool = True) -> nn.Linear:
        head = nn.Linear(width, n_poles, bias=bias)
        nn.init.normal_(head.weight, std=HEAD_STD if bias else HEAD_STD / 10)
        if bias:
            nn.init.constant_(head.bias, HEAD_BIAS)
        return head

    def embed(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """The embedding, and the mean of the tokens at length one."""
        output = self.encoder(batch.ids, attention_mask=batch.mask, token_type_ids=batch.type_ids)
        states = output.last_hidden_state.float()
        weights = batch.mask.unsqueeze(-1).float()
        mean = (states * weights).sum(1) / weights.sum(1)
        return F.normalize(torch.cat([states[:, 0], mean], 1), dim=1), F.normalize(mean, dim=1)

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Margins of the statements, margins of their sentences as wholes, and the mean of the tokens."""
        embedding, mean = self.embed(batch)
        embedding = self.dropout(embedding)
        # With autocast on, linear layers give bf16; margins need more digits.
        with torch.autocast("cpu", enabled=False):
            statement = self.statement(embedding) + batch.reported * self.reported(embedding)
            statement = statement + self.statement_features(batch.features)
            sentence = self.sentence(embedding) + self.sentence_features(batch.features)
        return statement, sentence, mean

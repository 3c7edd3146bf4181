"""The network: a branch of the encoder, and two heads over its words."""

from __future__ import annotations

import math

import torch
from torch import nn
from transformers import BertModel

from tagger.corpus import Sentence, Span

# Layers shared with the encoder of statements, which training leaves as they are (`fitting.py`), as it does the embeddings.
TRUNK = 2
N_SHAPES = 6
# Outside, begin, inside.
TAGS = 3
# Size of the space in which cues and words are compared, for each tag.
WIDTH = 64
# Farther words are as far as this many.
REACH = 32
IGNORED = -100


class Batch:
    """Sentences padded to the longest; `rows`, `starts`, `ends` are cues: the sentence and the words of each."""

    def __init__(self, sentences: list[Sentence]) -> None:
        n, n_words = len(sentences), max(len(one.words) for one in sentences)
        shape = (n, max(len(one.ids) for one in sentences))
        self.ids, self.mask, self.shapes, self.quoted = (torch.zeros(shape, dtype=torch.long) for _ in range(4))
        self.first = torch.zeros((n, n_words), dtype=torch.long)
        self.cue_tags = torch.full((n, n_words), IGNORED)
        self.n_words = [len(one.words) for one in sentences]
        for row, one in enumerate(sentences):
            length = len(one.ids)
            self.ids[row, :length] = torch.tensor(one.ids)
            self.mask[row, :length] = 1
            self.first[row, : len(one.words)] = torch.tensor(one.first)
            for start, end, shape, quoted in zip(one.first, [*one.first[1:], length - 1], one.shapes, one.quoted):
                self.shapes[row, start:end] = shape
                self.quoted[row, start:end] = quoted
            self.cue_tags[row, : len(one.words)] = tags(len(one.words), [found.cue for found in one.attributions])
        found = [(row, attribution) for row, one in enumerate(sentences) for attribution in one.attributions]
        self.rows = torch.tensor([row for row, _ in found], dtype=torch.long)
        self.starts = torch.tensor([one.cue[0] for _, one in found], dtype=torch.long)
        self.ends = torch.tensor([one.cue[1] for _, one in found], dtype=torch.long)
        self.source_tags, self.content_tags = (torch.full((len(found), n_words), IGNORED) for _ in range(2))
        for place, (row, one) in enumerate(found):
            self.source_tags[place, : self.n_words[row]] = tags(self.n_words[row], [one.source] if one.source else [])
            self.content_tags[place, : self.n_words[row]] = tags(self.n_words[row], one.content)


def tags(n_words: int, spans: list[Span]) -> torch.Tensor:
    row = torch.zeros(n_words, dtype=torch.long)
    for start, end in spans:
        row[start] = 1
        row[start + 1 : end] = 2
    return row


class TaggerNetwork(nn.Module):
    """Words are the states of their first tokens. One head finds cues; the other, for each cue, its source and content.

    The second compares what a word is with what the cue looks for, `key(word) · query(cue) / sqrt(WIDTH)`, for each of
    the tags outside, begin, inside of a source and of a content, and adds what the word alone and its distance tell.
    """

    def __init__(self, encoder: BertModel, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        for part in [encoder.embeddings, *encoder.encoder.layer[:TRUNK]]:
            part.requires_grad_(False)
        hidden = encoder.config.hidden_size
        self.shape, self.quote = nn.Embedding(N_SHAPES, hidden), nn.Embedding(2, hidden)
        nn.init.zeros_(self.shape.weight)
        nn.init.zeros_(self.quote.weight)
        self.dropout = nn.Dropout(dropout)
        self.cue = nn.Linear(hidden, TAGS)
        self.query, self.key = nn.Linear(2 * hidden, 2 * TAGS * WIDTH), nn.Linear(hidden, 2 * TAGS * WIDTH)
        self.word, self.distance = nn.Linear(hidden, 2 * TAGS), nn.Embedding(2 * REACH + 1, 2 * TAGS)
        nn.init.zeros_(self.distance.weight)
        # Fitted on its own, behind the rest: it draws no random numbers here.
        self.gate = nn.utils.skip_init(nn.Linear, hidden, 1)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def trunk(self, batch: Batch) -> torch.Tensor:
        """What the shared layers give for each token."""
        with torch.no_grad():
            states = self.encoder.embeddings(input_ids=batch.ids)
            for layer in self.encoder.encoder.layer[:TRUNK]:
                states = run(layer, states, batch)
        return states

    def told(self, states: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The states of the trunk with what they do not show: how a word is written, whether it is quoted."""
        return states + self.shape(batch.shapes) + self.quote(batch.quoted)

    def gate_scores(self, states: torch.Tensor, batch: Batch) -> torch.Tensor:
        """How much each sentence looks like one that attributes something."""
        scores = self.gate(self.told(states, batch)).squeeze(-1)
        return scores.masked_fill(batch.mask == 0, float("-inf")).amax(1)

    def words(self, states: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The states of the words above the branch, from those of the tokens below it."""
        states = self.told(states, batch)
        for layer in self.encoder.encoder.layer[TRUNK:]:
            states = run(layer, states, batch)
        return self.dropout(states.gather(1, batch.first[:, :, None].expand(-1, -1, states.shape[-1])))

    def parts(self, words: torch.Tensor, rows: torch.Tensor, starts: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
        """For each cue and word of its sentence the scores of the tags of a source, then of a content."""
        n = len(rows)
        mine = words[rows]
        cues = torch.cat([mine[torch.arange(n), starts], mine[torch.arange(n), ends - 1]], -1)
        query = self.query(cues).view(n, 1, 2 * TAGS, WIDTH)
        key = self.key(words).view(*words.shape[:2], 2 * TAGS, WIDTH)[rows]
        places = torch.arange(words.shape[1])[None]
        before, behind = places - starts[:, None], places - ends[:, None] + 1
        distance = torch.where(before < 0, before, torch.where(behind > 0, behind, torch.zeros_like(places)))
        near = self.distance(distance.clamp(-REACH, REACH) + REACH)
        return (query * key).sum(-1) / math.sqrt(WIDTH) + self.word(mine) + near


def run(layer: nn.Module, states: torch.Tensor, batch: Batch) -> torch.Tensor:
    mask = (1 - batch.mask[:, None, None, :].to(states.dtype)) * -1e4
    output = layer(states, mask)
    return output[0] if isinstance(output, tuple) else output

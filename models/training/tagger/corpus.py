"""Texts with attributions, and their sentences as the program reads them."""

from __future__ import annotations

import bisect
import json
import re
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from statements import call

Span = tuple[int, int]
ROLES = ["source", "cue", "content"]
MARK = re.compile(r"\{([sct])(\d+)\|")


@dataclass
class Attribution:
    """Spans are code points of the text, or words of a sentence; half-open."""

    source: Span | None = None
    cue: Span | None = None
    content: list[Span] = field(default_factory=list)


@dataclass
class Sentence:
    """What `plenary segment --words` prints, and the attributions whose cue stands in the sentence."""

    start: int
    ids: list[int]
    # For each word: its first token, its code points in the text, its shape, whether it is quoted.
    first: list[int]
    words: list[Span]
    shapes: list[int]
    quoted: list[int]
    attributions: list[Attribution] = field(default_factory=list)

    def words_in(self, span: Span) -> Span | None:
        """The words that a span of the text touches."""
        start, end = span
        touched = [place for place, (first, last) in enumerate(self.words) if first < end and last > start]
        return (touched[0], touched[-1] + 1) if touched else None

    def of_text(self, words: Span) -> Span:
        """The code points from the first to the last of the words."""
        return self.words[words[0]][0], self.words[words[1] - 1][1]


@dataclass
class Text:
    id: str
    sentences: list[Sentence]
    # The spans of each role; a span that several attributions share counts once.
    gold: dict[str, set[Span]]


def load(program: list[str], path: Path) -> list[Text]:
    """The texts of a file in the form of `plenary evaluate --task attribution`, or marked inline."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    if records and "attributions" not in records[0]:
        records = [from_marked(record) for record in records]
    sentences = read_sentences(program, records)
    return [text(record, sentences[record["id"]]) for record in records]


def read_sentences(program: list[str], records: list[dict]) -> dict[str, list[Sentence]]:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for record in records:
            print(json.dumps({"doc_id": record["id"], "text": record["text"], "language": "en"}), file=file)
        file.flush()
        lines = call(program, "segment", file.name, "--json", "--words", "--quiet").split("\n")
    sentences = defaultdict(list)
    for row in map(json.loads, lines):
        words = [tuple(word) for word in row["words"]]
        quoted = [int(flag) for flag in row["quoted"]]
        sentence = Sentence(row["start_char"], row["ids"], row["first_tokens"], words, row["shapes"], quoted)
        sentences[row["doc_id"]].append(sentence)
    return sentences


def text(record: dict, sentences: list[Sentence]) -> Text:
    """Gives each attribution to the sentence of its cue; what of its content lies in others is left to the rules."""
    gold = {role: set() for role in ROLES}
    starts = [sentence.start for sentence in sentences]
    for marked in record["attributions"]:
        source, cue, content = marked.get("source"), marked.get("cue"), [tuple(span) for span in marked["content"]]
        gold["source"].update([tuple(source)] if source else [])
        gold["cue"].update([tuple(cue)] if cue else [])
        gold["content"].update(content)
        if not cue or not sentences:
            continue
        sentence = sentences[max(0, bisect.bisect_right(starts, cue[0]) - 1)]
        words = sentence.words_in(cue)
        if words:
            pieces = [piece for piece in map(sentence.words_in, content) if piece]
            sentence.attributions.append(Attribution(sentence.words_in(source) if source else None, words, pieces))
    return Text(record["id"], sentences, gold)


def from_marked(record: dict) -> dict:
    """`{s1|Solheim} {c1|said} {t1|no}`: source, cue and content of attribution 1; marks may stand in each other."""
    plain, open_marks, found = [], [], defaultdict(lambda: {"source": None, "cue": None, "content": []})
    marked, at = record["text"], 0
    while at < len(marked):
        if mark := MARK.match(marked, at):
            open_marks.append((mark[1], int(mark[2]), len(plain)))
            at = mark.end()
            continue
        if marked[at] == "}":
            role, number, start = open_marks.pop()
            span = [start, len(plain)]
            if role == "t":
                found[number]["content"].append(span)
            else:
                found[number]["source" if role == "s" else "cue"] = span
        else:
            plain.append(marked[at])
        at += 1
    for one in found.values():
        one["content"].sort()
    return {"id": record["id"], "text": "".join(plain), "attributions": [found[number] for number in sorted(found)]}

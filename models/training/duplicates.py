"""Looks for near-duplicates between label files: pairs of sentences that share most of their words in order.

    python models/training/duplicates.py ../shared/labels/*.jsonl data/training/*.jsonl

Prints a table of pairs of files with the number of sentences in the first that have a near-duplicate in the second:
Jaccard similarity of their sets of four-word runs at least one half. Sentences under six words are left out.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

RUN = 4
SIMILAR = 0.5
SHORTEST = 6


def runs(sentence: str) -> set[str]:
    words = re.findall(r"\w+", sentence.lower())
    return {" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1)} if len(words) >= SHORTEST else set()


def main() -> None:
    sentences = []
    for path in map(Path, sys.argv[1:]):
        for line in path.read_text(encoding="utf-8").strip().split("\n"):
            record = json.loads(line)
            sentences.append((path.stem, record["id"], runs(record["sentence"])))
    holders = defaultdict(list)
    for place, (_, _, found) in enumerate(sentences):
        for run in found:
            holders[run].append(place)
    pairs = Counter()
    for place, (file, name, found) in enumerate(sentences):
        shared = Counter(other for run in found for other in holders[run] if other != place)
        near = [other for other, n in shared.items() if n / (len(found) + len(sentences[other][2]) - n) >= SIMILAR]
        for other_file in {sentences[other][0] for other in near}:
            pairs[file, other_file] += 1
            if file.endswith("_dev") and other_file != file:
                print(f"{name} ~ {[sentences[other][1] for other in near if sentences[other][0] == other_file]}", file=sys.stderr)
    print("| in | also in | sentences |\n|---|---|---|")
    for (file, other), n in sorted(pairs.items()):
        print(f"| {file} | {other} | {n} |")


if __name__ == "__main__":
    main()

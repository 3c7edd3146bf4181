#!/usr/bin/env bash
# Instructions that encoding takes by the AVX2 kernel, counted by callgrind: noise cannot move them. Fails where they
# grow by more than the tolerance; `--update` writes the new number. Needs valgrind and the built program.
set -euo pipefail
cd "$(dirname "$0")"

program="${1:?usage: measure.sh PROGRAM [--update]}"
tolerance_percent=2
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Few and short sentences: valgrind takes more than a second for a token, since it computes fused multiply-adds
# in software.
sentences=("States decide." "Engineers decide." "Parliaments decide.")

# The instructions of a run on the first sentences.
count() {
    printf '%s\n' "${sentences[@]:0:$1}" > "$work/sentences.txt"
    PLENARY_KERNEL=avx2 PLENARY_PRECISION=f32 valgrind --tool=callgrind --callgrind-out-file="$work/out" \
        "$program" encode "$work/sentences.txt" --threads 1 > /dev/null 2> "$work/log"
    sed -n 's/^totals: \([0-9][0-9]*\)$/\1/p' "$work/out" | grep .
}

# The difference of two runs has no start in it.
few=$(count 1)
more=$(count 3)
found=$(((more - few) / 2))
echo "$found instructions a sentence"
if [ "${2:-}" = "--update" ]; then
    echo "$found" > baseline.txt
    exit
fi
baseline=$(cat baseline.txt)
echo "$baseline in baseline.txt"
if [ $((found * 100)) -gt $((baseline * (100 + tolerance_percent))) ]; then
    echo "more than $tolerance_percent % above the baseline: find out why, or update it with the reason" >&2
    exit 1
fi

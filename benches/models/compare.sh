#!/usr/bin/env bash
# The full comparison on the coded dev sentences: the built-in model, and the published MiniLM with heads through every
# backend. Needs ../shared and a build with --features libtorch,onnx: its program is the first argument, the second a folder to work in.
set -euo pipefail
cd "$(dirname "$0")/../.."
program="$1" work="$2" labels="${PLENARY_SHARED:-$PWD/../shared}/labels"
source benches/models/engines.sh "${XDG_CACHE_HOME:-$HOME/.cache}/plenary/engines"
mkdir -p "$work"
[ -f "$work/onnx/model_int8.onnx" ] || python benches/models/export_onnx.py "$minilm" "$work/onnx"
[ -f "$work/heads/heads.json" ] || "$program" train --quiet --encoder "$minilm" --labels "$labels/speeches_train.jsonl" \
    --labels "$labels/articles_train.jsonl" -o "$work/heads" > "$work/training.md"
onnx="onnx:$work/onnx" heads="$work/heads"
models="default,default f32=f32:default+default,MiniLM native bf16=$minilm+$heads,MiniLM native f32=f32:$minilm+$heads"
models="$models,MiniLM rust-bert f32=libtorch:$minilm+$heads,MiniLM ONNX f32=$onnx+$heads,MiniLM ONNX int8=$onnx/model_int8.onnx+$heads"
models="$models,prototypes,dictionary"
"$program" compare --models "$models" --labels "$labels/speeches_dev.jsonl" "$labels/articles_dev.jsonl" --threads 2 -o "$work/comparison" "${@:3}"

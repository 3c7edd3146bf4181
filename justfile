# Lists the recipes.
default:
    @just --list

# Everything CI does.
check:
    bash .ci/run

# The main job on the sample.
sample:
    cargo run --release -- run data/sample -o out

# Criterion benches; `just bench segment` runs one group.
bench filter="":
    cargo bench -- {{filter}}

# Review changed snapshots (needs cargo-insta).
snap:
    cargo insta test --release --review

# Regenerates the evaluation tables in data/reports (needs ../shared).
eval:
    cargo run --release -- evaluate --labels ../shared/labels/speeches_dev.jsonl --labels ../shared/labels/articles_dev.jsonl

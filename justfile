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

# Makes models/default again (45 minutes on two cores; uses ../shared/labels where it is).
train-default:
    cargo build --release
    python models/training/train.py

# Regenerates the tables on the stance model and the numbers in its card (needs ../shared).
reports:
    cargo build --release
    python models/training/report.py --program target/release/plenary

#!/usr/bin/env bash
# Runs the tests of the kernels, where all `unsafe` of the project stands, under AddressSanitizer: every read and write
# outside of its memory ends a test. Needs a nightly toolchain (`rustup toolchain install nightly`), which alone has the
# switch. Takes a minute the first time.
set -euo pipefail
cd "$(dirname "$0")"

host="$(rustc +nightly -vV | sed -n 's/^host: //p')"
# The target is named so that build scripts and macros, which the sanitizer is not for, are compiled without it.
RUSTFLAGS="-Zsanitizer=address" cargo +nightly test --release --lib --target "$host"

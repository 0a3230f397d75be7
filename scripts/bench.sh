#!/bin/sh
# Measures the release build on generated logs; docs/performance.md tells what the figures mean.
# LOGS=DIR measures real logs instead, MB=N generates more or less than 100 MB.
set -eu
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
mb=${MB:-100}
cargo build --release --locked --package lorekeep --package xtask
xtask=$target/release/xtask
bin=$target/release/lorekeep

logs=${LOGS:-$target/bench/logs-$mb}
if [ ! -d "$logs" ]; then
  "$xtask" logs --out "$logs" --mb "$mb" --seed 1
fi
"$xtask" bench import --bin "$bin" --logs "$logs"
"$xtask" bench search --bin "$bin"

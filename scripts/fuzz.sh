#!/bin/sh
# Runs each fuzz target for some seconds, one after the other: `sh scripts/fuzz.sh SECONDS [TARGET…]`.
# What was found before lies in fuzz/seeds and is tried first; what is found on the way is kept in
# fuzz/corpus, and an input that breaks something in fuzz/artifacts. `FUZZ_SEED=1 FUZZ_RUNS=5000` tries that many
# inputs, the same in each run from an empty corpus, whatever the machine's speed; without it they differ.
#
# Coverage of any toolchain will do: nothing here needs the nightly one, since all of the code is safe
# and what fuzzing looks for are panics, overflows, and promises that don't hold.
set -eu
cd "$(dirname "$0")/../fuzz"

seconds=${1:-10}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- $(ls fuzz_targets | sed 's/\.rs$//')

target_dir=${CARGO_TARGET_DIR:-target}
host=$(rustc -vV | sed -n 's/^host: //p')
# Flags for code that is fuzzed only, not for what runs while it is built: hence the explicit target.
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1
  -Cdebug-assertions -Coverflow-checks" \
  cargo build --quiet --locked --release --target "$host" --bins

for target; do
  mkdir -p "corpus/$target" "artifacts/$target"
  seeds=
  [ ! -d "seeds/$target" ] || seeds="seeds/$target"
  echo "fuzz: $target for $seconds s"
  log="artifacts/$target/log"
  # shellcheck disable=SC2086 # no seeds, no word
  if ! "$target_dir/$host/release/$target" "corpus/$target" $seeds "-artifact_prefix=artifacts/$target/" \
    "-max_total_time=$seconds" "-seed=${FUZZ_SEED:-0}" "-runs=${FUZZ_RUNS:--1}" -timeout=25 -rss_limit_mb=4096 -max_len=65536 -use_value_profile=0 \
    -print_final_stats=1 >"$log" 2>&1; then
    tail -n 40 "$log"
    echo "fuzz: $target failed; its input is in fuzz/artifacts/$target" >&2
    exit 1
  fi
  sed -n 's/^stat::number_of_executed_units: */  inputs tried: /p' "$log"
done

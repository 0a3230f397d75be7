#!/bin/sh
# Installs the program for this person: `sh scripts/install.sh [PROGRAM]`, by default what a release
# build gives. Into PREFIX (~/.local): bin/lorekeep, the manual pages, and completions for Bash, Zsh and
# fish. Nothing else is changed: no file that a shell starts with.
set -eu
cd "$(dirname "$0")/.."

prefix=${PREFIX:-$HOME/.local}
target=${CARGO_TARGET_DIR:-target}
program=${1:-}
if [ -z "$program" ]; then
  cargo build --release --locked --package lorekeep
  program=$target/release/lorekeep
fi

bin=$prefix/bin
share=$prefix/share
bash=$share/bash-completion/completions
zsh=$share/zsh/site-functions
fish=$share/fish/vendor_completions.d
man=$share/man/man1
mkdir -p "$bin" "$bash" "$zsh" "$fish" "$man"

# A program that runs keeps its file: the new one takes the name whole.
draft=$bin/.lorekeep.$$
trap 'rm -f "$draft"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cp "$program" "$draft"
chmod 755 "$draft"
"$draft" --version >/dev/null
mv -f "$draft" "$bin/lorekeep"

"$bin/lorekeep" completions bash >"$bash/lorekeep"
"$bin/lorekeep" completions zsh >"$zsh/_lorekeep"
"$bin/lorekeep" completions fish >"$fish/lorekeep.fish"
"$bin/lorekeep" man "$man" >/dev/null

echo "installed $("$bin/lorekeep" --version) as $bin/lorekeep, with manual pages and completions" >&2
found=$(command -v lorekeep || true)
case $found in
  "$bin/lorekeep") ;;
  '') echo "hint: $bin is not in your PATH: add it, for instance with" \
    "\`export PATH=\"$bin:\$PATH\"\` in your shell's start-up file" >&2 ;;
  *) echo "hint: \`lorekeep\` still means $found: put $bin before it in your PATH" >&2 ;;
esac
case ":${FPATH:-}:$(basename "${SHELL:-}")" in
  *":$zsh:"*) ;;
  *:zsh) echo "hint: Zsh finds the completions with \`fpath+=($zsh)\` before \`compinit\` in ~/.zshrc" >&2 ;;
esac

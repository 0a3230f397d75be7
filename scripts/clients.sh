#!/bin/sh
# Drives the built program with the official MCP clients, over both transports: those of Python and
# TypeScript, and the inspector's command line. They are installed, pinned, into target/clients.
# Exit code 77: they could not be had.
set -eu
cd "$(dirname "$0")/.."

program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
clients=${CARGO_TARGET_DIR:-target}/clients
mkdir -p "$clients"
clients=$(cd "$clients" && pwd)

pins='mcp==2.3.0'
if [ ! -f "$clients/python-$pins" ]; then
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --upgrade \
    --target "$clients/python" "$pins" >"$clients/log" 2>&1 || exit 77
  touch "$clients/python-$pins"
fi
if ! cmp -s clients/package-lock.json "$clients/package-lock.json" || [ ! -d "$clients/node_modules" ]; then
  command -v npm >/dev/null 2>&1 || exit 77
  cp clients/package.json clients/package-lock.json clients/.npmrc "$clients"
  (cd "$clients" && npm ci --silent --ignore-scripts) >>"$clients/log" 2>&1 ||
    { rm -f "$clients/package-lock.json"; exit 77; }
fi
cp clients/session.mjs "$clients"

home=$(mktemp -d "$clients/home-XXXXXX")
trap 'rm -rf "$home"' EXIT
HOME=$home LOREKEEP_HOME=$home/lorekeep "$program" import --no-embed samples >/dev/null

PYTHONPATH=$clients/python python3 clients/session.py "$program" "$home"
node "$clients/session.mjs" "$program" "$home"

# From the home directory, which is no project: everything may be found.
cd "$home"
inspect() {
  HOME=$home LOREKEEP_HOME=$home/lorekeep \
    node "$clients/node_modules/@modelcontextprotocol/inspector/cli/build/cli.js" --cli \
    "$program" mcp --method "$@"
}
inspect tools/list | grep -q '"name": "search"'
echo 'inspector: lists tools'
inspect tools/call --tool-name search --tool-arg 'query=retry policy' --tool-arg project=all |
  grep -q 'quoted history'
echo 'inspector: calls a tool'
inspect resources/list | grep -q 'lorekeep://conversation/'
echo 'inspector: lists resources'

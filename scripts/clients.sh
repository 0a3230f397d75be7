#!/bin/sh
# Drives the built program with official clients: those of MCP for Python and TypeScript, over both transports, and
# the inspector's command line; those of OpenAI for Python and JavaScript, and the AI SDK's, against the gateway.
# They are installed, pinned, into target/clients.
# Exit code 77: they could not be had.
set -eu
cd "$(dirname "$0")/.."

program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
clients=${CARGO_TARGET_DIR:-target}/clients
mkdir -p "$clients"
clients=$(cd "$clients" && pwd)

pins='mcp==2.3.0 openai==3.57.0'
# shellcheck disable=SC2086 # two words
if [ ! -f "$clients/python-$pins" ]; then
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --upgrade \
    --target "$clients/python" $pins >"$clients/log" 2>&1 || exit 77
  touch "$clients/python-$pins"
fi
if ! cmp -s clients/package-lock.json "$clients/package-lock.json" || [ ! -d "$clients/node_modules" ]; then
  command -v npm >/dev/null 2>&1 || exit 77
  cp clients/package.json clients/package-lock.json clients/.npmrc "$clients"
  (cd "$clients" && npm ci --silent --ignore-scripts) >>"$clients/log" 2>&1 ||
    { rm -f "$clients/package-lock.json"; exit 77; }
fi
cp clients/session.mjs clients/gateway.mjs "$clients"

home=$(mktemp -d "$clients/home-XXXXXX")
trap 'rm -rf "$home"; kill $serving $answering 2>/dev/null || true' EXIT
serving= answering=
HOME=$home LOREKEEP_HOME=$home/lorekeep "$program" import --no-embed samples >/dev/null

PYTHONPATH=$clients/python python3 clients/session.py "$program" "$home"
node "$clients/session.mjs" "$program" "$home"

# The gateway, between the clients and a model server that answers by a script. Its standard input stays open as
# long as the pipe has a writer.
mkfifo "$home/open"
: >"$home/notes"
python3 clients/model_server.py "$home/notes" <"$home/open" >"$home/port" &
answering=$!
exec 3>"$home/open"
wait_for() {
  for _ in $(seq 100); do
    grep -q "$1" "$2" 2>/dev/null && return
    sleep 0.1
  done
  echo "clients: nothing in $2" >&2
  exit 1
}
wait_for . "$home/port"
key=$(HOME=$home LOREKEEP_HOME=$home/lorekeep "$program" key create clients --scope gateway)
HOME=$home LOREKEEP_HOME=$home/lorekeep MODEL__URL=http://127.0.0.1:$(cat "$home/port")/v1 MODEL__NAME=small \
  MODEL__API_KEY=sk-clients "$program" serve --addr 127.0.0.1:0 2>"$home/serving" &
serving=$!
wait_for 'serving on http' "$home/serving"
url=$(sed -n 's|.*serving on \(http://[0-9.:]*\)/.*|\1|p' "$home/serving" | head -n 1)/v1
PYTHONPATH=$clients/python python3 clients/gateway.py "$url" "$key" "$home/notes"
node "$clients/gateway.mjs" "$url" "$key"

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

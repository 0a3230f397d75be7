#!/bin/sh
# Measures the gateway beside LiteLLM's proxy: the same requests to the same model server, which does nothing, in one
# run; docs/performance.md tells what the figures mean. LiteLLM is installed from PyPI into target/litellm.
#
# usage: sh scripts/bench-litellm.sh [arguments of `cargo xtask bench gateway`]
# Builds the release program first, unless BIN names one. WORKERS: of the proxy, 2 unless given; on a busy machine it ends those
# that start too slowly. Exit code 77: LiteLLM could not be had.
set -eu
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
pin='litellm[proxy]==1.108.7'
workers=${WORKERS:-2}
model_port=18431
proxy_port=18432
mkdir -p "$target/litellm"
venv=$(cd "$target/litellm" && pwd)
if [ ! -f "$venv/have-$pin" ]; then
  { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$pin"; } \
    >"$venv/log" 2>&1 || exit 77
  touch "$venv/have-$pin"
fi
if [ -z "${BIN:-}" ]; then
  cargo build --release --locked --package lorekeep --package xtask
  BIN=$target/release/lorekeep
fi
xtask=$target/release/xtask

cat >"$venv/config.yaml" <<END
model_list:
  - model_name: bench
    litellm_params:
      model: openai/bench
      api_base: http://127.0.0.1:$model_port/v1
      api_key: sk-bench
litellm_settings:
  telemetry: false
general_settings:
  dangerously_permit_weak_or_unset_master_key: true
END
trap 'kill "$proxy" 2>/dev/null || true' EXIT
LITELLM_LOCAL_MODEL_COST_MAP=True "$venv/bin/litellm" --config "$venv/config.yaml" --host 127.0.0.1 \
  --port $proxy_port --num_workers $workers >"$venv/proxy.log" 2>&1 &
proxy=$!
ready=
for _ in $(seq 180); do
  if python3 -c "import urllib.request as r; r.urlopen('http://127.0.0.1:$proxy_port/health/liveliness', timeout=2)" \
    2>/dev/null; then
    ready=1
    break
  fi
  sleep 1
done
[ -n "$ready" ] || { echo 'bench-litellm: the proxy does not answer' >&2; exit 77; }
echo "load before: $(uptime | sed 's/.*load average/load average/')"
"$xtask" bench gateway --bin "$BIN" --model-port $model_port --other 127.0.0.1:$proxy_port --other-pid $proxy "$@"

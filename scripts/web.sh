#!/bin/sh
# The page: `sh scripts/web.sh build` builds it into web/dist, `test PROGRAM` checks it and tries it in Chromium against the
# built program. Node's packages are installed as the lock file says, when it has changed.
# Exit code 77: they could not be had, or there is no Node.
set -eu
cd "$(dirname "$0")/../web"

command -v npm >/dev/null 2>&1 || exit 77
if ! cmp -s package-lock.json node_modules/installed-lock; then
  npm ci --silent >&2 || exit 77
  cp package-lock.json node_modules/installed-lock
fi

build() {
  npm run --silent build -- --logLevel warn
}

# Chromium as Debian packages it, where this may install packages.
find_chromium() {
  CHROMIUM_BIN=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
  if [ -z "$CHROMIUM_BIN" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1 || true
    CHROMIUM_BIN=$(command -v chromium || true)
  fi
  export CHROMIUM_BIN
}

# A mistake in the types of a component must not pass: checkers have been seen that look at none.
finds_planted_mistake() {
  planted=src/planted.svelte
  trap 'rm -f "$planted"' EXIT
  printf '<script lang="ts">\n  const count: number = "one";\n</script>\n{count}\n' >"$planted"
  if npx svelte-check --tsconfig ./tsconfig.json --output machine >/dev/null 2>&1; then
    echo 'web: the check of types finds no planted mistake' >&2
    return 1
  fi
  rm -f "$planted"
}

case ${1:-} in
  build) build ;;
  test)
    LOREKEEP_BIN=$2
    export LOREKEEP_BIN
    npm run --silent check
    finds_planted_mistake
    npm run --silent lint
    npm run --silent schema -- --check
    npm test --silent
    build
    find_chromium
    if [ -n "$CHROMIUM_BIN" ]; then
      npm run --silent test:browser
    else
      echo 'web: there is no Chromium, so the page was not tried in a browser' >&2
      exit 78
    fi
    ;;
  *)
    echo 'usage: sh scripts/web.sh (build | test PROGRAM)' >&2
    exit 2
    ;;
esac

#!/usr/bin/env bash
# `install.sh FOLDER`: installs the three peers into it, each from its folder here. What is up to date is left alone.
# Needs node 20 with npm, python 3.11 with venv, cargo, make and a C++ compiler. CARGO_TARGET_DIR is used if it is set.
set -euo pipefail

# Node's Runtime Interface Client builds a part of itself with it.
readonly cmake=4.4.5

mkdir -p "$1"
folder=$(cd "$1" && pwd)
if [[ -n ${CARGO_TARGET_DIR:-} ]]; then
    CARGO_TARGET_DIR=$(realpath --canonicalize-missing "$CARGO_TARGET_DIR")
fi
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly folder

# What a peer is made of: its files, this one, and the tools, to which compiled parts are bound.
made_of() {
    local peer=$1
    shift
    {
        "$@"
        find install.sh "$peer" -type f -not -path '*/target/*' -not -path '*/node_modules/*' -not -path '*/dist/*' \
            -not -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum
    } | sha256sum
}

is_installed() {
    [[ $(cat "$folder/$1/installed" 2>/dev/null || true) == "$2" ]]
}

node_peer() {
    local wanted headers log=$folder/node/install.log
    wanted=$(made_of node node --version)
    if is_installed node "$wanted"; then
        return
    fi
    echo "installing the Node.js peer"
    rm -rf "$folder/node"
    mkdir -p "$folder/node"
    cp node/package.json node/*.mjs "$folder/node"
    if ! command -v cmake >/dev/null; then
        python3 -m venv "$folder/node/tools"
        "$folder/node/tools/bin/pip" install --quiet --disable-pip-version-check "cmake==$cmake"
        local PATH=$folder/node/tools/bin:$PATH
    fi
    # Node's own headers, where it was installed with them. Otherwise node-gyp fetches them.
    headers=$(node --print 'require("node:path").resolve(process.execPath, "../..")')
    if [[ -f $headers/include/node/node.h ]]; then
        export npm_config_nodedir=$headers
    fi
    npm install --prefix "$folder/node" --loglevel error --no-audit --no-fund --no-package-lock --no-update-notifier >"$log" 2>&1 || {
        tail -40 "$log"
        return 1
    }
    npm run --prefix "$folder/node" --silent build
    rm -rf "$folder/node/tools"
    echo "$wanted" >"$folder/node/installed"
}

python_peer() {
    local wanted
    wanted=$(made_of python python3 --version)
    if is_installed python "$wanted"; then
        return
    fi
    echo "installing the Python peer"
    rm -rf "$folder/python"
    python3 -m venv "$folder/python"
    "$folder/python/bin/pip" install --quiet --disable-pip-version-check --requirement python/requirements.txt
    cp python/*.py "$folder/python"
    # As pip does with what it installs: no start has to compile it.
    "$folder/python/bin/python" -m compileall -q "$folder/python/handler.py" "$folder/python/event.py"
    echo "$wanted" >"$folder/python/installed"
}

rust_peer() {
    local wanted
    wanted=$(made_of rust rustc --version)
    if is_installed rust "$wanted"; then
        return
    fi
    echo "building the Rust peer"
    mkdir -p "$folder/rust"
    export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$folder/rust/target}
    (cd rust && cargo build --quiet --release --locked)
    cp "$CARGO_TARGET_DIR/release/phone-webhook-peer" "$folder/rust/bootstrap"
    echo "$wanted" >"$folder/rust/installed"
}

node_peer
python_peer
rust_peer

#!/usr/bin/env bash
# `run.sh SECONDS [DOOR...]`: libFuzzer at each door for so long, two at a time. `run.sh keep`: the grown corpus, made small, becomes the kept.
# Needs cargo-fuzz and a C++ compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly here=tests/fuzz output=target/fuzz doors=(
    signature_headers phone_events hid_callbacks api_queries api_bodies hid_answers stream_records cursors
)
# What is kept of a door's corpus, in bytes: the smallest inputs first.
readonly most_kept=24000

# No flag of it is unstable; cargo-fuzz asks for a nightly compiler all the same.
export RUSTC_BOOTSTRAP=1 RUSTC_WRAPPER="$PWD/$here/libfuzzer/rustc.sh"
readonly options=(--fuzz-dir "$here/libfuzzer" --target-dir "$output" --sanitizer none --codegen-units 16)

# One door. What it says stands in a file; what was found is told in the end.
fuzz() {
    local door=$1 seconds=$2 dictionary=()
    mkdir -p "$output/corpus/$door" "$output/findings/$door"
    if [[ -f $here/dictionaries/$door.dict ]]; then
        dictionary=("-dict=$here/dictionaries/$door.dict")
    fi
    cargo fuzz run "${options[@]}" "$door" "$output/corpus/$door" "$here/corpus/$door" -- \
        "-max_total_time=$seconds" "-artifact_prefix=$output/findings/$door/" -timeout=20 -rss_limit_mb=2048 -max_len=8192 \
        -print_final_stats=1 "${dictionary[@]}" >"$output/$door.log" 2>&1
}

tell() {
    local door=$1 log=$output/$1.log
    printf '%-18s %9s inputs, %6s edges, %s\n' "$door" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
        "$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)" \
        "$(ls "$output/findings/$door" | wc -l) findings"
}

keep() {
    local door=$1 merged=$output/merged/$1 size=0 file
    rm -rf "$merged"
    mkdir -p "$merged" "$output/corpus/$door"
    cp "$here/corpus/$door"/* "$output/corpus/$door/" 2>/dev/null || true
    cargo fuzz cmin "${options[@]}" "$door" "$output/corpus/$door" >"$output/$door.cmin.log" 2>&1
    rm -rf "${here:?}/corpus/$door"
    mkdir -p "$here/corpus/$door"
    while read -r bytes file; do
        size=$((size + bytes))
        if [[ $size -gt $most_kept ]]; then
            break
        fi
        cp "$output/corpus/$door/$file" "$here/corpus/$door/"
    done < <(find "$output/corpus/$door" -type f -printf '%s %f\n' | sort -n)
    echo "$door: $(ls "$here/corpus/$door" | wc -l) of $(ls "$output/corpus/$door" | wc -l) inputs are kept"
}

if [[ ${1:-} == keep ]]; then
    for door in "${doors[@]}"; do
        keep "$door"
    done
    exit
fi
seconds=$1
shift
wanted=("${@:-${doors[@]}}")
rm -rf "$output/findings"
cargo fuzz build "${options[@]}"
failed=()
for ((first = 0; first < ${#wanted[@]}; first += 2)); do
    pair=("${wanted[@]:first:2}")
    running=()
    for door in "${pair[@]}"; do
        fuzz "$door" "$seconds" &
        running+=($!)
    done
    for place in "${!pair[@]}"; do
        wait "${running[place]}" || failed+=("${pair[place]}")
        tell "${pair[place]}"
    done
done
for door in "${failed[@]}"; do
    echo "==== $door"
    grep -v '^#' "$output/$door.log" | tail -60
done
[[ ${#failed[@]} -eq 0 ]]

#!/usr/bin/env bash
# Mutation tests of the rules that must not be wrong: tests/mutation/README.md. `run.sh rules`, `run.sh fencing`, or both.
# Needs cargo-mutants. All it writes is under target/mutation.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly here=$PWD/tests/mutation output=$PWD/target/mutation

# The pure part of the crate `fobless`, as a crate of its own: without the SDK a mutant takes two seconds and not twenty.
rules() {
    local place=$output/rules
    rm -rf "$place/shared" "$place/docs"
    mkdir -p "$place/shared/src"
    cp -r shared/src/{domain,webhook,same_secret.rs,digest.rs} "$place/shared/src"
    # Tables in it are held by a test.
    cp -r docs "$place/docs"
    cp Cargo.lock "$place"
    python3 "$here/pure_crate.py" "$place"
    mutants "$place" rules "${rules[@]}"
}
readonly rules=(
    # Webhook verification.
    verify.rs signature.rs headers.rs key.rs message_id.rs same_secret.rs
    # The plan.
    plan.rs 'plan_*.rs' wishes.rs
    # Transitions.
    effort.rs enrollment.rs phone_credential.rs observe.rs
)

# What needs the table: claims, fenced writes, updates without a read.
fencing() {
    local place=$output/fencing
    mkdir -p "$place"
    git ls-files -z | xargs -0 cp --parents -t "$place"
    mutants "$place" fencing "${fencing[@]}"
}
readonly fencing=(shared/src/reconcile/attempt.rs shared/src/store/write.rs shared/src/store/single_update.rs)

# mutants PLACE NAME FILE...: changes each file in each way, one after the other, and tells of each change that no test noticed.
mutants() {
    local place=$1 name=$2 options=(--package fobless --in-place --no-shuffle --timeout 120 --output "$output/$2-report") file status=0
    shift 2
    for file in "$@"; do
        options+=(--file "$file")
    done
    (
        cd "$place"
        # cargo-mutants looks for the root of a source tree.
        git init --quiet
        CARGO_TARGET_DIR=$place/target cargo mutants "${options[@]}" -- --lib
    ) || status=$?
    # 2: some survived, 3: some never ended.
    if [[ $status -ne 0 && $status -ne 2 && $status -ne 3 ]]; then
        return "$status"
    fi
    python3 "$here/survivors.py" "$output/$name-report/mutants.out" "$here/survivors.txt"
}

if [[ $# -eq 0 ]]; then
    set -- rules fencing
fi
for part in "$@"; do
    "$part"
done

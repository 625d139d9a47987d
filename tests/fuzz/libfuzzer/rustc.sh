#!/usr/bin/env bash
# Stands before rustc (RUSTC_WRAPPER). libFuzzer's instrumentation is for our own crates and for those that read bytes on their behalf: then
# new coverage is news of ours, and all the others, which are most of what is built, are built and run faster.
rustc=$1
shift
is_of_interest=true name=
for argument in "$@"; do
    case $argument in
    */registry/src/*) is_of_interest=false ;;
    esac
    if [[ $previous == --crate-name ]]; then
        name=$argument
    fi
    previous=$argument
done
case $name in
base64 | form_urlencoded | http | percent_encoding | serde_json | serde_urlencoded | time | uuid) is_of_interest=true ;;
esac
if [[ $is_of_interest == true ]]; then
    exec "$rustc" "$@"
fi
arguments=()
for argument in "$@"; do
    case $argument in
    -Cpasses=sancov-module | -Cllvm-args=-sanitizer-coverage-*) ;;
    *) arguments+=("$argument") ;;
    esac
done
exec "$rustc" "${arguments[@]}"

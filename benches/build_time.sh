#!/usr/bin/env bash
# How long both roads to a binary take from an empty target folder: the first look (dev) and production (release).
# Crates are fetched first, so that the network isn't measured.
#   wall    seconds on the clock
#   cpu     seconds of all cores, user and system
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
export CARGO_TARGET_DIR="$target" CARGO_TERM_QUIET=true
cargo fetch --locked

# measure LABEL COMMAND…
measure() {
    local label=$1 TIMEFORMAT='%R %U %S'
    shift
    local times
    times=$({ time "$@" >"$target/log" 2>&1 || { cat "$target/log" >&2; exit 1; }; } 2>&1)
    read -r wall user system <<<"$(tail -n 1 <<<"$times")"
    awk -v label="$label" -v wall="$wall" -v cpu="$user $system" \
        'BEGIN { split(cpu, part, " "); printf "%-44s wall %6.0f s   cpu %6.0f s\n", label, wall, part[1] + part[2] }'
}

cp -r data/wholesaler "$target/wholesaler"
echo "on $(nproc) cores, from an empty target folder"
measure "first look: cargo build" cargo build --locked
measure "  the demo, to the report" "$target/debug/netto" run "$target/wholesaler"
measure "  cargo test --workspace, after it, to build" cargo test --workspace --locked --no-run
rm -rf "$target/debug"
measure "production: cargo build --release" cargo build --release --locked
measure "  the demo, to the report" "$target/release/netto" run "$target/wholesaler"
stat --printf '%s\n' "$target/release/netto" | awk '{ printf "  the binary: %.0f MB\n", $1 / 1e6 }'

# What a contributor can do. `just` lists it.

_default:
    @just --list --unsorted

# The main job: the demo's extracts to net profit per customer and the report
demo:
    cargo run --release -- run data/wholesaler

# All tests: units, properties, snapshots, end to end, DuckDB as the judge, the report in Chromium
test:
    cargo test --workspace

# Format, lints, licences and advisories
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo deny check

# Kernels: allocation and rollup (criterion)
bench:
    cargo bench --workspace

# netto's rollup against DuckDB: the demo's lines, `repeat` times
bench-peers repeat="20": release
    python3 -m venv target/peers
    target/peers/bin/python -m pip install --quiet --requirement benches/peers/requirements.txt
    target/peers/bin/python benches/peers/rollup.py --repeat {{repeat}}

# The API documentation
docs:
    cargo doc --workspace --no-deps --open

# The binary, optimised
release:
    cargo build --release

# Write the demo's extracts anew; the same bytes for the same seed
generate:
    cargo run --release -- generate data/wholesaler/extracts

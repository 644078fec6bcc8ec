# What a contributor can do. `just` lists it.

_default:
    @just --list --unsorted

# The first look: the demo's extracts to net profit per customer and the report
demo:
    cargo run -- run data/wholesaler

# All tests: units, properties, snapshots, end to end, DuckDB as the judge, the report in Chromium
test:
    cargo test --workspace

# The fuzz tests and the property tests of readers for longer: `rounds` each, drawn from `seed`
fuzz rounds="50000" seed="1":
    NETTO_FUZZ={{rounds}} NETTO_FUZZ_SEED={{seed}} cargo test --package netto --package netto-lake --test fuzz --test dialects
    NETTO_FUZZ={{rounds}} cargo test --package netto --bin netto fuzz

# A run has some 6,000 operations; `NETTO_BINARY=…/release/netto` makes it shorter, and a sample of them is among all tests
# Runs that are killed, out of disk or out of luck at every operation on a file (a day)
torture:
    NETTO_TORTURE=all cargo test --package netto --test end_to_end torture

# A year of nights: totals right each night, the disk as full as after ten, a night as long as at first; thirty are among all tests
soak nights="365":
    NETTO_SOAK={{nights}} cargo test --package netto --test end_to_end soak -- --nocapture

# `database` is an address and a schema where they are published in PostgreSQL too: "postgresql+psycopg2://netto@localhost/bi netto"
# Apache Superset, a real BI client, over the demo's tables: it finds the ledger's figures
bi-check database="": demo
    python3 -m venv target/bi
    target/bi/bin/python -m pip install --quiet --requirement tests/readers/bi_client.txt
    target/bi/bin/python tests/readers/bi_client.py data/wholesaler {{database}}

# netto's tests use Sail, which speaks Spark; this is Spark itself, with two workers of its own, and needs Java 17 and 500 MB from PyPI
# The tests of `--engine spark` by Spark on a cluster of this machine
spark-check master="local-cluster[2,1,1024]":
    NETTO_SPARK='{{master}}' cargo test --package netto --test end_to_end spark::

# Format, lints, licences and advisories
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo deny check

# Kernels: allocation and rollup (criterion)
bench:
    cargo bench --workspace

# netto against DuckDB and Polars: the rollup over the demo's lines `repeat` times, and the whole job on `lines` generated ones
bench-peers repeat="20" lines="3000000": release _peers
    target/peers/bin/python benches/peers/rollup.py --repeat {{repeat}}
    target/peers/bin/python benches/peers/whole_job.py --lines {{lines}}

# How time and memory grow: the whole job at each size (3 M lines take minutes, 30 M half an hour, 300 M half a day and 120 GB of disk)
bench-scale *sizes="3000000 30000000": release _peers
    for lines in {{sizes}}; do target/peers/bin/python benches/peers/whole_job.py --lines $lines --runs 1; done

_peers:
    python3 -m venv target/peers
    target/peers/bin/python -m pip install --quiet --requirement benches/peers/requirements.txt

# How long the first look and production take to build, from an empty target folder
build-time:
    bash benches/build_time.sh

# The API documentation
docs:
    cargo doc --workspace --no-deps --open

# The book, in target/book: its reference is written by the binary first (`cargo install mdbook`)
book:
    cargo run -- schema --pages docs/src/reference
    mdbook build docs

# The binary, optimised
release:
    cargo build --release --locked

# The optimised binary as a wheel for every Linux with glibc 2.17 or newer, in target/wheels
wheel:
    python3 -m venv target/wheel
    target/wheel/bin/python -m pip install --quiet --requirement tests/wheel/requirements.txt
    PATH="$PWD/target/wheel/bin:$PATH" target/wheel/bin/maturin build --release --locked --zig --compatibility manylinux2014

# Write the demo's extracts anew; the same bytes for the same seed
generate:
    cargo run -- generate data/wholesaler/extracts

"""Time netto's rollup against DuckDB: the same SQL text, the same files of the lake, the same two threads.

    python benches/peers/rollup.py --repeat 20

The demo is copied to a temporary folder. `--repeat N` adds its order lines N − 1 times more, as extracts with ids of orders
and customers of their own. Both engines then take turns, five runs each; medians and their ratio are printed. netto's time
is what `netto run` reports for the stage, which ends with rows by customer id and activity, sorted. DuckDB is timed twice:
for the text alone, which leaves keys, a column per activity and no order; and to the same rows as netto's.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "duckdb"))

import duckdb  # noqa: E402
from judge import open_lake, sql_of  # noqa: E402


def main() -> None:
    args = arguments()
    print(f"netto   {args.netto}{', NOT OPTIMISED: build with --release' if 'debug' in args.netto.parts else ''}")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(args.project, project, ignore=shutil.ignore_patterns(".netto", "out"))
        repeat(project, args.repeat)
        run_netto(args.netto, project, args.threads)  # reads the extracts into the lake
        printed = sql_of(str(args.netto), project)
        times = {"netto": [], "DuckDB, text": [], "DuckDB, rows": []}
        for _ in range(args.runs):
            times["netto"].append(run_netto(args.netto, project, args.threads))
            alone, taken, lines = run_duckdb(printed, project, args.threads)
            times["DuckDB, text"].append(alone)
            times["DuckDB, rows"].append(taken)
    print(f"lines   {lines:,} in {len(printed['files'])} months, {args.threads} threads, {args.runs} runs each")
    for name, taken in times.items():
        print(f"{name:12} median {median(taken):9.1f} ms   {' '.join(f'{ms:.1f}' for ms in taken)}")
    for name in ("DuckDB, text", "DuckDB, rows"):
        print(f"netto ÷ {name}  {median(times['netto']) / median(times[name]):.2f}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netto", type=Path, default=built(), help="the binary; else the release build, else the debug build")
    parser.add_argument("--project", type=Path, default=ROOT / "data" / "wholesaler", help="a project in the demo's form")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="the order lines N times")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def built() -> Path:
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    release = target / "release" / "netto"
    return release if release.is_file() else target / "debug" / "netto"


def repeat(project: Path, times: int) -> None:
    """Extracts with the same lines for other orders (first column) and other customers (fourth column)."""
    extracts = project / "extracts"
    for file in sorted(extracts.glob("orderregels_*.csv")):
        header, *lines = file.read_text(encoding="windows-1252").splitlines()
        rows = [line.split(";") for line in lines]
        for copy in range(1, times):
            others = [[f"{r[0]}-{copy}", *r[1:3], f"{r[3].zfill(6)}-{copy}", *r[4:]] for r in rows if len(r) > 4]
            text = "\n".join([header, *map(";".join, others), ""])
            file.with_stem(f"{file.stem}_{copy}").write_text(text, encoding="windows-1252")
    customers = extracts / "debiteuren.csv"
    header, *lines = customers.read_text(encoding="windows-1252").splitlines()
    known = [line.split(";", 1) for line in lines]
    copies = [f"{number}-{copy};{rest}" for copy in range(1, times) for number, rest in known]
    customers.write_text("\n".join([header, *lines, *copies, ""]), encoding="windows-1252")
    # The bad lines are repeated as well.
    config = project / "netto.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("max_rejects = 25", f"max_rejects = {25 * times}"), encoding="utf-8")


def run_netto(netto: Path, project: Path, threads: int) -> float:
    """Milliseconds of the rollup in a whole run."""
    command = [netto, "run", "--format", "json", "--threads", str(threads), project]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)["timings_ms"]["rollup"]


def run_duckdb(printed: dict, project: Path, threads: int) -> tuple[float, float, int]:
    """Milliseconds of the statements, and to the same rows as netto; the lines read. A new database each time."""
    with duckdb.connect(config={"threads": threads}) as db:
        start = time.perf_counter()
        open_lake(db, printed, project)
        for name, text in printed["rollups"].items():
            db.execute(f"create table {name} as {text}")
        alone = (time.perf_counter() - start) * 1000
        same_rows(db, [name for name in printed["rollups"] if name.startswith("driver_")])
        taken = (time.perf_counter() - start) * 1000
        (lines,) = db.execute("select sum(lines) from customer_month").fetchone()
    return alone, taken, int(lines)


def same_rows(db: duckdb.DuckDBPyConnection, drivers: list[str]) -> None:
    """Customers by id, a row per activity, in the order of the key."""
    named = "join customer_keys using (customer_key)"
    db.execute(f"create table named as select * from customer_month {named} order by period, customer_id")
    quantities = []
    quantity = "cast(quantity as bigint) as quantity"
    for name in drivers:
        columns = [column[0] for column in db.execute(f"describe {name}").fetchall()]
        rows = f"select * exclude (customer_key) from {name} {named}" if "customer_key" in columns else f"from {name}"
        apart = "in_warehouse" if "in_warehouse" in columns else "'' as in_warehouse"
        keys = f"period, customer_id{', in_warehouse' if 'in_warehouse' in columns else ''}"
        quantities.append(
            f"select period, customer_id, activity, {apart}, {quantity} from (unpivot ({rows}) "
            f"on columns(* exclude ({keys})) into name activity value quantity) where quantity <> 0"
        )
    if quantities:
        union = " union all ".join(quantities)
        db.execute(f"create table quantities as from ({union}) order by period, customer_id, activity, in_warehouse")


if __name__ == "__main__":
    main()

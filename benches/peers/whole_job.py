"""The whole job, from extracts to published tables: netto, a DuckDB script and the same in Polars, on the same files, side by side.

    python benches/peers/whole_job.py --lines 3000000 --runs 3

`netto generate` writes a distributor of that size into a folder that is removed afterwards (`--folder` keeps it), and each engine takes its turn.
Medians of CPU and wall seconds and the peak of resident memory are printed, by stage where the engine says so, and the ratio to netto. The
tables of all three are compared: netto's are exact, the others round, so amounts may differ by a cent per row.

netto does what the others do and more: it checks every value of the extracts, sets bad rows apart, keeps a lake with versions, makes some ninety
tables besides, and writes a report. `project.py` says what is left out of its configuration.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

import compare  # noqa: E402
from chart import svg  # noqa: E402
from project import simplify  # noqa: E402
from rollup import built  # noqa: E402

HERE = Path(__file__).parent


def main() -> None:
    args = arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        project = folder / "project"
        if not project.exists():
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run([args.netto, "generate", "--lines", str(args.lines), project], check=True, stdout=subprocess.DEVNULL)
            simplify(project)
        measured = {name: [] for name in args.engines}
        for _ in range(args.runs):
            for name in args.engines:
                measured[name].append(run(name, args, folder, project))
        report(measured, args)
        if args.chart:
            args.chart.write_text(drawn(measured, args))
        tables = {name: marts(name, folder, project) for name in args.engines}
        if "netto" in tables:
            for name in (name for name in args.engines if name != "netto"):
                compare.print_differences(tables["netto"], tables[name], name)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--netto", type=Path, default=built(), help="the binary; else the release build, else the debug build")
    parser.add_argument("--lines", type=int, default=3_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="keep extracts and results there, and use what is there")
    parser.add_argument("--engines", nargs="+", default=["netto", "duckdb", "polars"], choices=["netto", "duckdb", "polars"])
    parser.add_argument("--chart", type=Path, help="draw the medians, as an SVG")
    return parser.parse_args()


def run(name: str, args: argparse.Namespace, folder: Path, project: Path) -> dict:
    """Wall and CPU seconds, peak memory in MiB, and wall seconds by stage, of a process of its own."""
    if name == "netto":
        for made in (".netto", "out"):
            shutil.rmtree(project / made, ignore_errors=True)
        command = [args.netto, "run", "--format", "json", "--threads", str(args.threads), project]
    else:
        work = folder / name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        (work / "extracts").symlink_to((project / "extracts").resolve())
        command = [sys.executable, HERE / f"whole_job_{name}.py", work, str(args.threads)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        said, errors = process.stdout.read(), None
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode != 0:
        sys.exit(errors.decode(errors="replace"))
    stages = json.loads(said)
    stages = {stage: ms / 1000 for stage, ms in stages["timings_ms"].items()} if name == "netto" else stages
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1024, "stages": stages}


def drawn(measured: dict[str, list[dict]], args: argparse.Namespace) -> str:
    named = {"CPU seconds": ("cpu", 1), "seconds": ("wall", 1), "MB of memory": ("peak", 1024**2 / 1e6)}
    of = {name: {said: median(run[what] for run in runs) * unit for said, (what, unit) in named.items()} for name, runs in measured.items()}
    return svg(f"From extracts to tables: {args.lines:,} order lines, {args.threads} threads, median of {args.runs}", of)


def report(measured: dict[str, list[dict]], args: argparse.Namespace) -> None:
    of = lambda name, what: median(run[what] for run in measured[name])  # noqa: E731
    print(f"{args.lines:,} lines asked for, {args.threads} threads, median of {args.runs}")
    for name, runs in measured.items():
        stages = "  ".join(f"{stage} {median(run['stages'][stage] for run in runs):.1f}" for stage in runs[0]["stages"])
        print(f"{name:8} wall {of(name, 'wall'):8.1f} s   cpu {of(name, 'cpu'):8.1f} s   peak {of(name, 'peak'):8,.0f} MiB   {stages}")
    for name in measured:
        if name != "netto" and "netto" in measured:
            ratios = [of("netto", what) / of(name, what) for what in ("wall", "cpu", "peak")]
            stages = {stage: median(run["stages"][stage] for run in runs) for stage, runs in by_stage(measured, name)}
            own = {stage: median(run["stages"][stage] for run in measured["netto"]) for stage in stages}
            of_stages = "  ".join(f"{stage} {own[stage] / seconds:.2f}" for stage, seconds in stages.items())
            print(f"netto ÷ {name:8} wall {ratios[0]:.2f}   cpu {ratios[1]:.2f}   peak {ratios[2]:.2f}   wall by stage: {of_stages}")


def by_stage(measured: dict[str, list[dict]], name: str) -> list[tuple[str, list[dict]]]:
    """The stages that both have."""
    return [(stage, measured[name]) for stage in measured[name][0]["stages"] if stage in measured["netto"][0]["stages"]]


def marts(name: str, folder: Path, project: Path) -> Path:
    return project / "out" / "current" / "parquet" if name == "netto" else folder / name / "marts"


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()

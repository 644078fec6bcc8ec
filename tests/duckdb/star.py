"""The star schema as it is published: each declared key tells rows apart, each key that leads to a dimension has its member there, and what
may be summed never comes to more than the company has.

    dim_customer(customer_key …)  ←  whale_curve.customer_key
    sum(market.invoice_revenue) of a window  ≤  window_summary.invoice_revenue
"""

import json
import subprocess
from pathlib import Path

import duckdb
from files import parquet


def files_of(project: Path) -> dict[str, Path]:
    return {file.stem: file for file in sorted((project / "out" / "current" / "parquet").glob("*.parquet"))}


def open_published(db: duckdb.DuckDBPyConnection, printed: dict, project: Path) -> None:
    """Views of the tables as they were made: over the star, without its keys and with levels together."""
    published = files_of(project)
    db.execute("create schema star")
    for name, file in published.items():
        db.execute(f"create view star.{name} as from {parquet([file])}")
    for name, text in printed["as_made"].items():
        db.execute("use star")
        try:
            made = db.execute(f"select * from ({text}) limit 0")
        except duckdb.CatalogException:  # A fact that the configuration doesn't ask for.
            made = None
        if made is not None:
            db.execute(f"create view main.{name} as {text.replace(' from ', ' from star.')}")
    db.execute("use main")


# What the company has in a window, and in all months: customers and minutes with those who don't buy yet.
LIMITS = {
    "invoice_revenue": ("window_summary", "fct_customer_month"),
    "orders": ("window_summary", "fct_customer_month"),
    "lines": ("window_summary", "fct_customer_month"),
    "customers": ("pyramid", None),
    "minutes": ("pyramid", "fct_customer_month"),
}


# And the minutes of after-care that names no customer.
OF_NOBODY = """ + (select coalesce(sum(unnamed_quantity), 0) from activity_month join dim_activity using (activity_key), dim_window w
    where method = 'time' and w.window_key = t.window_key and period between first_period and last_period)"""


def summed(db: duckdb.DuckDBPyConnection, declared: dict, published: dict) -> tuple[int, list[str]]:
    """How many sums were looked at, and those that count something twice."""
    looked, faults = 0, []
    for name in published:
        for column in declared.get(name, {"columns": []})["columns"]:
            of_window, of_all = LIMITS.get(column["name"], (None, None))
            if column["sum"] == "within window_id" and of_window:
                most = f"(select sum({column['name']}) from {of_window} l where l.window_key = t.window_key)"
                most += OF_NOBODY if column["name"] == "minutes" else ""
                query = f"select window_id, sum({column['name']}), {most} from {name} t group by window_id, window_key"
            elif column["sum"] == "always" and of_all:
                query = f"select 'all', sum({column['name']}), (select sum({column['name']}) from {of_all}) from {name}"
            else:
                continue
            for place, total, most in db.execute(query).fetchall():
                looked += 1
                if (total or 0) > (most or 0):
                    faults.append(f"{name}.{column['name']} may be summed {column['sum']}, and comes to {total} of {most} in {place}")
    return looked, faults


def judged(netto: str, project: Path) -> tuple[list[str], bool]:
    """A line per fault, one for all; and whether there is any."""
    command = [netto, "schema", "--format", "json", "--project", str(project)]
    tables = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    published = files_of(project)
    declared = {table["name"]: table for table in tables if table["stage"] == "mart"}
    db = duckdb.connect()
    for name, file in published.items():
        db.execute(f"create view {name} as from {parquet([file])}")
    faults = [f"{name} is published and not declared" for name in published if name not in declared]
    references = 0
    for name in published:
        table = declared.get(name, {"columns": []})
        found = [column[0] for column in db.execute(f"describe {name}").fetchall()]
        if (names := [column["name"] for column in table["columns"]]) != found:
            faults.append(f"{name} has the columns {found}, and declares {names}")
            continue
        keys = ", ".join(column["name"] for column in table["columns"] if column["role"] == "key")
        (rows, distinct) = db.execute(f"select (select count(*) from {name}), (select count(*) from (select distinct {keys} from {name}))").fetchone()
        if rows != distinct:
            faults.append(f"{name} has {rows} rows and {distinct} keys ({keys})")
        for column in table["columns"]:
            if column["role"] != "optional":
                (nulls,) = db.execute(f"select count(*) from {name} where {column['name']} is null").fetchone()
                faults += [f"{name}.{column['name']} is empty in {nulls} rows"] if nulls else []
            if not (to := column["references"] or "").startswith("dim_"):
                continue
            key = next(of["name"] for of in declared[to]["columns"] if of["role"] == "key")
            (lost,) = db.execute(f"select count(*) from {name} where {column['name']} not in (select {key} from {to})").fetchone()
            references += 1
            faults += [f"{name}.{column['name']} names {lost} members that {to} lacks"] if lost else []
    sums, of_sums = summed(db, declared, published)
    faults += of_sums
    return [*faults, f"star: {len(published)} tables, {references} references, {sums} sums, {len(faults)} faults"], bool(faults)

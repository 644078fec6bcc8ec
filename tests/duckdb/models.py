"""Run the text of every model in DuckDB, over what was supplied and published, and compare with what netto published.

A model reads whole ten-thousandths where files hold decimals, so each table is a view that turns one into the other. What other models
read comes from DuckDB's own result, and not from netto's: a fault of an engine shows in every model after it.
"""

import re
from pathlib import Path

import duckdb
import star
from files import parquet, quoted

SHOWN = 3


def judged(printed: dict, project: Path, live_files) -> tuple[list[str], bool]:
    """A line per model that differs, one for all; and whether any does."""
    db = duckdb.connect()
    star.open_published(db, printed, project)
    published = {name for (name,) in db.execute("select view_name from duckdb_views() where schema_name = 'main' and not internal").fetchall()}
    db.execute("create schema made; use made")
    models = {model["name"] for model in printed["models"]}
    supplied = set()
    for name, columns in printed["tables"].items():
        lake = live_files(project / ".netto" / "lake" / name)
        here = f"main.{name}" if name in published else parquet(lake, by_name=True) if lake else ""
        if here:
            supplied.add(name)
        db.execute(f"create view {name} as {source(db, columns, here)}")
    for name, table in printed["lists"].items():
        supplied.add(name)
        db.execute(f"create or replace view {name} as {listed(table)}")
    if any(name in published for name in ("fct_order", "fct_product_month", "fct_supplier_month")):
        named_orders(db, printed, project, live_files)
    of_events(db, printed, project, live_files)
    if "customer_window" in published:
        # Who is held follows from the windows before, one after another: it is taken as it was published.
        db.execute("create or replace view held_tier as select window_id, customer_id, tier from main.customer_window where tier <> cut_tier")
    report, failed, rows = [], False, 0
    for model in printed["models"]:
        name, columns = model["name"], model["columns"]
        absent = set(model["needs"]) - supplied - models
        # What a stage hands on and nobody publishes isn't here to be read: the model that reads it is taken as it was published.
        handed_on = re.search(r"\bcost_band\b", model["sql"]) and name in published
        made = source(db, columns, f"main.{name}") if handed_on else nothing(columns) if absent else model["sql"]
        db.execute(f"create table {name} as {made}")
        supplied.add(name)
        for audit in [] if absent else model["audits"]:
            if broken := db.execute(audit["sql"]).fetchall():
                failed = True
                report.append(f"{name}: {len(broken)} rows break a rule: {audit['rule']} {broken[:SHOWN]}")
        if not model["published"]:
            continue
        (count,) = db.execute(f"select count(*) from {name}").fetchone()
        rows += count
        db.execute(f"create view published_{name} as {source(db, columns, f'main.{name}' if name in published else '')}")
        if differing := differences(db, model):
            failed = True
            report.append(f"{name}: {len(differing)} of {count} rows differ, such as")
            report += [f"  {row}" for row in differing[:SHOWN]]
    return [*report, f"models: {len(printed['models'])} texts, {rows} rows"], failed


def named_orders(db: duckdb.DuckDBPyConnection, printed: dict, project: Path, live_files) -> None:
    """The products of the orders that events name, from the lines of the lake: nobody publishes them."""
    lines = " union all by name ".join(f"from {parquet(files)}" for files in printed["files"].values())
    named = [f"select order_id from {parquet(files, by_name=True)}" for name in ("activities", "deviations")
             if (files := live_files(project / ".netto" / "lake" / name))]  # fmt: skip
    if not named or not lines:
        return
    day = "case when order_kind = 'sale' then coalesce(delivered_date, promised_date) end"
    db.execute(
        f"create or replace view order_product as select order_id, product_id, min(order_date) as order_date, max({day}) as delivered_date, "
        f"count(*) filter (order_kind = 'sale' and coalesce(delivered_date, promised_date) is null) as open_lines from ({lines}) "
        f"join {parquet(printed['order_keys'])} using (order_key) join {parquet(printed['product_keys'])} using (product_key) "
        f"where order_id in ({' union all '.join(named)}) group by all"
    )


def of_events(db: duckdb.DuckDBPyConnection, printed: dict, project: Path, live_files) -> None:
    """What each event took of the drivers: the text of the rollup over events, each in the place of a customer."""
    found = []
    for name, event, kept in [("activities", "activity_id", "customer_id <> ''"), ("deviations", "deviation_id", "true")]:
        files, text = live_files(project / ".netto" / "lake" / name), printed["rollups"].get(f"driver_{name}")
        if not files or not text:
            continue
        db.execute("create schema if not exists one_by_one; use one_by_one")
        db.execute(
            f"create view {name} as select cast(date_trunc('month', occurred_at) as date) as period, * replace ({event} as customer_id) "
            f"from {parquet(files, by_name=True)} where {kept}"
        )
        db.execute(f"create table taken_{name} as {text}")
        drivers = [column for column, *_ in db.execute(f"describe taken_{name}").fetchall() if column not in ("period", "customer_id")]
        found += [f"select '{name}' as source, customer_id as event_id, {quoted(driver)} as activity, cast(\"{driver}\" as bigint) as quantity "
                  f"from one_by_one.taken_{name} where \"{driver}\" <> 0" for driver in drivers]  # fmt: skip
        db.execute("use made")
    if found:
        db.execute(f"create or replace view event_quantity as {' union all '.join(found)}")


def source(db: duckdb.DuckDBPyConnection, columns: list, here: str) -> str:
    """A table as models see it: amounts in whole ten-thousandths."""
    if not here:
        return nothing(columns)
    found = {name for name, *_ in db.execute(f"describe select * from {here}").fetchall()}
    taken = [units(name, kind) if name in found else f"cast(null as {kind}) as \"{name}\"" for name, kind in columns]
    return f"select {', '.join(taken)} from {here}"


def units(name: str, kind: str) -> str:
    return f'cast("{name}" * 10000 as bigint) as "{name}"' if kind.startswith("DECIMAL") else f'"{name}"'


def nothing(columns: list) -> str:
    kinds = [(name, "bigint" if kind.startswith("DECIMAL") else kind) for name, kind in columns]
    return "select " + ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in kinds) + " limit 0"


def listed(table: dict) -> str:
    rows = [f"({', '.join(quoted(cell) if isinstance(cell, str) else 'null' if cell is None else str(cell) for cell in row)})"
            for row in table["rows"]]  # fmt: skip
    names = ", ".join(f'"{name}"' for name, _ in table["columns"])
    return f"select * from (values {', '.join(rows)}) as t({names})" if rows else nothing(table["columns"])


def differences(db: duckdb.DuckDBPyConnection, model: dict) -> list:
    """Rows of one that the other lacks, and columns that differ; shares within the last bits."""
    name, key = model["name"], model["key"]
    on = " and ".join(f'a."{column}" is not distinct from b."{column}"' for column in key)
    values = [(column, kind) for column, kind in model["columns"] if column not in key]

    def differs(column: str, kind: str) -> str:
        a, b = f'a."{column}"', f'b."{column}"'
        if kind.startswith("DOUBLE"):
            return f"(({a} is null) <> ({b} is null) or abs({a} - {b}) > 1e-9 * greatest(1, abs({b})))"
        return f"{a} is distinct from {b}"

    some = " or ".join(differs(column, kind) for column, kind in values) or "false"
    first = f'"{key[0]}"'
    shown = ", ".join(f'case when {differs(column, kind)} then {quoted(column + ": ")} || coalesce(a."{column}"::varchar, \'nothing\') '
                      f'|| \' here, \' || coalesce(b."{column}"::varchar, \'nothing\') || \' published\' end' for column, kind in values)  # fmt: skip
    keys = ", ".join(f'coalesce(a."{column}", b."{column}")' for column in key)
    return db.execute(
        f"select {keys}, concat_ws('; ', {shown or 'null'}) from {name} a full join published_{name} b on {on} "
        f"where a.{first} is null or b.{first} is null or {some}"
    ).fetchall()

"""Compare the tables of a peer with netto's: row by row by key, every number that both have.

A peer rounds nothing until it prints, netto gives each part its ten-thousandth: so amounts of a row may be apart by a cent, and of a sum of many
rows by a cent for each thousand of them.
"""

from pathlib import Path

import duckdb

KEYS = {
    "fct_customer_month": ["period", "customer_id"],
    "fct_customer_activity_month": ["period", "customer_id", "activity"],
    "fct_order": ["period", "customer_id", "order_id", "order_kind"],
    "fct_customer_product_group_month": ["period", "customer_id", "product_group"],
    "fct_product_month": ["period", "product_id"],
    "fct_customer_product_month": ["period", "customer_id", "product_id", "delivery"],
    "fct_supplier_activity_month": ["period", "supplier_id", "activity"],
    "fct_supplier_month": ["period", "supplier_id"],
    "fct_employee_month": ["period", "employee_id"],
    "fct_customer_channel_month": ["period", "customer_id", "channel"],
    "fct_customer_kind_month": ["period", "customer_id", "kind", "delivery"],
    "fct_warehouse_month": ["period", "warehouse"],
    "delivery_month": ["period", "customer_id", "delivery"],
    "customer_window": ["window_id", "customer_id"],
    "pyramid": ["window_id", "tier"],
    "whale_curve": ["window_id", "customer_id"],
    "tier_migration": ["window_id", "previous_tier", "tier"],
}
NUMBERS = ("BIGINT", "HUGEINT", "DOUBLE", "DECIMAL", "INTEGER", "UINTEGER", "UBIGINT")
# Of the pyramid netto also says what prospects and the market are; its rows beside the tiers have no match.
TIERS = "tier in ('Top', 'Large', 'Medium', 'Small', 'Inactive')"


def print_differences(netto: Path, peer: Path, name: str) -> None:
    for table, apart in differences(netto, peer).items():
        print(f"  {name:7} {table:34} {apart}")


def differences(netto: Path, peer: Path) -> dict[str, str]:
    with duckdb.connect() as db:
        return {table: compared(db, table, keys, netto, peer) for table, keys in KEYS.items() if (peer / f"{table}.parquet").is_file()}


def compared(db: duckdb.DuckDBPyConnection, table: str, keys: list[str], netto: Path, peer: Path) -> str:
    files = {"n": netto / f"{table}.parquet", "p": peer / f"{table}.parquet"}
    where = f" where {TIERS}" if table == "pyramid" else ""
    for side, file in files.items():
        # A customer that was served and bought nothing has a row without an order, a product or a channel.
        texts = ", ".join(f"coalesce(cast({key} as varchar), '') as {key}" for key in keys)
        db.execute(f"create or replace temp view {side} as select * replace ({texts}) from read_parquet('{file}'){where}")
    columns = {side: {row[0]: row[1] for row in db.execute(f"describe {side}").fetchall()} for side in files}
    shared = [
        column for column, ty in columns["p"].items()
        if column in columns["n"] and column not in keys and ty.split("(")[0] in NUMBERS and columns["n"][column].split("(")[0] in NUMBERS
    ]
    worst = ", ".join(
        f"max(abs(cast(n.{column} as double) - cast(p.{column} as double)))" for column in shared
    )
    rows, only_netto, only_peer, *apart = db.execute(
        f"select count(*), count(*) filter (p.{keys[0]} is null), count(*) filter (n.{keys[0]} is null), {worst} "
        f"from n full join p using ({', '.join(keys)})"
    ).fetchone()
    apart = sorted(((difference or 0, column) for column, difference in zip(shared, apart)), reverse=True)
    most = ", ".join(f"{column} {difference:.4f}" for difference, column in apart[:3])
    alone = f", {only_netto:,} only in netto's, {only_peer:,} only in the peer's" if only_netto or only_peer else ""
    return f"{rows:>10,} rows{alone}; most apart: {most}"

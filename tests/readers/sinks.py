"""What was published, as programs that share no code with netto read it: DuckDB, Polars, sqlite3, openpyxl, the csv module and deltalake.

    python sinks.py PROJECT/out/current        a JSON object: per reader the names and potentials of customers by id, and how many sums it read

Every amount of every table is added up by each of them; a sum that isn't DuckDB's of the Parquet files ends the program. A workbook and SQLite hold
doubles, so sums beyond what they count exactly are compared to fifteen digits.
"""

import csv
import json
import sqlite3
import sys
from decimal import Decimal
from pathlib import Path

import deltalake
import duckdb
import openpyxl
import polars

run = Path(sys.argv[1])
csv.field_size_limit(10_000_000)
tables = sorted(path.stem for path in (run / "parquet").glob("*.parquet"))
CELL = Decimal("0.0001")


def by_duckdb(table: str) -> tuple[list[str], list[tuple]]:
    found = duckdb.sql(f"from '{run}/parquet/{table}.parquet'")
    return found.columns, found.fetchall()


def by_polars(table: str) -> tuple[list[str], list[tuple]]:
    found = polars.read_parquet(run / "parquet" / f"{table}.parquet")
    return found.columns, found.rows()


def by_sqlite(table: str) -> tuple[list[str], list[tuple]]:
    found = sqlite3.connect(f"file:{run}/netto.sqlite?mode=ro", uri=True).execute(f"select * from {table}")
    return [column[0] for column in found.description], found.fetchall()


def by_csv(table: str) -> tuple[list[str], list[tuple]]:
    with open(run / "csv" / f"{table}.csv", newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    return head, [tuple(None if cell == "" else cell for cell in row) for row in rows]


def by_deltalake(table: str) -> tuple[list[str], list[tuple]]:
    query = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(run / "delta" / table))
    found = polars.DataFrame(query.execute("select * from t").read_all())
    return found.columns, found.rows()


def by_openpyxl(table: str) -> tuple[list[str], list[tuple]]:
    head, *rows = sheets[table].iter_rows(values_only=True)
    return list(head), rows


sheets = {next(iter(sheet.tables.values())).name: sheet for sheet in openpyxl.load_workbook(run / "netto.xlsx").worksheets}
# Cells written as doubles have some fifteen digits.
READERS = {"duckdb": by_duckdb, "polars": by_polars, "csv": by_csv, "deltalake": by_deltalake, "sqlite": by_sqlite, "openpyxl": by_openpyxl}
DOUBLES = {"sqlite", "openpyxl"}


def total(rows: list[tuple], place: int) -> Decimal:
    return sum((Decimal(str(row[place])).quantize(CELL) for row in rows if row[place] is not None), Decimal(0))


def main() -> None:
    found = {}
    truth = {table: by_duckdb(table) for table in tables}
    for reader, read in READERS.items():
        sums = 0
        for table, (columns, rows) in truth.items():
            head, cells = read(table)
            # A table without rows stands in a workbook with an empty one.
            cells = [row for row in cells if any(cell is not None for cell in row)]
            assert head == columns and len(cells) == len(rows), (reader, table, len(cells), len(rows))
            for place, column in enumerate(columns):
                if not any(isinstance(row[place], Decimal) for row in rows):
                    continue
                expected, read_so = total(rows, place), total(cells, place)
                close = abs(expected) / 10**14 if reader in DOUBLES else 0
                assert abs(expected - read_so) <= close, (reader, table, column, expected, read_so)
                sums += 1
        head, cells = read("dim_customer")
        customers = {row[head.index("customer_id")]: row for row in cells}
        found[reader] = {
            "sums": sums,
            "names": {key: row[head.index("name")] for key, row in customers.items()},
            "potentials": {key: None if row[head.index("potential")] is None else str(row[head.index("potential")]) for key, row in customers.items()},
        }
    print(json.dumps(found))


main()

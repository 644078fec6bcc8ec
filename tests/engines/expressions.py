"""Evaluate expressions in DuckDB and in Sail, an engine that speaks Spark, and compare the doubles with netto's, to the bit.

    python expressions.py CASES.json

CASES.json holds rows by column, and for each expression its text for either engine and netto's value for each row: the bits of
a double, null, or "none" where netto refuses the row. Prints how many values agreed; exits 1 with the first that differ.
"""

import json
import struct
import sys
import tempfile
import warnings
from decimal import Decimal
from pathlib import Path

warnings.filterwarnings("ignore")

import duckdb  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from pysail.spark import SparkConnectServer  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

SHOWN = 10
AT_A_TIME = 25


def main() -> int:
    cases = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "rows.parquet")
        pq.write_table(table(cases["columns"]), file)
        failed = False
        for name, select in (("duckdb", duckdb_select(file)), ("spark", sail_select(file))):
            compared, refused, differences = judge(name, select, cases["expressions"])
            print(f"{name}: {compared} values, {len(differences)} differ, {refused} expressions refused")
            print("\n".join(differences[:SHOWN]))
            # Sail alone tells minus zero from zero where it compares.
            tolerated = compared // 1000 if name == "spark" else 0
            failed |= len(differences) > tolerated or refused * 20 > len(cases["expressions"])
        return 1 if failed else 0


def table(columns: list[dict]) -> pa.Table:
    arrays = {"row": pa.array(range(len(columns[0]["values"])), pa.int32())}
    for column in columns:
        values = column["values"]
        match column["type"]:
            case "decimal":
                scaled = [None if units is None else Decimal(units).scaleb(-4) for units in values]
                arrays[column["name"]] = pa.array(scaled, pa.decimal128(18, 4))
            case "integer":
                arrays[column["name"]] = pa.array(values, pa.int64())
            case "date":
                arrays[column["name"]] = pa.array(values, pa.int32()).cast(pa.date32())
            case "text":
                arrays[column["name"]] = pa.array(values, pa.string())
    return pa.table(arrays)


def duckdb_select(file: str):
    db = duckdb.connect()
    db.execute(f"create table order_lines as from read_parquet('{file}')")
    return lambda columns: db.execute(f"select {columns} from order_lines order by row").fetchall()


def sail_select(file: str):
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    _, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
    spark.client.set_retry_policies([])  # what fails, fails: a division by zero isn't tried again for seconds
    spark.read.parquet(file).createOrReplaceTempView("order_lines")

    def select(columns: str, _server=server) -> list[tuple]:  # the server stops when nobody holds it
        return [tuple(row) for row in spark.sql(f"select {columns} from order_lines order by row").collect()]

    return select


def judge(dialect: str, select, expressions: list[dict]) -> tuple[int, int, list[str]]:
    compared, refused, differences = 0, 0, []
    for first in range(0, len(expressions), AT_A_TIME):
        some = expressions[first : first + AT_A_TIME]
        for expression, values in zip(some, values_of(dialect, select, some)):
            if isinstance(values, str):
                refused += 1
                # It looks at both sides of `and` where Spark doesn't: loud, and no other number.
                if "zero" not in values:
                    differences.append(f"{expression[dialect]}\n    {values}")
                continue
            for row, (expected, found) in enumerate(zip(expression["values"], values)):
                if expected == "none":
                    continue
                compared += 1
                if bits(found) != expected:
                    differences.append(f"{expression[dialect]}\n    row {row}: {found!r} is {bits(found)}, netto has {expected}")
    return compared, refused, differences


def values_of(dialect: str, select, expressions: list[dict]) -> list:
    """The values of each expression, or what the engine said."""
    try:
        rows = select(", ".join(f"{guarded(expression, dialect)} as e{n}" for n, expression in enumerate(expressions)))
        return [list(column) for column in zip(*rows)]
    except Exception as error:
        if len(expressions) == 1:
            return [str(error).strip().splitlines()[0][:300]]
        half = len(expressions) // 2
        return values_of(dialect, select, expressions[:half]) + values_of(dialect, select, expressions[half:])


def guarded(expression: dict, dialect: str) -> str:
    """Rows that netto refuses, as a division by zero, are left out."""
    none = [str(row) for row, value in enumerate(expression["values"]) if value == "none"]
    text = expression[dialect]
    return f"case when row not in ({', '.join(none)}) then {text} end" if none else f"({text})"


def bits(value: float | None) -> str | None:
    # Minus zero is zero: no sum and no comparison tells them apart.
    return None if value is None else struct.pack(">d", float(value) + 0.0).hex()


if __name__ == "__main__":
    sys.exit(main())

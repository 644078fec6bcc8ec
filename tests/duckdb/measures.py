"""The SQL that stands beside each measure of a Power BI project, run over the published tables: a line `NAME = VALUE` for each.

    python measures.py PROJECT
"""

import re
import sys
from pathlib import Path

import duckdb

current = Path(sys.argv[1]) / "out" / "current"
db = duckdb.connect()
for file in sorted((current / "parquet").glob("*.parquet")):
    db.execute(f"create view {file.stem} as from read_parquet('{file}')")
for file in sorted((current / "powerbi" / "netto.SemanticModel" / "definition" / "tables").glob("*.tmdl")):
    text = file.read_text()
    for name, sql in re.findall(r"measure '?([^'=\n]+?)'? = .*?annotation netto_sql = (.*?)\n", text, re.S):
        (value,) = db.execute(sql).fetchone()
        print(f"{name} = {value}")

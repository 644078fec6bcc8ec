"""What a reader sees in object storage: Delta tables of the lake by deltalake, tables of the current result by DuckDB.

    python reader.py s3://bucket/netto

Prints the current run, the versions and rows of the lake's tables, and the net profit of all customers.
"""

import json
import os
import sys

import deltalake
import duckdb
import fsspec


def main(at: str) -> dict:
    storage, root = fsspec.core.url_to_fs(at)
    options = {"AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"], "AWS_ALLOW_HTTP": "true"}
    lake = {}
    for folder in storage.ls(f"{root}/lake"):
        name = folder.rsplit("/", 1)[1]
        table = deltalake.DeltaTable(f"{at}/lake/{name}", storage_options=options)
        rows = deltalake.QueryBuilder().register("rows", table).execute("select count(*) as n from rows").read_all()
        lake[name] = [table.version(), rows["n"][0].as_py()]
    pointer = json.loads(storage.cat_file(f"{root}/current.json"))
    database = duckdb.connect()
    database.register_filesystem(storage)
    result = f"{at}/{pointer['run']}/parquet/fct_customer_month.parquet"
    (profit,) = database.execute(f"select sum(net_profit) from read_parquet('{result}')").fetchone()
    return {"run": pointer["run"], "lake": lake, "net_profit": str(profit)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))

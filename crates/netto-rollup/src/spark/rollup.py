"""Rolls order lines up in Spark: netto writes a job, and this program takes it there through Spark Connect.

    python rollup.py job.json

The job says what is read and which texts are computed, each after those that it reads:

    {"remote": "sc://host:15002", "tables": "file:///shared/tables",
     "read": [{"name": "order_lines", "columns": "customer_key bigint, …", "files": ["file:///…"], "select": "*, … as period"}],
     "compute": [{"name": "orders", "sql": "select …"}]}

Without "remote" the variable SPARK_REMOTE names the server. The rows of each text become Parquet files in a folder of its name, which later
texts read. The last line on standard output says how many rows each has, or at which step it failed and why.
"""

import json
import os
import socket
import sys
from urllib.parse import urlsplit

PATIENCE = 20  # seconds in which a server is to answer
PORT = 15002


def main() -> dict:
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    step = "client"
    try:
        from pyspark.sql import SparkSession

        step, remote = "server", job["remote"] or os.environ["SPARK_REMOTE"]
        # Spark's client would go on trying for ten minutes.
        server = urlsplit(remote)
        socket.create_connection((server.hostname, server.port or PORT), PATIENCE).close()
        spark = SparkSession.builder.remote(remote).getOrCreate()
        # What has no number is an error and no null, and names differ where their letters do.
        spark.conf.set("spark.sql.ansi.enabled", "true")
        spark.conf.set("spark.sql.caseSensitive", "true")
        for table in job["read"]:
            step = table["name"]
            rows = spark.read.schema(table["columns"]).parquet(*table["files"])
            rows.selectExpr(*table["select"]).createOrReplaceTempView(table["name"])
        written = {}
        for table in job["compute"]:
            step = table["name"]
            folder = f"{job['tables']}/{step}"
            rows = spark.sql(table["sql"])
            rows.write.mode("overwrite").parquet(folder)
            rows = spark.read.schema(rows.schema).parquet(folder)
            rows.createOrReplaceTempView(step)
            written[step] = rows.count()
        return {"written": written}
    except Exception as error:
        return {"step": step, "why": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    print(json.dumps(main()))

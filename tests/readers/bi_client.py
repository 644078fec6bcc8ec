"""Apache Superset over what netto publishes: it connects to the SQLite file, or to PostgreSQL, makes datasets and charts, and finds the ledger's figures.

    python bi_client.py PROJECT [postgresql+psycopg2://USER:PASSWORD@HOST/DATABASE SCHEMA]

Superset runs in this process, asked by its own REST API, in a folder that is thrown away. The figures that it must find are those of the Parquet files.
"""

import json
import logging
import os
import sys
import tempfile
from pathlib import Path

import duckdb

folder = tempfile.TemporaryDirectory()
settings = Path(folder.name) / "superset_config.py"
settings.write_text(f"""
SECRET_KEY = "of this check alone, in a folder that is thrown away"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder.name}/superset.db"
PREVENT_UNSAFE_DB_CONNECTIONS = False  # SQLite is refused otherwise.
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
""")
os.environ["SUPERSET_CONFIG_PATH"] = str(settings)
logging.disable(logging.WARNING)

import superset  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from superset.app import create_app  # noqa: E402

MAIN = [("window_id", "main")]
# A chart each: the table, what it adds up, over which rows; and where the company has it.
CHARTS = [
    ("fct_customer_month", "net_profit", [], "select sum(net_profit) from fct_customer_month"),
    ("fct_customer_month", "invoice_revenue", [], "select sum(invoice_revenue) from fct_customer_month"),
    ("fct_customer_activity_month", "amount", [], "select sum(assigned_amount) from pool_balance"),
    ("fct_order", "orders", [], "select sum(orders) from fct_customer_month"),
    ("customer_window", "net_profit", MAIN, "select net_profit from window_summary where window_id = 'main'"),
    ("customer_window", "cost_to_serve", MAIN, "select cost_to_serve from window_summary where window_id = 'main'"),
    ("pyramid", "net_profit", MAIN, "select net_profit from window_summary where window_id = 'main'"),
]


def main(project: Path, address: str | None, schema: str | None) -> None:
    run = (project / "out" / "current").resolve()
    app = create_app()
    with app.app_context():
        upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
        app.appbuilder.add_permissions(update_perms=True)
        security = app.appbuilder.sm
        security.sync_role_definitions()
        security.add_user("admin", "", "", "admin@example.com", security.find_role("Admin"), password="admin")
    client = app.test_client()
    who = {"username": "admin", "password": "admin", "provider": "db"}
    token = client.post("/api/v1/security/login", json=who).json["access_token"]

    def ask(path: str, body: dict) -> dict:
        answer = client.post(f"/api/v1/{path}", json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code < 300, (path, answer.status_code, answer.get_data(as_text=True)[:2000])
        return answer.json

    address = address or f"sqlite:///{run / 'netto.sqlite'}"
    database = ask("database/", {"database_name": "netto", "sqlalchemy_uri": address})["id"]
    place = {"schema": schema} if schema else {}
    tables = sorted({table for table, *_ in CHARTS})
    datasets = {table: ask("dataset/", {"database": database, "table_name": table} | place)["id"] for table in tables}
    published = duckdb.connect()
    for file in (run / "parquet").glob("*.parquet"):
        published.execute(f"create view {file.stem} as from read_parquet('{file}')")
    for table, column, rows, sql in CHARTS:
        sum_of = {"expressionType": "SIMPLE", "column": {"column_name": column}, "aggregate": "SUM", "label": column}
        filters = [{"col": name, "op": "==", "val": value} for name, value in rows]
        source = {"id": datasets[table], "type": "table"}
        query = {"datasource": source, "queries": [{"metrics": [sum_of], "columns": [], "filters": filters, "row_limit": 10}]}
        found = ask("chart/data", query)["result"][0]["data"][0][column]
        wanted = published.execute(sql).fetchone()[0]
        assert round(float(found), 4) == round(float(wanted), 4), f"{table}.{column}: {found}, and the ledger has {wanted}"
        look = {"viz_type": "big_number_total", "params": json.dumps({"metric": sum_of})}
        ask("chart/", {"slice_name": f"{table}: {column}", "datasource_id": datasets[table], "datasource_type": "table"} | look)
        print(f"{table}.{column} = {wanted}")
    print(f"{len(CHARTS)} charts over {len(datasets)} datasets of {address.split(':')[0]}: the ledger's figures")


main(Path(sys.argv[1]), *(sys.argv[2:4] or (None, None)))

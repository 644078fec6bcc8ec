"""The whole job in DuckDB: `whole_job.sql`, stage by stage. Seconds by stage go to standard output as JSON.

    python benches/peers/whole_job_duckdb.py FOLDER 2        FOLDER/extracts → FOLDER/lake, FOLDER/marts
"""

import json
import os
import re
import sys
import time
from pathlib import Path

import duckdb

FACTS = {
    "fct_customer_product_group_month": "customer_id, product_group",
    "fct_product_month": "product_id",
    "fct_supplier_month": "supplier_id",
    "fct_employee_month": "employee_id",
    "fct_customer_channel_month": "customer_id, channel",
    "fct_customer_kind_month": "customer_id, kind, delivery",
    "fct_warehouse_month": "warehouse",
}
PUBLISHED = [
    "fct_customer_month", "fct_customer_activity_month", "fct_order", *FACTS, "fct_customer_product_month",
    "fct_supplier_activity_month", "delivery_month",
    "dim_window", "customer_window", "pyramid", "whale_curve", "tier_migration",
]


def main() -> None:
    folder, threads = Path(sys.argv[1]), int(sys.argv[2])
    text = (Path(__file__).parent / "whole_job.sql").read_text(encoding="utf-8")
    text = text.replace("{facts}", "\n".join(fact(name, keys) for name, keys in FACTS.items()))
    text = text.replace("{publish}", "\n".join(f"copy {name} to 'marts/{name}.parquet';" for name in PUBLISHED))
    os.chdir(folder)
    for made in ("lake", "marts"):
        Path(made).mkdir()
    taken = {}
    # On disk, as an analyst does whose data may not fit.
    with duckdb.connect("work.duckdb", config={"threads": threads}) as db:
        for stage, statements in re.findall(r"(?ms)^--: (\w+)$(.*?)(?=^--: |\Z)", text):
            start = time.perf_counter()
            db.execute(statements)
            taken[stage] = time.perf_counter() - start
    print(json.dumps(taken))


def fact(name: str, keys: str) -> str:
    return f"""create table {name} as
select
    period, {keys}, count(distinct case when counted then order_id end) as orders, count(*) filter (is_line) as lines, sum(quantity) as quantity,
    sum(minutes) as minutes, sum(list_amount) as list_revenue, sum(net_amount) as invoice_revenue, sum(payment_terms) as payment_terms,
    sum(freight_charged) as freight_charged, sum(freight_cost) as freight_cost, sum(cogs_amount) as cogs, sum(order_cost) as order_cost,
    sum(customer_cost) as customer_cost, sum(order_cost) + sum(customer_cost) as cost_to_serve, sum(compensation) as sales_compensation,
    sum(net_amount) - sum(payment_terms) + sum(freight_charged) - sum(freight_cost) - sum(cogs_amount) - sum(order_cost) - sum(customer_cost) as net_profit
from fct_line group by period, {keys};"""


if __name__ == "__main__":
    main()

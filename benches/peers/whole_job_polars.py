"""The whole job in Polars, streaming: what `whole_job.sql` computes, as its users write it. Seconds by stage go to standard output as JSON.

    python benches/peers/whole_job_polars.py FOLDER 2        FOLDER/extracts → FOLDER/lake, FOLDER/marts
"""

import json
import os
import sys
import time
from datetime import date
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = sys.argv[2]

import polars as pl  # noqa: E402
from polars import col, lit, when  # noqa: E402

MONEY = pl.Decimal(18, 4)
KEY = ["period", "customer_id"]
ORDER_USE = ["order_entry", "order_picking", "returns", "delivery", "buying", "storage", "electronic_orders", "campaigns", "order_administration"]
EVENT_USE = ["visits", "quotes_and_questions", "after_care", "invoicing", "receivables", "customer_events"]
RATE_OF = {
    "order_entry": "of_inside", "order_picking": "of_warehouse", "returns": "of_warehouse", "visits": "of_field",
    "quotes_and_questions": "of_inside", "after_care": "of_inside",
}
FACTS = {
    "fct_customer_product_group_month": ["customer_id", "product_group"],
    "fct_product_month": ["product_id"],
    "fct_supplier_month": ["supplier_id"],
    "fct_employee_month": ["employee_id"],
    "fct_customer_channel_month": ["customer_id", "channel"],
    "fct_customer_kind_month": ["customer_id", "kind", "delivery"],
    "fct_warehouse_month": ["warehouse"],
}


def main() -> None:
    os.chdir(sys.argv[1])
    for made in ("lake", "marts"):
        Path(made).mkdir()
    taken, tables = {}, {}
    for stage in (ingest, rollup, profit, split, segment, publish):
        start = time.perf_counter()
        stage(tables)
        taken[stage.__name__] = time.perf_counter() - start
    print(json.dumps(taken))


def collected(plan: pl.LazyFrame) -> pl.LazyFrame:
    return plan.collect(engine="streaming").lazy()


def texts(name: str) -> pl.LazyFrame:
    return pl.scan_csv(f"extracts/{name}*.csv", separator=";", encoding="utf8-lossy", infer_schema=False)


def number(name: str) -> pl.Expr:
    return col(name).str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True).cast(pl.Float64)


def day(name: str) -> pl.Expr:
    return col(name).str.to_date("%d-%m-%Y")


def month(name: str) -> pl.Expr:
    return day(name).dt.truncate("1mo").alias("period")


def ingest(_: dict) -> None:
    numbers = {name: MONEY for name in ("Aantal", "Bruto", "Korting", "Netto", "Kostprijs", "Vracht")}
    names = ["Orderdatum", "Debiteur", "Artikel", "Kanaal", "Medewerker", "Magazijn", "Soort", "Beloofd", "Geleverd", "Levering", "Herkomst", "Ordernr"]
    overrides = numbers | {name: pl.String for name in names} | {"Regel": pl.Int64}
    lines = pl.scan_csv("extracts/orderregels*.csv", separator=";", decimal_comma=True, schema_overrides=overrides)
    channels = {"WEB": "web", "EDI": "edi", "TEL": "phone", "BALIE": "counter", "VTW": "rep"}
    plan = lines.select(
        month("Orderdatum"), col("Ordernr").alias("order_id"), col("Regel").alias("line_no"), day("Orderdatum").alias("order_date"),
        col("Debiteur").str.zfill(6).alias("customer_id"), col("Artikel").alias("product_id"), col("Aantal").alias("quantity"),
        col("Bruto").alias("list_amount"), col("Netto").alias("net_amount"),
        (col("Aantal").cast(pl.Float64) * col("Kostprijs").cast(pl.Float64)).round(4).alias("cogs_amount"), col("Vracht").alias("freight_charged"),
        col("Kanaal").replace_strict(channels).alias("channel"), col("Medewerker").alias("employee_id"), col("Magazijn").alias("warehouse"),
        col("Soort").replace_strict({"V": "sale", "R": "return", "C": "credit"}).alias("order_kind"),
        day("Beloofd").alias("promised_date"), day("Geleverd").alias("delivered_date"),
        when(col("Levering") == "D").then(lit("direct")).otherwise(lit("stock")).alias("delivery"),
    )
    plan.sink_parquet(pl.PartitionBy("lake/order_lines", key="period", include_key=True), mkdir=True, engine="streaming")
    kinds = {"G": "goods", "D": "service", "S": "assembly"}
    texts("debiteuren").select(
        col("Debiteur").alias("customer_id"), col("Naam").alias("name"), col("Concern").alias("parent_id"), col("Markt").alias("market"),
        col("Regio").alias("region"), col("Land").alias("country"), col("Vertegenwoordiger").alias("account_manager"), col("Binnendienst").alias("inside_rep"),
    ).sink_parquet("lake/customers.parquet")
    texts("artikelen").select(
        col("Artikel").alias("product_id"), col("Omschrijving").alias("name"), col("Groep").alias("product_group"),
        col("Leverancier").alias("supplier_id"), col("Type").replace_strict(kinds).alias("kind"),
    ).sink_parquet("lake/products.parquet")
    texts("activiteiten").filter(col("Debiteur").is_not_null() & (col("Debiteur") != "")).select(
        month("Datum"), col("Soort").alias("kind"), col("Debiteur").alias("customer_id"), col("Minuten").cast(pl.Float64).alias("minutes"),
    ).sink_parquet("lake/activities.parquet")
    texts("afwijkingen").select(
        month("Datum"), col("Debiteur").alias("customer_id"), col("Minuten").cast(pl.Float64).alias("minutes"),
    ).sink_parquet("lake/deviations.parquet")
    texts("facturen").select(month("Factuurdatum"), col("Debiteur").alias("customer_id"), number("Bedrag").alias("amount")).sink_parquet("lake/receivables.parquet")
    texts("kosten").select(
        col("Afdeling").alias("pool"), month("Periode"), col("Debiteur").alias("customer_id"), number("Bedrag").alias("amount"),
        col("Capaciteit").cast(pl.Float64, strict=False).alias("practical_minutes"),
    ).sink_parquet("lake/cost_pools.parquet")


def lines() -> pl.LazyFrame:
    return pl.scan_parquet("lake/order_lines/**/*.parquet", hive_partitioning=False)


def rollup(tables: dict) -> None:
    sale, stock = col("order_kind") == "sale", col("delivery") == "stock"
    amounts = ["quantity", "net_amount", "list_amount", "cogs_amount", "freight_charged"]
    orders = lines().group_by(*KEY, "order_id").agg(
        col("order_date").min(), pl.len().cast(pl.Int64).alias("lines"), *(col(name).sum().cast(pl.Float64) for name in amounts),
        (col("net_amount").cast(pl.Float64) < col("cogs_amount").cast(pl.Float64)).sum().cast(pl.Int64).alias("lines_below_cost"),
        col("channel", "employee_id", "warehouse", "delivery").min(), col("order_kind").max(),
    )
    entry = (
        when(~sale).then(0).when(col("channel").is_in(["web", "edi"])).then(4 + col("lines")).when(col("channel") == "counter").then(14 + 3 * col("lines"))
        .when(col("channel") == "rep").then(10 + 3 * col("lines")).otherwise(16 + 4 * col("lines"))
    )
    picking = when(sale & stock).then(9 + 7 * col("lines") + when(col("channel") == "counter").then(4).otherwise(0)).otherwise(0)
    tables["order_use"] = collected(orders.with_columns(
        sale.alias("counted"), entry.cast(pl.Float64).alias("order_entry"), picking.cast(pl.Float64).alias("order_picking"),
        when(col("order_kind") == "return").then(15.0 + 10 * col("lines")).otherwise(0.0).alias("returns"),
        when(sale & stock & (col("channel") != "counter")).then(1 + 0.25 * col("lines")).otherwise(0.0).alias("delivery_stop"),
        when(sale).then(col("lines")).otherwise(0).cast(pl.Float64).alias("buying"),
        when(sale & stock).then(col("cogs_amount")).otherwise(0.0).alias("storage"),
        (sale & col("channel").is_in(["web", "edi"])).cast(pl.Float64).alias("electronic_orders"), sale.cast(pl.Float64).alias("campaigns"),
        lit(1.0).alias("order_administration"),
    ))
    use = [col("delivery_stop").sum().alias("delivery") if name == "delivery" else col(name).sum() for name in ORDER_USE]
    tables["customer_use"] = collected(tables["order_use"].group_by(KEY).agg(
        col("lines", *amounts, "lines_below_cost").sum(), col("counted").sum().cast(pl.Int64).alias("orders"), *use,
    ))

    def events(name: str, **use: pl.Expr) -> pl.LazyFrame:
        return pl.scan_parquet(f"lake/{name}.parquet").select(*KEY, *(use.get(name, lit(0.0)).cast(pl.Float64).alias(name) for name in EVENT_USE))

    visit = col("kind") == "bezoek"
    tables["event_use"] = collected(pl.concat([
        events("activities", visits=when(visit).then(col("minutes")).otherwise(0.0), quotes_and_questions=when(visit).then(0.0).otherwise(col("minutes"))),
        events("deviations", after_care=col("minutes")),
        events("receivables", invoicing=lit(1.0), receivables=col("amount").clip(lower_bound=0)),
        events("cost_pools", customer_events=col("amount")).filter(col("customer_id").is_not_null() & (col("customer_id") != "")),
    ]).group_by(KEY).agg(col(EVENT_USE).sum()))


def profit(tables: dict) -> None:
    own = pl.scan_parquet("lake/cost_pools.parquet").group_by("period").agg(
        *(col("amount").filter((col("pool") == pool) & (col("customer_id").is_null() | (col("customer_id") == ""))).sum().alias(name) for pool, name in {
            "BUITENDIENST": "field", "BINNENDIENST": "inside", "MAGAZIJN": "warehouse", "TRANSPORT": "transport", "INKOOP": "purchasing",
            "ECOMMERCE": "ecommerce", "MARKETING": "marketing", "FINANCIERING": "financing", "HUISVESTING": "h", "ADMINISTRATIE": "a",
        }.items()),
        *(col("practical_minutes").filter(col("pool") == pool).sum().alias(f"{name}_minutes")
          for pool, name in {"BUITENDIENST": "field", "BINNENDIENST": "inside", "MAGAZIJN": "warehouse"}.items()),
    )
    admin = (col("a") + 0.1 * col("h")) / (1 - 0.1 * 0.02)
    pools = own.with_columns(admin.alias("admin")).with_columns((col("h") + 0.02 * col("admin")).alias("house")).with_columns(
        col("field") + 0.05 * col("admin"), col("inside") + 0.1 * col("house") + 0.06 * col("admin"),
        col("warehouse") + 0.35 * col("house") + 0.08 * col("admin"), col("purchasing") + 0.05 * col("house"),
        (0.4 * col("house")).alias("housing"), (0.79 * col("admin")).alias("administration"),
    )
    used = tables["customer_use"].group_by("period").agg(col(ORDER_USE).sum())
    events = tables["event_use"].group_by("period").agg(col(EVENT_USE).sum())
    picked = col("order_picking") + col("returns")
    idle = 0.75 * col("warehouse") * (1 - picked / col("warehouse_minutes")).clip(lower_bound=0)
    over = lambda amount, use: when(use != 0).then(amount / use).otherwise(None)  # noqa: E731
    tables["rates"] = collected(pools.join(used, on="period").join(events, on="period").select(
        "period", (col("field") / pl.max_horizontal("field_minutes", "visits")).alias("of_field"),
        (col("inside") / pl.max_horizontal(col("inside_minutes"), col("order_entry") + col("quotes_and_questions") + col("after_care"))).alias("of_inside"),
        over(col("warehouse") - idle, picked).alias("of_warehouse"), over(col("transport"), col("delivery")).alias("of_delivery"),
        over(col("purchasing"), col("buying")).alias("of_buying"), over(col("housing"), col("storage")).alias("of_storage"),
        over(col("ecommerce"), col("electronic_orders")).alias("of_electronic_orders"), over(col("marketing"), col("campaigns")).alias("of_campaigns"),
        over(0.4 * col("administration"), col("order_administration")).alias("of_order_administration"),
        over(0.6 * col("administration"), col("invoicing")).alias("of_invoicing"), over(col("financing"), col("receivables")).alias("of_receivables"),
        lit(1.0).alias("of_customer_events"),
    ))
    use = ORDER_USE + EVENT_USE
    both = tables["customer_use"].join(tables["event_use"], on=KEY, how="full", coalesce=True).join(tables["rates"], on="period").with_columns(
        pl.col("lines", "quantity", "net_amount", "list_amount", "cogs_amount", "freight_charged", "lines_below_cost", "orders", *use).fill_null(0)
    )
    tables["customer_cost"] = collected(both.with_columns(
        (col("order_entry") + col("order_picking") + col("returns")).alias("order_minutes"),
        (col("visits") + col("quotes_and_questions") + col("after_care")).alias("event_minutes"),
        *((col(name) * col(RATE_OF.get(name, f"of_{name}"))).fill_null(0).alias(name) for name in use),
    ))
    cost = tables["customer_cost"]
    tables["fct_customer_activity_month"] = collected(
        cost.unpivot(use, index=KEY, variable_name="activity", value_name="amount").filter(col("amount") != 0)
    )
    served = pl.sum_horizontal([name for name in use if name not in ("delivery", "receivables")])
    pocket = col("net_amount") - col("receivables") + col("freight_charged") - col("delivery")
    tables["fct_customer_month"] = collected(cost.select(
        *KEY, "orders", "lines", "lines_below_cost", "quantity", (col("order_minutes") + col("event_minutes")).alias("minutes"),
        col("list_amount").alias("list_revenue"), (col("list_amount") - col("net_amount")).alias("invoice_discount"),
        col("net_amount").alias("invoice_revenue"), col("receivables").alias("payment_terms"), "freight_charged", col("delivery").alias("freight_cost"),
        pocket.alias("pocket_revenue"), col("cogs_amount").alias("cogs"), (pocket - col("cogs_amount")).alias("gross_margin"),
        served.alias("cost_to_serve"), (pocket - col("cogs_amount") - served).alias("net_profit"), col("visits").alias("sales_compensation"),
    ))


def split(tables: dict) -> None:
    rated = lambda use: (col(use) * col(RATE_OF.get(use, f"of_{use}"))).fill_null(0)  # noqa: E731
    tables["order_cost"] = collected(tables["order_use"].join(tables["rates"], on="period").with_columns(
        pl.sum_horizontal(rated(use) for use in ORDER_USE if use != "delivery").alias("order_cost"),
        (col("delivery_stop") * col("of_delivery")).fill_null(0).alias("freight_cost"),
        (col("order_entry") + col("order_picking") + col("returns")).alias("minutes"),
    ))
    of_customer = ["visits", "quotes_and_questions", "after_care", "invoicing", "customer_events"]
    count = pl.max_horizontal(col("lines"), 1)
    per_line = tables["customer_cost"].select(
        *KEY, "lines", (pl.sum_horizontal(of_customer) / count).alias("customer_cost"), (col("receivables") / count).alias("payment_terms"),
        (col("event_minutes") / count).alias("event_minutes"), (col("visits") / count).alias("compensation"),
    )
    alone = per_line.filter((col("lines") == 0) & ((col("customer_cost") != 0) | (col("payment_terms") != 0) | (col("event_minutes") != 0)))
    orders = tables["order_cost"].join(per_line.drop("lines"), on=KEY).select(
        *KEY, "order_id", "order_date", "channel", "employee_id", "warehouse", "order_kind", "delivery", col("counted").cast(pl.Int64).alias("orders"),
        "lines", "quantity", (col("minutes") + col("lines") * col("event_minutes")).alias("minutes"), col("list_amount").alias("list_revenue"),
        col("net_amount").alias("invoice_revenue"), (col("lines") * col("payment_terms")).alias("payment_terms"), "freight_charged", "freight_cost",
        col("cogs_amount").alias("cogs"), "order_cost", (col("lines") * col("customer_cost")).alias("customer_cost"),
        (col("order_cost") + col("lines") * col("customer_cost")).alias("cost_to_serve"), (col("lines") * col("compensation")).alias("sales_compensation"),
    )
    without = alone.select(
        *KEY, lit("").alias("order_id"), col("event_minutes").alias("minutes"), "payment_terms", "customer_cost", col("customer_cost").alias("cost_to_serve"),
        col("compensation").alias("sales_compensation"), *(lit(0.0).alias(name) for name in ("quantity", "list_revenue", "invoice_revenue", "freight_charged", "freight_cost", "cogs", "order_cost")),
        lit(0, dtype=pl.Int64).alias("orders"), lit(0, dtype=pl.Int64).alias("lines"),
    )
    tables["fct_order"] = collected(pl.concat([orders, without], how="diagonal"))
    parts = tables["order_cost"].select(
        *KEY, "order_id", "counted", *((col(name) / col("lines")).alias(name) for name in ("minutes", "order_cost", "freight_cost")),
    )
    amounts = ["quantity", "list_amount", "net_amount", "freight_charged", "cogs_amount"]
    of_lines = (
        lines().with_columns(col(amounts).cast(pl.Float64)).join(parts, on=[*KEY, "order_id"]).join(per_line.drop("lines"), on=KEY)
        .join(pl.scan_parquet("lake/products.parquet").drop("name"), on="product_id", how="left")
        .with_columns(col("minutes") + col("event_minutes"), lit(True).alias("is_line")).drop("line_no", "event_minutes")
    )
    without = alone.select(
        *KEY, col("event_minutes").alias("minutes"), "customer_cost", "payment_terms", "compensation", lit(False).alias("counted"), lit(False).alias("is_line"),
        *(lit("").alias(name) for name in ("product_id", "product_group", "supplier_id", "kind")),
        *(lit(0.0).alias(name) for name in (*amounts, "order_cost", "freight_cost")),
    )
    pl.concat([of_lines, without], how="diagonal").sink_parquet("lake/fct_line.parquet", engine="streaming")
    fct_line = pl.scan_parquet("lake/fct_line.parquet")
    sums = {
        "list_amount": "list_revenue", "net_amount": "invoice_revenue", "payment_terms": "payment_terms", "freight_charged": "freight_charged",
        "freight_cost": "freight_cost", "cogs_amount": "cogs", "order_cost": "order_cost", "customer_cost": "customer_cost",
        "compensation": "sales_compensation", "quantity": "quantity", "minutes": "minutes",
    }
    for name, keys in FACTS.items():
        fact = fct_line.group_by("period", *keys).agg(
            col("order_id").filter("counted").n_unique().cast(pl.Int64).alias("orders"), col("is_line").sum().cast(pl.Int64).alias("lines"),
            *(col(of).sum().alias(to) for of, to in sums.items()),
        ).with_columns((col("order_cost") + col("customer_cost")).alias("cost_to_serve"))
        tables[name] = collected(fact.with_columns(
            (col("invoice_revenue") - col("payment_terms") + col("freight_charged") - col("freight_cost") - col("cogs") - col("cost_to_serve")).alias("net_profit")
        ))
    tables["fct_customer_product_month"] = collected(fct_line.filter("is_line").group_by(*KEY, "product_id", "delivery").agg(
        pl.len().cast(pl.Int64).alias("lines"), col("quantity").sum(), col("list_amount").sum().alias("list_revenue"),
        col("net_amount").sum().alias("invoice_revenue"), col("cogs_amount").sum().alias("cogs"),
        (col("order_cost").sum() + col("freight_cost").sum() - col("freight_charged").sum()).alias("order_level_cost"),
    ))
    by_order = fct_line.group_by("period", "supplier_id", "order_id", "customer_id").agg(pl.len().alias("count"))
    of_order = tables["order_cost"].select(
        *KEY, "order_id", *((col("delivery_stop" if use == "delivery" else use) * col(RATE_OF.get(use, f"of_{use}")) / col("lines")).alias(use) for use in ORDER_USE),
    )
    of_customer = tables["customer_cost"].select(*KEY, *((col(use) / count).alias(use) for use in EVENT_USE))
    tables["fct_supplier_activity_month"] = collected(
        by_order.join(of_customer, on=KEY).join(of_order, on=[*KEY, "order_id"], how="left").group_by("period", "supplier_id")
        .agg((col("count") * col(use)).sum().alias(use) for use in ORDER_USE + EVENT_USE)
        .unpivot(ORDER_USE + EVENT_USE, index=["period", "supplier_id"], variable_name="activity", value_name="amount").filter(col("amount") != 0)
    )
    late = (col("delivered_date") - col("promised_date")).dt.total_days()
    tables["delivery_month"] = collected(fct_line.filter(col("is_line") & (col("order_kind") == "sale")).group_by(*KEY, "delivery").agg(
        pl.len().cast(pl.Int64).alias("lines"), col("promised_date").count().cast(pl.Int64).alias("lines_promised"),
        (late > 0).sum().cast(pl.Int64).alias("lines_late"), late.clip(lower_bound=0).sum().alias("days_late"),
        (col("delivered_date") - col("order_date")).dt.total_days().sum().alias("lead_days"),
    ))


def segment(tables: dict) -> None:
    windows = pl.DataFrame(
        [
            ("2022", date(2022, 1, 1), date(2022, 12, 1), None), ("2023", date(2023, 1, 1), date(2023, 12, 1), None),
            ("2024", date(2024, 1, 1), date(2024, 12, 1), "2023"), ("2024 to 06", date(2024, 1, 1), date(2024, 6, 1), None),
            ("2025", date(2025, 1, 1), date(2025, 6, 1), "2024 to 06"), ("main", date(2024, 7, 1), date(2025, 6, 1), "previous"),
            ("previous", date(2023, 7, 1), date(2024, 6, 1), None),
        ],
        schema=["window_id", "first_period", "last_period", "previous_window"], orient="row",
    ).lazy()
    tables["dim_window"] = windows
    months = tables["fct_customer_month"]
    measures = ["orders", "lines", "invoice_revenue", "gross_margin", "cost_to_serve", "net_profit", "minutes"]
    since = months.group_by("customer_id").agg(col("period").min().alias("since"))
    everyone = windows.join(since, how="cross").filter(col("since") <= col("last_period")).select("window_id", "customer_id")
    summed = windows.join(months, how="cross").filter(col("period").is_between("first_period", "last_period")).group_by("window_id", "customer_id").agg(col(measures).sum())
    total = everyone.join(summed, on=["window_id", "customer_id"], how="left").with_columns(col(measures).fill_null(0))
    ranked = total.with_columns((col("orders") > 0).alias("active")).sort(
        "window_id", ~col("active"), when("active").then(-col("invoice_revenue")).otherwise(0), "customer_id"
    ).with_columns(pl.int_range(1, pl.len() + 1).over("window_id").alias("place"), col("active").sum().over("window_id").alias("all_active"))
    reached = lambda share: col("place") - 1 < col("all_active") * share  # noqa: E731
    tables["customer_window"] = collected(ranked.with_columns(
        when(~col("active")).then(lit("Inactive")).when(reached(0.01)).then(lit("Top")).when(reached(0.05)).then(lit("Large"))
        .when(reached(0.2)).then(lit("Medium")).otherwise(lit("Small")).alias("tier"),
        when("active").then(col("place")).alias("rank"), col("invoice_revenue").cum_sum().over("window_id").alias("cumulative_revenue"),
    ).select("window_id", "customer_id", "tier", "rank", *measures, "cumulative_revenue"))
    standing = tables["customer_window"]
    tables["pyramid"] = collected(standing.group_by("window_id", "tier").agg(
        pl.len().cast(pl.Int64).alias("customers"), col("invoice_revenue", "gross_margin", "cost_to_serve", "net_profit", "minutes").sum(),
        (col("net_profit") < 0).sum().cast(pl.Int64).alias("loss_customers"),
    ))
    tables["whale_curve"] = collected(standing.filter(col("rank").is_not_null() | (col("net_profit") != 0)).sort("window_id", -col("net_profit"), "customer_id").select(
        "window_id", pl.int_range(1, pl.len() + 1).over("window_id").alias("rank"), "customer_id", "invoice_revenue", "net_profit",
        col("net_profit").cum_sum().over("window_id").alias("cumulative_profit"),
    ))
    before = standing.select(col("window_id").alias("previous_window"), "customer_id", col("tier").alias("previous_tier"), col("net_profit").alias("previous_net_profit"))
    moved = standing.join(windows.filter(col("previous_window").is_not_null()).select("window_id", "previous_window"), on="window_id")
    tables["tier_migration"] = collected(moved.join(before, on=["previous_window", "customer_id"], how="left").group_by(
        "window_id", col("previous_tier").fill_null("New"), "tier",
    ).agg(pl.len().cast(pl.Int64).alias("customers"), col("previous_net_profit", "net_profit").sum()))


def publish(tables: dict) -> None:
    inside = ("order_use", "customer_use", "event_use", "rates", "customer_cost", "order_cost")
    for name, table in tables.items():
        if name not in inside:
            table.sink_parquet(f"marts/{name}.parquet")


if __name__ == "__main__":
    main()

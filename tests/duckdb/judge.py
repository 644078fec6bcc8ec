"""Recompute a project's figures in DuckDB and compare them with what netto published.

    python judge.py path/to/netto PROJECT

The rollups are judged with netto's own SQL text over the lake's files, in another engine; pool balances and analyses with
SQL of their own, written from the definitions and not from netto's code. Counts and amounts must be equal, shares within
1e-12. Exits 1 with the first differences.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import duckdb
import models
import star
from files import parquet, quoted

SHOWN = 5
EVENTS = {
    "activities": "occurred_at",
    "deviations": "occurred_at",
    "receivables": "invoice_date",
    "stock": "snapshot_date",
}
# Columns of a driver's text that are no activity.
KEYS = ("period", "customer_key", "customer_id", "in_warehouse")
SPLIT = [
    "lines", "quantity", "list_revenue", "invoice_discount", "invoice_revenue", "rebates_given", "payment_terms", "freight_charged",
    "freight_cost", "pocket_revenue", "cogs", "rebates_received", "gross_margin", "cost_to_serve", "net_profit",
    "sales_compensation", "net_before_compensation",
]  # fmt: skip


def main() -> int:
    netto, project = sys.argv[1], Path(sys.argv[2])
    judge = Judge(sql_of(netto, project), project)
    judge.rollups()
    judge.balances()
    judge.facts()
    config = tomllib.loads((project / "netto.toml").read_text(encoding="utf-8")).get("segment", {})
    judge.analyses(project, config.get("market_size", {}))
    judge.markets()
    judge.orders(project)
    of_models, differ = models.judged(judge.printed, project, live_files)
    of_star, broken = star.judged(netto, project)
    print("\n".join([*judge.report, *of_models, *of_star]))
    return 1 if judge.failed or differ or broken else 0


class Judge:
    """A DuckDB with the lake's and the published tables as views."""

    def __init__(self, printed: dict, project: Path) -> None:
        self.db = duckdb.connect()
        self.printed = printed
        self.report: list[str] = []
        self.failed = False
        open_lake(self.db, printed, project)
        star.open_published(self.db, printed, project)

    # ── Rollups: netto's text, DuckDB's engine ────────────────────────────────────────────────────────────────────

    def rollups(self) -> None:
        texts = self.printed["rollups"]
        for name, text in texts.items():
            if name == "orders" or name.startswith("orders_so_far"):
                self.db.execute(f"create table {name} as {text}")
        self.db.execute(f"create table customer_month as {texts['customer_month']}")
        self.compare(
            "customer_month",
            """select customer_id, period, orders, lines, lines_below_cost, quantity, list_amount as list_revenue,
                list_amount - net_amount as invoice_discount, net_amount as invoice_revenue, freight_charged,
                cogs_amount as cogs, lines_with_list = lines as list_supplied, lines_with_cogs = lines as cogs_supplied
            from customer_month join customer_keys using (customer_key)""",
            # Who was served but ordered nothing has a month too; all of it is zero.
            """from fct_customer_month where orders <> 0 or lines <> 0 or quantity <> 0 or list_revenue <> 0
                or invoice_revenue <> 0 or freight_charged <> 0 or cogs <> 0""",
            keys=["customer_id", "period"],
            exact=["orders", "lines", "lines_below_cost", "quantity", "list_revenue", "invoice_discount", "invoice_revenue",
                   "freight_charged", "cogs", "list_supplied", "cogs_supplied"],
        )  # fmt: skip
        self.drivers({name: text for name, text in texts.items() if name.startswith("driver_")})
        if text := texts.get("customer_supplier_month"):
            self.suppliers(text)
        below, lines = self.db.execute("select sum(lines_below_cost), sum(lines) from customer_month").fetchone()
        self.report.append(f"lines_below_cost {below} of {lines}")

    def suppliers(self, text: str) -> None:
        """Nothing is published of it; but DuckDB reads the text, and no line of a supplier is lost or joined twice."""
        self.db.execute(f"create table customer_supplier_month as {text}")
        self.compare(
            "customer_supplier_month",
            """select supplier_id, sum(net_amount) as net_amount, sum(coalesce(list_amount, net_amount)) as list_amount,
                coalesce(sum(cogs_amount), 0) as cogs_amount
            from order_lines asof join product_versions
                on order_lines.product_key = product_versions.product_key and order_lines.order_date >= product_versions.since
            where supplier_id in (select supplier_id from product_suppliers) group by all""",
            "select supplier_id, sum(columns(* exclude (supplier_id, period, customer_key))) from customer_supplier_month group by all",
            keys=["supplier_id"],
            exact=["net_amount", "list_amount", "cogs_amount"],
        )

    def drivers(self, texts: dict[str, str]) -> None:
        """Quantities of every activity, where the pool was booked: only then is there something to assign.

        Published facts know no warehouse: what is kept by warehouse is added up."""
        measured = []
        for name, text in texts.items():
            self.db.execute(f"create table {name} as {text}")
            columns = [column[0] for column in self.db.execute(f"describe {name}").fetchall()]
            activities = [column for column in columns if column not in KEYS]
            ids = "" if "customer_id" in columns else "join customer_keys using (customer_key)"
            measured += [
                f"select customer_id, period, {quoted(activity)} as activity, cast(\"{activity}\" as hugeint) as units "
                f"from {name} {ids}"
                for activity in activities
            ]
        if not measured:
            return
        self.compare(
            "driver quantities",
            f"""select customer_id, period, activity, sum(units) as units from ({" union all ".join(measured)})
            join dim_activity using (activity) where (pool, period) in (select (pool, period) from pool_balance)
            group by all having sum(units) <> 0""",
            """select customer_id, period, activity, cast(quantity * 10000 as hugeint) as units
            from fct_customer_activity_month join dim_activity using (activity)
            where method in ('time', 'driver') and quantity <> 0
            union all select '', period, activity, cast(sum(unnamed_quantity) * 10000 as hugeint) as units
            from activity_month join dim_activity using (activity) where method in ('time', 'driver')
            group by all having sum(unnamed_quantity) <> 0""",
            keys=["customer_id", "period", "activity"],
            exact=["units"],
        )

    # ── Balances: from the published tables alone ─────────────────────────────────────────────────────────────────

    def balances(self) -> None:
        self.compare(
            "pool balance",
            """select pool, period, coalesce(sum(amount), 0) as assigned_amount,
                any_value(own_amount) + any_value(received_amount)
                    - any_value(passed_on_amount) - any_value(idle_amount) - any_value(unassigned_amount) as left_amount,
                any_value(idle_minutes) - any_value(over_capacity_minutes) as minutes_left, 0 as difference
            from pool_balance
            left join (from fct_customer_activity_month join dim_activity using (activity)) using (pool, period)
            group by pool, period""",
            """select pool, period, assigned_amount, assigned_amount as left_amount,
                practical_minutes - used_minutes as minutes_left, difference from pool_balance""",
            keys=["pool", "period"],
            exact=["assigned_amount", "left_amount", "minutes_left", "difference"],
        )
        self.compare(
            "waterfall",
            """select customer_id, period, list_revenue - invoice_discount as invoice_revenue,
                list_revenue - invoice_discount - rebates_given - payment_terms + freight_charged - freight_cost
                    as pocket_revenue,
                pocket_revenue - cogs + rebates_received as gross_margin, gross_margin - cost_to_serve as net_profit,
                coalesce(served, 0) as served, coalesce(freight, 0) as freight_cost,
                -- Without an activity for it, it is imputed at a rate, and stands in no ledger.
                case when exists (from dim_activity where step = 'payment_terms') then coalesce(terms, 0)
                    else payment_terms end as payment_terms,
                coalesce(pay, 0) as sales_compensation
            from fct_customer_month left join (
                select customer_id, period, sum(amount) filter (step = 'cost_to_serve') as served,
                    sum(amount) filter (step = 'freight_cost') as freight,
                    sum(amount) filter (step = 'payment_terms') as terms, sum(amount) filter (compensation) as pay
                from fct_customer_activity_month join dim_activity using (activity) group by all
            ) using (customer_id, period)""",
            "select *, cost_to_serve as served from fct_customer_month",
            keys=["customer_id", "period"],
            exact=["invoice_revenue", "pocket_revenue", "gross_margin", "net_profit", "served", "freight_cost",
                   "payment_terms", "sales_compensation"],
        )  # fmt: skip
        self.compare(
            "activity months",
            """select activity, period, pool_part, sum(quantity) as quantity, sum(amount) as assigned_amount
            from fct_customer_activity_month group by all""",
            "from activity_month where (activity, period, pool_part) in (select (activity, period, pool_part) from fct_customer_activity_month)",
            keys=["activity", "period", "pool_part"],
            exact=["quantity", "assigned_amount"],
        )

    # ── Facts finer than the ledger: what lines say from the lake, what was split from the waterfall ──────────────────

    def facts(self) -> None:
        tables = self.tables()
        self.db.execute(COUNTED_LINES)
        if "fct_customer_channel_month" in tables:
            self.compare(
                "channels",
                """select customer_id, period, coalesce(channel, '') as channel, count(distinct order_key) filter (counts) as orders,
                    count(*) as lines, sum(quantity) as quantity, sum(coalesce(list_amount, net_amount)) as list_revenue,
                    sum(net_amount) as invoice_revenue, sum(coalesce(cogs_amount, 0)) as cogs,
                    sum(coalesce(freight_charged, 0)) as freight_charged
                from counted_lines join customer_keys using (customer_key) group by all""",
                "from fct_customer_channel_month where lines <> 0",
                keys=["customer_id", "period", "channel"],
                exact=["orders", "lines", "quantity", "list_revenue", "invoice_revenue", "cogs", "freight_charged"],
            )
        if "fct_order" in tables:
            self.compare(
                "orders",
                """select customer_id, period, order_id, max(order_kind) as order_kind, min(order_date) as order_date, count(*) as lines,
                    sum(net_amount) as invoice_revenue, min(channel) as channel, min(warehouse) as warehouse, min(delivery) as delivery,
                    min(employee_id) as employee_id, max(counts::bigint) as orders
                from counted_lines join customer_keys using (customer_key) join order_keys using (order_key)
                group by customer_id, period, order_id, order_kind = 'sale'""",
                "from fct_order where lines <> 0",
                keys=["customer_id", "period", "order_id", "order_kind"],
                exact=["order_date", "lines", "invoice_revenue", "channel", "warehouse", "delivery", "employee_id", "orders"],
            )
        by_activity = ("fct_customer_activity_month", "fct_supplier_activity_month", "fct_customer_product_month")
        for table in (table for table in tables if table.startswith("fct_") and table not in by_activity):
            sums = ", ".join(f"sum({column}) as {column}" for column in SPLIT)
            self.compare(
                f"{table} by month",
                f"""select * replace (coalesce(minutes, 0) as minutes) from (select period, {sums} from fct_customer_month group by all)
                left join (select period, sum(quantity) as minutes from fct_customer_activity_month
                    join dim_activity using (activity) where method = 'time' group by all) using (period)"""
                if table != "fct_customer_month"
                else f"select period, {sums}, 0 as minutes from fct_customer_month group by all",
                f"select period, {sums}, {'sum(minutes)' if table != 'fct_customer_month' else '0'} as minutes from {table} group by all",
                keys=["period"],
                exact=[*SPLIT, "minutes"],
            )
            if table != "fct_customer_month":
                self.levels(table)

        if "fct_supplier_activity_month" in tables:
            self.compare(
                "supplier activities",
                """select period, activity, sum(amount) as amount, sum(if(method = 'time', quantity, 0)) as minutes
                from fct_customer_activity_month join dim_activity using (activity) group by all having sum(amount) <> 0 or minutes <> 0""",
                "select period, activity, sum(amount) as amount, sum(minutes) as minutes from fct_supplier_activity_month group by all",
                keys=["period", "activity"],
                exact=["amount", "minutes"],
            )

    def levels(self, table: str) -> None:
        """Cost-to-serve by the level at which it arises: line, order, customer. What isn't measured on orders or lines is the customer's."""
        names = ["order_cost", "line_cost", "customer_cost"]
        summed = ", ".join(f"sum({name}) as {name}" for name in names)
        self.compare(
            f"{table} by level of cost",
            """select period, coalesce(sum(amount) filter (on_orders), 0) as order_cost,
                coalesce(sum(amount) filter (source = 'order_lines'), 0) as line_cost,
                coalesce(sum(amount) filter (not on_orders), 0) as customer_cost, true as before_is_the_rest
            from (select *, coalesce(source, '') in ('orders', 'order_lines') as on_orders from fct_customer_activity_month
                join dim_activity using (activity) where step = 'cost_to_serve')
            group by all having order_cost <> 0 or line_cost <> 0 or customer_cost <> 0""",
            f"""select period, {summed}, bool_and(net_before_customer_cost = gross_margin - order_cost) as before_is_the_rest
            from {table} group by all having sum(order_cost) <> 0 or sum(line_cost) <> 0 or sum(customer_cost) <> 0""",
            keys=["period"],
            exact=[*names, "before_is_the_rest"],
        )

    # ── Analyses: the definitions, in SQL of their own ────────────────────────────────────────────────────────────

    def analyses(self, project: Path, market_sizes: dict) -> None:
        self.db.execute(WINDOWS + HALF_EVEN)
        self.members(project, market_sizes)
        money = ["invoice_revenue", "gross_margin", "cost_to_serve", "net_profit"]
        self.compare(
            "customer windows", "from judged", "from customer_window", keys=["window_id", "customer_id"],
            exact=["tier", "cut_tier", "rank", "orders", "lines", *money, "cumulative_revenue"], shares=["cumulative_revenue_share", "margin_share"],
        )  # fmt: skip
        tier_figures = {
            "exact": ["customers", *money, "potential", "minutes", "loss_customers"],
            "shares": ["customer_share", "revenue_share", "margin_share", "cost_share", "profit_share", "share_of_wallet", "minutes_share"],
        }  # fmt: skip
        self.compare("pyramid", pyramid("pyramid_members", []), "from pyramid", keys=["window_id", "tier"], **tier_figures)
        self.db.execute(GROUPS)
        self.compare(
            "pyramid by market and region", pyramid("members_by_group", ["level", "key"]), "from pyramid_group",
            keys=["window_id", "level", "key", "tier"], may_be_empty=True, **tier_figures,
        )  # fmt: skip
        self.compare(
            "tier upgrade", UPGRADE, "from tier_upgrade", keys=["window_id", "tier"],
            exact=["next_tier", "customers", "average_revenue", "average_net_profit", "upgrade_revenue", "upgrade_value", "threshold",
                   "near_customers"],
        )  # fmt: skip
        self.compare(
            "attention", ATTENTION, "from attention", keys=["window_id", "customer_id"], may_be_empty=True,
            exact=["tier", "minutes", "cost_to_serve", "invoice_revenue", "potential"],
            shares=["minutes_share", "cost_share", "revenue_share", "potential_share", "share_of_wallet", "attention_index"],
        )  # fmt: skip
        self.compare(
            "20/80", CONCENTRATION, "from concentration", keys=["window_id", "percentile"], exact=["customers"],
            shares=["revenue_share", "margin_share", "cost_share", "profit_share"],
        )  # fmt: skip
        self.compare(
            "whale curve", WHALE, "from whale_curve", keys=["window_id", "rank"],
            exact=["customer_id", "invoice_revenue", "net_profit", "cumulative_profit"],
            shares=["cumulative_customer_share", "cumulative_profit_share", "cumulative_peak_share"],
        )  # fmt: skip
        (compared,) = self.db.execute("select count(previous_window) from dim_window").fetchone()
        self.compare(
            "tier migration", MIGRATION, "from tier_migration", keys=["window_id", "previous_tier", "tier"],
            exact=["customers", "previous_revenue", "invoice_revenue", "previous_net_profit", "net_profit"], may_be_empty=compared == 0,
        )  # fmt: skip
        self.compare(
            "window summary", SUMMARY, "from window_summary", keys=["window_id"],
            exact=["customers", "orders", "lines", *money, "idle_amount", "unassigned_amount", "result", "ledger_amount", "imputed_amount",
                   "peak_profit", "peak_customers", "loss_customers", "loss_amount"],
            shares=["top_revenue_share", "top_cost_share", "retention"],
        )  # fmt: skip

    def members(self, project: Path, market_sizes: dict) -> None:
        """Who stands in the pyramid: prospects and their events are read from the lake, market sizes from the configuration."""
        for name, empty in [("prospects", NO_PROSPECTS), ("activities", NO_EVENTS)]:
            files = live_files(project / ".netto" / "lake" / name)
            self.db.execute(f"create view all_{name} as {'from ' + parquet(files) if files else empty}")
        self.db.execute("create table market_sizes (market varchar, companies bigint, size decimal(18, 4))")
        for market, size in market_sizes.items():
            self.db.execute("insert into market_sizes values (?, ?, ?)", [market, size["companies"], size.get("potential")])
        self.db.execute(MEMBERS)
        self.db.execute(REST_OF_MARKET)

    def orders(self, project: Path) -> None:
        """Kinds of products, delivery and deviations from the lake."""
        (tables,) = self.db.execute("select list(view_name) from duckdb_views() where not internal").fetchone()
        if "delivery_month" in tables and self.db.execute("select count(*) from delivery_speed").fetchone() != (0,):
            self.compare(
                "delivery speed", DELIVERY_SPEED, "from delivery_speed", keys=["window_id", "level", "key"],
                exact=["lines", "lines_promised", "lines_late"], shares=["late_share", "average_days_late", "average_lead_days"],
            )  # fmt: skip
        if products := live_files(project / ".netto" / "lake" / "products"):
            self.kinds(products)
        if live_files(project / ".netto" / "lake" / "deviations"):
            self.deviations(live_files(project / ".netto" / "lake" / "deviations"))

    def deviations(self, files: list[Path]) -> None:
        """Number and minutes of every level; after-care of customers as the ledger has it, and the same in all of every level."""
        self.db.execute(f"create view all_deviations as from {parquet(files)}")
        self.compare(
            "deviations", DEVIATIONS, "from deviation_cost where level <> 'employee'",
            keys=["window_id", "level", "key"], exact=["deviations", "minutes"],
        )  # fmt: skip
        if self.db.execute("select count(*) from dim_activity where source = 'deviations'").fetchone() == (0,):
            return
        self.compare(
            "after-care of customers", AFTER_CARE, "from deviation_cost where level = 'customer' and after_care_cost <> 0",
            keys=["window_id", "key"], exact=["after_care_cost"],
        )  # fmt: skip
        self.compare(
            "after-care by level",
            f"""select window_id, level, sum(after_care_cost) as cost
            from ({AFTER_CARE}), (select unnest(['kind', 'cause', 'customer', 'employee']) as level) group by all""",
            'select window_id, level, sum(after_care_cost) as cost from deviation_cost group by all',
            keys=["window_id", "level"], exact=["cost"],
        )  # fmt: skip

    def kinds(self, products: list[Path]) -> None:
        """Kinds of products on the date of the order, where any is known."""
        if self.db.execute("select count(*) from product_kind").fetchone() == (0,):
            return
        self.db.execute(f"create view kinds as {versions('kind', products, self.printed)}")
        self.compare(
            "product kinds", PRODUCT_KIND, "from product_kind where lines <> 0", keys=["window_id", "kind", "delivery"],
            exact=["customers", "lines", "invoice_revenue"], shares=["revenue_share"],
        )  # fmt: skip



    def markets(self) -> None:
        """Product group × market, where what customers bought of product groups is published."""
        if "fct_customer_product_group_month" not in self.tables():
            return
        self.compare(
            "markets", MARKETS, "from market", keys=["window_id", "market", "product_group"],
            exact=["customers", "market_customers", "invoice_revenue", "gross_margin", "cost_to_serve", "net_profit"],
            shares=["penetration", "revenue_share", "margin_share"],
        )  # fmt: skip
        self.compare(
            "markets together",
            """select window_id, sum(invoice_revenue) as invoice_revenue, sum(net_profit) as net_profit from judged group by all""",
            """select window_id, sum(invoice_revenue) as invoice_revenue, sum(net_profit) as net_profit from market group by all""",
            keys=["window_id"],
            exact=["invoice_revenue", "net_profit"],
        )



    def count(self, rows: str) -> int:
        return self.db.execute(f"select count(*) from {rows}").fetchone()[0]

    def tables(self) -> list[str]:
        """The published tables, and the views that were made of them."""
        (tables,) = self.db.execute("select list(view_name) from duckdb_views() where not internal").fetchone()
        return tables

    # ── Comparing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def compare(
        self, name: str, expected: str, found: str, keys: list[str], exact: list[str], shares: tuple[str, ...] | list[str] = (),
        *, may_be_empty: bool = False,
    ) -> None:  # fmt: skip
        """Every key on both sides, every column equal; a share may differ by 1e-12, a ratio above one by 1e-12 of it."""
        same = [f'e."{c}" is not distinct from f."{c}"' for c in exact]
        same += [
            f'(e."{c}" is null) = (f."{c}" is null) and coalesce(abs(e."{c}" - f."{c}") <= 1e-12 * greatest(1, abs(e."{c}")), true)'
            for c in shares
        ]
        both = ", ".join(f'e."{c}" as "{c}", f."{c}" as "{c} found"' for c in [*keys, *exact, *shares])
        on = " and ".join(f'e."{key}" = f."{key}"' for key in keys)
        (rows,) = self.db.execute(f"select count(*) from ({select(found)})").fetchone()
        differing = self.db.execute(
            f"select {both} from ({select(expected)}) e full join ({select(found)}) f on {on} "
            f"where e.\"{keys[0]}\" is null or f.\"{keys[0]}\" is null or not ({' and '.join(same)})"
        )
        columns = [column[0] for column in differing.description]
        differences = differing.fetchall()
        self.report.append(f"{name}: {rows} rows, {len(differences)} differ")
        for row in differences[:SHOWN]:
            cells = dict(zip(columns, row))
            told = [f"{key} {cells[key] if cells[key] is not None else cells[key + ' found']}" for key in keys]
            told += [
                f"{c}: DuckDB {cells[c]}, netto {cells[c + ' found']}"
                for c in [*exact, *shares]
                if cells[c] != cells[c + " found"]
            ]
            self.report.append("  " + ", ".join(told))
        if differences or (rows == 0 and not may_be_empty):
            self.failed = True


# Everyone who bought or was served in a window or before it, with the sums of the window. Active is who ordered in it.
# Tiers end at the ceiling of 1, 5 and 20 % of the active customers.
WINDOWS = """
create table judged as
with sums as (
    select w.window_id, customer_id,
        coalesce(sum(orders) filter (period >= first_period), 0) as orders,
        coalesce(sum(lines) filter (period >= first_period), 0) as lines,
        coalesce(sum(invoice_revenue) filter (period >= first_period), 0) as invoice_revenue,
        coalesce(sum(gross_margin) filter (period >= first_period), 0) as gross_margin,
        coalesce(sum(cost_to_serve) filter (period >= first_period), 0) as cost_to_serve,
        coalesce(sum(net_profit) filter (period >= first_period), 0) as net_profit
    from fct_customer_month join dim_window w on period <= last_period
    group by all
), ranked as (
    select *, case when orders > 0 then
        row_number() over (partition by window_id, orders > 0 order by invoice_revenue desc, customer_id) end as rank,
        count(*) filter (orders > 0) over (partition by window_id) as active,
        sum(invoice_revenue) over (partition by window_id) as total
    from sums
)
select *, case
        when rank is null then 'Inactive'
        when rank <= (active + 99) // 100 then 'Top'
        when rank <= (active * 5 + 99) // 100 then 'Large'
        when rank <= (active * 20 + 99) // 100 then 'Medium'
        else 'Small' end as tier, tier as cut_tier,
    sum(invoice_revenue) over (
        partition by window_id order by rank nulls last, customer_id rows unbounded preceding) as cumulative_revenue,
    case when total > 0 then cumulative_revenue::double / total::double end as cumulative_revenue_share,
    case when invoice_revenue > 0 then gross_margin::double / invoice_revenue::double end as margin_share
from ranked;
"""

NO_PROSPECTS = """select null::varchar as prospect_id, null::varchar as stage, null::varchar as market,
    null::decimal(18, 4) as potential, null::date as since, null::varchar as became_customer_id where false"""
NO_EVENTS = """select null::varchar as prospect_id, null::date as occurred_at, null::decimal(18, 4) as minutes where false"""

# Customers of a window, and the prospects that were known by its end and haven't become customers.
MEMBERS = """
create table pyramid_members as
with minutes as (
    select w.window_id, customer_id, sum(quantity) as minutes
    from fct_customer_activity_month join dim_activity using (activity)
    join dim_window w on period between first_period and last_period
    where method = 'time' group by all
), spent as (
    select w.window_id, prospect_id, sum(minutes) as minutes from all_activities
    join dim_window w on date_trunc('month', occurred_at) between first_period and last_period group by all
), placed as (select customer_id, market, region, potential from dim_customer)
select window_id, judged.tier, coalesce(market, '') as market, coalesce(region, '') as region, 1 as customers, rank is not null as active,
    invoice_revenue, gross_margin, cost_to_serve, net_profit, potential, coalesce(minutes, 0) as minutes, customer_id
from judged left join minutes using (window_id, customer_id) left join placed using (customer_id)
union all
select w.window_id, if(stage = 'prospect', 'Prospect', 'Suspect'), coalesce(market, ''), '', 1, false, 0, 0, 0, 0, potential,
    coalesce(minutes, 0), null
from all_prospects join dim_window w on coalesce(since <= last_day(last_period), true) left join spent using (window_id, prospect_id)
where coalesce(became_customer_id, '') = ''
"""

# What customers and prospects leave of a market's companies and potential; never below zero.
REST_OF_MARKET = """
insert into pyramid_members
select w.window_id, 'Rest of market', market, '', greatest(companies - coalesce(known, 0), 0), false, 0, 0, 0, 0,
    greatest(size - coalesce(bought, 0), 0), 0, null
from market_sizes cross join dim_window w
left join (select window_id, market, sum(customers) as known, sum(potential) as bought from pyramid_members group by all) using (window_id, market)
"""

GROUPS = """
create view members_by_group as
select 'market' as level, market as key, * from pyramid_members where exists (from pyramid_members where market <> '')
union all
select 'region', region, * from pyramid_members where exists (from pyramid_members where region <> '')
"""


def pyramid(members: str, keys: list[str]) -> str:
    """Tiers added up; shares are of the whole that the keys name, revenue is scaled to a year against potential."""
    by = ", ".join(['window_id', *keys])
    return f"""
    with tiers as (
        select {by}, tier, sum(customers) as customers, bool_or(active) as active, sum(invoice_revenue) as invoice_revenue,
            sum(gross_margin) as gross_margin, sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit,
            sum(potential) as potential, sum(invoice_revenue) filter (potential is not null) as with_potential,
            sum(minutes) as minutes, count(*) filter (net_profit < 0) as loss_customers
        from {members} group by all
    ), totals as (
        select *, sum(invoice_revenue) over w as revenue, sum(gross_margin) over w as margin, sum(cost_to_serve) over w as cost,
            sum(net_profit) over w as profit, sum(minutes) over w as attention, sum(customers) filter (active) over w as buyers,
            (select datediff('month', first_period, last_period) + 1 from dim_window d where d.window_id = tiers.window_id) as months
        from tiers window w as (partition by {by})
    )
    select * replace (case when serves then cost_to_serve end as cost_to_serve, case when earns then net_profit end as net_profit,
            case when earns then loss_customers end as loss_customers),
        case when active then customers / buyers end as customer_share,
        case when revenue > 0 then invoice_revenue::double / revenue::double end as revenue_share,
        case when margin > 0 then gross_margin::double / margin::double end as margin_share,
        case when cost > 0 then cost_to_serve::double / cost::double end as cost_share,
        case when earns and profit > 0 then totals.net_profit::double / profit::double end as profit_share,
        case when attention > 0 then minutes::double / attention::double end as minutes_share,
        case when potential > 0 then half_even(cast(with_potential * 120000 as hugeint), months)::double / 10000 / potential::double
            end as share_of_wallet
    from totals join ({KNOWN}) using (window_id)
    """


# The difference between the averages of neighbouring tiers; near is who lacks at most a tenth of the lowest measure above.
UPGRADE = """
with steps as (from (values ('Large', 'Top'), ('Medium', 'Large'), ('Small', 'Medium'), ('Inactive', 'Small')) s(tier, next_tier)),
averages as (
    select window_id, tier, count(*) as customers, min(invoice_revenue) filter (rank is not null) as lowest,
        cast(half_even(cast(sum(invoice_revenue) * 10000 as hugeint), count(*)) / 10000 as decimal(18, 4)) as revenue,
        cast(half_even(cast(sum(net_profit) * 10000 as hugeint), count(*)) / 10000 as decimal(18, 4)) as profit
    from judged group by all
)
select w.window_id, s.tier, s.next_tier, coalesce(a.customers, 0) as customers, a.revenue as average_revenue,
    a.profit as average_net_profit, n.revenue - a.revenue as upgrade_revenue, n.profit - a.profit as upgrade_value, n.lowest as threshold,
    (select count(*) from judged j where j.window_id = w.window_id and j.tier = s.tier and rank is not null
        and (n.lowest - j.invoice_revenue) * 10 <= abs(n.lowest)) as near_customers
from (select distinct window_id from judged) w cross join steps s
left join averages a on a.window_id = w.window_id and a.tier = s.tier
left join averages n on n.window_id = w.window_id and n.tier = s.next_tier
"""

ATTENTION = """
with totals as (
    select *, sum(minutes) over () as all_minutes, sum(cost_to_serve) over () as all_cost, sum(invoice_revenue) over () as all_revenue,
        sum(potential) over () as all_potential,
        (select datediff('month', first_period, last_period) + 1 from dim_window where window_id = 'main') as months
    from pyramid_members where customer_id is not null and window_id = 'main'
), shares as (
    select *, case when all_minutes > 0 then minutes::double / all_minutes::double end as minutes_share,
        case when all_cost > 0 then cost_to_serve::double / all_cost::double end as cost_share,
        case when all_revenue > 0 then invoice_revenue::double / all_revenue::double end as revenue_share,
        case when all_potential > 0 then potential::double / all_potential::double end as potential_share,
        case when potential > 0 then half_even(cast(invoice_revenue * 120000 as hugeint), months)::double / 10000 / potential::double
            end as share_of_wallet,
        greatest(revenue_share, potential_share, 0) as value,
        (coalesce(minutes_share, cost_share) + coalesce(cost_share, minutes_share)) / 2 as attention
    from totals where all_minutes > 0 or all_cost > 0
)
select *, case when value > 0 then attention / value end as attention_index from shares
"""

# Where no cost is known, of goods or of serving, revenue would be profit: nothing is said of it.
KNOWN = """
select window_id, coalesce(bool_or(cogs_supplied or cost_to_serve_supplied or freight_cost_supplied), false) as earns,
    coalesce(bool_or(cost_to_serve_supplied or freight_cost_supplied), false) as serves
from dim_window left join fct_customer_month on period between first_period and last_period group by all
"""


# The first so many percent of the active customers, their number rounded up.
CONCENTRATION = f"""
with placed as (
    select *, row_number() over (partition by window_id order by invoice_revenue desc, customer_id) as place
    from judged where rank is not null
), held as (
    select window_id, percentile, any_value((active * percentile + 99) // 100) as customers,
        sum(invoice_revenue) filter (place <= (active * percentile + 99) // 100) as revenue, sum(invoice_revenue) as all_revenue,
        sum(gross_margin) filter (place <= (active * percentile + 99) // 100) as margin, sum(gross_margin) as all_margin,
        sum(cost_to_serve) filter (place <= (active * percentile + 99) // 100) as cost, sum(cost_to_serve) as all_cost,
        sum(net_profit) filter (place <= (active * percentile + 99) // 100) as profit, sum(net_profit) as all_profit
    from placed, range(1, 101) p(percentile) group by all
)
select window_id, percentile, customers,
    case when all_revenue > 0 then revenue::double / all_revenue::double end as revenue_share,
    case when all_margin > 0 then margin::double / all_margin::double end as margin_share,
    case when all_cost > 0 then cost::double / all_cost::double end as cost_share,
    case when earns and all_profit > 0 then profit::double / all_profit::double end as profit_share
from held join ({KNOWN}) using (window_id)
"""

# Whoever ordered, earned or cost something. Shares of the total only where it is above 1 % of what is earned and lost.
WHALE = f"""
with curve as (
    select *, row_number() over w as place,
        sum(net_profit) over (w rows unbounded preceding) as cumulative_profit,
        count(*) over a as customers, sum(net_profit) over a as all_profit, sum(abs(net_profit)) over a as turned_over,
        sum(greatest(net_profit, 0)) over a as peak
    from judged join ({KNOWN}) using (window_id) where earns and (rank is not null or net_profit <> 0)
    window w as (partition by window_id order by net_profit desc, customer_id), a as (partition by window_id)
)
select * replace (place as rank), place / customers as cumulative_customer_share,
    case when all_profit * 100 > turned_over then cumulative_profit::double / all_profit::double end as cumulative_profit_share,
    case when peak > 0 then cumulative_profit::double / peak::double end as cumulative_peak_share
from curve
"""

MIGRATION = """
with began as (
    select customer_id, min(period) as first_order from fct_customer_month where orders > 0 group by all
)
select now.window_id, case when first_order <= old.last_period then coalesce(before.tier, 'New') else 'New' end as previous_tier, now.tier, count(*) as customers,
    coalesce(sum(before.invoice_revenue), 0) as previous_revenue, sum(now.invoice_revenue) as invoice_revenue,
    coalesce(sum(before.net_profit), 0) as previous_net_profit, sum(now.net_profit) as net_profit
from judged now join dim_window w on w.window_id = now.window_id and w.previous_window is not null
join dim_window old on old.window_id = w.previous_window
left join judged before on before.window_id = w.previous_window and before.customer_id = now.customer_id
left join began on began.customer_id = now.customer_id
group by all
"""

SUMMARY = f"""
with bought as (
    select window_id, count(rank) as customers, sum(orders) as orders, sum(lines) as lines,
        sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin, sum(cost_to_serve) as cost_to_serve,
        sum(net_profit) as net_profit, sum(greatest(net_profit, 0)) as peak_profit,
        count(*) filter (net_profit > 0) as peak_customers, count(*) filter (net_profit < 0) as loss_customers,
        sum(least(net_profit, 0)) as loss_amount
    from judged group by all
), booked as (
    select window_id, coalesce(sum(idle_amount), 0) as idle_amount, coalesce(sum(unassigned_amount), 0) as unassigned_amount,
        coalesce(sum(own_amount), 0) as ledger_amount
    from dim_window left join pool_balance on period between first_period and last_period group by all
), financed as (
    select window_id, coalesce(sum(payment_terms), 0) as terms
    from dim_window left join fct_customer_month on period between first_period and last_period group by all
), top as (
    select window_id, revenue_share as top_revenue_share, cost_share as top_cost_share
    from ({CONCENTRATION}) where percentile = 20
)
select * replace (
    case when earns then peak_profit end as peak_profit, case when earns then peak_customers end as peak_customers,
    case when earns then loss_customers end as loss_customers, case when earns then loss_amount end as loss_amount),
    case when earns then net_profit - idle_amount - unassigned_amount end as result,
    case when exists (from dim_activity where step = 'payment_terms') then 0 else terms end as imputed_amount,
    case when earns and bought.peak_profit > 0 then bought.net_profit::double / bought.peak_profit::double end as retention
from ({KNOWN}) join bought using (window_id) join booked using (window_id) join financed using (window_id) left join top using (window_id)
"""


# Ten-thousandths ÷ a whole number above zero, halves to the even one; `//` cuts towards zero, so the sign is kept apart.
HALF_EVEN = """
create or replace macro positive(n) as case when n > 0 then n end;
create or replace macro half_even(units, n) as sign(units) * (cast(abs(units) as hugeint) // n + case
    when 2 * (cast(abs(units) as hugeint) % n) > n then 1
    when 2 * (cast(abs(units) as hugeint) % n) = n and (cast(abs(units) as hugeint) // n) % 2 = 1 then 1 else 0 end)
"""

# Who buys of a group is active, and has revenue above zero in it.
MARKETS = """
with bought as (
    select w.window_id, coalesce(market, '') as market, product_group, customer_id, sum(invoice_revenue) as invoice_revenue,
        sum(gross_margin) as gross_margin, sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from fct_customer_product_group_month join dim_window w on period between first_period and last_period
    left join dim_customer using (customer_id) group by all
), active as (
    select window_id, coalesce(market, '') as market, count(rank) as market_customers
    from judged left join dim_customer using (customer_id) group by all
)
select bought.window_id, market, product_group, count(*) filter (bought.invoice_revenue > 0 and ranked.customer_id is not null) as customers, any_value(market_customers) as market_customers,
    sum(bought.invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin, sum(cost_to_serve) as cost_to_serve,
    sum(net_profit) as net_profit,
    case when market_customers > 0 and product_group <> '' then customers / market_customers end as penetration,
    case when total > 0 then sum(bought.invoice_revenue)::double / total::double end as revenue_share,
    case when sum(bought.invoice_revenue) > 0 then sum(gross_margin)::double / sum(bought.invoice_revenue)::double end as margin_share
from bought join active using (window_id, market)
left join (select window_id, customer_id from judged where rank is not null) ranked
    on ranked.window_id = bought.window_id and ranked.customer_id = bought.customer_id
join (select window_id, sum(invoice_revenue) as total from judged group by all) using (window_id)
group by bought.window_id, market, product_group, market_customers, total
"""

# An order counts in the month of its first sale.
COUNTED_LINES = """
create view counted_lines as
select *, order_kind = 'sale' and period = min(period) filter (order_kind = 'sale') over (partition by customer_key, order_key) as counts
from order_lines
"""

DELIVERY_SPEED = """
with lines as (
    select w.window_id, customer_id, period, coalesce(delivery, '') as delivery,
        case when promised_date is not null and delivered_date is not null then delivered_date - promised_date end as late,
        delivered_date - order_date as lead
    from order_lines join customer_keys using (customer_key) join dim_window w on period between first_period and last_period
    where order_kind = 'sale'
), keyed as (
    select window_id, 'tier' as level, tier as key, late, lead from lines join judged using (window_id, customer_id)
    union all select window_id, 'delivery', delivery, late, lead from lines
    union all select window_id, 'month', strftime(period, '%Y-%m'), late, lead from lines
)
select window_id, level, key, count(*) as lines, count(late) as lines_promised, count(*) filter (late > 0) as lines_late,
    case when lines_promised > 0 then lines_late / lines_promised end as late_share,
    avg(late) filter (late > 0) as average_days_late, avg(lead) filter (late is not null) as average_lead_days
from keyed group by all
"""

PRODUCT_KIND = """
select *, case when sum(invoice_revenue) over w > 0 then invoice_revenue::double / (sum(invoice_revenue) over w)::double end as revenue_share
from (
    select w.window_id, coalesce(kind, '') as kind, coalesce(delivery, '') as delivery, count(distinct customer_key) as customers,
        count(*) as lines, sum(net_amount) as invoice_revenue
    from order_lines asof left join kinds on order_lines.product_key = kinds.product_key and order_lines.order_date >= kinds.since
    join dim_window w on period between first_period and last_period group by all
) window w as (partition by window_id)
"""

DEVIATIONS = """
with found as (
    select w.window_id, kind, coalesce(cause, '') as cause, coalesce(customer_id, '') as customer_id, minutes from all_deviations
    join dim_window w on date_trunc('month', occurred_at) between first_period and last_period
), keyed as (
    select window_id, 'kind' as level, kind as key, minutes from found
    union all select window_id, 'cause', cause, minutes from found
    union all select window_id, 'customer', customer_id, minutes from found
)
select window_id, level, key, count(*) as deviations, coalesce(sum(minutes), 0) as minutes from keyed group by all
"""

# What names no customer is in no customer's ledger, and unassigned in the activity's month.
AFTER_CARE = """
select w.window_id, customer_id as key, sum(amount) as after_care_cost from (
    select customer_id, period, activity, amount from fct_customer_activity_month
    union all select '', period, activity, unassigned_amount from activity_month where unnamed_quantity <> 0
) join dim_activity using (activity)
join dim_window w on period between first_period and last_period where source = 'deviations' group by all
"""


def sql_of(netto: str, project: Path) -> dict:
    """What `netto sql --print` says: the text of the rollups, and the files that they read."""
    command = [netto, "sql", "--print", "--dialect", "duckdb", str(project)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def open_lake(db: duckdb.DuckDBPyConnection, printed: dict, project: Path) -> None:
    """Views of the lake: order lines by month, keys, and the events of those sources that were loaded."""
    months = [
        f"select date {quoted(month)} as period, * from {parquet(files)}" for month, files in printed["files"].items()
    ]
    db.execute("create view order_lines as " + " union all by name ".join(months))
    for keys in ("customer_keys", "order_keys"):
        db.execute(f"create view {keys} as from {parquet(printed[keys])}")
    for source, day in EVENTS.items():
        if files := live_files(project / ".netto" / "lake" / source):
            # Events of prospects, and stock for everyone, name no customer: they are nobody's cost to serve.
            # After-care that names none took its minutes all the same: it stands under the empty customer, and stays unassigned.
            rows, kept = parquet(files, by_name=True), "customer_id <> ''"
            if source == "deviations":
                rows, kept = f"(select * replace (coalesce(customer_id, '') as customer_id) from {rows})", "true"
            db.execute(
                f"create view {source} as select cast(date_trunc('month', {day}) as date) as period, * from {rows} where {kept}"
            )
    if "customer_supplier_month" in printed["rollups"]:
        open_suppliers(db, printed, project)


def open_suppliers(db: duckdb.DuckDBPyConnection, printed: dict, project: Path) -> None:
    """The products of suppliers that rebates are agreed with, by key, with the days on which they were theirs."""
    products, rebates = (live_files(project / ".netto" / "lake" / name) for name in ("products", "rebates"))
    db.execute(f"create view product_versions as {versions('supplier_id', products, printed)}")
    db.execute(
        f"create view product_suppliers as select product_key, supplier_id, valid_from, valid_to from ("
        f"select product_id, supplier_id, case when lag(valid_from) over versions is not null then valid_from end as valid_from, "
        f"lead(valid_from) over versions - 1 as valid_to from {parquet(products)} window versions as (partition by product_id order by valid_from)"
        f") join {parquet(printed['product_keys'])} using (product_id) "
        f"where supplier_id in (select supplier_id from {parquet(rebates)} where supplier_id <> '')"
    )


def versions(column: str, products: list[Path], printed: dict) -> str:
    """A column of products by key, and the day since when it is so; the first version is valid since ever."""
    return (
        f"select product_key, coalesce({column}, '') as {column}, "
        f"case when row_number() over (partition by product_id order by valid_from) = 1 then date '0001-01-01' else valid_from end as since "
        f"from {parquet(products)} as p join {parquet(printed['product_keys'])} as k using (product_id)"
    )


def select(text: str) -> str:
    """DuckDB reads `from t` as `select * from t`, but not inside every parenthesis."""
    return f"select * {text}" if text.lstrip().startswith("from ") else text


def live_files(table: Path) -> list[Path]:
    """The files of a Delta table: what its log added and didn't remove."""
    live: dict[str, None] = {}
    for entry in sorted((table / "_delta_log").glob("*.json")):
        for line in entry.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            if "add" in action:
                live[unquote(action["add"]["path"])] = None
            if "remove" in action:
                live.pop(unquote(action["remove"]["path"]), None)
    return [table / path for path in live]


if __name__ == "__main__":
    sys.exit(main())

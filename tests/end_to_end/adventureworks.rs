//! Real data: Adventure Works, whose control totals are published. See `tests/adventureworks/netto.toml`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, Weak};

use serde_json::{Value, json};

use crate::duckdb::value_of;
use crate::harness::{Project, adventureworks, adventureworks_data, units};

/// The project after a run; tests that run at the same time share it.
fn project() -> Option<Arc<Ran>> {
    static SHARED: Mutex<Weak<Ran>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap();
    if let Some(ran) = shared.upgrade() {
        return Some(ran);
    }
    let project = adventureworks()?;
    let outcome = project.netto(&["run", "--format", "json"]).ok();
    let summary = serde_json::from_str(&outcome.stdout()).unwrap();
    let ran = Arc::new(Ran { project, summary, stderr: outcome.stderr() });
    *shared = Arc::downgrade(&ran);
    Some(ran)
}

struct Ran {
    project: Project,
    summary: Value,
    stderr: String,
}

impl Ran {
    fn source(&self, name: &str) -> &Value {
        let sources = self.summary["sources"].as_array().unwrap();
        sources.iter().find(|source| source["source"] == name).unwrap()
    }
}

#[test]
fn every_row_is_loaded_and_every_column_spoken_for() {
    let Some(ran) = project() else { return };
    for (source, rows) in
        [("order_lines", 60_855), ("customers", 701), ("products", 606), ("employees", 17), ("goals", 163)]
    {
        assert_eq!(ran.source(source)["rows_loaded"], rows, "{source}");
    }
    for source in ran.summary["sources"].as_array().unwrap() {
        assert_eq!(source["rows_quarantined"], 0, "{source}");
        assert_eq!(source["unmapped_columns"], Value::Array(Vec::new()), "{source}");
    }
    // No activity of the project is freight, so what resellers pay for it has no cost against it, and that is said.
    let freight = "freight of 2011265.9158 is charged, but no activity has `step = \"freight_cost\"`, so the freight counts as margin";
    let warnings = ran.summary["warnings"].as_array().unwrap();
    let messages: Vec<&Value> = warnings.iter().map(|warning| &warning["message"]).collect();
    assert_eq!(json!(messages.last()), json!(freight), "{}", ran.stderr);
    // The quotas are of revenue, which is no kind of goal: said once for all of them.
    let once = "163 goals, `1`, `10` and `100` among them: `invoice_revenue` is not a kind of goal";
    let goals = messages.get(1).and_then(|message| message.as_str()).unwrap_or_default();
    assert!(messages.len() == 3 && goals.starts_with(once), "{}", ran.stderr);
    // In its first half year the company sold every other month.
    let months = "order_lines: there are no lines in 2011-02, 2011-04, 2011-06, but before and after";
    assert_eq!(json!(messages.first()), json!(months), "{}", ran.stderr);
}

#[test]
fn the_published_control_totals_come_out_to_the_last_decimal() {
    let Some(ran) = project() else { return };
    let months = ran.project.mart("fct_customer_month");
    let count = |column: &str| months.column(column).into_iter().map(|cell| cell.parse::<u64>().unwrap()).sum::<u64>();
    assert_eq!(count("lines"), 60_855);
    assert_eq!(count("lines_below_cost"), 21_829);
    assert_eq!(months.sum("invoice_revenue"), units("80450596.9823"));
    assert_eq!(months.sum("cogs"), units("79980114.3790"));
    assert_eq!(months.sum("list_revenue"), units("80978104.8707"));
    assert_eq!(months.sum("freight_charged"), units("2011265.9158"));
    let buyers: BTreeSet<&str> = months.column("customer_id").into_iter().collect();
    assert_eq!(buyers.len(), 635);
    // No order has lines in two months, so orders by month add up to orders.
    assert_eq!(ran.source("order_lines")["split_orders"], 0);
    assert_eq!(count("orders"), 3_796);
    // Two names are shared by two resellers each: they stay apart.
    let customers = ran.project.mart("dim_customer");
    for name in ["Sports Products Store", "Friendly Bike Shop"] {
        assert_eq!(customers.column("name").into_iter().filter(|found| *found == name).count(), 2, "{name}");
    }
}

#[test]
fn the_years_add_up_to_the_whole() {
    let Some(ran) = project() else { return };
    let windows = ran.project.mart("window_summary");
    let sum = |column: &str| {
        let years = windows.column("window_id").into_iter().zip(windows.column(column));
        years.filter(|(window, _)| window.parse::<u32>().is_ok()).map(|(_, cell)| units(cell)).sum::<i128>()
    };
    assert_eq!(sum("invoice_revenue"), units("80450596.9823"));
    assert_eq!(sum("lines") / 10_000, 60_855);
    assert_eq!(sum("orders") / 10_000, 3_796);
}

#[test]
fn resellers_have_their_market_region_and_country_through_two_joins() {
    let Some(ran) = project() else { return };
    let revenue = |market: &str| {
        let customers = ran.project.mart("dim_customer").only("market", market);
        let ids: BTreeSet<String> = customers.column("customer_id").into_iter().map(str::to_owned).collect();
        let months = ran.project.mart("fct_customer_month");
        let rows = months.column("customer_id").into_iter().zip(months.column("invoice_revenue"));
        let of_market: i128 = rows.filter(|(id, _)| ids.contains(*id)).map(|(_, cell)| units(cell)).sum();
        (of_market + 50) / 100
    };
    let markets = ["Specialty Bike Shop", "Value Added Reseller", "Warehouse"].map(revenue);
    assert_eq!(markets, [675_616_618, 3_496_751_733, 3_872_691_348]);
    let customers = ran.project.mart("dim_customer").without("customer_key", "0").without("customer_id", "(not sold)");
    for column in ["name", "market", "region", "country", "potential"] {
        assert!(customers.column(column).into_iter().all(|cell| !cell.is_empty()), "{column}");
    }
}

#[test]
fn the_pools_are_the_general_ledger_to_the_cent_and_every_cent_of_it_goes_somewhere() {
    let Some(ran) = project() else { return };
    let pools = ran.project.mart("pool_balance");
    // The same accounts by name, not by key, from the files themselves; each booking rounded before it is added.
    let data = adventureworks_data().unwrap();
    let table = |name: &str| format!("'{}'", data.join(format!("{name}.parquet")).display());
    let booked = value_of(&format!(
        "select sum(cast(round(Amount, 2) as decimal(18, 4)))
        from {} join {} using (AccountKey) join {} using (ScenarioKey)
        where ScenarioName = 'Actual' and AccountType = 'Expenditures' and AccountDescription not in
            ('Returns and Adjustments', 'Discounts', 'Standard Cost of Sales', 'Variances', 'Taxes')",
        table("FactFinance"),
        table("DimAccount"),
        table("DimScenario"),
    ));
    assert_eq!(booked, "42773548.7900");
    assert_eq!(pools.sum("own_amount"), units(&booked));
    let places = ["assigned_amount", "idle_amount", "unassigned_amount"].map(|column| pools.sum(column));
    assert_eq!(places.iter().sum::<i128>(), units(&booked));
    assert!(places.iter().all(|amount| *amount > 0), "{places:?}");
    assert_eq!(ran.project.mart("fct_customer_activity_month").sum("amount"), places[0]);
    let waterfall = ran.project.mart("fct_customer_month");
    assert_eq!(
        waterfall.sum("cost_to_serve") + waterfall.sum("freight_cost") + waterfall.sum("payment_terms"),
        places[0]
    );
}

#[test]
fn every_result_is_net_profit_less_idle_and_unassigned() {
    let Some(ran) = project() else { return };
    let windows = ran.project.mart("window_summary");
    let [profit, idle, unassigned, result] = ["net_profit", "idle_amount", "unassigned_amount", "result"]
        .map(|column| windows.column(column).into_iter().map(units).collect::<Vec<_>>());
    assert_eq!(result.len(), 7, "main, previous, four years, and the months that the last of them is compared with");
    for (window, name) in windows.column("window_id").into_iter().enumerate() {
        assert_eq!(result[window], profit[window] - idle[window] - unassigned[window], "{name}");
    }
}

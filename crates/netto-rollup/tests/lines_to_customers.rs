//! Five rows in, rows out, on both routes: the kernel and the SQL text.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test that can't go on stops")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use netto_model::arrow::to_batch;
use netto_model::contract::LAKE_ORDER_LINES;
use netto_model::{Dialect, Expression, Period};
use netto_rollup::{Driver, DriverSource, Inputs, RollupError, Rollups, Route, Spanning, detail, rollup, sql_text};
use parquet::arrow::ArrowWriter;
use polars::prelude::*;
use tempfile::TempDir;

/// customer, order, line, quantity, net, list, cogs, channel, delivery, warehouse; the product has the number of the line
type Line = (i64, i64, i64, i64, i64, Option<i64>, Option<i64>, &'static str, &'static str, Option<&'static str>);

const MARCH: Period = Period::new(2025, 3);

const FIVE: [Line; 5] = [
    (1, 1, 1, 20_000, 200_000, Some(250_000), Some(120_000), "web", "stock", Some("north")),
    (1, 1, 2, 10_000, 50_000, None, Some(60_000), "edi", "direct", None),
    // A credit note of a zero-price line: the cost comes back, the revenue is nothing.
    (1, 2, 1, -10_000, 0, Some(0), Some(-100_000), "phone", "stock", Some("north")),
    (2, 3, 1, 10_000, 80_000, Some(80_000), None, "web", "stock", Some("south")),
    (2, 4, 1, 10_000, 90_000, Some(90_000), Some(90_000), "web", "stock", None),
];

struct Lake {
    _folder: TempDir,
    months: BTreeMap<Period, Vec<PathBuf>>,
}

fn lake(months: &[(Period, &[Line])]) -> Lake {
    let folder = tempfile::tempdir().unwrap();
    let mut files = BTreeMap::new();
    for (month, lines) in months {
        let each = |of: fn(&Line) -> i64| lines.iter().map(of).collect::<Vec<i64>>();
        let n = lines.len();
        let nothing = || vec![None::<i64>; n];
        let no_text = || vec![None::<&str>; n];
        let no_date = || Series::new("".into(), vec![None::<i32>; n]).cast(&DataType::Date).unwrap();
        let days = Series::new("".into(), vec![month.first_day() + 4; n]).cast(&DataType::Date).unwrap();
        let data = df!(
            "period" => days.clone(), "customer_key" => each(|l| l.0), "order_key" => each(|l| l.1), "line_no" => each(|l| l.2),
            "order_date" => days, "product_key" => each(|l| l.2), "quantity" => each(|l| l.3), "net_amount" => each(|l| l.4),
            "list_amount" => lines.iter().map(|l| l.5).collect::<Vec<_>>(), "discount_amount" => nothing(),
            "cogs_amount" => lines.iter().map(|l| l.6).collect::<Vec<_>>(),
            "channel" => lines.iter().map(|l| l.7).collect::<Vec<_>>(), "employee_id" => no_text(), "ship_to_id" => no_text(),
            "warehouse" => lines.iter().map(|l| l.9).collect::<Vec<_>>(), "order_kind" => vec!["sale"; n], "promised_date" => no_date(), "delivered_date" => no_date(),
            "delivery" => lines.iter().map(|l| l.8).collect::<Vec<_>>(), "freight_charged" => nothing(), "currency" => no_text()
        )
        .unwrap();
        let batch = to_batch(&LAKE_ORDER_LINES, &data).unwrap();
        let path = folder.path().join(format!("{month}.parquet"));
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        files.insert(*month, vec![path]);
    }
    Lake { _folder: folder, months: files }
}

fn driver(activity: &str, source: DriverSource, expression: &str, filter: Option<&str>) -> Driver {
    let table = source.table();
    Driver {
        activity: activity.into(),
        source,
        expression: Expression::parse(expression, &[table]).unwrap(),
        filter: filter.map(|text| Expression::parse(text, &[table]).unwrap()),
        minutes: false,
        by_warehouse: false,
    }
}

/// Events of March: `activities` are visits, `stock` lies on the last day of the month.
fn events(visits: &[(&str, i64)], stock: &[(&str, i64)]) -> BTreeMap<&'static str, DataFrame> {
    let day = |after: i32, n| Series::new("".into(), vec![MARCH.first_day() + after; n]).cast(&DataType::Date).unwrap();
    let customers = |rows: &[(&str, i64)]| rows.iter().map(|row| row.0.to_owned()).collect::<Vec<_>>();
    let amounts = |rows: &[(&str, i64)]| rows.iter().map(|row| row.1).collect::<Vec<_>>();
    let n = visits.len();
    let activities = df!("activity_id" => (1..=n).map(|id| format!("v{id}")).collect::<Vec<_>>(), "customer_id" => customers(visits),
        "minutes" => amounts(visits), "kind" => vec!["visit"; n], "occurred_at" => day(9, n));
    let n = stock.len();
    let stock = df!("product_id" => (1..=n).map(|id| format!("p{id}")).collect::<Vec<_>>(), "customer_id" => customers(stock),
        "value" => amounts(stock), "warehouse" => vec!["north"; n], "snapshot_date" => day(30, n));
    BTreeMap::from([("activities", activities.unwrap()), ("stock", stock.unwrap())])
}

fn rolled_with(
    lake: &Lake,
    drivers: &[Driver],
    events: &BTreeMap<&'static str, DataFrame>,
    suppliers: Option<&DataFrame>,
    route: Route,
) -> Result<Rollups, RollupError> {
    let customers = df!("customer_key" => [1_i64, 2], "customer_id" => ["A", "B"]).unwrap();
    let orders = df!("order_key" => [1_i64, 2, 3, 4], "order_id" => ["o1", "o2", "o3", "o4"]).unwrap();
    let inputs = Inputs { months: &lake.months, customers: &customers, orders: &orders, events, drivers, suppliers };
    rollup(&inputs, route)
}

fn rolled(lake: &Lake, drivers: &[Driver], visits: &[(&str, i64)], route: Route) -> Result<Rollups, RollupError> {
    rolled_with(lake, drivers, &events(visits, &[]), None, route)
}

/// The rows as text, a line each.
fn rows(data: &DataFrame, columns: &[&str]) -> String {
    let cell = |column: &str, row: usize| match data.column(column).unwrap().get(row).unwrap() {
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        value => value.to_string(),
    };
    let line = |row| columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" ");
    (0..data.height()).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn lines_add_up_to_customers_on_both_routes() {
    let lake = lake(&[(MARCH, &FIVE)]);
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, &[], &[], route).unwrap();
        let columns = [
            "customer_id",
            "orders",
            "lines",
            "quantity",
            "net_amount",
            "list_amount",
            "cogs_amount",
            "lines_below_cost",
            "lines_with_list",
            "lines_with_cogs",
        ];
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(rollups.customer_month.data(), &columns), @r"
            A 2 3 20000 250000 300000 80000 1 2 3
            B 2 2 20000 170000 170000 90000 0 2 1
            ");
        }
    }
}

#[test]
fn drivers_are_measured_on_lines_orders_and_events() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let drivers = [
        driver("entry", DriverSource::Orders, "3 + 1.5*lines", None),
        driver("phone", DriverSource::Orders, "10", Some("channel = 'phone'")),
        // A constant counts once per row, not once per customer.
        driver("posting", DriverSource::Orders, "2", None),
        driver("direct", DriverSource::OrderLines, "750 + case when delivery = 'direct' then 2250 else 0 end", None),
        driver("visits", DriverSource::Activities, "minutes + 20", Some("kind = 'visit'")),
    ];
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, &drivers, &[("B", 450_000), ("B", 150_000)], route).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(rollups.driver_quantity.frame().unwrap().data(), &["customer_id", "activity", "quantity"]), @r"
            A direct 45000000
            A entry 105000
            A phone 100000
            A posting 40000
            B direct 15000000
            B entry 90000
            B posting 40000
            B visits 1000000
            ");
        }
    }
}

#[test]
fn an_order_with_lines_in_two_months_counts_in_the_first() {
    let april = MARCH.plus(1);
    let lake = lake(&[(MARCH, &FIVE[..1]), (april, &FIVE[1..2])]);
    let rollups = rolled(&lake, &[], &[], Route::Kernel).unwrap();
    assert_eq!(rows(rollups.customer_month.data(), &["customer_id", "orders", "net_amount"]), "A 1 200000\nA 0 50000");
}

#[test]
fn lines_out_of_order_are_refused_not_miscounted() {
    let lake = lake(&[(MARCH, &[FIVE[3], FIVE[0]])]);
    let error = rolled(&lake, &[], &[], Route::Kernel).unwrap_err();
    assert!(matches!(error, RollupError::Unsorted { customer: 1, order: 1, .. }), "{error}");
}

#[test]
fn a_sum_beyond_the_range_of_money_names_the_order() {
    let half = i64::pow(10, 18) - 1;
    let line = |line_no| (1, 7, line_no, 10_000, half, None, None, "web", "stock", None);
    let lines: Vec<Line> = (1..=10).map(line).collect();
    let error = rolled(&lake(&[(MARCH, &lines)]), &[], &[], Route::Kernel).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the sum of net_amount over the 1 orders of 2025-03 is 999,999,999,999,999.9990, outside ±99,999,999,999,999.9999; \
         the largest is 999,999,999,999,999.9990, of the order with key 7"
    );
}

#[test]
fn an_expression_without_a_number_names_its_activity_and_row() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let drivers = ["lines", "1 / (lines - 1)", "2 * lines"];
    let drivers: Vec<Driver> =
        drivers.iter().map(|text| driver(&format!("x {text}"), DriverSource::Orders, text, None)).collect();
    for route in [Route::Kernel, Route::Sql] {
        let error = rolled(&lake, &drivers, &[], route).unwrap_err();
        assert_eq!(
            error.to_string(),
            "activity `x 1 / (lines - 1)` has no number for order `o2` in 2025-03: `1 / (lines - 1)` divides by zero"
        );
    }
}

#[test]
fn a_condition_keeps_an_expression_from_rows_where_it_has_no_number() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let driver = driver("picking", DriverSource::Orders, "10 / (lines - 1)", Some("lines > 1"));
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, std::slice::from_ref(&driver), &[], route).unwrap();
        assert_eq!(rows(rollups.driver_quantity.frame().unwrap().data(), &["customer_id", "quantity"]), "A 100000");
    }
}

#[test]
fn a_constant_counts_once_per_row_under_a_condition_that_always_holds() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let driver = driver("posting", DriverSource::Orders, "2", Some("1 = 1"));
    let rollups = rolled(&lake, &[driver], &[], Route::Kernel).unwrap();
    assert_eq!(rows(rollups.driver_quantity.frame().unwrap().data(), &["customer_id", "quantity"]), "A 40000\nB 40000");
}

#[test]
fn quantities_beyond_the_range_are_refused_not_wrapped() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let driver = driver("handling", DriverSource::Orders, "40000000000000 * lines", None);
    let error = rolled(&lake, &[driver], &[], Route::Kernel).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the sum of activity `handling` over the rows of `orders` in 2025-03 is 200,000,000,000,000.0000, outside ±99,999,999,999,999.9999"
    );
}

#[test]
fn stock_is_measured_where_it_names_a_customer() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let driver = driver("consigned", DriverSource::Stock, "value", None);
    let drivers = [Driver { by_warehouse: true, ..driver.clone() }, Driver { activity: "reserved".into(), ..driver }];
    let events = events(&[], &[("B", 70_000), ("", 990_000), ("Z", 10_000), ("B", 5_000)]);
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled_with(&lake, &drivers, &events, None, route).unwrap();
        let columns = ["period", "customer_id", "activity", "warehouse", "quantity"];
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(rollups.driver_quantity.frame().unwrap().data(), &columns), @r"
            2025-03-01 B consigned north 75000
            2025-03-01 B reserved  75000
            2025-03-01 Z consigned north 10000
            2025-03-01 Z reserved  10000
            ");
        }
    }
}

#[test]
fn quantities_are_kept_by_warehouse_where_the_driver_says_so() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let by_warehouse = |driver| Driver { by_warehouse: true, ..driver };
    let drivers = [
        by_warehouse(driver("picking", DriverSource::OrderLines, "quantity", None)),
        by_warehouse(driver("orders", DriverSource::Orders, "1", None)),
        driver("entry", DriverSource::Orders, "lines", None),
        by_warehouse(driver("visits", DriverSource::Activities, "minutes", None)),
    ];
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, &drivers, &[("B", 450_000)], route).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(rollups.driver_quantity.frame().unwrap().data(), &["customer_id", "activity", "warehouse", "quantity"]), @r"
            A entry  30000
            A orders north 20000
            A picking  10000
            A picking north 10000
            B entry  20000
            B orders  10000
            B orders south 10000
            B picking  10000
            B picking south 10000
            B visits  450000
            ");
        }
    }
}

#[test]
fn an_expression_that_looks_at_the_kind_sees_the_parts_of_an_order() {
    let lake = lake(&[(MARCH, &FIVE)]);
    // Order o1 has a line from stock and a direct one; both are of a sale.
    let drivers = [
        driver("pick", DriverSource::Orders, "9 + 7*lines", Some("delivery = 'stock'")),
        driver("pass", DriverSource::Orders, "5 + lines", Some("order_kind = 'sale' and delivery = 'direct'")),
        driver("entry", DriverSource::Orders, "8 + lines", Some("order_kind = 'sale'")),
    ];
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, &drivers, &[], route).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(rollups.driver_quantity.frame().unwrap().data(), &["customer_id", "activity", "quantity"]), @r"
            A entry 190000
            A pass 60000
            A pick 320000
            B entry 180000
            B pick 320000
            ");
        }
    }
    let texts = sql_text(&drivers, false, Dialect::Standard);
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names[2..],
        [
            "orders_so_far_by_delivery",
            "orders_so_far_by_order_kind",
            "orders_so_far_by_order_kind_by_delivery",
            "driver_orders_by_delivery",
            "driver_orders_by_order_kind",
            "driver_orders_by_order_kind_by_delivery"
        ]
    );
}

#[test]
fn what_is_fixed_per_order_is_taken_once_however_many_parts_it_has() {
    let lines: [Line; 3] = [
        (1, 1, 1, 10_000, 100_000, None, None, "web", "stock", None),
        (1, 1, 2, 10_000, 100_000, None, None, "web", "stock", None),
        (1, 1, 3, 10_000, 100_000, None, None, "web", "direct", None),
    ];
    let of_orders =
        |name, expression, filter| Driver { minutes: true, ..driver(name, DriverSource::Orders, expression, filter) };
    let drivers = [
        // 5 for the order, 7 for each of two stock lines, 2 for the direct one.
        of_orders("entry", "5 + case when delivery = 'direct' then 2*lines else 7*lines end", None),
        // Each part its own 9, because it says so of each.
        of_orders("apart", "case when delivery = 'direct' then 9 + 2*lines else 9 + 7*lines end", None),
        // 3 per line, and one less where a part comes directly.
        of_orders("less", "3*lines - case when delivery = 'direct' then 1 else 0 end", Some("order_kind = 'sale'")),
    ];
    let lake = lake(&[(MARCH, &lines)]);
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, &drivers, &[], route).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(rollups.driver_quantity.frame().unwrap().data(), &["activity", "quantity"]), @r"
            apart 340000
            entry 210000
            less 80000
            ");
        }
    }
    let texts = sql_text(&drivers, false, Dialect::Standard);
    let entry = texts.iter().filter(|(name, text)| name.starts_with("driver_") && text.contains("\"entry\""));
    assert_eq!(entry.count(), 2, "of the order, and of its parts");
}

#[test]
fn an_order_over_the_end_of_a_month_takes_what_is_fixed_once_in_the_month_of_its_first_line() {
    let january: [Line; 2] = [
        (1, 1, 1, 10_000, 100_000, None, None, "web", "stock", Some("north")),
        (2, 3, 1, 10_000, 80_000, None, None, "web", "stock", Some("south")),
    ];
    let february: [Line; 2] = [
        (1, 1, 2, 10_000, 50_000, None, None, "web", "stock", Some("south")),
        (1, 1, 3, 10_000, -70_000, None, None, "web", "direct", Some("south")),
    ];
    let lake = lake(&[(MARCH.plus(-2), &january), (MARCH.plus(-1), &february)]);
    let of_orders = |name, expression, filter| driver(name, DriverSource::Orders, expression, filter);
    let minutes = |name, expression, filter| Driver { minutes: true, ..of_orders(name, expression, filter) };
    let drivers = [
        minutes("entry", "16 + 4*lines", None),
        // Only with the lines of February it is an order of several lines.
        minutes("large", "5 + lines", Some("lines > 1")),
        // Minutes that were taken stay taken; what is counted may fall.
        minutes("single", "10", Some("lines = 1")),
        of_orders("singles", "1", Some("lines = 1")),
        of_orders("revenue", "net_amount", None),
        // Each part begins by itself: the direct one in February.
        minutes("pick", "9 + 7*lines", Some("delivery = 'stock'")),
        minutes("pass", "5 + lines", Some("delivery = 'direct'")),
        Driver { by_warehouse: true, ..minutes("pack", "3 + lines", None) },
    ];
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled(&lake, &drivers, &[], route).unwrap();
        // Kept and read again it is the same.
        let kept = rollups.spanning.rows();
        assert_eq!((kept.1.len(), &Spanning::of_rows(kept.clone())), (2, &rollups.spanning));
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(rollups.customer_month.data(), &["period", "customer_id", "orders", "lines"]), @r"
            2025-01-01 A 1 1
            2025-01-01 B 1 1
            2025-02-01 A 0 2
            ");
            let columns = ["period", "customer_id", "activity", "warehouse", "quantity"];
            insta::assert_snapshot!(rows(rollups.driver_quantity.frame().unwrap().data(), &columns), @r"
            2025-01-01 A entry  200000
            2025-01-01 A pack north 40000
            2025-01-01 A pick  160000
            2025-01-01 A revenue  100000
            2025-01-01 A single  100000
            2025-01-01 A singles  10000
            2025-01-01 B entry  200000
            2025-01-01 B pack south 40000
            2025-01-01 B pick  160000
            2025-01-01 B revenue  80000
            2025-01-01 B single  100000
            2025-01-01 B singles  10000
            2025-02-01 A entry  80000
            2025-02-01 A large  80000
            2025-02-01 A pack south 20000
            2025-02-01 A pass  60000
            2025-02-01 A pick  70000
            2025-02-01 A revenue  -20000
            2025-02-01 A singles  -10000
            ");
        }
    }
}

#[test]
fn the_text_says_which_quantities_are_kept_by_warehouse() {
    let drivers = [
        Driver { by_warehouse: true, ..driver("picking", DriverSource::Orders, "3 + lines", None) },
        driver("entry", DriverSource::Orders, "1", Some("channel = 'phone'")),
    ];
    let texts: Vec<(String, String)> = sql_text(&drivers, true, Dialect::Standard);
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "orders",
            "customer_month",
            "customer_supplier_month",
            "orders_so_far",
            "driver_orders",
            "driver_orders_by_warehouse"
        ]
    );
    insta::assert_snapshot!(texts[5].1, @r#"
    -- name:   driver_quantity
    -- grain:  month × customer × warehouse
    -- reads:  orders_so_far
    -- How much of each activity's driver a customer used: one column per activity, in ten-thousandths. In a month an order takes
    -- what it has taken by its end less what it had taken before; of minutes never less than none.
    select
        period,                                                     -- first day of the month
        customer_key,                                               -- the customer
        coalesce(in_warehouse, '') as in_warehouse,                    -- the warehouse
        sum("picking") as "picking"
    from (
        select
            period, customer_key, in_warehouse,
            "picking" - coalesce(last_value("picking") over earlier, 0) as "picking"
        from (
            select
                period, customer_key, order_key, in_warehouse,
                sum(sum("picking")) over (partition by customer_key, order_key order by period) as "picking"
            from (
                select
                    period, customer_key, order_key, in_warehouse,
                    cast(floor((cast(3 as double) + cast("lines" as double)) * 10000 + 0.5) as bigint) - coalesce(lag(cast(floor((cast(3 as double) + cast("lines" as double)) * 10000 + 0.5) as bigint)) over part, 0) as "picking"
                from orders_so_far
                window part as (partition by customer_key, order_key order by period)
            ) as parts
            group by period, customer_key, order_key, in_warehouse
        ) as so_far
        window earlier as (partition by customer_key, order_key order by period rows between unbounded preceding and 1 preceding)
    ) as months
    group by period, customer_key, coalesce(in_warehouse, '')
    "#);
}

#[test]
fn what_customers_bought_of_a_supplier_is_added_up_where_suppliers_matter() {
    let lake = lake(&[(MARCH, &FIVE), (MARCH.plus(1), &FIVE[3..])]);
    let suppliers = suppliers(&[(1, "s1", None, None), (7, "s7", None, None)]);
    for route in [Route::Kernel, Route::Sql] {
        let rollups = rolled_with(&lake, &[], &events(&[], &[]), Some(&suppliers), route).unwrap();
        let bought = rollups.customer_supplier_month.unwrap();
        let columns = ["period", "customer_id", "supplier_id", "net_amount", "list_amount", "cogs_amount"];
        insta::allow_duplicates! {
            insta::assert_snapshot!(rows(bought.data(), &columns), @r"
            2025-03-01 A s1 200000 250000 20000
            2025-03-01 B s1 170000 170000 90000
            2025-04-01 B s1 170000 170000 90000
            ");
        }
    }
    assert!(rolled(&lake, &[], &[], Route::Kernel).unwrap().customer_supplier_month.is_none());
}

/// Product, supplier, first and last day.
fn suppliers(rows: &[(i64, &str, Option<i32>, Option<i32>)]) -> DataFrame {
    let frame = df!("product_key" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "supplier_id" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        "valid_from" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        "valid_to" => rows.iter().map(|row| row.3).collect::<Vec<_>>());
    let days = ["valid_from", "valid_to"].map(|day| col(day).cast(DataType::Date));
    frame.unwrap().lazy().with_columns(days).collect().unwrap()
}

#[test]
fn a_line_is_of_the_supplier_that_its_product_had_on_its_day() {
    let lake = lake(&[(MARCH, &FIVE), (MARCH.plus(1), &FIVE[3..])]);
    let last = MARCH.first_day() + 4;
    // The last day of one supplier and the first of the next; nobody's between the two in April.
    for (last_of_s1, first_of_s2, of_march, of_april) in
        [(last, last + 1, "s1", "s2"), (last - 1, last, "s2", "s2"), (last + 30, last + 40, "s1", "")]
    {
        let suppliers = suppliers(&[(1, "s1", None, Some(last_of_s1)), (1, "s2", Some(first_of_s2), None)]);
        let rollups = rolled_with(&lake, &[], &events(&[], &[]), Some(&suppliers), Route::Kernel).unwrap();
        let bought = rollups.customer_supplier_month.unwrap();
        let found = rows(bought.data(), &["period", "customer_id", "supplier_id"]);
        let april = if of_april.is_empty() { String::new() } else { format!("\n2025-04-01 B {of_april}") };
        assert_eq!(found, format!("2025-03-01 A {of_march}\n2025-03-01 B {of_march}{april}"));
    }
}

#[test]
fn a_product_of_two_suppliers_is_found_by_the_audit() {
    let suppliers =
        suppliers(&[(1, "s1", None, Some(MARCH.plus(3).first_day())), (1, "s2", Some(MARCH.first_day()), None)]);
    let error =
        rolled_with(&lake(&[(MARCH, &FIVE)]), &[], &events(&[], &[]), Some(&suppliers), Route::Kernel).unwrap_err();
    assert_eq!(error.to_string(), "audit `net amount of suppliers` of 2025-03 failed: 740000 instead of 370000");
}

#[test]
fn negative_minutes_are_refused_with_the_row_that_takes_them() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let said = |source, expression, filter| {
        let driver = Driver { minutes: true, ..driver("handling", source, expression, filter) };
        let events = events(&[("A", 150_000), ("B", 50_000)], &[("B", 70_000), ("A", 5_000)]);
        let failed = |route| rolled_with(&lake, std::slice::from_ref(&driver), &events, None, route);
        let error = failed(Route::Kernel).unwrap_err();
        assert_eq!(failed(Route::Sql).unwrap_err().to_string(), error.to_string());
        assert!(
            error
                .help()
                .unwrap()
                .contains("[activity.handling]: a return has a negative quantity, so use `abs(quantity)`")
        );
        error.to_string()
    };
    let messages = [
        // Customer A's sum is positive; order o2 alone isn't.
        said(DriverSource::Orders, "quantity", None),
        said(DriverSource::OrderLines, "1.5 - line_no", Some("quantity > 0")),
        said(DriverSource::OrderLines, "0.5*quantity", None),
        said(DriverSource::Activities, "minutes - 10", None),
        said(DriverSource::Stock, "value - 1", None),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    activity `handling` takes -1.0000 minutes for order `o2` in 2025-03
    activity `handling` takes -0.5000 minutes for order `o1`, line 2 in 2025-03
    activity `handling` takes -0.5000 minutes for order `o2`, line 1 in 2025-03
    activity `handling` takes -5.0000 minutes for event `v2` in 2025-03
    activity `handling` takes -0.5000 minutes for the stock of `p2` on 2025-03-31 in 2025-03
    ");
}

#[test]
fn a_quantity_that_is_not_minutes_may_be_negative() {
    let lake = lake(&[(MARCH, &FIVE)]);
    let rollups =
        rolled(&lake, &[driver("picking", DriverSource::Orders, "quantity", None)], &[], Route::Kernel).unwrap();
    assert_eq!(rows(rollups.driver_quantity.frame().unwrap().data(), &["customer_id", "quantity"]), "A 20000\nB 20000");
}

#[test]
fn customers_stand_in_the_order_of_their_ids_not_of_their_keys() {
    let lake = lake(&[(MARCH, &FIVE), (MARCH.plus(1), &FIVE)]);
    let customers = df!("customer_key" => [1_i64, 2], "customer_id" => ["Z", "B"]).unwrap();
    let orders = df!("order_key" => [1_i64], "order_id" => ["o1"]).unwrap();
    let drivers =
        [driver("entry", DriverSource::Orders, "1", None), driver("visits", DriverSource::Activities, "minutes", None)];
    let events = events(&[("M", 10_000), ("B", 20_000)], &[]);
    let inputs = Inputs {
        months: &lake.months,
        customers: &customers,
        orders: &orders,
        events: &events,
        drivers: &drivers,
        suppliers: None,
    };
    let rollups = rollup(&inputs, Route::Kernel).unwrap();
    assert_eq!(
        rows(rollups.customer_month.data(), &["customer_id", "orders"]),
        "B 2\nZ 2\nB 0\nZ 0",
        "each is an order of March"
    );
    let columns = ["customer_id", "activity", "quantity"];
    let expected = "B entry 20000\nB visits 20000\nM visits 10000\nZ entry 20000";
    assert_eq!(rows(rollups.driver_quantity.frame().unwrap().data(), &columns), expected);
    let nameless = df!("customer_key" => [1_i64], "customer_id" => ["A"]).unwrap();
    let error = rollup(&Inputs { customers: &nameless, ..inputs }, Route::Kernel).unwrap_err();
    assert_eq!(error.to_string(), "customer 2 of the lake has no id");
}

#[test]
fn details_stand_by_id_and_their_quantities_add_up_to_the_customers() {
    let lake = lake(&[(MARCH, &FIVE), (MARCH.plus(1), &[])]);
    let drivers = [
        driver("entry", DriverSource::Orders, "3 + 1.5*lines", None),
        driver("phone", DriverSource::Orders, "10", Some("channel = 'phone'")),
        driver("special", DriverSource::OrderLines, "1", Some("delivery = 'direct'")),
    ];
    // Keys were given in another order than that of the ids.
    let customers = df!("customer_key" => [1_i64, 2], "customer_id" => ["B", "A"]).unwrap();
    let orders = df!("order_key" => [1_i64, 2, 3, 4], "order_id" => ["o9", "o1", "o3", "o2"]).unwrap();
    let products = df!("product_key" => [1_i64, 2], "product_id" => ["p", "q"]).unwrap();
    let inputs = detail::Inputs {
        months: &lake.months,
        customers: &customers,
        orders: &orders,
        products: &products,
        drivers: &drivers,
        spanning: &Spanning::default(),
    };
    let mut months = Vec::new();
    let work = |month: &detail::Month<'_>| -> Result<_, RollupError> {
        let detail = month.detail()?;
        let of_order = |order| detail.lines.clone().lazy().filter(col("order_id").eq(lit(order))).collect();
        assert_eq!(
            rows(&month.lines_of(|order| order == "o9")?, &detail::OF_ORDER),
            rows(&of_order("o9")?, &detail::OF_ORDER)
        );
        let named = ["customer_id", "order_id", "line_no", "product_id", "net_amount", "list_amount", "cogs_amount"];
        let lines = rows(&detail.lines, &named);
        let quantities = [
            rows(&detail.line_quantities, &["special"]).replace('\n', " "),
            rows(&detail.order_quantities, &["entry"]).replace('\n', " "),
            rows(&detail.order_quantities, &["phone"]).replace('\n', " "),
        ];
        Ok(format!("{lines}\n{}", quantities.join("\n")))
    };
    let keep = |month: String| {
        months.push(month);
        Ok(())
    };
    detail::by_month(&inputs, work, keep).unwrap();
    insta::assert_snapshot!(months[0], @r"
    A o2 1 p 90000 90000 90000
    A o3 1 p 80000 80000 0
    B o1 1 p 0 0 -100000
    B o9 1 p 200000 250000 120000
    B o9 2 q 50000 50000 60000
    0 0 0 0 10000
    45000 45000 45000 60000
    0 0 100000 0
    ");
    assert_eq!((months.len(), months[1].trim()), (2, ""));
}

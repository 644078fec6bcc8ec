//! A month from lines, ledger and waterfall to facts.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::Type;
use proptest::prelude::*;

use super::*;
use crate::config::{ActivityConfig, PoolConfig, PoolDimension};

const MARCH: Period = Period::new(2025, 3);

/// Customer, order, line, product, warehouse, net amount, cost of goods.
type Line<'a> = (&'a str, &'a str, i64, &'a str, Option<&'a str>, i64, i64);
/// Customer, activity, part of the pool, quantity, amount.
type Cost<'a> = (&'a str, &'a str, &'a str, i64, i64);
/// Customer, supplier, rebate.
type Received<'a> = (&'a str, &'a str, i64);

/// Activities by name, method and source: an order's quantity is that of its name in the order quantities.
const ACTIVITIES: [(&str, &str, &str); 5] = [
    ("credit", "driver", "payment_terms"),
    ("entry", "time", "cost_to_serve"),
    ("freight", "driver", "freight_cost"),
    ("handling", "driver", "cost_to_serve"),
    ("tier", "share", "cost_to_serve"),
];

struct Month<'a> {
    lines: &'a [Line<'a>],
    ledger: &'a [Cost<'a>],
    rebates: &'a [(&'a str, i64)],
    /// Of customers, by supplier.
    received: &'a [Received<'a>],
    /// Of `entry`, `freight`.
    orders: [&'a [i64]; 2],
    /// Of `handling`.
    handling: &'a [i64],
}

fn dated(frame: DataFrame) -> LazyFrame {
    frame.lazy().with_column(lit(MARCH.first_day()).cast(DataType::Date).alias("period"))
}

fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

impl Month<'_> {
    fn ledger(&self) -> Frame<Ledger> {
        let frame = df!("customer_id" => column(self.ledger, |c| c.0), "activity" => column(self.ledger, |c| c.1),
            "pool_part" => column(self.ledger, |c| c.2), "quantity" => column(self.ledger, |c| c.3),
            "amount" => column(self.ledger, |c| c.4));
        Frame::try_new(dated(frame.unwrap())).unwrap()
    }

    fn supplier_rebates(&self) -> Frame<SupplierRebate> {
        let frame = df!("customer_id" => column(self.received, |r| r.0), "supplier_id" => column(self.received, |r| r.1),
            "rebates_received" => column(self.received, |r| r.2));
        Frame::try_new(dated(frame.unwrap())).unwrap()
    }

    /// What the customer months are: added up here.
    fn waterfall(&self) -> Frame<Waterfall> {
        let named = self.lines.iter().map(|line| line.0).chain(self.ledger.iter().map(|cost| cost.0));
        let ids: Vec<&str> = named.collect::<BTreeSet<_>>().into_iter().collect();
        let bought = |of: fn(&Line<'_>) -> i64| {
            column(&ids, |id| self.lines.iter().filter(|line| line.0 == *id).map(of).sum::<i64>())
        };
        let cost = |wanted: fn(&(&str, &str, &str)) -> bool| {
            let is = |name: &str| ACTIVITIES.iter().any(|activity| activity.0 == name && wanted(activity));
            column(&ids, |id| {
                self.ledger.iter().filter(|cost| cost.0 == *id && is(cost.1)).map(|cost| cost.4).sum::<i64>()
            })
        };
        let orders = column(&ids, |id| {
            let orders = self.lines.iter().filter(|line| line.0 == *id).map(|line| line.1);
            i64::try_from(orders.collect::<BTreeSet<_>>().len()).unwrap()
        });
        let given =
            column(&ids, |id| self.rebates.iter().filter(|rebate| rebate.0 == *id).map(|rebate| rebate.1).sum());
        let received =
            column(&ids, |id| self.received.iter().filter(|rebate| rebate.0 == *id).map(|rebate| rebate.2).sum());
        let measures: [(&str, Vec<i64>); 12] = [
            (c::ORDERS, orders),
            (c::LINES, bought(|_| 1)),
            (c::QUANTITY, bought(|_| 10_000)),
            (c::LIST_REVENUE, bought(|line| line.5)),
            (c::INVOICE_REVENUE, bought(|line| line.5)),
            (c::COGS, bought(|line| line.6)),
            (c::REBATES_GIVEN, given),
            (c::REBATES_RECEIVED, received),
            (c::COST_TO_SERVE, cost(|activity| activity.2 == c::COST_TO_SERVE)),
            (c::FREIGHT_COST, cost(|activity| activity.2 == c::FREIGHT_COST)),
            (c::PAYMENT_TERMS, cost(|activity| activity.2 == c::PAYMENT_TERMS)),
            (c::SALES_COMPENSATION, cost(|activity| activity.0 == "tier")),
        ];
        let mut data = df!(c::CUSTOMER_ID => &ids).unwrap();
        for of_contract in contract::FCT_CUSTOMER_MONTH.columns {
            let name: PlSmallStr = of_contract.name.into();
            let known = measures.iter().find(|(known, _)| *known == of_contract.name);
            let filled = match (known, of_contract.ty) {
                (Some((_, values)), _) => Column::new(name, values),
                (None, Type::Integer | Type::Decimal) => Column::new(name, vec![0_i64; ids.len()]),
                (None, Type::Bool) => Column::new(name, vec![true; ids.len()]),
                _ => continue,
            };
            data.with_column(filled).unwrap();
        }
        Frame::try_new(dated(data)).unwrap()
    }

    fn split(
        &self,
        waterfall: &Frame<Waterfall>,
        ledger: &Frame<Ledger>,
    ) -> Result<(Splitter, MonthFacts), ProfitError> {
        self.split_on(&vec![4; self.lines.len()], &versions(), waterfall, ledger)
    }

    /// Lines that were ordered on some days of the month, each one more than the given.
    fn split_on(
        &self,
        days: &[i32],
        products: &Frame<frame::Products>,
        waterfall: &Frame<Waterfall>,
        ledger: &Frame<Ledger>,
    ) -> Result<(Splitter, MonthFacts), ProfitError> {
        let (n, text) = (self.lines.len(), |of: fn(&Line<'_>) -> Option<&'static str>| column(self.lines, of));
        let lines = df!("customer_id" => column(self.lines, |l| l.0), "order_id" => column(self.lines, |l| l.1),
            "line_no" => column(self.lines, |l| l.2), "product_id" => column(self.lines, |l| l.3),
            "channel" => text(|_| Some("web")), "employee_id" => text(|_| None), "ship_to_id" => text(|_| None),
            "warehouse" => column(self.lines, |l| l.4), "order_kind" => text(|_| Some("sale")),
            "delivery" => text(|line| Some(if line.3 == "q" { "direct" } else { "stock" })),
            "quantity" => vec![10_000_i64; n], "net_amount" => column(self.lines, |l| l.5),
            "list_amount" => column(self.lines, |l| l.5), "cogs_amount" => column(self.lines, |l| l.6),
            "freight_charged" => vec![0_i64; n], "order_date" => column(days, |day| MARCH.first_day() + day));
        let day = |day: i32, name: &str| lit(MARCH.first_day() + day).cast(DataType::Date).alias(name);
        let days = [col("order_date").cast(DataType::Date), day(6, "promised_date"), day(9, "delivered_date")];
        let lines = lines.unwrap().lazy().with_columns(days).collect().unwrap();
        let inputs = Inputs {
            ledger,
            waterfall,
            supplier_rebates: &self.supplier_rebates(),
            activities: &activities_frame(),
            pool_balance: &Frame::try_new(Mart::empty(&contract::POOL_BALANCE).data.lazy()).unwrap(),
            config: &by_warehouse(),
            products,
        };
        let splitter = Splitter::new(&inputs, &FactsConfig { order_line: true, ..FactsConfig::default() })?;
        let facts = splitter.month(&MonthLines {
            period: MARCH,
            lines: &lines,
            line_quantities: &df!("handling" => self.handling).unwrap(),
            order_quantities: &df!("entry" => self.orders[0], "freight" => self.orders[1]).unwrap(),
            order_counts: &vec![1; self.orders[0].len()],
            order_spans: &vec![false; self.orders[0].len()],
        })?;
        Ok((splitter, facts))
    }

    /// All facts, by name.
    fn facts(&self) -> Result<BTreeMap<&'static str, DataFrame>, ProfitError> {
        self.facts_on(&vec![4; self.lines.len()], &versions())
    }

    fn facts_on(
        &self,
        days: &[i32],
        products: &Frame<frame::Products>,
    ) -> Result<BTreeMap<&'static str, DataFrame>, ProfitError> {
        let (splitter, mut facts) = self.split_on(days, products, &self.waterfall(), &self.ledger())?;
        let large = std::mem::take(&mut facts.large);
        Ok(large.into_iter().chain(splitter.collected(vec![facts])?).map(|mart| (mart.table.name, mart.data)).collect())
    }
}

fn activities_frame() -> Frame<DimActivity> {
    let names = column(&ACTIVITIES, |activity| activity.0);
    let frame = df!("activity" => &names, "label" => &names, "pool" => &names,
        "method" => column(&ACTIVITIES, |activity| activity.1), "step" => column(&ACTIVITIES, |activity| activity.2),
        "compensation" => column(&ACTIVITIES, |activity| activity.0 == "tier"),
        "standing" => vec![false; names.len()],
        "source" => vec![None::<&str>; names.len()], "rows_where" => vec![None::<&str>; names.len()], "description" => vec![None::<&str>; names.len()]);
    Frame::try_new(frame.unwrap().lazy()).unwrap()
}

/// Every activity has a pool of its own, kept by warehouse.
fn by_warehouse() -> ProfitConfig {
    let pool = PoolConfig { by: Some(PoolDimension::Warehouse), ..PoolConfig::default() };
    let activity = |(name, method, _): &(&str, &str, &str)| {
        let method = [Method::Time, Method::Driver, Method::Share].into_iter().find(|known| known.name() == *method);
        let activity = crate::check::tests::activity(method.unwrap());
        ((*name).to_owned(), ActivityConfig { pool: (*name).to_owned(), ..activity })
    };
    let pools = ACTIVITIES.iter().map(|(name, _, _)| ((*name).to_owned(), pool.clone())).collect();
    ProfitConfig { pools, activities: ACTIVITIES.iter().map(activity).collect(), ..ProfitConfig::default() }
}

/// A group of `p` since its second version, long before March; nothing of `q`, a supplier of `r`.
fn versions() -> Frame<frame::Products> {
    let no_number = || vec![None::<i64>; 3];
    let frame = df!("product_id" => ["p", "p", "r"], "name" => [None::<&str>; 3],
        "product_group" => [Some("pipes"), Some("tubes"), None], "supplier_id" => [None, None, Some("S")],
        "unit_cost" => no_number(), "list_price" => no_number(), "kind" => [Some("assembly"), Some("goods"), None], "weight" => no_number(),
        "valid_from" => Series::new("".into(), [9, 1, 1]).cast(&DataType::Date).unwrap());
    Frame::try_new(frame.unwrap().lazy()).unwrap()
}

fn units(data: &DataFrame, column: &str) -> Vec<i64> {
    data.column(column).unwrap().i64().unwrap().iter().flatten().collect()
}

fn texts(data: &DataFrame, column: &str) -> Vec<String> {
    data.column(column).unwrap().str().unwrap().iter().map(|text| text.unwrap_or("-").to_owned()).collect()
}

const THREE_LINES: [Line<'static>; 3] = [
    ("A", "o1", 1, "p", Some("N"), 600_000, 400_000),
    ("A", "o1", 2, "q", Some("S"), 200_000, 100_000),
    ("A", "o2", 1, "r", Some("S"), 200_000, 100_000),
];

#[test]
fn each_cost_comes_down_by_its_own_measure() {
    let month = Month {
        lines: &THREE_LINES,
        ledger: &[
            ("A", "credit", "", 1, 90_000),
            ("A", "entry", "", 40_000, 100_000),
            ("A", "handling", "", 1, 200_000),
            ("A", "tier", "Top", 1, 30),
            ("B", "entry", "", 10_000, 5),
        ],
        rebates: &[("A", 100_000)],
        received: &[("A", "S", 7_000), ("A", "X", 600)],
        orders: [&[30_000, 10_000], &[0, 0]],
        handling: &[0, 10_000, 30_000],
    };
    let facts = month.facts().unwrap();
    let lines = &facts["fct_order_line"];
    assert_eq!(texts(lines, "order_id"), ["o1", "o1", "o2", ""]);
    // Entry 37,500 · 37,500 · 25,000; handling 0 · 50,000 · 150,000; the share of the tier 10 each.
    assert_eq!(units(lines, "cost_to_serve"), [37_510, 87_510, 175_010, 5]);
    assert_eq!(units(lines, "minutes"), [15_000, 15_000, 10_000, 10_000]);
    assert_eq!(units(lines, "payment_terms"), [30_000, 30_000, 30_000, 0]);
    assert_eq!(units(lines, "rebates_given"), [60_000, 20_000, 20_000, 0]);
    // The product of the third line is S's; A bought nothing of X, so what X gives goes by the cost of all goods.
    assert_eq!(units(lines, "rebates_received"), [400, 100, 7_100, 0]);
    assert_eq!(units(lines, "sales_compensation"), [10, 10, 10, 0]);
    let groups = &facts["fct_customer_product_group_month"];
    assert_eq!(texts(groups, "product_group"), ["", "pipes", ""]);
    assert_eq!((units(groups, "orders"), units(groups, "lines")), (vec![2, 1, 0], vec![2, 1, 0]));
    assert_eq!(texts(&facts["fct_supplier_month"], "supplier_id"), ["", "S"]);
    // The line of the second order is the supplier's; B's cost has no line.
    let by_supplier = &facts["fct_supplier_activity_month"];
    assert_eq!(texts(by_supplier, "supplier_id"), texts_of_quoted("'' '' '' '' S S S S"));
    assert_eq!(texts(by_supplier, "activity"), texts_of("credit entry handling tier credit entry handling tier"));
    assert_eq!(units(by_supplier, "amount"), [60_000, 75_005, 50_000, 20, 30_000, 25_000, 150_000, 10]);
    assert_eq!(units(by_supplier, "minutes"), [0, 40_000, 0, 0, 0, 10_000, 0, 0]);
    // p is an assembly since its second version, of q and r nobody said what they are; q comes from the supplier.
    let kinds = &facts["fct_customer_kind_month"];
    assert_eq!(texts(kinds, "kind"), ["", "", "assembly", ""]);
    assert_eq!(texts(kinds, "delivery"), ["direct", "stock", "stock", ""]);
    assert_eq!(
        (units(kinds, "cost_to_serve"), units(kinds, "lines")),
        (vec![87_510, 175_010, 37_510, 5], vec![1, 1, 1, 0])
    );
    let deliveries = &facts["delivery_month"];
    assert_eq!((texts(deliveries, "delivery"), units(deliveries, "lines")), (texts_of("direct stock"), vec![1, 2]));
    assert_eq!((units(deliveries, "days_late"), units(deliveries, "lead_days")), (vec![3, 6], vec![5, 10]));
    let orders = &facts["fct_order"];
    assert_eq!((texts(orders, "customer_id"), texts(orders, "warehouse")), (texts_of("A A B"), texts_of("N S -")));
    assert_eq!(units(orders, "orders"), [1, 1, 0]);
}

fn texts_of(words: &str) -> Vec<String> {
    words.split(' ').map(str::to_owned).collect()
}

/// The same, `''` for an empty one.
fn texts_of_quoted(words: &str) -> Vec<String> {
    texts_of(words).into_iter().map(|word| word.replace("''", "")).collect()
}

#[test]
fn a_pool_of_a_warehouse_is_paid_by_the_lines_of_that_warehouse() {
    let cost = |ledger: &[Cost<'_>]| {
        let orders: [&[i64]; 2] = [&[30_000, 10_000], &[0, 0]];
        let month =
            Month { lines: &THREE_LINES, ledger, rebates: &[], received: &[], orders, handling: &[0, 10_000, 30_000] };
        units(&month.facts().unwrap()["fct_order_line"], "cost_to_serve")
    };
    // The first order counts at N, the first of its warehouses, so at S the second pays all.
    assert_eq!(cost(&[("A", "entry", "N", 30_000, 70)]), [70, 0, 0]);
    assert_eq!(cost(&[("A", "entry", "S", 10_000, 70)]), [0, 0, 70]);
    assert_eq!(cost(&[("A", "handling", "S", 40_000, 80)]), [0, 20, 60]);
    // Nothing was measured at N: its one line pays.
    assert_eq!(cost(&[("A", "handling", "N", 0, 80)]), [80, 0, 0]);
    // Where quantities are kept by warehouse, no name stands for the lines without one: here there are none, so all pay.
    assert_eq!(cost(&[("A", "handling", "", 40_000, 80)]), [0, 20, 60]);
    // A warehouse that delivered nothing falls back on all lines; the group of a share is no warehouse.
    assert_eq!(cost(&[("A", "entry", "X", 10_000, 80)]), [30, 30, 20]);
    assert_eq!(cost(&[("A", "tier", "S", 1, 30)]), [10, 10, 10]);
}

#[test]
fn a_line_counts_for_what_its_product_was_on_its_day() {
    // `p` becomes something else between the lines of the 5th and the 20th of March: o1 and o2 of A, and o3 of B.
    let lines = [
        ("A", "o1", 1, "p", None, 600_000, 0),
        ("A", "o1", 2, "q", None, 10_000, 0),
        ("A", "o2", 1, "p", None, 200_000, 0),
        ("B", "o3", 1, "p", None, 100_000, 0),
    ];
    let month = Month {
        lines: &lines,
        ledger: &[("A", "handling", "", 30_000, 90), ("B", "tier", "Top", 1, 5), ("C", "tier", "Top", 1, 7)],
        rebates: &[],
        received: &[],
        orders: [&[0; 3], &[0; 3]],
        handling: &[10_000, 0, 20_000, 0],
    };
    let split = |days: [i32; 4], changes: &[i32]| {
        let versions = [("p", 1, "pipes", "S"), ("q", 1, "", "S")].into_iter();
        let versions: Vec<_> =
            versions.chain(changes.iter().map(|day| ("p", MARCH.first_day() + day, "tubes", "T"))).collect();
        month.facts_on(&days, &products::tests::frame(&versions)).unwrap()
    };
    let days = [4, 4, 19, 4];
    let facts = split(days, &[9]);
    let groups = &facts["fct_customer_product_group_month"];
    assert_eq!(texts(groups, "customer_id"), texts_of("A A A B C"));
    assert_eq!(texts(groups, "product_group"), texts_of_quoted("'' pipes tubes pipes ''"));
    assert_eq!(units(groups, "invoice_revenue"), [10_000, 600_000, 200_000, 100_000, 0]);
    let suppliers = &facts["fct_supplier_month"];
    assert_eq!(texts(suppliers, "supplier_id"), texts_of_quoted("'' S T"));
    assert_eq!(units(suppliers, "invoice_revenue"), [0, 710_000, 200_000]);
    assert_eq!((units(suppliers, "orders"), units(suppliers, "cost_to_serve")), (vec![0, 2, 1], vec![7, 35, 60]));
    let activities = &facts["fct_supplier_activity_month"];
    assert_eq!(texts(activities, "supplier_id"), texts_of_quoted("'' S S T"));
    assert_eq!(units(activities, "amount"), [7, 30, 5, 60]);
    // It is another product on the first day of its version; on no day before, and none after the month.
    let of_t = |days, changes: &[i32]| units(&split(days, changes)["fct_supplier_month"], "invoice_revenue");
    assert_eq!(of_t(days, &[19]), [0, 710_000, 200_000]);
    assert_eq!(of_t(days, &[20]), [0, 910_000]);
    assert_eq!(of_t(days, &[31]), [0, 910_000]);
    assert_eq!(of_t(days, &[0]), [0, 10_000, 900_000]);
}

#[test]
fn what_does_not_tie_is_refused_by_table_month_and_column() {
    let month = Month {
        lines: &THREE_LINES,
        ledger: &[("A", "entry", "", 40_000, 100_000)],
        rebates: &[],
        received: &[],
        orders: [&[30_000, 10_000], &[0, 0]],
        handling: &[0; 3],
    };
    let ledger = month.ledger();
    let mut refused = Vec::new();
    for change in [col("cost_to_serve") - lit(1_i64), col("orders") + lit(1_i64)] {
        let wrong = Frame::try_new(month.waterfall().lazy().with_column(change)).unwrap();
        refused.push(month.split(&wrong, &ledger).map(|_| ()).unwrap_err().to_string());
    }
    let nobody = Frame::try_new(month.waterfall().lazy().filter(col("lines").lt(lit(0_i64)))).unwrap();
    refused.push(month.split(&nobody, &ledger).map(|_| ()).unwrap_err().to_string());
    insta::assert_snapshot!(refused.join("\n"), @r"
    cost_to_serve of fct_order_line in 2025-03, customer `A`, doesn't tie to the ledger: 0.0001 too much
    orders of fct_order_line in 2025-03, customer `A`, doesn't tie to the ledger: -1.0000 too much
    lines of fct_order_line in 2025-03, customer `A`, doesn't tie to the ledger: 3.0000 too much
    ");
}

/// Customer, order, net amount, quantity.
type DrawnLine = (u8, u8, i64, i64);
/// Customer, activity, amount.
type DrawnCost = (u8, usize, i64);

/// What a supplier gives a customer, by their numbers.
type DrawnRebates = BTreeMap<(u8, u8), i64>;

/// Lines of at most three customers, with quantities of their orders and of their own.
fn months() -> impl Strategy<Value = (Vec<DrawnLine>, Vec<DrawnCost>, DrawnRebates)> {
    let line = (0_u8..3, 0_u8..3, -20_i64..200, -5_i64..50);
    let cost = (0_u8..4, 0..ACTIVITIES.len(), -1_000_000_i64..1_000_000);
    let received = prop::collection::btree_map((0_u8..3, 0_u8..2), -500_i64..500, 0..4);
    (prop::collection::vec(line, 0..12), prop::collection::vec(cost, 0..12), received)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_fact_sums_to_waterfall_and_ledger_for_any_lines_and_costs((drawn, costs, received) in months()) {
        let ids = ["A", "B", "C", "D"];
        let orders = ["1", "2", "3"];
        let mut drawn = drawn;
        drawn.sort_by_key(|line| (line.0, line.1));
        let lines: Vec<Line<'_>> = (1_i64..).zip(&drawn)
            .map(|(number, line)| (ids[line.0 as usize], orders[line.1 as usize], number, ["p", "q", "r"][line.1 as usize],
                None, line.2, line.2 / 2)).collect();
        let mut quantities: Vec<i64> = Vec::new();
        for (index, line) in drawn.iter().enumerate() {
            if index == 0 || (drawn[index - 1].0, drawn[index - 1].1) != (line.0, line.1) { quantities.push(line.3) }
        }
        let handling: Vec<i64> = drawn.iter().map(|line| line.3).collect();
        let ledger: BTreeMap<(u8, usize), i64> = costs.iter().map(|cost| ((cost.0, cost.1), cost.2)).collect();
        let ledger: Vec<Cost<'_>> = ledger.iter()
            .map(|((id, activity), amount)| (ids[*id as usize], ACTIVITIES[*activity].0, "", amount / 7, *amount)).collect();
        let rebates: Vec<(&str, i64)> = lines.iter().map(|line| (line.0, 77)).collect::<BTreeMap<_, _>>().into_iter().collect();
        // Of S, whose product is r, and of X, who has none; for customers that bought.
        let received: Vec<Received<'_>> = received.into_iter().map(|((id, supplier), amount)| (ids[id as usize], ["S", "X"][supplier as usize], amount))
            .filter(|rebate| lines.iter().any(|line| line.0 == rebate.0)).collect();
        let month = Month { lines: &lines, ledger: &ledger, rebates: &rebates, received: &received, orders: [&quantities; 2], handling: &handling };
        // Whatever doesn't tie is an error; the sums are taken once more from outside.
        let facts = month.facts().unwrap();
        let cost: i64 = ledger.iter().map(|cost| cost.4).sum();
        let net: i64 = lines.iter().map(|line| line.5 - line.6).chain(received.iter().map(|rebate| rebate.2)).sum();
        let by_supplier = &facts["fct_supplier_activity_month"];
        prop_assert_eq!(units(by_supplier, "amount").iter().sum::<i64>(), cost);
        prop_assert_eq!(units(&facts["delivery_month"], "lines").iter().sum::<i64>(), i64::try_from(lines.len()).unwrap());
        let others = ["fct_supplier_activity_month", "fct_customer_product_month", "delivery_month"];
        for (name, data) in facts.iter().filter(|(name, _)| !others.contains(name)) {
            let profit: i64 = units(data, "net_profit").iter().sum();
            prop_assert_eq!(profit, net - cost - 77 * i64::try_from(rebates.len()).unwrap(), "{}", name);
        }
        prop_assert_eq!(facts.len(), 13);
        let of_lines = &facts["fct_order_line"];
        let of_lines = texts(of_lines, "customer_id").into_iter().zip(texts(of_lines, "product_id")).zip(units(of_lines, "rebates_received"));
        let of_lines: Vec<((String, String), i64)> = of_lines.collect();
        for id in ids {
            let of_supplier = |name: &str| received.iter().filter(|rebate| (rebate.0, rebate.1) == (id, name)).map(|rebate| rebate.2).sum::<i64>();
            let (own, others): (Vec<_>, Vec<_>) = of_lines.iter().filter(|line| line.0.0 == id).partition(|line| line.0.1 == "r");
            if !own.is_empty() && of_supplier("X") == 0 {
                prop_assert_eq!(own.iter().map(|line| line.1).sum::<i64>(), of_supplier("S"));
                prop_assert!(others.iter().all(|line| line.1 == 0), "no other line gets a part");
            }
        }
    }
}

//! The page that opens on a click on a customer, and prints as its account plan.
//!
//! Waterfall and activities are in whole cents, the trend in whole units: `{"steps": [10000, 1500, …], "trend": [[0, 85, 37], …]}`; everything else is
//! formatted text.

use std::collections::{BTreeMap, BTreeSet};

use netto_model::money::divide_half_even;
use netto_model::{Period, column as c, contract};
use polars::prelude::*;
use serde_json::{Value, json};

use super::block::{Block, tables};
use super::certainty::Bands;
use super::for_script;
use super::format::in_one_line;
use super::language::{Text as Message, say, several};
use super::marts::{Row, Rows, largest, text, units};
use super::page::Page;
use super::remedies;
use super::section::As::{Amount, Count, Decimal, Hours, Sentence, Share, Text, Word};
use super::section::{Cell, Shown};
use super::unknown::Needs;
use crate::PublishError;

/// The columns of the drawn waterfall: column, label, direction (sum, minus, plus), flag of its input.
const STEPS: [(&str, &str, &str, Option<&str>); 13] = [
    (c::LIST_REVENUE, "List revenue", "sum", Some(c::LIST_SUPPLIED)),
    (c::INVOICE_DISCOUNT, "Invoice discount", "minus", Some(c::LIST_SUPPLIED)),
    (c::INVOICE_REVENUE, "Invoice revenue", "sum", None),
    (c::REBATES_GIVEN, "Rebates given", "minus", Some(c::REBATES_SUPPLIED)),
    (c::PAYMENT_TERMS, "Payment terms", "minus", Some(c::PAYMENT_TERMS_SUPPLIED)),
    (c::FREIGHT_CHARGED, "Freight charged", "plus", Some(c::FREIGHT_CHARGED_SUPPLIED)),
    (c::FREIGHT_COST, "Freight cost", "minus", Some(c::FREIGHT_COST_SUPPLIED)),
    (c::POCKET_REVENUE, "Pocket revenue", "sum", None),
    (c::COGS, "Cost of goods sold", "minus", Some(c::COGS_SUPPLIED)),
    (c::REBATES_RECEIVED, "Rebates received", "plus", Some(c::REBATES_RECEIVED_SUPPLIED)),
    (c::GROSS_MARGIN, "Gross margin", "sum", None),
    (c::COST_TO_SERVE, "Cost-to-serve", "minus", Some(c::COST_TO_SERVE_SUPPLIED)),
    (c::NET_PROFIT, "Net profit", "sum", None),
];

/// Blocks that need a margin.
const OF_MARGIN: [&str; 6] = ["remedies", "peers", "sizes", "cross", "change", "stock"];

/// Blocks that also need the cost to serve.
const OF_PROFIT: [&str; 3] = ["remedies", "cross", "change"];

/// The facts shown beside a customer's name, if known.
const FACTS: [&str; 16] = [
    "Revenue",
    "Net profit",
    "Orders",
    "Average order",
    "Breaks even from",
    "Cost per order",
    "Potential",
    "Share of wallet",
    "Electronic orders",
    "Moving the others saves",
    "Attention",
    "Margin and cost",
    "Grade",
    "Field",
    "Inside",
    "Customer since",
];

/// The facts that appear on the sheet for the customer.
const OUTWARD: [&str; 7] =
    ["Revenue", "Orders", "Average order", "Electronic orders", "Field", "Inside", "Customer since"];

const SIZES: [Shown; 8] = [
    ("Order value", c::LABEL, Sentence),
    ("Orders", c::ORDERS, Count),
    ("Lines", c::LINES, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Margin", c::GROSS_MARGIN, Amount),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
    ("Lose", c::LOSS_ORDERS, Count),
];

const CHANGE: [Shown; 8] = [
    ("Net profit before", c::PREVIOUS_NET_PROFIT, Amount),
    ("Volume", c::VOLUME_EFFECT, Amount),
    ("Price", c::PRICE_EFFECT, Amount),
    ("Mix", c::MIX_EFFECT, Amount),
    ("COGS", c::COGS_EFFECT, Amount),
    ("Cost-to-serve", c::COST_TO_SERVE_EFFECT, Amount),
    ("Now", c::NET_PROFIT, Amount),
    ("Change", c::CHANGE, Amount),
];

const ATTENTION: [Shown; 9] = [
    ("Attention", c::ATTENTION_STATUS, Word),
    ("Hours", c::MINUTES, Hours),
    ("of all", c::MINUTES_SHARE, Share),
    ("of all cost", c::COST_SHARE, Share),
    ("of all revenue", c::REVENUE_SHARE, Share),
    ("Potential", c::POTENTIAL, Amount),
    ("of all", c::POTENTIAL_SHARE, Share),
    ("Index", c::ATTENTION_INDEX, Decimal),
    ("Of its size", c::PEER_ATTENTION_INDEX, Decimal),
];

const CROSS_SELL: [Shown; 4] = [
    ("Could buy", c::PRODUCT_GROUP, Text),
    ("Peers that buy it", c::PEER_SHARE, Share),
    ("Revenue", c::EXPECTED_REVENUE, Amount),
    ("Net profit", c::EXPECTED_PROFIT, Amount),
];

const STOCK: [Shown; 7] = [
    ("Product group", c::PRODUCT_GROUP, Text),
    ("Stock", c::AVERAGE_STOCK, Amount),
    ("Reserved", c::RESERVED_STOCK, Amount),
    ("Turns", c::TURNS, Decimal),
    ("Product margin", c::GROSS_MARGIN, Amount),
    ("Holding it costs", c::HOLDING_COST, Amount),
    ("Left", c::NET_OF_HOLDING, Amount),
];

const DEVIATIONS: [Shown; 5] = [
    ("Deviations", c::DEVIATIONS, Count),
    ("Per 100 orders", c::PER_100_ORDERS, Decimal),
    ("Amount", c::AMOUNT, Amount),
    ("Hours", c::MINUTES, Hours),
    ("After-care", c::AFTER_CARE_COST, Amount),
];

/// Number of pages in a script element of their own: the browser reads one of them to open a page.
const BUNDLE: usize = 20;

/// The data that all customers' pages share, with their ids in order; and the pages in that order, in bundles.
pub(super) fn data(page: &Page<'_>) -> Result<(Value, Vec<String>), PublishError> {
    let format = &page.format;
    let listed = super::customers::listed(page)?;
    let months = months(page)?;
    let waterfalls = waterfalls(page)?;
    let (mut activities, mut trends) = (activities(page)?, trends(page, &months)?);
    let (bands, mut facts) = (Bands::new(&page.marts)?, facts(page, &listed)?);
    let profit = Needs::Profit.are_met(page);
    let known = |block: &Block| {
        (page.knows_margin || !OF_MARGIN.contains(&block.key)) && (profit || !OF_PROFIT.contains(&block.key))
    };
    let of_known = |block: Block| block.of_known(|head| Needs::of_column(head).are_met(page));
    let mut blocks: Vec<Block> = blocks(page)?.into_iter().filter(known).map(of_known).collect();
    let ids = waterfalls.column(c::CUSTOMER_ID)?.str()?.iter().flatten().map(str::to_owned);
    let row_of: BTreeMap<String, usize> = ids.zip(0..).collect();
    let unknown = (0..).zip(STEPS).filter(|(_, (_, label, ..))| !Needs::of_column(label).are_met(page));
    let unknown: Vec<usize> = unknown.filter(|(_, (_, _, kind, _))| *kind == "sum").map(|(step, _)| step).collect();
    let (mut ids, mut pages) = (Vec::new(), Vec::new());
    for row in listed.iter() {
        let id = row.text(c::CUSTOMER_ID);
        let (steps, mut missing) = steps(&waterfalls, row_of.get(id).copied())?;
        missing.extend(&unknown);
        let tier = format.say(row.text(c::TIER));
        let customer = json!({
            "name": row.maybe_text(c::NAME).unwrap_or(id),
            "place": in_one_line([tier.as_str(), row.text(c::MARKET), row.text(c::REGION)]),
            "facts": facts.remove(id).unwrap_or_default(),
            "steps": steps,
            "missing": missing,
            "band": bands.get(id).filter(|_| profit).map(|band| json!([cents(band.low), cents(band.high), band.certain])),
            "activities": activities.remove(id).unwrap_or_default(),
            "trend": trends.remove(id).unwrap_or_default(),
            "tables": tables(&mut blocks, id),
        });
        ids.push(id);
        pages.push(customer);
    }
    let shared = json!({
        "steps": STEPS.map(|(name, label, kind, _)| json!([name, format.say(label), kind])).to_vec(),
        "activities": known_activities(page)?,
        "months": months.iter().map(|month| format.month(month.first_day())).collect::<Vec<_>>(),
        "facts": FACTS.map(|fact| format.say(fact)).to_vec(),
        "outward": OUTWARD.map(|fact| format.say(fact)).to_vec(),
        "tables": blocks.iter().map(|block| block.head(format)).collect::<Vec<_>>(),
        "pages": ids,
        "bundle": BUNDLE,
    });
    Ok((shared, pages.chunks(BUNDLE).map(for_script).collect::<Result<_, _>>()?))
}

/// The steps of the waterfall in cents, and which of them lack data.
fn steps(waterfalls: &DataFrame, row: Option<usize>) -> PolarsResult<(Vec<i64>, Vec<usize>)> {
    let amount = |name| row.map_or(Ok(0), |row| units(waterfalls, name, row)).map(cents);
    let amounts = STEPS.iter().map(|(name, ..)| amount(name)).collect::<PolarsResult<Vec<_>>>()?;
    let missing = STEPS.iter().zip(0..).filter_map(|((.., flag), step)| {
        let supplied = waterfalls.column((*flag)?).ok()?.bool().ok()?.get(row?);
        (supplied == Some(false)).then_some(step)
    });
    Ok((amounts, missing.collect()))
}

fn known_activities(page: &Page<'_>) -> PolarsResult<Vec<Value>> {
    let known = page.marts.rows(&contract::DIM_ACTIVITY)?;
    let activity = |row: Row<'_>| {
        json!([page.activities.get(row.text(c::ACTIVITY)), row.text(c::METHOD), page.pools.get(row.text(c::POOL))])
    };
    Ok(known.iter().map(activity).collect())
}

/// The facts about each customer, in the order of `FACTS`.
fn facts(page: &Page<'_>, listed: &Rows) -> PolarsResult<BTreeMap<String, Vec<Value>>> {
    let format = &page.format;
    let by_customer = |table| page.of_window(table);
    let (attention, quadrant) = (by_customer(contract::model("attention"))?, by_customer(contract::model("quadrant"))?);
    let (channel, grade) = (by_customer(contract::model("customer_channel"))?, by_customer(contract::model("grade"))?);
    let minimum = by_customer(contract::model("minimum_order"))?;
    let index = |rows: &Rows| -> BTreeMap<String, usize> {
        rows.iter().map(|row| row.text(c::CUSTOMER_ID).to_owned()).zip(0..).collect()
    };
    let tables = [&attention, &quadrant, &channel, &grade, &minimum];
    let places = tables.map(index);
    let of = |table: usize, id: &str| -> Option<Row<'_>> { tables.get(table)?.at(*places.get(table)?.get(id)?) };
    let fact = |row: Row<'_>| {
        let id = row.text(c::CUSTOMER_ID);
        let money = |column: &str| row.maybe(column).map(|amount| format.whole(amount));
        let of_order = |column: &str| of(4, id).and_then(|row| row.maybe(column)).map(|amount| format.whole(amount));
        let employee = |column: &str| row.maybe_text(column).map(|id| page.employee_name(id).to_owned());
        let said = |table: usize, column: &str| {
            of(table, id).and_then(|row| row.maybe_text(column)).map(|word| format.say(word))
        };
        let share = |table: usize, column: &str| {
            of(table, id).and_then(|row| row.share(column)).map(|share| format.percent(Some(share)))
        };
        let saving = of(2, id).and_then(|row| row.maybe(c::CHANNEL_SAVING)).filter(|saving| *saving > 0);
        let facts = [
            money(c::INVOICE_REVENUE),
            money(c::NET_PROFIT),
            Some(format.grouped(row.units(c::ORDERS))),
            of_order(c::AVERAGE_ORDER),
            of_order(c::BREAK_EVEN_ORDER),
            of_order(c::COST_PER_ORDER),
            money(c::POTENTIAL),
            share(0, c::SHARE_OF_WALLET),
            share(2, c::ELECTRONIC_SHARE),
            saving.map(|saving| format.whole(saving)),
            said(0, c::ATTENTION_STATUS),
            said(1, c::QUADRANT),
            said(3, c::GRADE),
            employee(c::ACCOUNT_MANAGER),
            employee(c::INSIDE_REP),
            row.day(c::SINCE).map(|day| format.date(day)),
        ];
        let known =
            facts.into_iter().zip(FACTS).map(|(fact, name)| fact.filter(|_| Needs::of_column(name).are_met(page)));
        (id.to_owned(), known.map(|fact| json!(fact)).collect())
    };
    Ok(listed.iter().map(fact).collect())
}

/// The tables of the page, in their order.
fn blocks(page: &Page<'_>) -> PolarsResult<Vec<Block>> {
    let of = |key, title, reading, columns: &[Shown]| {
        Block::new(key, title, reading, columns.iter().map(|(head, ..)| Message::from(*head)))
    };
    let mut sizes = of("sizes", "Orders by size", "", &SIZES)
        .for_customer("Your orders by size", &[(0, "Order value"), (1, "Orders"), (2, "Lines"), (3, "Revenue")]);
    sizes.fill(
        page,
        page.of_window(contract::model("customer_order_size"))?.iter().filter(|row| row.units(c::BAND) > 0),
        c::CUSTOMER_ID,
        &SIZES,
        usize::MAX,
    );
    let mut change =
        of("change", "Change against the window before", "Change of net profit if only this had changed.", &CHANGE);
    change.fill(page, page.of_window(contract::model("delta"))?.iter(), c::CUSTOMER_ID, &CHANGE, 1);
    let mut attention = of(
        "attention",
        "Attention",
        "The index is the share of minutes and cost ÷ the share of revenue or potential; it is compared with the index of customers of its size.",
        &ATTENTION,
    );
    attention.fill(page, page.of_window(contract::model("attention"))?.iter(), c::CUSTOMER_ID, &ATTENTION, 1);
    let mut cross = of(
        "cross",
        "What its peers buy and it doesn't",
        "What can be expected at this customer's size, at the share of its peers that buy.",
        &CROSS_SELL,
    )
    .on_plan(3)
    .for_customer("What others in your trade buy from us", &[(0, "Product group")]);
    let chances = page.of_window(contract::model("cross_sell"))?;
    cross.fill(page, largest(chances.iter(), |row| row.units(c::EXPECTED_PROFIT)), c::CUSTOMER_ID, &CROSS_SELL, 5);
    let mut stock = of(
        "stock",
        "Stock held for it",
        "Its part of the stock, by its purchases; stock reserved for it counts in full.",
        &STOCK,
    );
    let held = page.of_window(contract::model("stock_customer_group"))?;
    stock.fill(page, largest(held.of(c::LEVEL, "customer"), |row| row.units(c::AVERAGE_STOCK)), c::KEY, &STOCK, 5);
    let mut deviations = of("deviations", "What didn't go as agreed", "", &DEVIATIONS);
    let went_wrong = page.of_window(contract::model("deviation_cost"))?;
    deviations.fill(page, went_wrong.of(c::LEVEL, "customer"), c::KEY, &DEVIATIONS, 1);
    Ok(vec![conversation(page)?, peers(page)?, sizes, cross, change, attention, stock, deviations, agreed(page)?])
}

/// Every remedy that can be applied, the proposed one first, with the figures for the conversation.
fn conversation(page: &Page<'_>) -> PolarsResult<Block> {
    let format = &page.format;
    let heads = [
        "Remedy",
        "Today",
        "Then",
        "Breaks even at",
        "May leave",
        "If it stays",
        "If it leaves",
        "Expected change",
        "Why",
    ];
    let reading = "Change of the company's result compared with doing nothing; only cost that is really avoidable counts as saved.";
    let block = Block::new("remedies", "What can be done", reading, heads).on_plan(3);
    let mut block = block.for_customer("What we propose", &[(0, "Proposal"), (1, "Today"), (2, "Then")]);
    let all = page.of_window(contract::model("remedy"))?;
    let can: BTreeSet<&str> =
        all.iter().filter(|row| row.flag(c::APPLICABLE)).map(|row| row.text(c::CUSTOMER_ID)).collect();
    // If no remedy applies, the obstacle to a farewell explains it for all of them.
    let last = all.of(c::REMEDY, "farewell").into_iter().map(|row| (row.text(c::CUSTOMER_ID), row.text(c::OBSTACLE)));
    for (id, obstacle) in last.filter(|(id, _)| !can.contains(id) && page.opens.contains(*id)) {
        let nothing = std::iter::repeat_with(Cell::none).take(7);
        let cells = std::iter::once(Cell::text(say!(format, "Nothing for now")))
            .chain(nothing)
            .chain([Cell::text(format.phrase(obstacle))]);
        block.push(id, &cells.collect::<Vec<_>>());
    }
    let mut rows: Vec<Row<'_>> = all.iter().filter(|row| row.flag(c::APPLICABLE)).collect();
    rows.sort_by_key(|row| (!row.flag(c::PROPOSED), row.maybe(c::RANK).unwrap_or(i64::MAX)));
    for row in rows {
        let id = row.text(c::CUSTOMER_ID);
        if !page.opens.contains(id) {
            continue;
        }
        let remedy = row.text(c::REMEDY);
        let value = |column| {
            row.maybe(column).map_or_else(Cell::none, |units| Cell::new(remedies::measured(format, remedy, units)))
        };
        let amount = |column| row.maybe(column).map_or_else(Cell::none, |amount| Cell::amount(format, amount));
        let measure = format.say(row.text(c::MEASURE));
        // Says why a remedy with a larger effect isn't proposed.
        let measure = match row.text("agreed") {
            _ if row.flag(c::PROPOSED) => say!(format, "proposed: {measure}", measure = measure),
            _ if row.flag("in_policy") => say!(format, "{measure}; in the rule for all", measure = measure),
            "failed" => say!(format, "{measure}; agreed before, and brought nothing", measure = measure),
            _ => measure,
        };
        let cells = [
            Cell::text(remedies::name(format, remedy)).small(measure).proposed(row.flag(c::PROPOSED)),
            value(c::CURRENT_VALUE),
            value(c::PROPOSED_VALUE),
            value(c::BREAK_EVEN),
            Cell::share(format, row.share(c::LEAVING_PROBABILITY)),
            amount(c::GAIN_IF_STAYS),
            amount(c::LOSS_IF_LEAVES),
            amount(c::EXPECTED_CHANGE),
            Cell::text(remedies::why(row, format)),
        ];
        block.push(id, &cells);
    }
    Ok(block)
}

/// The customer against the median of its peers.
fn peers(page: &Page<'_>) -> PolarsResult<Block> {
    let format = &page.format;
    let heads = ["", "This customer", "Median of its peers", "Effect of moving there"];
    let mut block = Block::new("peers", "Against its peers", "", heads).on_plan(4);
    let rows = page.of_window(contract::model("peer"))?;
    for row in rows.iter() {
        let id = row.text(c::CUSTOMER_ID);
        if !page.opens.contains(id) {
            continue;
        }
        let shares = [
            ("Gross margin", c::MARGIN_SHARE, c::PEER_MARGIN_SHARE, c::MARGIN_GAIN),
            ("Discount", c::DISCOUNT_SHARE, c::PEER_DISCOUNT_SHARE, c::DISCOUNT_GAIN),
            ("Cost-to-serve", c::COST_SHARE, c::PEER_COST_SHARE, c::COST_GAIN),
        ];
        let gain = |column| {
            row.maybe(column).filter(|gain| *gain > 0).map_or_else(Cell::none, |gain| Cell::amount(format, gain))
        };
        for (name, own, peers, gained) in shares {
            if row.share(own).is_some() {
                block.push(
                    id,
                    &[
                        Cell::text(format.say(name)),
                        Cell::share(format, row.share(own)),
                        Cell::share(format, row.share(peers)),
                        gain(gained),
                    ],
                );
            }
        }
        if let (Some(own), Some(peers)) = (row.maybe(c::AVERAGE_ORDER), row.maybe(c::PEER_AVERAGE_ORDER)) {
            block.push(
                id,
                &[
                    Cell::text(say!(format, "Average order")),
                    Cell::amount(format, own),
                    Cell::amount(format, peers),
                    Cell::none(),
                ],
            );
        }
        let peers = several!(
            format,
            row.units(c::PEERS),
            "{n} customer in {peers}, this one included.",
            "{n} customers in {peers}, this one included.",
            peers = format.peers(row.text(c::PEER_GROUP))
        );
        block.note(id, peers);
    }
    Ok(block)
}

/// The agreed actions, and their results.
fn agreed(page: &Page<'_>) -> PolarsResult<Block> {
    let format = &page.format;
    let heads = ["Agreed", "From", "Months", "Change a month", "Change of peers", "Remark"];
    let mut block = Block::new(
        "actions",
        "Agreed actions",
        "Amounts per month, before against after, and against peers without an action.",
        heads,
    )
    .on_plan(3);
    let rows = page.marts.rows(contract::model("action_effect"))?;
    for row in rows.iter().filter(|row| page.opens.contains(row.text(c::CUSTOMER_ID))) {
        let amount = |column| row.maybe(column).map_or_else(Cell::none, |amount| Cell::amount(format, amount));
        let cells = [
            Cell::text(remedies::name(format, row.text(c::REMEDY))),
            Cell::text(row.day(c::STARTED_AT).map(|day| format.date(day)).unwrap_or_default()),
            Cell::count(format, row.units(c::MONTHS)),
            amount(c::CHANGE),
            amount(c::PEER_CHANGE),
            Cell::text(row.text(c::NOTE)),
        ];
        block.push(row.text(c::CUSTOMER_ID), &cells);
    }
    Ok(block)
}

fn cents(units: i64) -> i64 {
    i64::try_from(divide_half_even(units.into(), 100)).unwrap_or_default()
}

fn whole(units: i64) -> i64 {
    i64::try_from(divide_half_even(units.into(), 10_000)).unwrap_or_default()
}

/// Per customer the steps of the window, and whether each rests on data in every month.
fn waterfalls(page: &Page<'_>) -> PolarsResult<DataFrame> {
    let sums = STEPS.map(|(name, ..)| col(name).sum());
    let mut flags: Vec<&str> = STEPS.into_iter().filter_map(|(.., flag)| flag).collect();
    flags.dedup();
    let flags = flags.into_iter().map(|name| col(name).all(true));
    let plan = page.marts.in_window(&contract::FCT_CUSTOMER_MONTH)?;
    let plan = page.with_page(&plan.collect()?)?.lazy();
    plan.group_by([col(c::CUSTOMER_ID)]).agg(sums.into_iter().chain(flags).collect::<Vec<_>>()).collect()
}

/// Per customer: `[index of the activity, quantity in hundredths, cents]`.
fn activities(page: &Page<'_>) -> PolarsResult<BTreeMap<String, Vec<[i64; 3]>>> {
    let names = page.marts.all(&contract::DIM_ACTIVITY);
    let index: BTreeMap<&str, i64> = names.column(c::ACTIVITY)?.str()?.iter().flatten().zip(0..).collect();
    let plan = page.marts.in_window(&contract::FCT_CUSTOMER_ACTIVITY_MONTH)?;
    let plan = plan.select([c::CUSTOMER_ID, c::ACTIVITY, c::QUANTITY, c::AMOUNT].map(col));
    let data = page
        .with_page(&plan.collect()?)?
        .lazy()
        .group_by([col(c::CUSTOMER_ID), col(c::ACTIVITY)])
        .agg([col(c::QUANTITY).sum(), col(c::AMOUNT).sum()])
        .sort([c::CUSTOMER_ID, c::ACTIVITY], SortMultipleOptions::default())
        .collect()?;
    let mut found: BTreeMap<String, Vec<[i64; 3]>> = BTreeMap::new();
    for row in 0..data.height() {
        let place = index.get(text(&data, c::ACTIVITY, row)?.as_str()).copied().unwrap_or_default();
        let line = [place, cents(units(&data, c::QUANTITY, row)?), cents(units(&data, c::AMOUNT, row)?)];
        found.entry(text(&data, c::CUSTOMER_ID, row)?).or_default().push(line);
    }
    Ok(found)
}

fn months(page: &Page<'_>) -> PolarsResult<Vec<Period>> {
    let data = page.marts.all(&contract::DIM_PERIOD);
    Ok(data.column(c::PERIOD)?.date()?.physical().iter().flatten().map(Period::of_day).collect())
}

/// Per customer: `[index of the month, revenue, net profit]` of the months with either, in whole units.
fn trends(page: &Page<'_>, months: &[Period]) -> PolarsResult<BTreeMap<String, Vec<[i64; 3]>>> {
    let data = page.with_page(&page.marts.all(&contract::FCT_CUSTOMER_MONTH))?;
    let index: BTreeMap<i32, i64> = months.iter().map(|month| month.first_day()).zip(0..).collect();
    let days = data.column(c::PERIOD)?.date()?.physical().clone();
    let mut found: BTreeMap<String, Vec<[i64; 3]>> = BTreeMap::new();
    for row in 0..data.height() {
        let month = days.get(row).and_then(|day| index.get(&day)).copied().unwrap_or_default();
        let point = [month, whole(units(&data, c::INVOICE_REVENUE, row)?), whole(units(&data, c::NET_PROFIT, row)?)];
        found.entry(text(&data, c::CUSTOMER_ID, row)?).or_default().push(point);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::FACTS;
    use crate::report::tests::{b, data, f, m, n, t, with};
    use netto_model::{column as c, contract};
    use polars::prelude::AnyValue;
    use serde_json::json;

    #[test]
    fn a_page_holds_what_is_known_of_its_customer() {
        let id = || (c::CUSTOMER_ID, t("B\"1"));
        let remedy = |remedy, proposed, applicable, today: i64| {
            vec![
                id(),
                (c::REMEDY, t(remedy)),
                (c::APPLICABLE, b(applicable)),
                (c::PROPOSED, b(proposed)),
                (c::RANK, n(1)),
                (c::MEASURE, t("measure")),
                (c::CURRENT_VALUE, n(today)),
                (c::BREAK_EVEN, AnyValue::Null),
                (c::EXPECTED_CHANGE, m(30)),
                (c::OCCASIONS, n(3)),
                (c::EACH_AMOUNT, m(1_200)),
                (c::LOSS_CERTAIN, b(true)),
                ("agreed", t(if remedy == "order_charge" { "failed" } else { "" })),
            ]
        };
        let html = with(vec![
            (
                contract::model("remedy"),
                vec![
                    remedy("farewell", false, false, 0),
                    remedy("order_charge", false, true, 125_000),
                    remedy("discount_change", true, true, 352_000),
                ],
            ),
            (
                contract::model("peer"),
                vec![vec![
                    id(),
                    (c::PEER_GROUP, t("Farms · Top")),
                    (c::PEERS, n(5)),
                    (c::MARGIN_SHARE, f(0.1)),
                    (c::PEER_MARGIN_SHARE, f(0.2)),
                    (c::MARGIN_GAIN, m(9)),
                    (c::AVERAGE_ORDER, AnyValue::Null),
                ]],
            ),
            (
                contract::model("cross_sell"),
                (1..=6)
                    .map(|margin| vec![id(), (c::PRODUCT_GROUP, t("</script>")), (c::EXPECTED_PROFIT, m(margin))])
                    .collect(),
            ),
            (
                contract::model("stock_customer_group"),
                vec![vec![
                    (c::LEVEL, t("customer")),
                    (c::KEY, t("B\"1")),
                    (c::PRODUCT_GROUP, t("Pumps")),
                    (c::AVERAGE_STOCK, m(77)),
                ]],
            ),
            (contract::model("grade"), vec![vec![id(), (c::GRADE, t("C")), (c::SCORE, f(0.5))]]),
        ]);
        let data = data(&html);
        let page = &data["customers"]["pages"]["B\"1"];
        let remedies = page["tables"]["remedies"][0].as_array().unwrap();
        assert_eq!(remedies.len(), 2, "only what can be applied");
        assert_eq!(remedies[0][0], json!({"p": "1", "t": "Less discount", "s": "proposed: measure"}));
        assert_eq!(remedies[1][0]["s"], "measure; agreed before, and brought nothing");
        assert_eq!(
            (&remedies[0][1], &remedies[1][1], &remedies[0][3]),
            (&json!("35,2\u{a0}%"), &json!("12,50"), &json!("–"))
        );
        let why = "35,2\u{a0}% discount on 1.200 at list prices. Nothing that may be asked would cover its cost; 0,0\u{a0}% is asked, and brings 0.";
        assert_eq!(remedies[0][8], why);
        assert_eq!(
            page["tables"]["peers"],
            json!([
                [["Gross margin", "10,0\u{a0}%", "20,0\u{a0}%", "9"]],
                "5 customers in Farms · Top, this one included."
            ])
        );
        let cross = page["tables"]["cross"][0].as_array().unwrap();
        assert_eq!((cross.len(), &cross[0][3]), (5, &json!("6")), "the five best");
        assert_eq!(page["tables"]["stock"][0][0][1], "77");
        let grade = FACTS.iter().position(|fact| *fact == "Grade").unwrap();
        assert_eq!((&page["facts"][grade], &page["facts"][1]), (&json!("C"), &json!("−800")));
        assert!(page["tables"].get("sizes").is_none(), "nothing is known of it");
    }
}

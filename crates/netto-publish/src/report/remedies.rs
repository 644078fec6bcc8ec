//! Which customers lose money, and what to do first.

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::{say, several};
use super::marts::{Row, Rows, height, largest, sum};
use super::page::Page;
use super::section::{Cell, Part, Section, Table};
use crate::PublishError;

/// Number of customers listed; the others have their remedy on their page.
const FEW: usize = 15;

/// What a remedy asks of the customer, in words.
pub(super) fn name(format: &Format, remedy: &str) -> String {
    match remedy {
        "minimum_annual_revenue" => say!(format, "Minimum revenue per year"),
        "discount_change" => say!(format, "Less discount"),
        "price_change" => say!(format, "Prices of its peers"),
        "minimum_order_size" => say!(format, "Minimum order size"),
        "order_charge" => say!(format, "Charge per order"),
        "channel_shift" => say!(format, "Order electronically"),
        "visit_frequency" => say!(format, "Fewer visits"),
        "farewell" => say!(format, "Farewell"),
        other => other.replace('_', " "),
    }
}

/// The proposed remedies, those with the largest expected change first.
pub(super) fn proposed(rows: &Rows) -> Vec<Row<'_>> {
    largest(rows.iter().filter(|row| row.flag(c::PROPOSED)), |row| row.units(c::EXPECTED_CHANGE))
}

/// The reason for or against a remedy, in the customer's own figures.
pub(super) fn why(row: Row<'_>, format: &Format) -> String {
    let obstacle = row.text(c::OBSTACLE);
    if !obstacle.is_empty() {
        return format.phrase(obstacle);
    }
    let said = reason(row, format);
    if row.flag(c::LOSS_CERTAIN) { said } else { format!("{said} {}", say!(format, "It isn't certain that it loses.")) }
}

fn reason(row: Row<'_>, format: &Format) -> String {
    let remedy = row.text(c::REMEDY);
    let value = |column| row.maybe(column).map_or_else(|| "–".to_owned(), |units| measured(format, remedy, units));
    let (today, then) = (value(c::CURRENT_VALUE), value(c::PROPOSED_VALUE));
    let each = small_amount(format, row.units(c::EACH_AMOUNT));
    let gain = format.whole(row.units(c::GAIN_IF_STAYS));
    let number = row.units(c::OCCASIONS);
    let even = row.maybe(c::BREAK_EVEN).map(|units| measured(format, remedy, units));
    let even = even.unwrap_or_else(|| say!(format, "Nothing that may be asked"));
    match remedy {
        "minimum_annual_revenue" => {
            say!(
                format,
                "It buys for {today}, and each further 100 leaves {each}. {even} would cover its cost; {then} is asked.",
                today = today,
                each = each,
                even = even,
                then = then
            )
        }
        "discount_change" => say!(
            format,
            "{today} discount on {each} at list prices. {even} would cover its cost; {then} is asked, and brings {gain}.",
            today = today,
            each = each,
            even = even,
            then = then,
            gain = gain
        ),
        "price_change" => say!(
            format,
            "Its net prices are {today} of what its peers pay for the same products, {each} together. {even} would cover its cost; the prices of its peers bring {gain}.",
            today = today,
            each = each,
            even = even,
            gain = gain
        ),
        "minimum_order_size" => several!(
            format,
            number,
            "{n} order of {today} costs {each}, whatever is in it. {even} on average would cover its cost; at {then}, {gain} is really saved.",
            "{n} orders of {today} on average cost {each} each, whatever is in them. {even} on average would cover their cost; at {then}, {gain} is really saved.",
            today = today,
            each = each,
            even = even,
            then = then,
            gain = gain
        ),
        "order_charge" => several!(
            format,
            number,
            "{n} order: {even} on it would cover its cost; {then} is asked, and brings {gain}.",
            "{n} orders: {even} on each would cover their cost; {then} is asked, and brings {gain}.",
            even = even,
            then = then,
            gain = gain
        ),
        "channel_shift" => several!(
            format,
            number,
            "{n} order is not electronic, and costs {each} more than if it were. {then} electronic ones instead of {today} really save {gain}; the rest is capacity.",
            "{n} orders are not electronic, and each costs {each} more than if it were. {then} electronic ones instead of {today} really save {gain}; the rest is capacity.",
            each = each,
            then = then,
            today = today,
            gain = gain
        ),
        "visit_frequency" => several!(
            format,
            number,
            "{n} visit at {each}. With {then}, {gain} is really saved; the rest is capacity.",
            "{n} visits at {each} each. With {then}, {gain} is really saved; the rest is capacity.",
            each = each,
            then = then,
            gain = gain
        ),
        _ => say!(
            format,
            "Its margin of {each} doesn't cover the cost that would really be saved without it: its leaving brings {gain}.",
            each = each,
            gain = format.whole(row.units(c::FROM_REMEDY))
        ),
    }
}

/// An amount, with cents below a hundred.
fn small_amount(format: &Format, units: i64) -> String {
    if units.unsigned_abs() < 1_000_000 { format.cents(units) } else { format.whole(units) }
}

/// The value of a remedy in its unit; a discount is never negative.
pub(super) fn measured(format: &Format, remedy: &str, units: i64) -> String {
    let number = height(units) / 10_000.0;
    match remedy {
        "discount_change" if units < 0 => "–".into(),
        "discount_change" | "price_change" => format.percent(Some(number / 100.0)),
        "order_charge" => format.cents(units),
        "visit_frequency" | "channel_shift" if units % 10_000 != 0 => format.decimals(number, 1),
        _ => format.whole(units),
    }
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("remedy"))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let format = &page.format;
    let proposed = proposed(&rows);
    let policies = page.marts.rows(contract::model("remedy_policy"))?;
    let rule = policies.iter().find(|row| row.flag(c::PROPOSED));
    // Counts as the headline does: also customers that bought nothing, and those without a remedy.
    let summary = page.of_window(contract::model("window_summary"))?;
    let (customers, lost) = (summary.sum(c::LOSS_CUSTOMERS), summary.sum(c::LOSS_AMOUNT).saturating_abs());
    let expected = sum(proposed.iter().copied(), c::EXPECTED_CHANGE);
    let with = i64::try_from(proposed.len()).unwrap_or(i64::MAX);
    let mut parts = Vec::new();
    if let Some(rule) = rule {
        parts.push(Part::note(policy_in_words(rule, format)));
    }
    if !policies.is_empty() {
        parts.push(Part::table(by_limit(page, &policies)));
    }
    if !proposed.is_empty() {
        parts.push(Part::table(by_remedy(page, &proposed)));
        parts.push(Part::table(list(page, &proposed)));
    }
    let rest = with - i64::try_from(FEW).unwrap_or(i64::MAX);
    if rest > 0 {
        parts.push(Part::note(several!(
            format,
            rest,
            "{n} more has a proposed remedy, on its customer's page.",
            "{n} more have a proposed remedy, each on its customer's page."
        )));
    }
    if customers > with {
        parts.push(Part::note(several!(
            format,
            customers - with,
            "For {n} customer no remedy is worth a conversation: it brings less than a conversation costs, the loss may not come back, or its margin covers cost that would remain without the customer.",
            "For {n} customers no remedy is worth a conversation: it brings less than a conversation costs, the loss may not come back, or their margin covers cost that would remain without them."
        )));
    }
    let mut finding = several!(
        format,
        customers,
        "{n} customer loses {amount}",
        "{n} customers lose {amount}",
        amount = format.sum(lost)
    );
    if let Some(rule) = rule {
        let amount = format.sum(rule.units(c::EXPECTED_CHANGE));
        finding += &say!(format, "; a rule for small orders is expected to bring {amount}", amount = amount);
    }
    finding += &several!(
        format,
        with,
        "; a proposal to {n} customer is expected to bring {amount}",
        "; proposals to {n} customers are expected to bring {amount}",
        amount = format.sum(expected)
    );
    Ok(Some(Section {
        id: "remedies",
        name: "Remedies".into(),
        finding,
        reading: "The proposed remedy is the one that improves the company's result most and is worth a conversation. The more is asked of a customer, the more likely it leaves; a gain from its leaving counts only for a farewell. Each effect is compared with doing nothing, so a rule and a proposal for the same customer don't add up. Low and high are the ends of the range that the configuration assumes for leaving.".into(),
        parts,
    }))
}

/// A rule for all customers, in words.
pub(super) fn rule(row: Row<'_>, format: &Format) -> String {
    let below = format.whole(row.units(c::ORDER_BELOW));
    if row.text(c::POLICY) == "order_charge" {
        let charge = format.cents(row.units(c::POLICY_VALUE));
        say!(format, "A charge of {amount} on orders below {limit}", amount = charge, limit = below)
    } else {
        say!(format, "No orders below {limit}", limit = below)
    }
}

/// The rule proposed for all customers.
fn policy_in_words(row: Row<'_>, format: &Format) -> String {
    say!(
        format,
        "{rule} is expected to bring {amount} ({low} to {high}). Orders concerned: {orders}, of {customers} customers, which would pay or order more at a time; expected to leave: {leaving}.",
        rule = rule(row, format),
        amount = format.sum(row.units(c::EXPECTED_CHANGE)),
        low = format.whole(row.units(c::EXPECTED_LOW)),
        high = format.whole(row.units(c::EXPECTED_HIGH)),
        orders = format.grouped(row.units(c::ORDERS)),
        customers = format.grouped(row.units(c::CUSTOMERS)),
        leaving = format.decimals(row.share(c::LEAVING_CUSTOMERS).unwrap_or_default(), 1)
    )
}

/// What each limit would bring.
fn by_limit(page: &Page<'_>, policies: &Rows) -> Table {
    let format = &page.format;
    let line = |row: Row<'_>| {
        let charge = row.text(c::POLICY) == "order_charge";
        let rule = if charge {
            say!(format, "Charge of {amount}", amount = format.cents(row.units(c::POLICY_VALUE)))
        } else {
            say!(format, "Minimum order")
        };
        let rule = Cell::text(rule);
        vec![
            if row.flag(c::PROPOSED) { rule.small(say!(format, "proposed")) } else { rule },
            Cell::amount(format, row.units(c::ORDER_BELOW)),
            Cell::count(format, row.units(c::ORDERS)),
            Cell::count(format, row.units(c::CUSTOMERS)),
            Cell::count(format, row.units(c::LOSS_CUSTOMERS)),
            Cell::new(format.decimals(row.share(c::LEAVING_CUSTOMERS).unwrap_or_default(), 1)),
            Cell::amount(format, row.units(c::EXPECTED_CHANGE)),
            Cell::amount(format, row.units(c::EXPECTED_LOW)),
            Cell::amount(format, row.units(c::EXPECTED_HIGH)),
        ]
    };
    let heads = [
        "Rule for all",
        "Orders below",
        "Orders",
        "Customers",
        "Of which lose",
        "May leave",
        "Expected change",
        "Low",
        "High",
    ];
    Table::new("Rules for small orders: what each limit would bring.", heads, policies.iter().map(line).collect())
}

fn by_remedy(page: &Page<'_>, proposed: &[Row<'_>]) -> Table {
    let format = &page.format;
    let of = |remedy: &str| proposed.iter().copied().filter(|row| row.text(c::REMEDY) == remedy).collect::<Vec<_>>();
    let cells = |rows: &[Row<'_>], first: Cell| {
        let amount = |column| Cell::amount(format, sum(rows.iter().copied(), column));
        vec![
            first,
            Cell::count(format, i64::try_from(rows.len()).unwrap_or(i64::MAX)),
            amount(c::EXPECTED_CHANGE),
            amount(c::VOLUME_LOST),
            amount(c::COST_SAVED),
            amount(c::CAPACITY_FREED),
        ]
    };
    let mut lines: Vec<(i64, Vec<Cell>)> = Vec::new();
    for remedy in contract::REMEDIES {
        let rows = of(remedy);
        if !rows.is_empty() {
            lines.push((sum(rows.iter().copied(), c::EXPECTED_CHANGE), cells(&rows, Cell::new(name(format, remedy)))));
        }
    }
    lines.sort_by_key(|(expected, _)| std::cmp::Reverse(*expected));
    let heads = ["Remedy", "Customers", "Expected change", "Revenue lost", "Cost saved", "Capacity freed"];
    Table::new(
        "What the proposed remedies bring, the chance of leaving included.",
        heads,
        lines.into_iter().map(|(_, line)| line).collect(),
    )
    .foot(cells(proposed, Cell::new(say!(format, "All"))))
}

fn list(page: &Page<'_>, proposed: &[Row<'_>]) -> Table {
    let format = &page.format;
    let line = |row: &Row<'_>| {
        vec![
            page.customer(row.text(c::CUSTOMER_ID)),
            Cell::amount(format, row.units(c::NET_PROFIT)),
            Cell::text(name(format, row.text(c::REMEDY))),
            Cell::amount(format, row.units(c::EXPECTED_CHANGE)),
            Cell::amount(format, row.units(c::EXPECTED_LOW)),
            Cell::amount(format, row.units(c::EXPECTED_HIGH)),
            Cell::share(format, row.share(c::LEAVING_PROBABILITY)),
            Cell::text(why(*row, format)).class("left reason"),
        ]
    };
    let heads = ["Customer", "Net profit", "First", "Expected change", "Low", "High", "May leave", "Why"];
    Table::new("What to do first, and why.", heads, proposed.iter().take(FEW).map(line).collect()).class("reasons")
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{b, cells, f, finding, line, m, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn what_brings_most_comes_first_and_who_has_no_remedy_is_counted() {
        let remedy = |id, remedy, proposed, profit, change, charge: i64| {
            vec![
                (c::CUSTOMER_ID, t(id)),
                (c::REMEDY, t(remedy)),
                (c::PROPOSED, b(proposed)),
                (c::APPLICABLE, b(true)),
                (c::NET_PROFIT, m(profit)),
                (c::EXPECTED_CHANGE, m(change)),
                (c::EXPECTED_LOW, m(change - 9)),
                (c::EXPECTED_HIGH, m(change + 1)),
                (c::LEAVING_PROBABILITY, f(0.15)),
                (c::OCCASIONS, n(9)),
                (c::BREAK_EVEN, n(1_699_444)),
                (c::PROPOSED_VALUE, n(charge)),
                (c::GAIN_IF_STAYS, m(45)),
                (c::LOSS_CERTAIN, b(true)),
            ]
        };
        let policy = |below, proposed| {
            vec![
                (c::POLICY, t("order_charge")),
                (c::ORDER_BELOW, m(below)),
                (c::POLICY_VALUE, m(15)),
                (c::PROPOSED, b(proposed)),
                (c::CUSTOMERS, n(12)),
                (c::LOSS_CUSTOMERS, n(10)),
                (c::ORDERS, n(1_024)),
                (c::LEAVING_CUSTOMERS, f(1.25)),
                (c::EXPECTED_CHANGE, m(2_000)),
                (c::EXPECTED_LOW, m(-100)),
                (c::EXPECTED_HIGH, m(2_500)),
            ]
        };
        let html = with(vec![
            (
                contract::model("remedy"),
                vec![
                    remedy("A", "order_charge", true, -40, 20, 50_000),
                    remedy("A", "farewell", false, -40, 5, 0),
                    remedy("B\"1", "discount_change", true, -800, 300, 0),
                    remedy("C", "farewell", false, -60, -10, 0),
                ],
            ),
            (contract::model("remedy_policy"), vec![policy(250, true), policy(500, false)]),
            // One customer that loses bought nothing.
            (contract::model("window_summary"), vec![vec![(c::LOSS_CUSTOMERS, n(4)), (c::LOSS_AMOUNT, m(-903))]]),
        ]);
        assert_eq!(
            finding(&html, "remedies"),
            "4 customers lose EUR 903; a rule for small orders is expected to bring EUR 2.000; proposals to 2 customers are expected to bring EUR 320"
        );
        assert_eq!(
            cells(&html, "remedies", "A"),
            "−40 | Charge per order | 20 | 11 | 21 | 15,0 % | 9 orders: 169,94 on each would cover their cost; 5,00 is asked, and brings 45."
        );
        assert_eq!(cells(&html, "remedies", "All"), "2 | 320 | 0 | 0 | 0");
        let section = section(&html, "remedies");
        assert!(
            section.contains("A charge of 15,00 on orders below 250 is expected to bring EUR\u{a0}2.000 (−100 to 2.500). Orders concerned: 1.024"),
            "{section}"
        );
        assert!(
            section.find("data-customer=\"B&quot;1\"").unwrap() < section.find(">A<").unwrap(),
            "the largest change first"
        );
        assert!(section.contains("For 2 customers no remedy"));
        assert!(
            line(&html, "comes first?").contains("First: “Less discount” with &lt;&#x2f;script&gt;"),
            "{}",
            line(&html, "comes first?")
        );
        assert!(line(&html, "comes first?").contains("expected to bring 300; all proposals bring 320."));
    }
}

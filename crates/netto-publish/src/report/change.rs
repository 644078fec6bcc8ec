//! Net profit against the previous window: the causes of the change, and which customers gained and lost most.

use netto_model::{column as c, contract};

use super::format::Format;
use super::language::say;
use super::marts::{Row, Rows, ratio};
use super::page::Page;
use super::section::As::Amount;
use super::section::{Part, Section, Shown, Table};
use super::steps::{Step, steps};
use super::unknown::Needs;
use crate::PublishError;

/// The parts of the change, which add up to it.
const EFFECTS: [(&str, &str); 5] = [
    ("Volume", c::VOLUME_EFFECT),
    ("Price", c::PRICE_EFFECT),
    ("Mix", c::MIX_EFFECT),
    ("COGS", c::COGS_EFFECT),
    ("Cost-to-serve", c::COST_TO_SERVE_EFFECT),
];

const COLUMNS: [Shown; 8] = [
    ("Before", c::PREVIOUS_NET_PROFIT, Amount),
    ("Volume", c::VOLUME_EFFECT, Amount),
    ("Price", c::PRICE_EFFECT, Amount),
    ("Mix", c::MIX_EFFECT, Amount),
    ("COGS", c::COGS_EFFECT, Amount),
    ("Cost-to-serve", c::COST_TO_SERVE_EFFECT, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
    ("Change", c::CHANGE, Amount),
];

/// Number of customers listed that gained or lost most.
const FEW: usize = 10;

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let rows = page.of_window(contract::model("delta"))?;
    if rows.is_empty() {
        return not_compared(page);
    }
    let format = &page.format;
    let change = rows.sum(c::CHANGE);
    let effects = EFFECTS.map(|(name, column)| (name, rows.sum(column)));
    let mut shown = vec![Step::sum(say!(format, "Before"), rows.sum(c::PREVIOUS_NET_PROFIT))];
    let profit = Needs::Profit.are_met(page);
    let known = effects.iter().filter(|(name, _)| Needs::of_column(name).are_met(page));
    shown.extend(known.map(|(name, amount)| Step::change(format.say(name), *amount)));
    shown.push(Step::sum(say!(format, "Now"), rows.sum(c::NET_PROFIT)));
    let mut ranked: Vec<Row<'_>> = rows.iter().collect();
    ranked.sort_by_key(|row| row.units(c::RANK));
    let gains: Vec<Row<'_>> = ranked.iter().copied().filter(|row| row.units(c::CHANGE) > 0).take(FEW).collect();
    let losses: Vec<Row<'_>> = ranked.iter().rev().copied().filter(|row| row.units(c::CHANGE) < 0).take(FEW).collect();
    let list = |caption: &'static str, rows: &[Row<'_>]| {
        let table =
            Table::of(format, caption, "Customer", rows, |row| page.customer(row.text(c::CUSTOMER_ID)), &COLUMNS);
        (!rows.is_empty()).then(|| Part::table(table))
    };
    let figure = Part::figure(
        steps(
            &if profit {
                say!(format, "Net profit before and now, and what changed it")
            } else {
                say!(format, "Gross margin before and now, and what changed it")
            },
            if profit { say!(format, "Net profit") } else { say!(format, "Gross margin") },
            &shown,
            format,
        ),
        "",
    );
    let lists = [list("Who gained most", &gains), list("Who lost most", &losses)];
    Ok(Some(Section {
        id: "change",
        name: "Change".into(),
        finding: finding(page, change, &effects),
        reading: if profit {
            "Each effect is the change of net profit if only this had changed: quantities sold, prices and rebates, product groups, cost of goods, and cost-to-serve."
        } else {
            "Each effect is the change of gross margin if only this had changed: quantities sold, prices and rebates, product groups, and cost of goods."
        }.into(),
        parts: std::iter::once(figure).chain(compared(page, &rows)).chain(lists.into_iter().flatten()).collect(),
    }))
}

/// A note on the part of revenue whose price could be compared: new sales and unknown products have no earlier price.
fn compared(page: &Page<'_>, rows: &Rows) -> Option<Part> {
    let part = ratio(rows.sum(c::COMPARED_REVENUE), rows.sum(c::INVOICE_REVENUE))?;
    let said = if part == 0.0 {
        say!(page.format, "No price could be compared: no known product was bought in both windows.")
    } else {
        say!(
            page.format,
            "Prices could be compared for {share} of the revenue: products that were bought in both windows.",
            share = page.format.percent(Some(part))
        )
    };
    Some(Part::note(said))
}

/// Why there is no comparison: the data don't reach back far enough, or costs are known for only one of the two windows.
fn not_compared(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let windows = page.of_window(&contract::DIM_WINDOW)?;
    let Some(window) = windows.first() else { return Ok(None) };
    let (why, previous) = (window.text(c::NO_COMPARISON), window.text(c::PREVIOUS_WINDOW));
    let (finding, reading) = match (why, previous) {
        ("", "") => return Ok(None),
        ("", _) => (
            say!(page.format, "No change of net profit can be said: costs are known for only one of the two windows"),
            "Costs that weren't booked before would look like a rise of cost.",
        ),
        (why, _) => (
            say!(page.format, "This window is not compared with another one: {why}", why = page.format.phrase(why)),
            "Comparing a partial window with a complete one would show growth that isn't real.",
        ),
    };
    Ok(Some(Section { id: "change", name: "Change".into(), finding, reading: reading.into(), parts: Vec::new() }))
}

fn finding(page: &Page<'_>, change: i64, effects: &[(&str, i64)]) -> String {
    let format = &page.format;
    let best = effects.iter().max_by_key(|(_, amount)| *amount).filter(|(_, amount)| *amount > 0);
    let worst = effects.iter().min_by_key(|(_, amount)| *amount).filter(|(_, amount)| *amount < 0);
    let words = |(name, amount): &(&str, i64)| format!("{} {}", named(format, name), format.signed(*amount));
    let words: Vec<String> = best.into_iter().chain(worst).map(words).collect();
    let (amount, effects) = (format.sum(change.saturating_abs()), words.join(", "));
    match (page.knows_cost, change < 0) {
        (true, true) => {
            say!(format, "Net profit of customers fell by {amount}: {effects}", amount = amount, effects = effects)
        }
        (true, false) => {
            say!(format, "Net profit of customers rose by {amount}: {effects}", amount = amount, effects = effects)
        }
        (false, true) => {
            say!(format, "Gross margin of customers fell by {amount}: {effects}", amount = amount, effects = effects)
        }
        (false, false) => {
            say!(format, "Gross margin of customers rose by {amount}: {effects}", amount = amount, effects = effects)
        }
    }
}

/// An effect within a sentence.
fn named(format: &Format, name: &str) -> String {
    match name {
        "Volume" => say!(format, "volume"),
        "Price" => say!(format, "price"),
        "Mix" => say!(format, "mix"),
        "COGS" => say!(format, "cost of goods"),
        _ => say!(format, "cost-to-serve"),
    }
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{cells, finding, m, n, section, t, with};
    use netto_model::{column as c, contract};

    #[test]
    fn the_effects_lead_from_before_to_now_and_the_largest_are_named() {
        let customer = |id, rank, before: i64, price: i64, cost: i64| {
            vec![
                (c::CUSTOMER_ID, t(id)),
                (c::RANK, n(rank)),
                (c::PREVIOUS_NET_PROFIT, m(before)),
                (c::PRICE_EFFECT, m(price)),
                (c::COST_TO_SERVE_EFFECT, m(cost)),
                (c::NET_PROFIT, m(before + price + cost)),
                (c::CHANGE, m(price + cost)),
            ]
        };
        let html =
            with(vec![(contract::model("delta"), vec![customer("G", 1, 100, 60, 0), customer("L", 2, 50, 0, -80)])]);
        assert_eq!(finding(&html, "change"), "Net profit of customers fell by EUR 20: price +60, cost-to-serve −80");
        assert_eq!(cells(&html, "change", "G"), "100 | 0 | 60 | 0 | 0 | 0 | 160 | 60");
        assert_eq!(cells(&html, "change", "L"), "50 | 0 | 0 | 0 | 0 | −80 | −30 | −80");
        let amounts = section(&html, "change")
            .split("class=\"step-amount\"")
            .skip(1)
            .map(|part| part.split_once('>').unwrap().1.split('<').next().unwrap());
        assert_eq!(amounts.collect::<Vec<_>>(), ["150", "0", "+60", "0", "0", "−80", "130"]);
    }
}

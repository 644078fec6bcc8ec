//! The list of customers, and the ten best and worst.

use minijinja::{Value, context};
use netto_model::{column as c, contract};
use polars::prelude::*;

use super::certainty::Bands;
use super::format::in_one_line;
use super::language::say;
use super::marts::{Row, Rows};
use super::page::Page;
use super::section::{Part, Section};
use super::unknown::Needs;
use crate::PublishError;

/// Number of best and worst customers listed.
const FEW: usize = 10;

/// The customers that earn most and those that cost most.
pub(super) fn best(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let (rows, bands) = (ranked(page)?, Bands::new(&page.marts)?);
    let mut by_profit: Vec<Row<'_>> = rows.iter().collect();
    let earned = if page.knows_cost { c::NET_PROFIT } else { c::GROSS_MARGIN };
    by_profit.sort_by_key(|row| std::cmp::Reverse(row.units(earned)));
    let shown = |rows: Vec<&Row<'_>>| rows.into_iter().map(|row| shown(page, *row, &bands)).collect::<Vec<_>>();
    let top = shown(by_profit.iter().take(FEW).collect());
    let bottom = shown(by_profit.iter().rev().take(FEW).collect());
    let format = &page.format;
    let name = |row: &Row<'_>| page.customer_name(row.text(c::CUSTOMER_ID)).to_owned();
    let amount = |row: &Row<'_>| format.sum(row.units(earned));
    let finding = match (by_profit.first(), by_profit.last()) {
        (Some(best), Some(worst)) if page.knows_cost => say!(
            format,
            "{best} earns most, {most}, {worst} least, {least}",
            best = name(best),
            most = amount(best),
            worst = name(worst),
            least = amount(worst)
        ),
        (Some(best), Some(worst)) => say!(
            format,
            "{best} leaves most, {most}, {worst} least, {least}",
            best = name(best),
            most = amount(best),
            worst = name(worst),
            least = amount(worst)
        ),
        _ => say!(format, "Nobody bought"),
    };
    let reading = if !page.knows_cost {
        "Who leaves most and least, by gross margin, as no cost to serve was supplied."
    } else if bands.is_empty() {
        "The two ends of the whale curve, by name."
    } else {
        "The two ends of the whale curve, by name; below each net profit its range, as minutes and quantities are uncertain."
    };
    let html = page.render("best", context! { top, bottom, margin => true, profit => page.knows_cost })?;
    Ok(Some(Section {
        id: "best",
        name: "Best and worst".into(),
        finding,
        reading: reading.into(),
        parts: vec![Part::Html { html }],
    }))
}

/// All customers with a page.
pub(super) fn all(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let (rows, bands) = (listed(page)?, Bands::new(&page.marts)?);
    let customers: Vec<Value> = rows.iter().map(|row| shown(page, row, &bands)).collect();
    let number = |count: usize| page.format.grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let format = &page.format;
    let (shown_here, all) = (number(customers.len()), number(page.customers));
    let reading = if customers.len() < page.customers {
        say!(
            format,
            "The list has the {n} of {all} customers with the net profit farthest from zero, positive or negative. The search finds the others too; [report] customers sets how many have a page.",
            n = shown_here,
            all = all
        )
        .into()
    } else {
        "Choose a customer for its page: the waterfall, what can be done, and an account plan to print.".into()
    };
    let finding = if customers.len() < page.customers {
        say!(format, "{n} of {all} customers", n = shown_here, all = all)
    } else {
        say!(format, "All {n} customers", n = all)
    };
    let html = page.render(
        "customers",
        context! { customers, margin => page.knows_margin, profit => Needs::Profit.are_met(page) },
    )?;
    Ok(Some(Section {
        id: "customers",
        name: "All customers".into(),
        finding,
        reading,
        parts: vec![Part::Html { html }],
    }))
}

/// The customers with a page, by rank, with the facts known about them.
pub(super) fn listed(page: &Page<'_>) -> PolarsResult<Rows> {
    Rows::new(page.with_page(&known(page)?)?, contract::model("customer_window"))
}

/// All customers, with a page or not.
pub(super) fn ranked(page: &Page<'_>) -> PolarsResult<Rows> {
    Rows::new(known(page)?, contract::model("customer_window"))
}

fn known(page: &Page<'_>) -> PolarsResult<DataFrame> {
    let known = [c::NAME, c::MARKET, c::REGION, c::ACCOUNT_MANAGER, c::INSIDE_REP, c::SINCE, c::POTENTIAL];
    let names = page
        .marts
        .all(&contract::DIM_CUSTOMER)
        .lazy()
        .select([col(c::CUSTOMER_ID)].into_iter().chain(known.map(col)).collect::<Vec<_>>());
    page.marts
        .of_window(contract::model("customer_window"))?
        .lazy()
        .join(names, [col(c::CUSTOMER_ID)], [col(c::CUSTOMER_ID)], JoinArgs::new(JoinType::Left))
        .sort([c::RANK, c::CUSTOMER_ID], SortMultipleOptions::default().with_nulls_last(true))
        .collect()
}

fn shown(page: &Page<'_>, row: Row<'_>, bands: &Bands) -> Value {
    let format = &page.format;
    let id = row.text(c::CUSTOMER_ID);
    let band = bands.get(id);
    let money = |name: &str| format.whole(row.units(name));
    context! {
        id => id,
        opens => page.opens.contains(id),
        name => row.maybe_text(c::NAME).unwrap_or(id),
        tier => format.say(row.text(c::TIER)),
        market => row.text(c::MARKET),
        rep => page.employee_name(row.text(c::ACCOUNT_MANAGER)),
        place => in_one_line([row.text(c::MARKET), row.text(c::REGION)]),
        groups => page.bought_by(id),
        orders => format.grouped(row.units(c::ORDERS)),
        revenue => money(c::INVOICE_REVENUE),
        margin => money(c::GROSS_MARGIN),
        margin_share => format.percent(row.share(c::MARGIN_SHARE)),
        cost => money(c::COST_TO_SERVE),
        profit => money(c::NET_PROFIT),
        negative => row.units(c::NET_PROFIT) < 0,
        ..context! {
            band => band.map(|band| say!(format, "{low} to {high}", low = format.whole(band.low), high = format.whole(band.high))),
            doubtful => band.is_some_and(|band| !band.certain),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::tests::{finding, m, one_customer, replace, rows, section, t};
    use crate::report::{Meta, ReportConfig, render};
    use netto_model::{column as c, contract};

    #[test]
    fn only_so_many_customers_have_a_page_and_the_report_says_so() {
        let customer = |id, profit| vec![(c::CUSTOMER_ID, t(id)), (c::TIER, t("Small")), (c::NET_PROFIT, m(profit))];
        let mut marts = one_customer();
        let customers = vec![customer("A", 5), customer("B", -90), customer("C", 40)];
        replace(&mut marts, contract::model("customer_window"), rows(contract::model("customer_window"), customers));
        let gained = |id| vec![(c::CUSTOMER_ID, t(id)), (c::CHANGE, m(1))];
        replace(&mut marts, contract::model("delta"), rows(contract::model("delta"), vec![gained("A"), gained("B")]));
        let meta = Meta { company: "Co".into(), currency: "EUR".into(), version: "0".into(), run: "1".into() };
        let html = render(&marts, &ReportConfig { customers: 2, ..ReportConfig::default() }, &meta).unwrap();
        assert_eq!(finding(&html, "customers"), "2 of 3 customers");
        assert!(
            section(&html, "customers")
                .contains("The list has the 2 of 3 customers with the net profit farthest from zero")
        );
        assert!(section(&html, "customers").contains("data-customer=\"B\"") && !html.contains("data-customer=\"A\""));
        assert!(
            section(&html, "change").contains(">A<")
                && !section(&html, "change").contains("<button type=\"button\">A<")
        );
        assert_eq!(finding(&html, "best"), "C earns most, EUR 40, B least, EUR −90");
    }

    #[test]
    fn the_best_and_the_worst_are_those_of_all_customers() {
        let customer = |id, profit| vec![(c::CUSTOMER_ID, t(id)), (c::TIER, t("Small")), (c::NET_PROFIT, m(profit))];
        let mut marts = one_customer();
        let customers = vec![customer("A", 990), customer("B", 890), customer("C", -5), customer("D", -9)];
        replace(&mut marts, contract::model("customer_window"), rows(contract::model("customer_window"), customers));
        let meta = Meta { company: "Co".into(), currency: "EUR".into(), version: "0".into(), run: "1".into() };
        let html = render(&marts, &ReportConfig { customers: 2, ..ReportConfig::default() }, &meta).unwrap();
        assert_eq!(finding(&html, "best"), "A earns most, EUR 990, D least, EUR −9");
        // D is listed, but has no page.
        assert!(section(&html, "best").contains("D<small>") && !html.contains("data-customer=\"D\""));
    }
}

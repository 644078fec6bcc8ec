//! Adds settings and remarks if the values of order lines contradict the plain reading of a column: negative revenue, thousands,
//! cents, lines without a product, the same order numbers in several companies.

use netto_model::column as c;
use netto_model::contract::FX_RATES;

use super::column::kind_in;
use super::kinds::ONE;
use super::made::{deductions, discount_rate, price, priced};
use super::matches::{Match, field_of, is_amount, matches};
use super::sample::{Sample, in_sql, is_filled, is_something, value};
use super::source::{DraftColumn, Sureness};
use super::terms::{is_called_net, is_in_thousands};
use super::text::{quoted, with_setting};
use crate::currencies::is_inverted;

/// Columns that are negative in a credit note.
pub(super) const NEGATIVE: [&str; 5] = [c::QUANTITY, c::LIST_AMOUNT, c::DISCOUNT_AMOUNT, c::NET_AMOUNT, c::COGS_AMOUNT];

/// Inverts rates that are written the other way round, as units of the other currency for one of the company's.
pub(super) fn turn_rates(sample: &Sample, own: &str, columns: &mut [DraftColumn]) {
    let found = matches(&FX_RATES, sample);
    let Some((currency, rate)) = field_of(&found, c::CURRENCY).zip(field_of(&found, c::RATE)) else { return };
    let dialect = sample.dialect();
    let ways = sample.rows.iter().filter_map(|row| {
        #[expect(clippy::cast_precision_loss, reason = "only its size is looked at")]
        let rate = dialect.number(value(row, rate))? as f64 / ONE as f64;
        is_inverted(own, value(row, currency), rate)
    });
    let (inverted, others): (Vec<bool>, Vec<bool>) = ways.partition(|is_inverted| *is_inverted);
    let turned = format!("{{ sql = '1 / {}' }}", sample.in_sql(rate));
    let example = &sample.examples[rate];
    for column in columns.iter_mut().filter(|column| column.column == c::RATE) {
        if inverted.len() > others.len() {
            let remark =
                format!("{example} is inverted: it should be the value in {own} of one unit of the other currency");
            column.change(turned.clone(), remark);
        } else if others.is_empty() {
            column.sureness = Sureness::Look;
            column.remark =
                format!("is {example} the value in {own} of one unit of the other currency? If not: {turned}");
        }
    }
}

/// Negates columns that are negative in nearly all rows: revenue as a ledger books it, or pieces that leave the stock.
pub(super) fn turn_negative(sample: &Sample, matches: &[Match], returns_positive: bool, columns: &mut [DraftColumn]) {
    let dialect = sample.dialect();
    for (column, field, _) in matches.iter().filter(|(column, ..)| NEGATIVE.contains(&column.name)) {
        let numbers = sample.rows.iter().filter_map(|row| dialect.number(value(row, *field)));
        let (below, above) = numbers
            .fold((0, 0), |(below, above), number| (below + usize::from(number < 0), above + usize::from(number > 0)));
        let name = quoted(&sample.header[*field]);
        if below < FEW_BELOW || below < above * 4 || returns_positive {
            continue;
        }
        for drafted in columns.iter_mut().filter(|drafted| drafted.column == column.name && drafted.value == name) {
            let remark = format!("{below} of {} are negative; sales must be positive", below + above);
            drafted.change(with_setting(&name, "negate = true"), remark);
        }
    }
}

/// Minimum number of negative rows for a conclusion, as fewer may be returns.
const FEW_BELOW: usize = 5;

/// Multiplies amounts that are in thousands according to the names of their columns.
pub(super) fn note_thousands(sample: &Sample, matches: &[Match], columns: &mut [DraftColumn]) {
    for (column, field, _) in
        matches.iter().filter(|(column, field, _)| is_amount(column) && is_in_thousands(&sample.header[*field]))
    {
        let name = &sample.header[*field];
        for drafted in
            columns.iter_mut().filter(|drafted| drafted.column == column.name && drafted.value.contains(name))
        {
            drafted.change(format!("{{ sql = '{} * 1000' }}", in_sql(name)), "its name says thousands");
        }
    }
}

/// Sets a default product for lines that have an amount and no product, such as freight, packing and other services.
pub(super) fn note_missing_products(sample: &Sample, matches: &[Match], columns: &mut [DraftColumn]) {
    let fields = [c::PRODUCT_ID, c::CUSTOMER_ID, c::QUANTITY, c::NET_AMOUNT].map(|name| field_of(matches, name));
    let [Some(product), Some(customer), Some(quantity), Some(amount)] = fields else { return };
    let is_line =
        |row: &&Vec<String>| is_filled(row, customer) && is_filled(row, quantity) && is_something(value(row, amount));
    let lines = || sample.rows.iter().filter(is_line);
    let without = lines().filter(|row| !is_filled(row, product)).count();
    let name = quoted(&sample.header[product]);
    if without == 0 {
        return;
    }
    for drafted in columns.iter_mut().filter(|drafted| drafted.column == c::PRODUCT_ID && drafted.value == name) {
        let all = lines().count();
        let remark = format!("{without} of {all} lines have an amount but no product: freight, or another service?");
        drafted.change(with_setting(&name, "default = \"none\""), remark);
    }
}

/// Detects amounts in cents. Programs such as JD Edwards write amounts without their decimal sign, as whole numbers of which few are round. If quantity
/// times price is a hundredth of them, they are cents.
pub(super) fn note_cents(sample: &Sample, matches: &[Match], columns: &mut [DraftColumn]) {
    let Some(field) = field_of(matches, c::NET_AMOUNT) else { return };
    let values = &sample.values[field];
    let whole = |value: &String| value.trim_matches(['-', '+']).bytes().all(|digit| digit.is_ascii_digit());
    let round = values.iter().filter(|value| value.ends_with("00")).count();
    if values.iter().filter(|value| value.len() > 2).count() < CENTS_SEEN || !values.iter().all(whole) {
        return;
    }
    let (are_cents, may_be) = (are_hundredths(sample, matches, field), round * 4 <= values.len());
    let name = sample.in_sql(field);
    for column in columns.iter_mut().filter(|column| column.column == c::NET_AMOUNT && column.value.starts_with('"')) {
        if are_cents {
            let value = format!("{{ sql = '{name} / 100' }}");
            column.change(
                value,
                "it is a hundred times quantity × price, so it is in cents; are other amounts also in cents?",
            );
        } else if may_be {
            column.sureness = Sureness::Look;
            column.remark = format!(
                "whole numbers only: if they are cents, write {{ sql = '{name} / 100' }}, also for other amounts"
            );
        }
    }
}

/// Whether quantity times price is a hundredth of the amount, in each row that has all three.
fn are_hundredths(sample: &Sample, matches: &[Match], amount: usize) -> bool {
    let Some((quantity, price)) = priced(sample, matches) else { return false };
    let dialect = sample.dialect();
    let number = |row: &[String], field: usize| dialect.number(value(row, field)).map(i128::from);
    let is_hundredth = |row: &Vec<String>| {
        let (quantity, price, amount) = (number(row, quantity)?, number(row, price)?, number(row, amount)?);
        let hundredfold = quantity * price * 100 / i128::from(ONE);
        (amount != 0).then(|| (hundredfold - amount).abs() <= i128::from(ONE))
    };
    let seen: Vec<bool> = sample.rows.iter().filter_map(is_hundredth).collect();
    seen.len() >= CENTS_SEEN && seen.iter().all(|fits| *fits)
}

/// Minimum number of amounts without decimals for a conclusion.
const CENTS_SEEN: usize = 3;

/// Asks whether discounts are deducted from the amount, if neither its name nor a list amount shows it.
pub(super) fn note_deductions(sample: &Sample, matches: &[Match], columns: &mut [DraftColumn]) {
    let Some(net) = field_of(matches, c::NET_AMOUNT) else { return };
    let written = |field: usize| sample.in_sql(field);
    let less = deductions(sample).into_iter().fold(String::new(), |less, field| less + " - " + &written(field));
    let rate = discount_rate(sample, &written).map(|(_, left)| format!(" * {left}"));
    let is_told = columns.iter().any(|column| column.column == c::LIST_AMOUNT) || is_called_net(&sample.header[net]);
    let Some(less) = Some(less).filter(|less| !less.is_empty()).or(rate) else { return };
    if is_told || price(sample, "unit_price").is_some() {
        return;
    }
    let plain = quoted(&sample.header[net]);
    for column in columns.iter_mut().filter(|column| column.column == c::NET_AMOUNT && column.value == plain) {
        column.sureness = Sureness::Look;
        column.remark = format!("are discounts deducted from it? If not: {{ sql = '{}{less}' }}", sample.in_sql(net));
    }
}

/// Asks about the sign of credit notes if no amount is negative and only the owner knows which documents are credit notes.
pub(super) fn ask_for_signs(sample: &Sample, matches: &[Match], columns: &mut [DraftColumn]) {
    let dialect = sample.dialect();
    let Some(net) = field_of(matches, c::NET_AMOUNT) else { return };
    if sample.rows.iter().any(|row| dialect.number(value(row, net)).is_some_and(|amount| amount < 0)) {
        return;
    }
    let is_asked = |column: &&mut DraftColumn| column.column == c::ORDER_KIND && column.sureness == Sureness::Unknown;
    for column in columns.iter_mut().filter(is_asked) {
        column.remark += "; no amount is negative: if credit notes are positive, returns = \"positive\" deducts them";
    }
}

/// Whether all credit notes and returns in the sample are positive, as on printed documents.
pub(super) fn are_returns_positive(sample: &Sample, matches: &[Match]) -> bool {
    let fields = field_of(matches, c::ORDER_KIND).zip(field_of(matches, c::NET_AMOUNT));
    let Some((kind, amount)) = fields else { return false };
    let dialect = sample.dialect();
    let is_credit = |row: &&Vec<String>| matches!(kind_in(sample, kind, value(row, kind)), Some("credit" | "return"));
    let amounts = sample.rows.iter().filter(is_credit).filter_map(|row| dialect.number(value(row, amount)));
    let (above, below) = amounts
        .fold((0, 0), |(above, below), amount| (above + usize::from(amount > 0), below + usize::from(amount < 0)));
    above > 0 && below == 0
}

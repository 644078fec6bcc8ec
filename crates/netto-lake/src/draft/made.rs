//! Derives missing columns of order lines from others: amounts from prices, costs from costs per piece, and counted line numbers.

use netto_model::column as c;
use netto_model::contract::ORDER_LINES;

use super::kinds::{Kind, ONE};
use super::matches::{Match, field_of};
use super::sample::{Sample, is_filled, is_something, value};
use super::source::DraftColumn;
use super::terms::{has_tax, includes_tax, is_of_line, is_percentage};

/// Columns of order lines that the file lacks and that can be computed from others; `written` gives the name of a field in an expression.
pub(super) fn made_columns(
    sample: &Sample,
    matches: &[Match],
    used: &mut Vec<usize>,
    written: &dyn Fn(usize) -> String,
) -> Vec<DraftColumn> {
    let mut made = Vec::new();
    let has = |name: &str| field_of(matches, name).is_some();
    if !has(c::LINE_NO) {
        made.push(counted_lines());
    }
    if let (false, Some((quantity, price))) = (has(c::NET_AMOUNT), priced(sample, matches)) {
        let mut formula = format!("{} * {}", written(quantity), written(price));
        if let Some(pieces) = pieces_of_price(sample) {
            formula += &format!(" / {}", written(pieces));
            used.push(pieces);
        }
        if let Some((discount, left)) = discount_rate(sample, written) {
            formula += &format!(" * {left}");
            used.push(discount);
        } else if let Some(discount) = field_of(matches, c::DISCOUNT_AMOUNT) {
            let any_empty = sample.rows.iter().any(|row| !is_filled(row, discount));
            let discount = written(discount);
            formula += &if any_empty { format!(" - coalesce({discount}, 0)") } else { format!(" - {discount}") };
        }
        used.push(price);
        let is_discount = |field: &usize| {
            sample.kinds[*field] == Kind::Text
                && sample.fit(ORDER_LINES.name, c::DISCOUNT_AMOUNT, *field) > 0
                && sample.values[*field].iter().any(|value| is_something(value))
        };
        let left_out = sample.fields().find(is_discount).map(|field| {
            format!(
                "the discounts in {} are not numbers, such as {}, and are NOT deducted; ",
                written(field),
                sample.examples[field]
            )
        });
        let is_open = |field: &usize| {
            let name = &sample.header[*field];
            is_percentage(name) && !has_tax(name) && !used.contains(field) && sample.values[*field].len() > 1
        };
        let left_out = left_out.or_else(|| {
            let field = sample.numbers().find(is_open)?;
            Some(format!("{} is NOT deducted: is it a discount? ", written(field)))
        });
        made.push(DraftColumn::look(
            c::NET_AMOUNT,
            formula,
            format!("{}the file has no line amount: is the price net, and per piece?", left_out.unwrap_or_default()),
        ));
    }
    if let (false, None, Some((gross, tax))) = (has(c::NET_AMOUNT), priced(sample, matches), untaxed(sample)) {
        used.extend([gross, tax]);
        let formula = if is_percentage(&sample.header[tax]) {
            format!("{} / (1 + {} / 100)", written(gross), written(tax))
        } else {
            format!("{} - {}", written(gross), written(tax))
        };
        made.push(DraftColumn::look(
            c::NET_AMOUNT,
            formula,
            "the file has only the amount with tax: the tax is deducted",
        ));
    }
    if let (false, None, None, Some(found)) =
        (has(c::NET_AMOUNT), priced(sample, matches), untaxed(sample), Deductions::of(sample, matches))
    {
        used.extend(&found.less);
        used.extend(rate_of_discount(sample).filter(|_| found.less.is_empty()));
        let remark = format!("the file has no net amount: it is {} less its deductions", sample.header[found.gross]);
        made.push(DraftColumn::look(c::NET_AMOUNT, found.formula(sample, written), remark));
    }
    let quantity = field_of(matches, c::QUANTITY);
    let no_list = !has(c::LIST_AMOUNT) && !has(c::DISCOUNT_AMOUNT) && has(c::NET_AMOUNT);
    if let (true, Some((quantity, price)), Some(_)) = (no_list, priced(sample, matches), discount_rate(sample, written))
    {
        used.push(price);
        let per = pieces_of_price(sample).map(|pieces| format!(" / {}", written(pieces))).unwrap_or_default();
        made.push(DraftColumn::look(
            c::LIST_AMOUNT,
            format!("{} * {}{per}", written(quantity), written(price)),
            "is the price before discount, and per piece?",
        ));
    }
    let margin = || sample.numbers().find(|field| sample.fit("price", "margin", *field) == 100);
    if let (false, Some(net), Some(margin)) = (has(c::COGS_AMOUNT), field_of(matches, c::NET_AMOUNT), margin()) {
        used.push(margin);
        made.push(DraftColumn::look(
            c::COGS_AMOUNT,
            format!("{} - {}", written(net), written(margin)),
            "the cost of goods is the amount less the margin: is the margin an amount?",
        ));
    } else if let (false, Some(quantity), Some(cost)) = (has(c::COGS_AMOUNT), quantity, price(sample, "unit_cost")) {
        used.push(cost);
        let (cost_of, remark) = if is_cost_of_line(sample, matches, cost) {
            (written(cost), "times the quantity it would exceed the amount, so it is per line")
        } else {
            (format!("{} * {}", written(quantity), written(cost)), "is the cost per piece?")
        };
        made.push(DraftColumn::look(c::COGS_AMOUNT, cost_of, remark));
    }
    made
}

/// Line numbers that are counted, for lines without numbers.
pub(super) fn counted_lines() -> DraftColumn {
    let value = format!("{{ count_within = \"{}\" }}", c::ORDER_ID);
    DraftColumn::look(c::LINE_NO, value, "the file has no line numbers: lines are numbered within the order")
}

/// Whether the amount of a line can be computed: from a price, or by deducting tax or discounts.
pub(super) fn amount_is_made(sample: &Sample, matches: &[Match]) -> bool {
    priced(sample, matches).is_some() || untaxed(sample).is_some() || Deductions::of(sample, matches).is_some()
}

/// Whether a cost belongs to the line: in most lines with several pieces it is below the amount, but above it if multiplied by the quantity.
fn is_cost_of_line(sample: &Sample, matches: &[Match], cost: usize) -> bool {
    let fields = field_of(matches, c::QUANTITY).zip(field_of(matches, c::NET_AMOUNT));
    let Some((quantity, net)) = fields else { return false };
    let dialect = sample.dialect();
    let number =
        |row: &[String], field: usize| dialect.number(value(row, field)).map(|number| i128::from(number).abs());
    let is_of_line = |row: &Vec<String>| {
        let (quantity, cost, net) = (number(row, quantity)?, number(row, cost)?, number(row, net)?);
        (quantity > i128::from(ONE) && cost > 0).then_some(cost < net && quantity * cost / i128::from(ONE) > net)
    };
    let (of_line, per_piece): (Vec<bool>, Vec<bool>) = sample.rows.iter().filter_map(is_of_line).partition(|is| *is);
    of_line.len() > per_piece.len()
}

/// Quantity and price per piece, which give an amount.
pub(super) fn priced(sample: &Sample, matches: &[Match]) -> Option<(usize, usize)> {
    Some((field_of(matches, c::QUANTITY)?, price(sample, "unit_price")?))
}

/// The field of a price per piece.
pub(super) fn price(sample: &Sample, what: &str) -> Option<usize> {
    let priced = |field: usize| sample.fit("price", what, field) > 0 && !is_of_line(&sample.header[field]);
    let other = if what == "unit_price" { "unit_cost" } else { "unit_price" };
    let surer = |field: usize| sample.fit("price", what, field) >= sample.fit("price", other, field);
    sample
        .numbers()
        .filter(|&field| priced(field) && surer(field))
        .max_by_key(|&field| (sample.fit("price", what, field), std::cmp::Reverse(field)))
}

/// The column with the number of pieces that a price is for: 1, 100, 1000.
fn pieces_of_price(sample: &Sample) -> Option<usize> {
    let is_power = |text: &String| {
        let number = text.trim_end_matches(['0', '.', ',']);
        number == "1"
    };
    let called = |field: &usize| sample.fit("price", "pieces", *field) > 0;
    sample
        .numbers()
        .filter(called)
        .find(|field| sample.values[*field].iter().all(is_power) && sample.values[*field].len() > 1)
}

/// The field of a discount that is a rate.
pub(super) fn rate_of_discount(sample: &Sample) -> Option<usize> {
    let is_rate = |field: &usize| sample.shares[*field] || is_of_hundred(sample, *field);
    let discount = |field: &usize| sample.fit(ORDER_LINES.name, c::DISCOUNT_AMOUNT, *field) > 0 && is_rate(field);
    sample.numbers().find(discount)
}

/// Whether a discount is a percentage; a share such as 0.05 is not, whatever its name says.
fn is_of_hundred(sample: &Sample, field: usize) -> bool {
    !sample.shares[field] && (is_percentage(&sample.header[field]) || sample.orders.of_hundred.contains(&field))
}

/// The field of a discount that is a rate, and the expression for 1 less the rate.
pub(super) fn discount_rate(sample: &Sample, written: &dyn Fn(usize) -> String) -> Option<(usize, String)> {
    let field = rate_of_discount(sample)?;
    let by = if is_of_hundred(sample, field) { " / 100" } else { "" };
    Some((field, format!("(1 - {}{by})", written(field))))
}

/// An amount and its deductions, if no column has the net amount.
pub(super) struct Deductions {
    pub(super) gross: usize,
    /// The deducted amounts; none if the discount is a rate.
    pub(super) less: Vec<usize>,
    /// Whether these amounts are negative.
    are_negative: bool,
}

impl Deductions {
    /// Finds them if lines have an amount that is called gross or listed, and discounts.
    pub(super) fn of(sample: &Sample, matches: &[Match]) -> Option<Self> {
        let gross = field_of(matches, c::LIST_AMOUNT)?;
        let less = deductions(sample);
        let dialect = sample.dialect();
        let numbers = |field: usize| sample.rows.iter().filter_map(move |row| dialect.number(value(row, field)));
        let are_negative = less.iter().all(|field| numbers.clone()(*field).all(|number| number <= 0));
        (!less.is_empty() || rate_of_discount(sample).is_some()).then_some(Self { gross, less, are_negative })
    }

    fn formula(&self, sample: &Sample, written: &dyn Fn(usize) -> String) -> String {
        if let (true, Some((_, left))) = (self.less.is_empty(), discount_rate(sample, written)) {
            return format!("{} * {left}", written(self.gross));
        }
        let sign = if self.are_negative { '+' } else { '-' };
        let less = self.less.iter().map(|field| format!(" {sign} coalesce({}, 0)", written(*field)));
        format!("{}{}", written(self.gross), less.collect::<String>())
    }
}

/// The discount amounts of a line; if one of them is the sum of the others, only that one.
pub(super) fn deductions(sample: &Sample) -> Vec<usize> {
    let is_one = |field: &usize| {
        let name = &sample.header[*field];
        let is_rate = is_percentage(name) || sample.shares[*field] || sample.orders.of_hundred.contains(field);
        !is_rate
            && sample.fit(ORDER_LINES.name, c::DISCOUNT_AMOUNT, *field) > 0
            && sample.values[*field].iter().any(|text| is_something(text))
    };
    let found: Vec<usize> = sample.numbers().filter(is_one).collect();
    let dialect = sample.dialect();
    let number = |row: &[String], field: usize| dialect.number(value(row, field)).unwrap_or(0);
    let is_sum = |sum: &usize| {
        let others =
            |row: &[String]| found.iter().filter(|field| *field != sum).map(|field| number(row, *field)).sum::<i64>();
        sample.rows.iter().all(|row| number(row, *sum) == others(row))
    };
    match found.iter().copied().filter(|_| found.len() > 2).find(is_sum) {
        Some(sum) => vec![sum],
        None => found,
    }
}

/// An amount with its tax, and the tax as a percentage or as an amount.
pub(super) fn untaxed(sample: &Sample) -> Option<(usize, usize)> {
    let gross =
        sample.numbers().find(|field| includes_tax(&sample.header[*field]) && !sample.orders.is_of_order(*field))?;
    let tax = sample.numbers().find(|field| *field != gross && has_tax(&sample.header[*field]))?;
    Some((gross, tax))
}

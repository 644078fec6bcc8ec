//! Figures as people say them in a conversation.

use netto_model::money::{SCALE, divide_half_even, grouped};

/// Whole from a hundred on, `1,234`; below that with cents, `12.50`.
pub(super) fn figure(units: i64) -> String {
    let size = i128::from(units).abs();
    let sign = if units < 0 { "-" } else { "" };
    if size >= 100 * i128::from(SCALE) {
        return format!("{sign}{}", thousands(divide_half_even(size, SCALE.into())));
    }
    let cents = divide_half_even(size, 100);
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// From ten-thousandths: `12`, or `7.4` where it is no whole number.
pub(super) fn number(units: i64) -> String {
    let tenths = divide_half_even(i128::from(units).abs(), i128::from(SCALE) / 10);
    let sign = if units < 0 && tenths > 0 { "-" } else { "" };
    let (whole, rest) = (thousands(tenths / 10), tenths % 10);
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// `1 order`, `4 orders`.
pub(super) fn counted(count: i64, what: &str) -> String {
    format!("{} {what}{}", thousands(count.into()), if count == 1 { "" } else { "s" })
}

/// Of a number that isn't below zero.
fn thousands(number: i128) -> String {
    grouped(number.unsigned_abs(), ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_are_said_below_a_hundred_and_thousands_are_grouped() {
        let said = [0, 125_000, -125_000, 999_949, 1_000_000, 12_345_678_901, -12_000_000].map(figure);
        assert_eq!(said, ["0.00", "12.50", "-12.50", "99.99", "100", "1,234,568", "-1,200"]);
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 1_234].map(|count| counted(count, "order")), ["0 orders", "1 order", "1,234 orders"]);
    }

    #[test]
    fn a_percentage_has_a_decimal_only_where_it_needs_one() {
        assert_eq!([120_000, 74_000, -30_500, -1, 12_340_000].map(number), ["12", "7.4", "-3", "0", "1,234"]);
    }
}

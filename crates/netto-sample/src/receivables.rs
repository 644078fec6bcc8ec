//! `facturen.csv`: one invoice per customer and month, due after thirty days, paid as early or late as the customer does.
//!
//! ```text
//! Factuur;Debiteur;Factuurdatum;Vervaldatum;Bedrag;Betaald
//! F000001;001012;31-07-2022;30-08-2022;1402,90;09-09-2022
//! F000002;001013;31-07-2022;30-08-2022;304,27;12-09-2022
//! F000003;001022;31-07-2022;30-08-2022;177,96;22-09-2022
//! ```

use std::collections::BTreeMap;

use netto_model::Period;

use crate::branch::Branch;
use crate::calendar::{LAST, dutch};
use crate::customers::Customer;
use crate::draw::{Draw, Stream};
use crate::extract::{Extract, amount};
use crate::orders::Order;

const TERM_DAYS: i32 = 30;

pub(crate) fn extract(seed: u64, branch: Branch, orders: &[Order], customers: &[Customer]) -> Extract {
    let mut draw = Draw::new(seed, Stream::Receivables);
    let mut invoices: BTreeMap<(Period, usize), i64> = BTreeMap::new();
    for order in orders {
        *invoices.entry((Period::of_day(order.date), order.customer)).or_default() += order.net() + order.freight;
    }
    let mut extract = Extract::new("facturen.csv", "Factuur;Debiteur;Factuurdatum;Vervaldatum;Bedrag;Betaald");
    for (number, ((period, customer), cents)) in (1..).zip(invoices) {
        let customer = &customers[customer];
        let closed = period.plus(1).first_day() - 1;
        let due = closed + TERM_DAYS;
        let paid = due + i32::try_from(customer.pays_late + draw.between(-6, 9)).unwrap_or_default();
        extract.row([
            format!("F{:06}", branch.number(number)),
            customer.padded(),
            dutch(closed),
            dutch(due),
            amount(cents),
            if paid < LAST.plus(1).first_day() { dutch(paid) } else { String::new() },
        ]);
    }
    extract
}

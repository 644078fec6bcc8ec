//! `orderregels_2022H2.csv` …: order lines per half year, with the bad rows that real extracts have.
//!
//! ```text
//! Ordernr;Regel;Orderdatum;Debiteur;Artikel;Aantal;Bruto;Korting;Netto;Kostprijs;Kanaal;Medewerker;Magazijn;Soort;Beloofd;Geleverd;Levering;Vracht;Herkomst
//! 239286;1;02-01-2025;1012;150815;40;684,80;-121,89;562,91;10,35;WEB;;AMF;V;06-01-2025;06-01-2025;M;0,00;
//! 239286;2;02-01-2025;1012;100584;4;281,48;-53,48;228,00;40,29;WEB;;AMF;V;06-01-2025;06-01-2025;M;0,00;
//! 881384;1;02-01-2025;5022;160346;-13;-131,95;29,30;-102,65;4,74;TEL;;AMF;R;02-01-2025;02-01-2025;M;0,00;238493
//! ```

use netto_model::Period;

use crate::calendar::dutch;
use crate::customers::Customer;
use crate::extract::{Extract, amount};
use crate::orders::{Channel, Kind, Line, Order};
use crate::products::Product;

const HEADER: &str = "Ordernr;Regel;Orderdatum;Debiteur;Artikel;Aantal;Bruto;Korting;Netto;Kostprijs;Kanaal;Medewerker;\
                      Magazijn;Soort;Beloofd;Geleverd;Levering;Vracht;Herkomst";

/// Bad rows: the half year (from 0), the order that they precede, and the field that is changed.
const BAD_ROWS: [(usize, usize, Fault); 10] = [
    (0, 1_204, Fault::Field(8, "1.234,5O")),
    (1, 877, Fault::Field(3, "999999")),
    (1, 3_013, Fault::Twice),
    (2, 1_999, Fault::Field(5, "twaalf")),
    (3, 612, Fault::Field(2, "31-02-2024")),
    (3, 2_750, Fault::Field(13, "X")),
    (4, 300, Fault::Field(4, "")),
    (4, 2_048, Fault::Field(8, "€ 87,50")),
    (5, 1_111, Fault::Twice),
    (5, 2_222, Fault::Field(3, "999998")),
];

/// The defect of a row.
#[derive(Clone, Copy)]
enum Fault {
    /// A copy of the order's first line, with a new line number and one corrupted field.
    Field(usize, &'static str),
    /// An exact copy of the order's first line.
    Twice,
}

/// The content of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// A half year, with bad rows among the good ones.
    HalfYear,
    Month,
}

/// One extract per half year or month.
pub(crate) fn extracts(span: Span, orders: &[Order], customers: &[Customer], products: &[Product]) -> Vec<Extract> {
    let mut extracts: Vec<Extract> = Vec::new();
    let mut in_half = 0;
    for order in orders {
        let name = file_name(span, order.date);
        if extracts.last().is_none_or(|extract| extract.name() != name) {
            extracts.push(Extract::new(name, HEADER));
            in_half = 0;
        }
        let half = extracts.len() - 1;
        let rows = rows(order, customers, products);
        let bad = if span == Span::HalfYear { bad_row(half, in_half, &rows) } else { None };
        for row in rows.iter().chain(bad.as_ref()) {
            extracts[half].row(row);
        }
        in_half += 1;
    }
    extracts
}

/// `orderregels_2024H1.csv`, `orderregels_2024-06.csv`
fn file_name(span: Span, date: i32) -> String {
    let period = Period::of_day(date);
    match span {
        Span::HalfYear => format!("orderregels_{}H{}.csv", period.year(), (period.month() + 5) / 6),
        Span::Month => format!("orderregels_{}-{:02}.csv", period.year(), period.month()),
    }
}

fn rows(order: &Order, customers: &[Customer], products: &[Product]) -> Vec<Vec<String>> {
    order
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| row(order, index, line, &customers[order.customer], &products[line.product]))
        .collect()
}

fn row(order: &Order, index: usize, line: &Line, customer: &Customer, product: &Product) -> Vec<String> {
    vec![
        order.number.to_string(),
        (index + 1).to_string(),
        dutch(order.date),
        customer.number.to_string(),
        product.code.clone(),
        line.quantity.to_string(),
        amount(line.list),
        amount(line.net - line.list),
        amount(line.net),
        amount(line.cost),
        order.channel.code().to_owned(),
        order.employee.clone(),
        "AMF".to_owned(),
        order.kind.code().to_owned(),
        dutch(order.promised),
        dutch(order.delivered),
        if order.direct { "D" } else { "M" }.to_owned(),
        amount(if index == 0 { order.freight } else { 0 }),
        order.origin.map(|number| number.to_string()).unwrap_or_default(),
    ]
}

fn bad_row(half: usize, place: usize, rows: &[Vec<String>]) -> Option<Vec<String>> {
    let &(_, _, fault) = BAD_ROWS.iter().find(|&&(in_half, before, _)| (in_half, before) == (half, place))?;
    let mut row = rows.first()?.clone();
    if let Fault::Field(index, value) = fault {
        "99".clone_into(&mut row[1]);
        value.clone_into(&mut row[index]);
    }
    Some(row)
}

impl Kind {
    /// Verkoop, retour, creditering.
    const fn code(self) -> &'static str {
        match self {
            Self::Sale => "V",
            Self::Return => "R",
            Self::Credit => "C",
        }
    }
}

impl Channel {
    const fn code(self) -> &'static str {
        match self {
            Self::Web => "WEB",
            Self::Edi => "EDI",
            Self::Phone => "TEL",
            Self::Counter => "BALIE",
            Self::Rep => "VTW",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::day;

    #[test]
    fn a_half_year_has_its_own_file() {
        assert_eq!(file_name(Span::HalfYear, day(2024, 6, 30)), "orderregels_2024H1.csv");
        assert_eq!(file_name(Span::HalfYear, day(2024, 7, 1)), "orderregels_2024H2.csv");
    }

    #[test]
    fn a_spoilt_row_is_an_extra_line_and_the_good_ones_stay() {
        let good = vec![vec!["220001".to_owned(), "1".to_owned(), "01-07-2022".to_owned(), "1004".to_owned()]];
        let bad = bad_row(1, 877, &good).unwrap();
        assert_eq!(bad, ["220001", "99", "01-07-2022", "999999"]);
        assert_eq!(bad_row(5, 1_111, &good).unwrap(), good[0]);
        assert!(bad_row(1, 878, &good).is_none());
    }
}

//! What products are: group, supplier and kind, each from a day on. A line counts for what its product was on the date of the order, so that a product which
//! moves to another supplier takes nothing along of the months before.
//!
//! ```text
//! drill   S1 to 2025-06-14, S2 from 2025-06-15
//! May     every line S1                             one place for the drill
//! June    a line of the 5th S1, of the 20th S2      a second place: only now the days of lines are looked at
//! July    every line S2
//! ```

use std::borrow::Cow;
use std::collections::HashMap;

use netto_model::{Frame, Period, column as c, frame};
use polars::prelude::*;

use super::facts::Codes;
use super::lines::Lines;
use super::rows::Rows;

/// What facts say of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) group: String,
    pub(super) supplier: String,
    pub(super) kind: String,
}

/// A product from a day on. The first is valid before all days.
#[derive(Debug)]
struct Version {
    from: i32,
    product: Product,
}

/// The versions of each product, in the order of their days; of most products it is one.
pub(super) struct Products(HashMap<String, Vec<Version>>);

impl Products {
    pub(super) fn of(products: &Frame<frame::Products>) -> PolarsResult<Self> {
        let data = products.over_time(&[c::PRODUCT_GROUP, c::SUPPLIER_ID, c::KIND]).collect()?;
        let texts = |name: &str| Ok::<_, PolarsError>(data.column(name)?.str()?.iter().map(Option::unwrap_or_default));
        let said = texts(c::PRODUCT_GROUP)?.zip(texts(c::SUPPLIER_ID)?).zip(texts(c::KIND)?);
        let days = data.column(c::VALID_FROM)?.date()?.physical();
        let mut all: HashMap<String, Vec<Version>> = HashMap::new();
        for ((id, from), ((group, supplier), kind)) in texts(c::PRODUCT_ID)?.zip(days.iter()).zip(said) {
            let product = Product { group: group.to_owned(), supplier: supplier.to_owned(), kind: kind.to_owned() };
            let version = Version { from: from.unwrap_or(i32::MIN), product };
            match all.get_mut(id) {
                Some(versions) => versions.push(version),
                None => drop(all.insert(id.to_owned(), vec![version])),
            }
        }
        Ok(Self(all))
    }

    /// The first version, as a text: what a product is in most months.
    pub(super) fn first(&self, id: &str) -> String {
        self.0
            .get(id)
            .and_then(|versions| versions.first())
            .map(|first| format!("{:?}", first.product))
            .unwrap_or_default()
    }

    /// Whether a product is something else some day.
    pub(super) fn changes(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|versions| versions.len() > 1)
    }

    /// What a product is in a month, where that isn't its first version alone, as a text.
    pub(super) fn since_first(&self, id: &str, month: Period) -> Option<String> {
        let versions = self.0.get(id)?;
        let (begun, later) = of_month(versions, month);
        if later.is_empty() && begun.product == versions.first()?.product {
            return None;
        }
        Some(format!("{:?} {later:?}", begun.product))
    }
}

/// The version that a month begins with, and those that begin in it.
fn of_month(versions: &[Version], month: Period) -> (&Version, &[Version]) {
    let by = |day: i32| versions.partition_point(|version| version.from <= day).max(1);
    let (begun, by_end) = (by(month.first_day()), by(month.plus(1).first_day() - 1));
    (&versions[begun - 1], &versions[begun..by_end])
}

/// What the product of each line was on its day.
pub(super) struct OfLines<'a> {
    /// Its place among what is said of products.
    place: Cow<'a, [u32]>,
    said: Vec<&'a Product>,
}

impl<'a> OfLines<'a> {
    /// Looks every product up once, and at the days of lines only where their product becomes another in the month.
    pub(super) fn new(
        month: Period,
        lines: &Lines<'_>,
        products: &'a Products,
        of_line: &'a Codes<'_>,
        unknown: &'a Product,
    ) -> PolarsResult<Self> {
        let mut said = Vec::with_capacity(of_line.names.len());
        let mut changing: Vec<(u32, &[Version])> = Vec::new();
        for (code, name) in (0..).zip(&of_line.names) {
            let Some(versions) = products.0.get(*name) else {
                said.push(unknown);
                continue;
            };
            let (begun, later) = of_month(versions, month);
            said.push(&begun.product);
            if !later.is_empty() {
                changing.push((code, later));
            }
        }
        if changing.is_empty() {
            return Ok(Self { place: Cow::Borrowed(&of_line.of_row), said });
        }
        // Places of the later versions stand behind those of all products.
        let mut later: HashMap<u32, (u32, &[Version])> = HashMap::new();
        for (code, versions) in changing {
            later.insert(code, (u32::try_from(said.len()).unwrap_or(u32::MAX), versions));
            said.extend(versions.iter().map(|version| &version.product));
        }
        let mut place = of_line.of_row.clone();
        for (place, day) in place.iter_mut().zip(lines.days(c::ORDER_DATE)?) {
            let Some((first, versions)) = later.get(place) else { continue };
            let begun = versions.iter().take_while(|version| day.is_some_and(|day| version.from <= day)).zip(*first..);
            *place = begun.last().map_or(*place, |(_, place)| place);
        }
        Ok(Self { place: Cow::Owned(place), said })
    }

    /// A text of theirs, line by line; and the code of nothing, for cost without a line.
    pub(super) fn of_lines(&self, of: fn(&Product) -> &String) -> (Codes<'a>, u32) {
        // Looked up by place: there are fewer products than lines.
        let Codes { of_row: by_place, names } =
            Codes::new(self.said.iter().map(|product| of(product).as_str()).chain([""]));
        let nothing = by_place.last().copied().unwrap_or_default();
        let of_row = self.place.iter().map(|&place| by_place[place as usize]).collect();
        (Codes { of_row, names }, nothing)
    }

    /// The same of rows.
    pub(super) fn of_rows(&self, rows: &Rows, of: fn(&Product) -> &String) -> Codes<'a> {
        self.of_lines(of).0.of_rows(rows)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Product, first day, group, supplier.
    pub(in super::super) fn frame(rows: &[(&str, i32, &str, &str)]) -> Frame<frame::Products> {
        let column = |of: fn(&(&str, i32, &str, &str)) -> String| rows.iter().map(of).collect::<Vec<_>>();
        let none = || Series::full_null("".into(), rows.len(), &DataType::Int64);
        let frame = df!("product_id" => column(|row| row.0.into()), "name" => column(|row| row.0.into()),
            "product_group" => column(|row| row.2.into()), "supplier_id" => column(|row| row.3.into()),
            "unit_cost" => none(), "list_price" => none(), "kind" => column(|_| "goods".into()), "weight" => none(),
            "valid_from" => rows.iter().map(|row| row.1).collect::<Vec<_>>());
        let frame = frame.unwrap().lazy().with_column(col("valid_from").cast(DataType::Date));
        Frame::try_new(frame).unwrap()
    }

    fn versions(rows: &[(&str, i32, &str, &str)]) -> Products {
        Products::of(&frame(rows)).unwrap()
    }

    const MARCH: Period = Period::new(2025, 3);

    #[test]
    fn a_month_follows_from_the_versions_that_are_valid_in_it_alone() {
        let day = |month: i32, day: i32| Period::new(2025, month).first_day() + day - 1;
        let one = versions(&[("p", day(1, 10), "G", "S")]);
        let moved = versions(&[("p", day(1, 10), "G", "S"), ("p", day(3, 15), "G", "T")]);
        let back = versions(&[("p", day(1, 10), "G", "S"), ("p", day(3, 1), "G", "T"), ("p", day(4, 1), "G", "S")]);
        assert_eq!((one.changes("p"), moved.changes("p"), moved.changes("q")), (false, true, false));
        assert_eq!([&one, &moved, &back].map(|products| products.first("p")), [0; 3].map(|_| one.first("p")));
        let of = |products: &Products, month: i32| products.since_first("p", MARCH.plus(month - 3));
        // The first version also holds before its day, and a version from March on changes nothing of the months before.
        assert_eq!([-12, 1, 2].map(|month| of(&moved, month)), [None, None, None]);
        assert_eq!([2, 4, 5].map(|month| of(&back, month)), [None, None, None]);
        assert!(of(&moved, 3).unwrap().contains('S') && of(&moved, 3).unwrap().contains('T'));
        assert!(!of(&moved, 4).unwrap().contains('S'));
        assert_eq!(of(&moved, 4), of(&moved, 9));
        assert_eq!(of(&back, 3), of(&moved, 4));
        // Another day in March is another March, and the same April.
        let later = versions(&[("p", day(1, 10), "G", "S"), ("p", day(3, 16), "G", "T")]);
        assert_ne!(of(&later, 3), of(&moved, 3));
        assert_eq!(of(&later, 4), of(&moved, 4));
    }
}

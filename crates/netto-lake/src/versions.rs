//! The cost and list price of a product on a day, from the last of its versions that began by then.
//!
//! ```text
//! drill  from 2025-01-01  800        on 2025-03-31 it costs 800, on 2025-04-01 it costs 900
//!        from 2025-04-01  900        on 2024-12-31 nobody knows
//! ```

use std::collections::{BTreeMap, HashMap};

use blake3::Hasher;
use netto_model::column as c;
use polars::prelude::*;

/// The versions of `products`, by product.
#[derive(Clone, Debug, Default)]
pub struct ProductVersions(HashMap<String, Vec<Version>>);

/// The amounts valid from a day on, in ten-thousandths.
#[derive(Clone, Copy, Debug)]
struct Version {
    from: i32,
    unit_cost: Option<i64>,
    list_price: Option<i64>,
}

/// Which amount per piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PerPiece {
    Cost,
    List,
}

/// Why there is no amount per piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    UnknownProduct,
    BeforeFirstVersion,
    EmptyInVersion,
}

impl Gap {
    /// The code, snake case.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::UnknownProduct => "unknown_product",
            Self::BeforeFirstVersion => "before_first_version",
            Self::EmptyInVersion => "empty_in_version",
        }
    }
}

impl ProductVersions {
    /// Reads the versions from the rows of `products`.
    pub(crate) fn of(rows: &DataFrame) -> PolarsResult<Self> {
        let products = rows.column(c::PRODUCT_ID)?.str()?;
        let days = rows.column(c::VALID_FROM)?.date()?.physical();
        let (costs, prices) = (rows.column(c::UNIT_COST)?.i64()?, rows.column(c::LIST_PRICE)?.i64()?);
        let mut versions: BTreeMap<&str, Vec<Version>> = BTreeMap::new();
        for ((product, from), (unit_cost, list_price)) in
            products.iter().zip(days.iter()).zip(costs.iter().zip(prices.iter()))
        {
            if let (Some(product), Some(from)) = (product, from) {
                versions.entry(product).or_default().push(Version { from, unit_cost, list_price });
            }
        }
        for versions in versions.values_mut() {
            versions.sort_by_key(|version| version.from);
        }
        Ok(Self(versions.into_iter().map(|(product, versions)| (product.to_owned(), versions)).collect()))
    }

    /// The amount per piece on a day.
    pub(crate) fn per_piece(&self, product: &str, day: i32, what: PerPiece) -> Result<i64, Gap> {
        let versions = self.0.get(product).ok_or(Gap::UnknownProduct)?;
        let begun = versions.partition_point(|version| version.from <= day);
        let valid = versions.get(..begun).and_then(<[_]>::last).ok_or(Gap::BeforeFirstVersion)?;
        valid.amount(what).ok_or(Gap::EmptyInVersion)
    }

    /// Adds every amount of a kind, with the day from which it is valid, to the hash.
    pub(crate) fn fingerprint(&self, what: PerPiece, hasher: &mut Hasher) {
        let mut products: Vec<(&String, &Vec<Version>)> = self.0.iter().collect();
        products.sort_by_key(|(product, _)| *product);
        for (product, versions) in products {
            for version in versions {
                hasher.update(format!("{what:?} {product} {} {:?}\n", version.from, version.amount(what)).as_bytes());
            }
        }
    }
}

impl Version {
    const fn amount(&self, what: PerPiece) -> Option<i64> {
        match what {
            PerPiece::Cost => self.unit_cost,
            PerPiece::List => self.list_price,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_version_that_had_begun_by_the_day_holds() {
        // Rows out of order: the day counts, not the row order.
        let rows = df!(
            c::PRODUCT_ID => ["drill", "drill", "saw"], c::VALID_FROM => [200, 100, 100],
            c::UNIT_COST => [Some(9_000_000_i64), Some(8_000_000), None], c::LIST_PRICE => [None, Some(1_i64), Some(2)]
        );
        let rows = rows.unwrap().lazy().with_column(col(c::VALID_FROM).cast(DataType::Date)).collect().unwrap();
        let versions = ProductVersions::of(&rows).unwrap();
        let cost = |product, day| versions.per_piece(product, day, PerPiece::Cost);
        assert_eq!(
            [100, 199, 200, 999].map(|day| cost("drill", day)),
            [8_000_000, 8_000_000, 9_000_000, 9_000_000].map(Ok)
        );
        assert_eq!(cost("drill", 99), Err(Gap::BeforeFirstVersion));
        assert_eq!(cost("hammer", 999), Err(Gap::UnknownProduct));
        assert_eq!(cost("saw", 999), Err(Gap::EmptyInVersion));
        assert_eq!(versions.per_piece("saw", 999, PerPiece::List), Ok(2));
        // An empty price does not reach back to the version before.
        assert_eq!(versions.per_piece("drill", 200, PerPiece::List), Err(Gap::EmptyInVersion));
    }
}

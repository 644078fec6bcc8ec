//! Window functions with an order, computed over sorted rows.
//!
//! The engine puts nulls first, counts each of several equal rows by itself, and has no running value in a row without one.
//!
//! ```text
//! sum(amount) over (partition by customer order by day)
//!
//! customer  day  amount
//! K1        3.       10    15: equal days are one step
//! K1        3.        5    15
//! K1        4.             15: a null adds nothing
//! K1                  1    16: rows without a day are last, unless `nulls first` says otherwise
//! ```

use polars::prelude::*;

use super::exact;

/// What a window function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    RowNumber,
    Rank,
    DenseRank,
    /// The number of rows.
    Rows,
    /// The number of values that aren't null.
    Values,
    Sum,
    Mean,
    Least,
    Greatest,
    First,
    Last,
    /// The value of so many rows before; of rows behind if negative.
    Before(i64),
}

/// The last row that a row's value counts; the first one is the first of its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The last of the rows that are equal to it in the order.
    Equal,
    /// The row itself.
    Row,
    /// The last of its partition.
    All,
}

/// A window function with the form of its arguments: values, then the columns of PARTITION BY, then those of ORDER BY.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) given: Given,
    pub(super) frame: Frame,
    /// How many arguments are values: none, the value, or the value with its default or its place among others.
    pub(super) values: usize,
    pub(super) partitions: usize,
    pub(super) orders: Vec<Direction>,
}

/// A direction of ORDER BY.
#[derive(Clone, Copy, Debug)]
pub(super) struct Direction {
    pub(super) descending: bool,
    pub(super) nulls_last: bool,
}

/// The value of each row, or a sum that has too many digits.
pub(super) enum Computed {
    Values(Series),
    Beyond,
}

/// Rows in the order of a window.
struct Sorted {
    /// The rows of the frame.
    rows: Vec<IdxSize>,
    /// Whether a partition starts here.
    starts: Vec<bool>,
    /// Whether the order differs from that of the row before.
    steps: Vec<bool>,
}

impl Window {
    /// The type of its values; that of its first argument if there is none.
    pub(super) const fn result(&self) -> Option<DataType> {
        match self.given {
            Given::RowNumber | Given::Rank | Given::DenseRank | Given::Rows | Given::Values => Some(DataType::Int64),
            Given::Sum | Given::Mean => Some(super::functions::NUMBER),
            _ => None,
        }
    }

    pub(super) fn compute(&self, columns: &[Column]) -> PolarsResult<Computed> {
        let height = columns.iter().map(Column::len).find(|&len| len != 1).unwrap_or(1);
        let columns: Vec<Column> = columns
            .iter()
            .map(|column| if column.len() == height { column.clone() } else { column.new_from_index(0, height) })
            .collect();
        let (values, keys) = columns.split_at(self.values.min(columns.len()));
        let sorted = self.sorted(keys, height)?;
        match self.given {
            Given::RowNumber | Given::Rank | Given::DenseRank | Given::Rows => Ok(self.places(&sorted)),
            Given::Values | Given::Sum | Given::Mean => self.sums(&sorted, values),
            _ => self.values_of(&sorted, values),
        }
    }

    fn sorted(&self, keys: &[Column], height: usize) -> PolarsResult<Sorted> {
        let name_of = |at: usize| PlSmallStr::from(format!("key {at}"));
        let rows: Vec<IdxSize> = (0..IdxSize::try_from(height).unwrap_or(IdxSize::MAX)).collect();
        let mut columns: Vec<Column> =
            keys.iter().enumerate().map(|(at, key)| key.clone().with_name(name_of(at))).collect();
        columns.push(Column::new("row".into(), rows));
        let ascending = Direction { descending: false, nulls_last: false };
        let directions = std::iter::repeat_n(ascending, self.partitions).chain(self.orders.iter().copied());
        let (descending, nulls_last): (Vec<bool>, Vec<bool>) =
            directions.map(|direction| (direction.descending, direction.nulls_last)).unzip();
        let options = SortMultipleOptions::default()
            .with_order_descending_multi(descending)
            .with_nulls_last_multi(nulls_last)
            .with_maintain_order(true);
        let names: Vec<PlSmallStr> = (0..keys.len()).map(name_of).collect();
        let frame = DataFrame::new(height, columns)?.sort(names, options)?;
        let rows = frame.column("row")?.idx()?.iter().flatten().collect();
        let (mut starts, mut steps) = (vec![false; height], vec![false; height]);
        for (at, column) in frame.columns().iter().take(keys.len()).enumerate() {
            let differs = column.not_equal_missing(&column.shift(1))?;
            let partition = at < self.partitions;
            for (row, differs) in differs.iter().enumerate() {
                if differs == Some(true) && row > 0 {
                    starts[row] |= partition;
                    steps[row] = true;
                }
            }
        }
        if let (Some(start), Some(step)) = (starts.first_mut(), steps.first_mut()) {
            (*start, *step) = (true, true);
        }
        Ok(Sorted { rows, starts, steps })
    }

    /// Numbers that depend on the order alone.
    fn places(&self, sorted: &Sorted) -> Computed {
        let (mut row_number, mut rank, mut dense_rank) = (0, 0, 0);
        let mut places = Vec::with_capacity(sorted.rows.len());
        for (starts, step) in sorted.starts.iter().zip(&sorted.steps) {
            if *starts {
                (row_number, rank, dense_rank) = (0_i64, 0_i64, 0_i64);
            }
            row_number += 1;
            if *step {
                rank = row_number;
                dense_rank += 1;
            }
            places.push(match self.given {
                Given::Rank => rank,
                Given::DenseRank => dense_rank,
                _ => row_number,
            });
        }
        let places = match self.given {
            Given::Rows => sorted.until(self.frame).into_iter().map(|until| places[until]).collect(),
            _ => places,
        };
        Computed::Values(Int64Chunked::from_vec("".into(), sorted.scattered(places)).into_series())
    }

    /// Counts, sums and averages of exact numbers.
    fn sums(&self, sorted: &Sorted, values: &[Column]) -> PolarsResult<Computed> {
        let [values, ..] = values else { polars_bail!(ComputeError: "a value is required") };
        let known = values.is_not_null();
        let known: Vec<bool> = known.iter().map(|known| known == Some(true)).collect();
        if self.given == Given::Values {
            let mut count = 0_i64;
            let counts = sorted.each(|starts, row| {
                count = if starts { 0 } else { count } + i64::from(known[row as usize]);
                count
            });
            let counts = sorted.until(self.frame).into_iter().map(|until| counts[until]).collect();
            return Ok(Computed::Values(Int64Chunked::from_vec("".into(), sorted.scattered(counts)).into_series()));
        }
        let units: Vec<Option<i128>> = values.as_materialized_series().decimal()?.physical().iter().collect();
        let (mut sum, mut count) = (Some(0_i128), 0_i64);
        // No value yet · the sum of the values; `None` within where it has too many digits.
        let sums = sorted.each(|starts, row| {
            if starts {
                (sum, count) = (Some(0), 0);
            }
            if let Some(unit) = units[row as usize] {
                sum = sum.and_then(|sum| exact::plus(sum, unit));
                count += 1;
            }
            let mean = |sum| exact::over(sum, i128::from(count) * exact::ONE);
            (count > 0).then(|| if self.given == Given::Mean { sum.and_then(mean) } else { sum })
        });
        let sums: Vec<Option<Option<i128>>> = sorted.until(self.frame).into_iter().map(|until| sums[until]).collect();
        if sums.contains(&Some(None)) {
            return Ok(Computed::Beyond);
        }
        let sums = sorted.scattered(sums.into_iter().map(Option::flatten).collect());
        Ok(Computed::Values(super::functions::numbers(sums)))
    }

    /// Values of other rows.
    fn values_of(&self, sorted: &Sorted, values: &[Column]) -> PolarsResult<Computed> {
        let [value, others @ ..] = values else { polars_bail!(ComputeError: "a value is required") };
        if let Given::Before(rows) = self.given {
            return sorted.shifted(value, others.first(), rows);
        }
        let places = match (self.given, others) {
            (Given::Least | Given::Greatest, [place, ..]) => places_of(place),
            _ => Vec::new(),
        };
        let mut taken: Option<IdxSize> = None;
        let place = |row: IdxSize| places.get(row as usize).copied().flatten();
        let running = sorted.each(|starts, row| {
            if starts {
                taken = None;
            }
            let better = match (self.given, taken) {
                (Given::First, taken) => taken.is_none(),
                (Given::Least, Some(best)) => place(row).is_some_and(|own| Some(own) < place(best)),
                (Given::Greatest, Some(best)) => place(row) > place(best),
                (Given::Least | Given::Greatest, None) => place(row).is_some(),
                _ => true,
            };
            if better {
                taken = Some(row);
            }
            taken
        });
        let taken = sorted.until(self.frame).into_iter().map(|until| running[until]).collect();
        let taken = IdxCa::from_iter_options("".into(), sorted.scattered(taken).into_iter());
        Ok(Computed::Values(value.as_materialized_series().take(&taken)?))
    }
}

impl Sorted {
    /// Something of each row in this order, told whether a partition starts there.
    fn each<T>(&self, mut of_row: impl FnMut(bool, IdxSize) -> T) -> Vec<T> {
        self.rows.iter().zip(&self.starts).map(|(row, starts)| of_row(*starts, *row)).collect()
    }

    /// For each place the last one that counts.
    fn until(&self, frame: Frame) -> Vec<usize> {
        let mut until: Vec<usize> = (0..self.rows.len()).collect();
        let ends: &[bool] = match frame {
            Frame::Row => return until,
            Frame::Equal => &self.steps,
            Frame::All => &self.starts,
        };
        let mut last = until.len().saturating_sub(1);
        for place in (0..until.len()).rev() {
            until[place] = last;
            if ends[place] {
                last = place.saturating_sub(1);
            }
        }
        until
    }

    /// Values in this order, as the rows stand.
    fn scattered<T: Clone + Default>(&self, values: Vec<T>) -> Vec<T> {
        let mut scattered = vec![T::default(); values.len()];
        for (row, value) in self.rows.iter().zip(values) {
            scattered[*row as usize] = value;
        }
        scattered
    }

    /// The value of so many rows before in the same partition, or a default.
    fn shifted(&self, value: &Column, default: Option<&Column>, rows: i64) -> PolarsResult<Computed> {
        let mut partitions = 0_usize;
        let partitions: Vec<usize> = self
            .starts
            .iter()
            .map(|starts| {
                partitions += usize::from(*starts);
                partitions
            })
            .collect();
        let other = |place: usize| {
            let other = usize::try_from(i64::try_from(place).ok()?.checked_sub(rows)?).ok()?;
            (partitions.get(other)? == partitions.get(place)?).then(|| self.rows.get(other).copied()).flatten()
        };
        let taken = self.scattered((0..self.rows.len()).map(other).collect());
        let taken = IdxCa::from_iter_options("".into(), taken.into_iter());
        let values = value.as_materialized_series().take(&taken)?;
        let Some(default) = default else { return Ok(Computed::Values(values)) };
        let default = default.as_materialized_series().cast(values.dtype())?;
        Ok(Computed::Values(values.zip_with(&taken.is_not_null(), &default)?))
    }
}

/// The place of each row's value among all values; none for null.
fn places_of(values: &Column) -> Vec<Option<usize>> {
    let known = values.is_not_null();
    let known: Vec<bool> = known.iter().map(|known| known == Some(true)).collect();
    let mut places = vec![None; known.len()];
    let order = values.as_materialized_series().arg_sort(SortOptions::default());
    for (place, row) in order.iter().flatten().enumerate() {
        let row = row as usize;
        places[row] = known[row].then_some(place);
    }
    places
}

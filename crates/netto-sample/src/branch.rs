//! Builds a distributor of any size from branches, each with its customers, orders and people.
//!
//! ```text
//! one branch     the demo: 800 customers, 60,000 lines
//! branch 3 of 5  draws from a seed of its own, so branches are made in any order, by any number of threads;
//!                its order 220001 is 1100008 in the company (220001 × 5 + 3), its rep M01 is M01-4
//! ```
//! The power law holds for the company: each branch has one of the largest customers, one of the next, and so on, and with more branches the largest of them is
//! larger.

use crate::customers::lines_per_year;
use crate::employees::{Role, of_role};
use crate::extract::root;

/// The maximum number of customers of a branch, which the demo has.
const CUSTOMERS: i64 = 800;
/// Order lines of the demo.
const LINES: i64 = 60_279;

/// A branch of the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    /// Its number, from 0.
    pub(crate) index: i64,
    /// How many branches there are.
    pub(crate) of: i64,
    /// How many customers it has.
    pub(crate) customers: i64,
}

impl Branch {
    /// The demo's only branch.
    pub(crate) const ONLY: Self = Self { index: 0, of: 1, customers: CUSTOMERS };

    /// The branches of a company with about that many order lines.
    pub(crate) fn with_lines(lines: u64) -> Vec<Self> {
        let lines = i64::try_from(lines).unwrap_or(i64::MAX);
        let with_customers = |customers: i64| -> Vec<Self> {
            let of = (customers.max(20) - 1) / CUSTOMERS + 1;
            (0..of).map(|index| Self { index, of, customers: customers.max(20) / of }).collect()
        };
        // The demo's lines per customer would give too many lines: the largest customers of a large company order more.
        let like_demo = with_customers(lines / (LINES / CUSTOMERS));
        let weight = |branches: &[Self]| branches.iter().map(|branch| branch.weight()).sum::<i64>();
        let in_demo = weight(&[Self::ONLY]) / (CUSTOMERS / 20);
        let in_all = weight(&like_demo) / (like_demo.iter().map(|branch| branch.customers).sum::<i64>() / 20);
        with_customers(lines / (LINES / CUSTOMERS) * in_demo / in_all)
    }

    /// The yearly orders of its customers, in lines on an arbitrary scale.
    fn weight(self) -> i64 {
        (1..=self.customers).map(|rank| lines_per_year(self.place(rank))).sum()
    }

    /// The seed of its draws; the first branch has the company's.
    pub(crate) fn seed(self, seed: u64) -> u64 {
        seed.wrapping_add(self.index.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// Maps a number of its own series to the company's series.
    pub(crate) fn number(self, own: i64) -> i64 {
        own * self.of + self.index
    }

    /// The code of an employee or a pair; the first branch has those of the demo.
    pub(crate) fn code(self, code: &str) -> String {
        if self.index == 0 || code.is_empty() { code.to_owned() } else { format!("{code}-{}", self.index + 1) }
    }

    /// The code of the field or inside half of a pair.
    pub(crate) fn employee(self, role: Role, pair: usize) -> String {
        of_role(role).nth(pair).map(|employee| self.code(employee.code)).unwrap_or_default()
    }

    /// The rank of the demo's customer whose position matches that of this customer within the branch.
    pub(crate) fn rank_in_demo(self, rank: i64) -> i64 {
        rank * CUSTOMERS / self.customers
    }

    /// The positions of its customers on the curve of sizes, in ten-thousandths: 16 for the demo's first, 17 for its second.
    pub(crate) fn place(self, rank: i64) -> i64 {
        // The branch with the largest customer of a rank differs from rank to rank.
        let among_branches = (self.index + rank * 7_919) % self.of + 1;
        let in_company = (rank - 1) * self.of + among_branches;
        in_company * CUSTOMERS * 10_000 / (self.of * self.customers) + 15_000_000 / root(self.of * 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_moves_up_with_the_size_of_the_company() {
        assert_eq!([Branch::ONLY.place(1), Branch::ONLY.place(2)], [160_000, 170_000]);
        let largest = |lines| Branch::with_lines(lines).iter().map(|branch| branch.place(1)).min().unwrap();
        assert!(largest(3_000_000) < 30_000 && largest(30_000_000) < largest(3_000_000));
    }

    #[test]
    fn numbers_of_branches_never_meet() {
        let branches = Branch::with_lines(200_000);
        let mut numbers: Vec<i64> =
            branches.iter().flat_map(|branch| (220_001..220_100).map(|own| branch.number(own))).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), branches.len() * 99);
    }

    #[test]
    fn a_small_company_has_one_branch_with_few_customers() {
        assert_eq!(Branch::with_lines(6_000), [Branch { customers: 85, ..Branch::ONLY }]);
        assert_eq!(Branch::with_lines(60_000), [Branch::ONLY]);
    }
}

//! Writes the extracts of a distributor with a given number of order lines, and the configuration that reads them.
//!
//! ```text
//! branches 1 … n    each by itself, on any thread
//!    │ appended in their order
//! extracts/orderregels_2022-07_deel1.csv …, debiteuren_deel1.csv …     512 branches, some 31 M lines, to a part
//! extracts/artikelen.csv, voorraad.csv, doelen.csv                     the company's
//! netto.toml                                                           the demo's, for these files
//! ```
//! Only a few branches are in memory at a time.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::branch::Branch;
use crate::extract::{Extract, root};
use crate::order_lines::{Span, extracts};
use crate::orders::orders;
use crate::products::Product;
use crate::stock::Sold;
use crate::{
    SampleError, Written, WrittenFile, actions, activities, cost_pools, customers, deviations, employees, folder_made,
    goals, products, prospects, rebates, receivables, stock,
};

/// Number of branches that share a set of files.
pub(crate) const PART: usize = 512;
/// The demo's configuration.
const DEMO: &str = include_str!("../../../data/wholesaler/netto.toml");
/// The texts in it about the size of the market and the company.
const SIZES: [(&str, &[i64]); 3] = [
    ("{ companies = 1200, potential = 50_000_000 }", &[1_200, 50_000_000]),
    ("{ companies = 2600, potential = 110_000_000 }", &[2_600, 110_000_000]),
    ("At most 400 customers", &[400]),
];

/// Writes the project into `folder`.
pub(crate) fn write(folder: &Path, seed: u64, branches: &[Branch], part: usize) -> Result<Written, SampleError> {
    let (config, to) = (folder.join("netto.toml"), folder.join("extracts"));
    if config.exists() || to.exists() {
        return Err(SampleError::Exists { path: folder.to_owned() });
    }
    folder_made(&to)?;
    let company = branches.first().copied().unwrap_or(Branch::ONLY);
    let products = products::products(seed, root(company.of).clamp(1, 50));
    let (mut sold, mut written) = (Sold::new(), Vec::new());
    for (number, part) in (1..).zip(branches.chunks(part)) {
        let mut files = Files { folder: &to, suffix: format!("_deel{number}"), open: BTreeMap::new() };
        // Enough branches at once to keep all threads busy; their rows are appended in the order of the branches.
        for some in part.chunks(2 * rayon::current_num_threads()) {
            let made: Vec<_> = some.par_iter().map(|branch| of_branch(seed, *branch, &products)).collect();
            for (extracts, taken) in made {
                extracts.iter().try_for_each(|extract| files.append(extract))?;
                for (key, quantity) in taken {
                    *sold.entry(key).or_default() += quantity;
                }
            }
        }
        written.extend(files.open.into_values().map(|(_, file)| file));
    }
    let mut files = Files { folder: &to, suffix: String::new(), open: BTreeMap::new() };
    let of_company =
        [products::extract(&products), stock::extract(seed, &sold, &products, false), goals::extract(company)];
    of_company.iter().try_for_each(|extract| files.append(extract))?;
    written.extend(files.open.into_values().map(|(_, file)| file));
    std::fs::write(&config, configuration(company)).map_err(|source| SampleError::Write { path: config, source })?;
    Ok(Written { files: written })
}

/// The extracts of a branch, and the pieces that its orders took from stock.
fn of_branch(seed: u64, branch: Branch, products: &[Product]) -> (Vec<Extract>, Sold) {
    let seed = branch.seed(seed);
    let customers = customers::customers(seed, branch);
    let orders = orders(seed, branch, &customers, products, &[]);
    let mut made = extracts(Span::Month, &orders, &customers, products);
    made.extend([
        customers::extract(&customers),
        employees::extract(branch),
        activities::extract(seed, branch, &customers, &orders),
        cost_pools::extract(seed, branch, &customers),
        receivables::extract(seed, branch, &orders, &customers),
        deviations::extract(seed, branch, &orders, &customers),
        rebates::extract(seed, branch, &customers),
        prospects::extract(seed, branch, &customers),
        actions::extract(seed, &customers),
    ]);
    (made, stock::sold_by_quarter(&orders))
}

/// The demo's configuration for files in parts and a market of that size.
fn configuration(company: Branch) -> String {
    let mut text = DEMO.replace("_*.csv\"", ".csv\"").replace(".csv\"", "*.csv\"");
    for (of_demo, numbers) in SIZES {
        let scaled = numbers.iter().fold(of_demo.replace('_', ""), |text, number| {
            text.replace(&number.to_string(), &(number * company.of).to_string())
        });
        text = text.replace(of_demo, &scaled);
    }
    text
}

/// The files of a part, open until all its branches are written.
struct Files<'a> {
    folder: &'a Path,
    suffix: String,
    open: BTreeMap<String, (File, WrittenFile)>,
}

impl Files<'_> {
    /// Appends the rows to the file of that name.
    fn append(&mut self, extract: &Extract) -> Result<(), SampleError> {
        let name = extract.name().replace(".csv", &format!("{}.csv", self.suffix));
        let path: PathBuf = self.folder.join(&name);
        let is_new = !self.open.contains_key(&name);
        if is_new {
            let file = File::create(&path).map_err(|source| SampleError::Write { path: path.clone(), source })?;
            self.open.insert(name.clone(), (file, WrittenFile { name: name.clone(), rows: 0, bytes: 0 }));
        }
        if let Some((file, written)) = self.open.get_mut(&name) {
            written.bytes += extract.write(&path, file, is_new)?;
            written.rows += extract.rows();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three branches with few customers.
    fn branches() -> Vec<Branch> {
        Branch::with_lines(180_000).into_iter().map(|branch| Branch { customers: 40, ..branch }).collect()
    }

    /// The rows of each kind of file, in order; parts are concatenated.
    fn rows(written: &Written, folder: &Path) -> BTreeMap<String, Vec<String>> {
        let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in &written.files {
            let bytes = std::fs::read(folder.join("extracts").join(&file.name)).unwrap();
            let of_file = String::from_utf8_lossy(&bytes).lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(of_file.len(), file.rows, "{}", file.name);
            let kind = file.name.trim_end_matches(".csv").split("_deel").next().unwrap_or_default();
            rows.entry(kind.to_owned()).or_default().extend(of_file);
        }
        rows
    }

    #[test]
    fn rows_are_the_same_whatever_the_threads_and_parts() {
        let made = |threads, part| {
            let folder = tempfile::tempdir().unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let written = pool.install(|| write(folder.path(), 7, &branches(), part)).unwrap();
            rows(&written, folder.path())
        };
        let one_file = made(1, 3);
        assert!(one_file == made(3, 2));
        assert_eq!(one_file.len(), 36 + 12);
        let customers: std::collections::BTreeSet<&str> =
            one_file["debiteuren"].iter().filter_map(|row| row.split(';').next()).collect();
        assert_eq!(customers.len(), 3 * 40);
    }

    #[test]
    fn a_company_has_about_as_many_lines_as_were_asked_for_few_large_customers_and_seasons() {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), 1, &Branch::with_lines(30_000), PART).unwrap();
        let rows = rows(&written, folder.path());
        let lines = |month: &str| rows[&format!("orderregels_{month}")].len();
        let all: usize =
            rows.iter().filter(|(kind, _)| kind.starts_with("orderregels")).map(|(_, rows)| rows.len()).sum();
        assert!((27_000..33_000).contains(&all), "{all}");
        assert!(lines("2023-08") * 10 < lines("2023-06") * 9, "August is quiet");
        let mut bought: BTreeMap<&str, i64> = BTreeMap::new();
        for row in rows.iter().filter(|(kind, _)| kind.starts_with("orderregels")).flat_map(|(_, rows)| rows) {
            let fields: Vec<&str> = row.split(';').collect();
            *bought.entry(fields[3]).or_default() += fields[8].replace(',', "").parse::<i64>().unwrap();
        }
        let mut bought: Vec<i64> = bought.into_values().collect();
        bought.sort_unstable_by(|one, other| other.cmp(one));
        let top: i64 = bought[..bought.len() / 5].iter().sum();
        assert!(top * 100 > bought.iter().sum::<i64>() * 60, "a fifth of the customers brings most");
    }

    #[test]
    fn the_configuration_names_parts_and_a_market_of_that_size() {
        let text = configuration(Branch { of: 50, ..Branch::ONLY });
        assert!(
            text.contains("files = \"extracts/orderregels*.csv\"") && text.contains("\"extracts/debiteuren*.csv\"")
        );
        assert!(text.contains("Bouw = { companies = 60000, potential = 2500000000 }"));
        assert!(text.contains("\"At most 20000 customers that"));
        assert_eq!(configuration(Branch::ONLY).matches("companies = 1200,").count(), 1);
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("netto.toml"), "").unwrap();
        let error = write(folder.path(), 1, &branches(), PART).unwrap_err();
        assert!(error.to_string().ends_with(" already exists with other contents"), "{error}");
        assert_eq!(error.help().unwrap(), "netto doesn't overwrite it: name an empty folder, or remove the file");
    }
}

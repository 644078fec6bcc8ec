//! Months that nothing happened to are not computed again, and nobody can tell from the result.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use crate::harness::Project;

/// A distributor whose months have enough orders to be kept.
struct Distributor {
    project: Project,
    draw: Draw,
    lines: BTreeMap<(u32, u32), Line>,
    customers: BTreeMap<String, &'static str>,
    /// The group of each product.
    products: BTreeMap<String, u32>,
    /// The group of a product from a day on.
    versions: BTreeMap<(String, String), u32>,
    pools: BTreeMap<(&'static str, u32), u32>,
    /// Orders that went wrong, and in which month.
    deviations: Vec<(u32, u32)>,
    minutes: u32,
}

#[derive(Clone)]
struct Line {
    month: u32,
    customer: String,
    product: String,
    amount: i64,
    kind: &'static str,
}

impl Line {
    fn of(month: u32, customer: &str) -> Self {
        Self { month, customer: customer.to_owned(), product: "p01".to_owned(), amount: 5_000, kind: "sale" }
    }
}

const SHARED: u32 = 900_001;
const MONTHS: u32 = 4;
/// Orders in a month; each has two lines.
const ORDERS: u32 = 520;

impl Distributor {
    fn new(seed: u64) -> Self {
        let customers = (0..40).map(|n| (format!("C{n:03}"), ["north", "south"][n % 2])).collect();
        let products = (0..30).map(|n| (format!("p{n:02}"), n % 5)).collect();
        let project = Project::with_config("");
        let mut made = Self {
            project,
            draw: Draw(seed),
            lines: BTreeMap::new(),
            customers,
            products,
            versions: BTreeMap::new(),
            pools: BTreeMap::new(),
            deviations: Vec::new(),
            minutes: 3,
        };
        for month in 1..=MONTHS {
            (0..ORDERS).for_each(|_| made.order(month));
            made.pools.extend([(("desk", month), 900), (("warehouse", month), 1_500), (("board", month), 100)]);
        }
        // Two customers have an order of the same number.
        for (no, month) in [(1, 1), (2, 2)] {
            made.lines.insert((SHARED, no), Line::of(month, &format!("C00{no}")));
        }
        made.deviations = vec![(1, 1), (ORDERS + 7, 2)];
        made.written()
    }

    /// Two lines of a customer; some go on in the month after.
    fn order(&mut self, month: u32) {
        let order = self.lines.keys().rev().find(|(order, _)| *order < SHARED).map_or(1, |(order, _)| order + 1);
        let customer = self.customer();
        let later = u32::from(month < MONTHS && self.draw.below(50) == 0);
        let kind = if self.draw.below(20) == 0 { "return" } else { "sale" };
        for (no, month) in [(1, month), (2, month + later)] {
            let (product, amount) = (self.product(), i64::from(self.draw.below(90_000)) + 100);
            let amount = if kind == "return" { -amount } else { amount };
            self.lines.insert((order, no), Line { month, customer: customer.clone(), product, amount, kind });
        }
    }

    fn customer(&mut self) -> String {
        let place = self.draw.place(self.customers.len());
        self.customers.keys().nth(place).unwrap().clone()
    }

    fn product(&mut self) -> String {
        let place = self.draw.place(self.products.len());
        self.products.keys().nth(place).unwrap().clone()
    }

    /// Something that happens between two nights, and what it is.
    fn something(&mut self) -> &'static str {
        let place = self.draw.place(self.lines.len());
        let line = *self.lines.keys().nth(place).unwrap();
        let month = self.draw.below(MONTHS) + 1;
        match self.draw.below(10) {
            0 => {
                self.lines.get_mut(&line).unwrap().amount += 1_234;
                "a line is corrected"
            }
            1 => {
                self.lines.remove(&line);
                "a line is gone"
            }
            2 => {
                self.order(month);
                "an order comes late"
            }
            3 => {
                let moved = self.lines.get_mut(&line).unwrap();
                moved.month = moved.month % MONTHS + 1;
                "a line is of another month"
            }
            4 => {
                // In the order of the ids before all others, or behind them.
                let id = ["A001", "C999"][self.draw.place(2)];
                self.customers.insert(id.to_owned(), "north");
                let line = self.lines.get_mut(&line).unwrap();
                id.clone_into(&mut line.customer);
                "a customer is new"
            }
            5 => {
                let (product, group) = (self.product(), 8 + self.draw.below(2));
                if self.draw.below(2) == 0 {
                    self.products.insert(product, group);
                    return "a product is of another group";
                }
                let day = format!("2025-{month:02}-{:02}", self.draw.below(28) + 1);
                self.versions.insert((product, day), group);
                "a product is of another group from a day on"
            }
            6 => {
                self.deviations.push((line.0, month));
                "an order went wrong"
            }
            7 => {
                *self.pools.get_mut(&("desk", month)).unwrap() += 50;
                "cost is booked late"
            }
            8 => {
                self.minutes += 1;
                "the rules are others"
            }
            _ => "nothing",
        }
    }

    fn written(mut self) -> Self {
        let config = format!(
            "[company]\nname = \"Test\"\n[facts]\norder_line = true\n\
             [source.order_lines]\nfiles = \"lines/*.csv\"\nload = \"replace_period\"\n\
             [source.customers]\nfiles = \"customers.csv\"\n[source.products]\nfiles = \"products.csv\"\n\
             [source.cost_pools]\nfiles = \"pools.csv\"\n[source.deviations]\nfiles = \"deviations.csv\"\n\
             [source.rebates]\nfiles = \"rebates.csv\"\n\
             [pool.desk]\n[pool.board]\npasses_to = {{ desk = 0.3, warehouse = 0.7 }}\n\
             [pool.warehouse]\npractical_minutes = 10000\n\
             [activity.entry]\npool = \"desk\"\nmethod = \"driver\"\nsource = \"orders\"\nquantity = \"2 + lines\"\n\
             [activity.picking]\npool = \"warehouse\"\nmethod = \"time\"\nsource = \"order_lines\"\nminutes = \"{}\"\n",
            self.minutes
        );
        let mut lines: BTreeMap<u32, String> = BTreeMap::new();
        for ((order, no), line) in &self.lines {
            let text = lines.entry(line.month).or_insert_with(|| {
                "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount,order_kind\n".into()
            });
            let Line { month, customer, product, amount, kind } = line;
            let day = order % 28 + 1;
            let sign = if *amount < 0 { "-" } else { "" };
            let amount = format!("{sign}{}.{:02}", amount.abs() / 100, amount.abs() % 100);
            writeln!(
                text,
                "{order},{no},2025-{month:02}-{day:02},{customer},{product},{sign}1,{amount},{sign}1,{kind}"
            )
            .unwrap();
        }
        let table = |header: &str, rows: Vec<String>| format!("{header}\n{}\n", rows.join("\n"));
        let market = |(id, market): (&String, &&str)| format!("{id},{id},{market}");
        let version = |id: &str, group: u32, day: &str| format!("{id},{id},g{group},S{},{day}", group % 2);
        let first = self.products.iter().map(|(id, group)| version(id, *group, ""));
        let later = self.versions.iter().map(|((id, day), group)| version(id, *group, day));
        let pool = |((pool, month), amount): (&(&str, u32), &u32)| format!("{pool},2025-{month:02},{amount}");
        let wrong = |(n, (order, month)): (usize, &(u32, u32))| format!("{n},2025-{month:02}-15,late,,{order}");
        let mut files = BTreeMap::from([
            ("netto.toml".to_owned(), config),
            ("customers.csv".to_owned(), table("customer_id,name,market", self.customers.iter().map(market).collect())),
            (
                "products.csv".to_owned(),
                table("product_id,name,product_group,supplier_id,valid_from", first.chain(later).collect()),
            ),
            ("pools.csv".to_owned(), table("pool,period,amount", self.pools.iter().map(pool).collect())),
            (
                "deviations.csv".to_owned(),
                table(
                    "deviation_id,occurred_at,kind,customer_id,order_id",
                    self.deviations.iter().enumerate().map(wrong).collect(),
                ),
            ),
            (
                "rebates.csv".to_owned(),
                "customer_id,supplier_id,basis,rate,threshold,valid_from\nC001,,invoice_revenue,0.05,1000,2025-01-01\n\
                 ,S1,purchases,0.02,0,2025-01-01\n"
                    .to_owned(),
            ),
        ]);
        files.extend(lines.into_iter().map(|(month, text)| (format!("lines/2025-{month:02}.csv"), text)));
        for (name, text) in files {
            self.project = self.project.file(&name, text);
        }
        self
    }

    /// A night: how many months were computed, and how many were there.
    fn night(&self) -> Value {
        self.netto(&["run", "--format", "json"])["months"].take()
    }

    fn netto(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.project.netto(arguments).ok().stdout()).unwrap()
    }

    /// The last result is that of a run that computed everything.
    fn is_as_if_computed(&self, what: &str) {
        let anew = self.netto(&["run", "--recompute", "--format", "json"]);
        assert_eq!(anew["unchanged"], true, "{what}");
        assert_eq!(anew["months"], counted(MONTHS, 0), "{what}");
    }
}

fn counted(computed: u32, kept: u32) -> Value {
    json!({ "computed": computed, "kept": kept })
}

/// Xorshift: the same numbers in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 % u64::from(end)).unwrap()
    }

    fn place(&mut self, end: usize) -> usize {
        usize::try_from(self.below(u32::try_from(end).unwrap())).unwrap()
    }
}

#[test]
fn only_the_month_of_a_correction_is_computed_again() {
    let mut made = Distributor::new(0x51_7cc1_b727_2202);
    assert_eq!(made.night(), counted(MONTHS, 0));
    let first = made.lines.iter_mut().find(|(_, line)| line.month == 2).unwrap();
    first.1.amount += 500;
    let mut made = made.written();
    assert_eq!(made.night(), counted(1, MONTHS - 1));
    made.is_as_if_computed("a line of February is corrected");
    // A customer who is new, and in the order of the ids the first, changes the keys of all, and one month.
    made.customers.insert("A001".to_owned(), "north");
    let last = made.lines.values_mut().rev().find(|line| line.month == MONTHS).unwrap();
    "A001".clone_into(&mut last.customer);
    // An order that goes on in March is another one in January too, though it takes the same there.
    made.lines.insert((SHARED, 3), Line::of(3, "C001"));
    let mut made = made.written();
    assert_eq!(made.night(), counted(3, 1));
    made.is_as_if_computed("a customer is new, and an order goes on");
    // Of an order that went wrong more is asked than before, and no month is split otherwise.
    made.deviations.push((3, 3));
    let mut made = made.written();
    assert_eq!(made.night(), counted(0, MONTHS));
    let of_suppliers = made.project.mart("supplier_deviation").only("window_id", "main");
    assert_eq!(of_suppliers.only("attribution", "unknown").column("deviations"), [""; 0], "it is known what was in it");
    made.is_as_if_computed("an order went wrong");
    // A product that is another supplier's from March on: nothing is split otherwise before.
    made.versions.insert(("p00".to_owned(), "2025-03-01".to_owned()), 9);
    let mut made = made.written();
    assert_eq!(made.night(), counted(2, MONTHS - 2));
    made.is_as_if_computed("a product moves in March");
    // It was so since the middle of February already: March and April are what they were.
    made.versions = BTreeMap::from([(("p00".to_owned(), "2025-02-15".to_owned()), 9)]);
    let mut made = made.written();
    assert_eq!(made.night(), counted(1, MONTHS - 1));
    made.is_as_if_computed("a product moved in February");
    let products = made.project.mart("fct_customer_product_group_month").only("period", "2025-02-01");
    assert!(["g0", "g9"].iter().all(|group| products.column("product_group").contains(group)));
    // What it was at first counts in every month before.
    made.products.insert("p00".to_owned(), 8);
    let mut made = made.written();
    assert_eq!(made.night(), counted(MONTHS, 0));
    made.is_as_if_computed("a product was something else at first");
    // Rules that every month is split by.
    made.minutes = 4;
    let made = made.written();
    assert_eq!(made.night(), counted(MONTHS, 0));
    // What was changed or torn is not taken.
    let months = made.project.folder().join(".netto/months");
    let january = months.join("2025-01/fct_product_month.parquet");
    let mut bytes = fs::read(&january).unwrap();
    bytes[100] ^= 1;
    fs::write(january, bytes).unwrap();
    fs::write(months.join("2025-02/about.json"), "{}").unwrap();
    fs::remove_file(months.join("2025-03/files.json")).unwrap();
    fs::remove_dir_all(made.project.folder().join("out")).unwrap();
    assert_eq!(made.night(), counted(3, 1));
    made.is_as_if_computed("months were damaged");
    // The files of the lake are the same, and what their keys stand for is not.
    fs::remove_dir_all(made.project.folder().join(".netto/lake")).unwrap();
    for folder in ["", "lines"] {
        for entry in fs::read_dir(made.project.folder().join(folder)).unwrap().flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "csv") {
                let text = fs::read_to_string(entry.path()).unwrap();
                fs::write(entry.path(), text.replace("C039", "C03X")).unwrap();
            }
        }
    }
    assert_eq!(made.night(), counted(MONTHS, 0));
    // A month that the lake no longer has is kept no longer.
    fs::create_dir_all(months.join("2019-01")).unwrap();
    let unneeded = made.netto(&["vacuum", "--format", "json"]);
    assert!(unneeded["parts"].as_array().unwrap().iter().any(|part| part["part"] == "months"), "{unneeded}");
    assert_eq!(fs::read_dir(&months).unwrap().count(), MONTHS as usize);
}

#[test]
fn whatever_happens_between_nights_the_result_is_as_if_all_of_it_were_computed() {
    let mut made = Distributor::new(0x9e37_79b9_7f4a_7c15);
    made.night();
    for night in 0..4 {
        let happened: Vec<&str> = (0..=night % 3).map(|_| made.something()).collect();
        made = made.written();
        made.night();
        made.is_as_if_computed(&format!("night {night}: {happened:?}"));
    }
}

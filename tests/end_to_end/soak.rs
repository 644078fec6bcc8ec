//! Many nights in a row: late corrections, lines that move to another month, new customers, costs that change. Totals are right each night,
//! the disk stays as full as it is, and a night takes no longer than the first ones did.
//!
//! `just soak` makes a year of them; thirty are made where nothing else is said (`NETTO_SOAK`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::harness::Project;

const CONFIG: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n\
    [source.customers]\nfiles = \"customers.csv\"\n[pool.desk]\n[activity.entry]\npool = \"desk\"\nmethod = \"driver\"\nsource = \"orders\"\n\
    quantity = \"1\"\n[keep]\nruns = 3\n[publish]\nsinks = [\"csv\"]\n";

/// A distributor whose books change every night; amounts in whole euros.
#[derive(Default)]
struct Books {
    /// By order: month, customer, amount.
    orders: BTreeMap<u64, (u64, u64, u64)>,
    /// What the desk cost, by month.
    desk: BTreeMap<u64, u64>,
    drawn: u64,
}

impl Books {
    /// The next of numbers that look random and are the same each time (Knuth's multiplier).
    fn draw(&mut self, below: u64) -> u64 {
        self.drawn = self.drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.drawn >> 33) % below
    }

    /// What a night brings: months are numbered from January 2024, and a new one begins each thirty nights.
    fn night(&mut self, night: u64) {
        let month = 2 + night / 30;
        let next = self.orders.len() as u64;
        for order in next..next + 6 {
            let of = (month, self.draw(20 + night / 5), 50 + self.draw(200));
            self.orders.insert(order, of);
        }
        // A late correction, and a line that moves to the month before.
        let (corrected, moved) = (self.draw(next + 6), self.draw(next + 6));
        let amount = 50 + self.draw(200);
        self.orders.get_mut(&corrected).unwrap().2 = amount;
        let month_of = &mut self.orders.get_mut(&moved).unwrap().0;
        *month_of = month_of.saturating_sub(1);
        let cost = 300 + self.draw(100);
        for month in 0..=month {
            self.desk.entry(month).or_insert(cost);
        }
        let late = self.draw(month + 1);
        self.desk.insert(late, cost);
    }

    fn write(&self, project: Project) -> Project {
        let mut lines =
            "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n".to_owned();
        let mut customers = "customer_id,name\n".to_owned();
        for (order, (month, customer, amount)) in &self.orders {
            writeln!(lines, "{order},1,{},C{customer},p,1,{amount},{}", day(*month), amount / 2).unwrap();
        }
        for customer in 0..100 {
            writeln!(customers, "C{customer},Customer {customer}").unwrap();
        }
        let mut pools = "pool,period,amount\n".to_owned();
        for (month, cost) in &self.desk {
            writeln!(pools, "desk,{},{cost}", &day(*month)[..7]).unwrap();
        }
        project.file("order_lines.csv", lines).file("customers.csv", customers).file("cost_pools.csv", pools)
    }

    fn revenue(&self) -> u64 {
        self.orders.values().map(|(.., amount)| amount).sum()
    }
}

fn day(month: u64) -> String {
    format!("{}-{:02}-15", 2024 + month / 12, month % 12 + 1)
}

/// CPU seconds of the programs that this one has run, whatever else the machine does meanwhile; nothing where the system doesn't say.
/// Source: `man 5 proc_pid_stat`, fields 16 and 17 in hundredths.
fn cpu_of_programs() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(13).take(2).map(|field| field.parse::<u32>().ok());
    Some(f64::from(ticks.sum::<Option<u32>>()?) / 100.0)
}

/// Files below a folder, and their bytes.
fn size(folder: &Path) -> (u64, u64) {
    let mut all = (0, 0);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let about = entry.path().symlink_metadata().unwrap();
        let (files, bytes) = if about.is_dir() { size(&entry.path()) } else { (1, about.len()) };
        all = (all.0 + files, all.1 + bytes);
    }
    all
}

#[test]
fn many_nights_are_right_and_leave_no_more_than_few() {
    let nights = std::env::var("NETTO_SOAK").map_or(30, |nights| nights.parse().unwrap());
    let (mut project, mut books) = (Project::new(CONFIG), Books::default());
    let mut spent: Vec<f64> = Vec::new();
    let mut on_disk = Vec::new();
    for night in 0..nights {
        books.night(night);
        project = books.write(project);
        let (began, before) = (Instant::now(), cpu_of_programs());
        project.run().ok();
        let cpu = cpu_of_programs().zip(before).map(|(after, before)| after - before);
        spent.push(cpu.unwrap_or_else(|| began.elapsed().as_secs_f64()));
        let table = project.mart("fct_customer_month");
        assert_eq!(table.sum("invoice_revenue"), i128::from(books.revenue()) * 10_000, "night {night}");
        let desk: u64 = books.desk.values().sum();
        let pools = project.mart("pool_balance");
        assert_eq!(pools.sum("own_amount"), i128::from(desk) * 10_000, "night {night}");
        assert_eq!(
            pools.sum("assigned_amount") + pools.sum("unassigned_amount"),
            i128::from(desk) * 10_000,
            "night {night}"
        );
        on_disk.push(["lake", "quarantine", "runs"].map(|part| size(&project.folder().join(".netto").join(part))));
    }
    assert_eq!(project.netto(&["plan"]).code(), 0);
    assert_eq!(fs::read_dir(project.folder().join("out/runs")).unwrap().count(), 3);
    let (early, late) = (on_disk[9], on_disk[on_disk.len() - 1]);
    // A month is a file, and each table has up to 32 entries of its log, and what three runs have read.
    let (months, tables) = (2 + nights / 30, 6);
    assert!(late[0].0 < months + tables * (32 + 3 * 4) + 40, "{early:?} {late:?}");
    // A record of a night that isn't kept is one small file.
    assert!(late[2].1 / nights < 20_000, "{late:?}");
    if nights >= 100 {
        let mean = |of: &[f64]| of.iter().sum::<f64>() / f64::from(u32::try_from(of.len()).unwrap());
        let (first, last) = (mean(&spent[5..25]), mean(&spent[spent.len() - 20..]));
        // There are twelve times as many months and orders.
        assert!(last < first * 3.0, "a night took {first:.2} s at first, and {last:.2} s at last");
        println!("first {first:.2} s, last {last:.2} s; lake {:?} then {:?}", early[0], late[0]);
    }
}

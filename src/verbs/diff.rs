//! `netto diff RUN RUN`: which customers changed tier or sign of profit between two runs, and what changed net profit.
//!
//! ```text
//!             rules        what the later configuration makes of the later data, less what the earlier one makes of it: computed anew
//!   data      months       months that came into the window, and left it
//!             lines        order lines that are new, gone, or have another quantity
//!             usage        activities used more or less
//!   prices    price        the same lines, at other invoiced amounts
//!             terms        rebates and payment terms
//!   costs     goods        the same lines, at other costs of goods
//!             rates        the same activities, at other rates
//! ```
//! The parts add up to the change of each customer. The output says which parts can't be separated because files of the earlier
//! lake were removed.

use netto_model::frame::{DimWindow, Ledger, Waterfall};
use netto_model::{Frame, Mart, Money, Window, column as c, contract};
use netto_profit::change::{PARTS, Side, change};
use polars::prelude::*;
use serde_json::{Map, Value, json};

use crate::checkpoints::Checkpoints;
use crate::cli::{DiffArgs, Engine, Format};
use crate::failure::Failure;
use crate::journal::{Entry, Journal};
use crate::output::{self, amount, count};
use crate::pipeline;
use crate::progress::Progress;
use crate::project::Project;
use crate::scenarios;
use crate::verbs::history::{kept, minute};

pub(crate) fn run(args: &DiffArgs, format: Format) -> Result<(), Failure> {
    let project = Project::open(&args.project.project)?;
    let journal = Journal::of(&project);
    let [before, after] = [journal.named(&args.before)?, journal.named(&args.after)?];
    let (earlier, later) = (Run::read(&project, &before)?, Run::read(&project, &after)?);
    let mut notes = Vec::new();
    let middle = if before.config == after.config { None } else { Some(middle(&project, &journal, &before, &after)?) };
    notes.extend(of_rules(&project, &journal, &before, &after));
    let side = middle.as_ref().map_or(later.side(), |(figures, window)| Side {
        waterfall: &figures.profit.waterfall,
        ledger: &figures.profit.ledger,
        window: *window,
    });
    let repriced = repriced(&project, &before, &after, earlier.window, side.window);
    if repriced.is_none() {
        notes.push("files of the earlier lake are gone: changes in prices and costs of goods are part of `lines` and can't be separated".to_owned());
    }
    let parts = change(earlier.side(), side, repriced)?;
    let compared = compared(&parts, &earlier, &later).map_err(|error| unread(&error))?;
    let moved = moved(&compared).map_err(|error| unread(&error))?;
    let totals = totals(&compared).map_err(|error| unread(&error))?;
    match format {
        Format::Json => output::json(&as_json(&before, &after, &totals, &moved, &notes)),
        Format::Table | Format::Csv => print(&before, &after, &totals, &moved, &notes),
    }
    Ok(())
}

fn unread(error: &PolarsError) -> Failure {
    Failure::failed("the runs could not be compared", error)
}

/// The published tables of a run.
struct Run {
    waterfall: Frame<Waterfall>,
    ledger: Frame<Ledger>,
    customers: DataFrame,
    window: Window,
}

impl Run {
    fn read(project: &Project, entry: &Entry) -> Result<Self, Failure> {
        let id = entry.run_id.as_deref().unwrap_or_default();
        if !kept(project, entry) {
            let what = format!("the tables of run {id} are no longer kept");
            return Err(Failure::usage(what, "`netto history` shows which runs still have their tables"));
        }
        let folder = project.run_folder(id);
        let table = contract::model("customer_window");
        let window = scenarios::window(&published::<DimWindow>(&folder)?, "main")?;
        Ok(Self {
            waterfall: published(&folder)?,
            ledger: published(&folder)?,
            customers: Mart::try_new(table, netto_publish::read(&folder, table)?.lazy())?.data,
            window,
        })
    }

    const fn side(&self) -> Side<'_> {
        Side { waterfall: &self.waterfall, ledger: &self.ledger, window: self.window }
    }
}

fn published<T: netto_model::frame::Contract>(folder: &std::path::Path) -> Result<Frame<T>, Failure> {
    Ok(Frame::try_new(netto_publish::read(folder, T::TABLE)?.lazy())?)
}

/// The result of the earlier rules on the later data.
fn middle(
    project: &Project,
    journal: &Journal,
    before: &Entry,
    after: &Entry,
) -> Result<(pipeline::Figures, Window), Failure> {
    let mut earlier = project.with_rules(&journal.folder_of(before.number).join("rules"))?;
    earlier.config.company.closed_through.clone_from(&after.data_through);
    let lake = project.lake()?.as_of(&after.lake);
    let figures = pipeline::figures(&earlier, &lake, &Checkpoints::default(), Engine::Netto, &mut Progress::default())?;
    let window = Window::ending(figures.last_month, earlier.config.segment.window_months.into());
    Ok((figures, window))
}

/// Notes on how the effect of the rules was separated.
fn of_rules(project: &Project, journal: &Journal, before: &Entry, after: &Entry) -> Vec<String> {
    let mut notes = Vec::new();
    let sources = |entry: &Entry| {
        let rules = project.with_rules(&journal.folder_of(entry.number).join("rules")).ok()?;
        let sources = rules.document.table(&["source"])?;
        Some((sources, rules.document.table(&["defaults"])))
    };
    if before.config != after.config && sources(before) != sources(after) {
        notes.push(
            "settings of [source] or [defaults] differ: their effect on the rows that are read counts as data"
                .to_owned(),
        );
    }
    if before.netto != after.netto {
        notes.push(format!(
            "the runs were made by netto {} and {}: the effect of the version isn't shown separately",
            before.netto, after.netto
        ));
    }
    notes
}

/// Effects of prices and costs of goods on lines in both runs; `None` if files of either lake were removed.
fn repriced(project: &Project, before: &Entry, after: &Entry, one: Window, other: Window) -> Option<DataFrame> {
    let lake = project.lake().ok()?;
    let both = |month| one.contains(month) && other.contains(month);
    lake.as_of(&after.lake).repriced(&lake.as_of(&before.lake), both).ok()
}

/// By customer: tiers and net profit of both runs, the parts, and the effect of rules.
fn compared(parts: &DataFrame, earlier: &Run, later: &Run) -> PolarsResult<DataFrame> {
    let by = || [col(c::CUSTOMER_ID)];
    let of = |run: &Run, tier: &str, profit: &str| {
        let main = run.customers.clone().lazy().filter(col(c::WINDOW).eq(lit("main")));
        main.select([col(c::CUSTOMER_ID), col(c::TIER).alias(tier), col(c::NET_PROFIT).alias(profit)])
    };
    let zero = |name: &str| col(name).fill_null(lit(0_i64));
    let outer = |left: LazyFrame, right: LazyFrame| {
        left.join(right, by(), by(), JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns))
    };
    let both = outer(of(earlier, "tier_before", "net_before"), of(later, "tier_after", "net_after"));
    let all = outer(both, parts.clone().lazy());
    let amounts: Vec<Expr> =
        ["net_before", "net_after", "before", "after"].into_iter().chain(PARTS).map(zero).collect();
    let blank = |name: &str| col(name).fill_null(lit(""));
    all.with_columns(amounts)
        .with_columns([
            blank("tier_before"),
            blank("tier_after"),
            (col("net_after") - col("after")).alias("rules"),
            (col("net_after") - col("net_before")).alias("change"),
        ])
        .sort([c::CUSTOMER_ID], SortMultipleOptions::default())
        .collect()
}

/// All parts, in display order.
fn every_part() -> impl Iterator<Item = &'static str> {
    PARTS.into_iter().chain(["rules"])
}

/// The cause that a part belongs to.
fn cause(part: &str) -> &'static str {
    match part {
        "months" | "lines" | "usage" => "data",
        "price" | "terms" => "prices",
        "goods" | "rates" => "costs",
        _ => "rules",
    }
}

fn meaning(part: &str) -> &'static str {
    match part {
        "months" => "months that entered the main window, less months that left it",
        "lines" => "order lines that are new, gone, or have another quantity",
        "usage" => "activities used more or less, at their earlier rates",
        "price" => "the same lines, at other invoiced amounts",
        "terms" => "rebates and financing of receivables",
        "goods" => "the same lines, at other costs of goods",
        "rates" => "the same activities, at other rates",
        _ => "the later configuration instead of the earlier one, on the later data",
    }
}

/// The sum of each column.
struct Totals {
    before: Money,
    after: Money,
    parts: Vec<(&'static str, Money)>,
}

fn totals(compared: &DataFrame) -> PolarsResult<Totals> {
    let sum = |name: &str| -> PolarsResult<Money> {
        let sum: i128 = compared.column(name)?.i64()?.iter().flatten().map(i128::from).sum();
        Money::try_from_wide(sum).map_err(|error| polars_err!(ComputeError: "{error}"))
    };
    let parts = every_part().map(|part| Ok((part, sum(part)?))).collect::<PolarsResult<_>>()?;
    Ok(Totals { before: sum("net_before")?, after: sum("net_after")?, parts })
}

/// A customer whose tier or sign of profit changed.
struct Moved {
    customer: String,
    tiers: [String; 2],
    profits: [Money; 2],
    parts: Vec<(&'static str, Money)>,
}

impl Moved {
    fn change(&self) -> i128 {
        i128::from(self.profits[1].units()) - i128::from(self.profits[0].units())
    }

    /// The cause with the largest change.
    fn mainly(&self) -> &'static str {
        let mut causes: Map<String, Value> = Map::new();
        let mut most = ("", 0_i128);
        for (part, _) in &self.parts {
            let name = cause(part);
            if causes.insert(name.to_owned(), Value::Null).is_some() {
                continue;
            }
            let of = self.parts.iter().filter(|(part, _)| cause(part) == name);
            let sum = of.map(|(_, money)| i128::from(money.units())).sum::<i128>().abs();
            if sum > most.1 {
                most = (name, sum);
            }
        }
        most.0
    }
}

/// Largest change first.
fn moved(compared: &DataFrame) -> PolarsResult<Vec<Moved>> {
    let texts = |name: &str| Ok::<_, PolarsError>(compared.column(name)?.str()?.clone());
    let amounts = |name: &str| Ok::<_, PolarsError>(compared.column(name)?.i64()?.clone());
    let (ids, tiers) = (texts(c::CUSTOMER_ID)?, [texts("tier_before")?, texts("tier_after")?]);
    let profits = [amounts("net_before")?, amounts("net_after")?];
    let parts = every_part().map(|part| Ok((part, amounts(part)?))).collect::<PolarsResult<Vec<_>>>()?;
    let mut moved = Vec::new();
    for row in 0..compared.height() {
        let text = |column: &StringChunked| column.get(row).unwrap_or_default().to_owned();
        let money = |column: &Int64Chunked| Money::from_units(column.get(row).unwrap_or_default());
        let one = Moved {
            customer: text(&ids),
            tiers: [text(&tiers[0]), text(&tiers[1])],
            profits: [money(&profits[0]), money(&profits[1])],
            parts: parts.iter().map(|(part, column)| (*part, money(column))).collect(),
        };
        let sign = |profit: Money| profit.units() < 0;
        if one.tiers[0] != one.tiers[1] || sign(one.profits[0]) != sign(one.profits[1]) {
            moved.push(one);
        }
    }
    moved.sort_by_key(|one| (-one.change().abs(), one.customer.clone()));
    Ok(moved)
}

/// Number of customers listed: one screen.
const LISTED: usize = 20;

fn print(before: &Entry, after: &Entry, totals: &Totals, moved: &[Moved], notes: &[String]) {
    let run = |entry: &Entry| {
        let (id, through) = (entry.run_id.as_deref().unwrap_or_default(), entry.data_through.as_deref().unwrap_or("?"));
        format!("run {id} of {} UTC, data through {through}", minute(&entry.started))
    };
    output::text(&format!("{}\n{}\n", run(before), run(after)));
    let mut rows = vec![vec!["net profit before".to_owned(), String::new(), String::new(), amount(totals.before)]];
    for (part, money) in &totals.parts {
        rows.push(vec![cause(part).to_owned(), (*part).to_owned(), meaning(part).to_owned(), amount(*money)]);
    }
    rows.push(vec!["net profit after".to_owned(), String::new(), String::new(), amount(totals.after)]);
    output::table(&["", "", "", "Main window"], &rows, 3);
    for note in notes {
        output::text(&format!("\nnote: {note}"));
    }
    if moved.is_empty() {
        return output::text("\nNo customer changed tier, or from profit to loss or back.");
    }
    output::text(&format!(
        "\nCustomers that changed tier, or from profit to loss or back: {}",
        count(moved.len() as u64)
    ));
    let row = |one: &Moved| {
        let tier = |tier: &String| if tier.is_empty() { "–".to_owned() } else { tier.clone() };
        let from_to = if one.tiers[0] == one.tiers[1] {
            tier(&one.tiers[0])
        } else {
            format!("{} → {}", tier(&one.tiers[0]), tier(&one.tiers[1]))
        };
        vec![one.customer.clone(), from_to, one.mainly().to_owned(), amount(one.profits[0]), amount(one.profits[1])]
    };
    let rows: Vec<Vec<String>> = moved.iter().take(LISTED).map(row).collect();
    output::table(&["Customer", "Tier", "Mainly", "Net profit before", "Net profit after"], &rows, 3);
    if let Some(more) = moved.len().checked_sub(LISTED).filter(|more| *more > 0) {
        output::text(&format!(" and {more} more: --format json has all of them"));
    }
}

fn as_json(before: &Entry, after: &Entry, totals: &Totals, moved: &[Moved], notes: &[String]) -> Value {
    let run = |entry: &Entry| json!({ "run_id": entry.run_id, "number": entry.number, "started": entry.started, "data_through": entry.data_through });
    let parts = |parts: &[(&'static str, Money)]| -> Map<String, Value> {
        parts.iter().map(|(part, money)| ((*part).to_owned(), money.to_string().into())).collect()
    };
    let customer = |one: &Moved| {
        json!({
            "customer_id": one.customer,
            "tier_before": one.tiers[0],
            "tier_after": one.tiers[1],
            "net_profit_before": one.profits[0].to_string(),
            "net_profit_after": one.profits[1].to_string(),
            "mainly": one.mainly(),
            "parts": parts(&one.parts),
        })
    };
    json!({
        "before": run(before),
        "after": run(after),
        "net_profit_before": totals.before.to_string(),
        "net_profit_after": totals.after.to_string(),
        "parts": parts(&totals.parts),
        "moved": moved.iter().map(customer).collect::<Vec<_>>(),
        "notes": notes,
    })
}

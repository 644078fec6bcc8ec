//! The report as one self-contained HTML file: it loads nothing from outside, and the same tables give the same bytes.
//!
//! ```text
//! page.rs          what every section reads: marts, formats, names, who has a page
//! marts.rs         the marts by name, and their rows as plain values
//! section.rs       what a section is made of: a finding, how it is read, charts and tables
//! sections.rs      the sections in their order; each is a file of its own, named after its subject
//! headline.rs      the headline figures, and five questions answered in a sentence each
//! format.rs        numbers as the configuration wants them: 1.234,50
//! language.rs      messages in the language of the report
//! choice.rs        every customer with its figures: what a filter leaves is added up on the page
//! sums.rs          what customers that no filter tells apart bring to orders, stock and assortment
//! labels.rs        names of pools and activities instead of keys
//! chart.rs         inline SVG: the pyramid, the 20/80 curves, the whale
//! steps.rs         inline SVG: from one sum to another; columns.rs the columns of capacity; scatter.rs customers against their peers
//! certainty.rs     the band of each customer's net profit
//! block.rs         tables of a customer's or an employee's page
//! customer_page.rs what opens on a click on a customer, and is printed as its account plan
//! employee_page.rs what opens on a click on an employee
//! windows.rs       the same page for every other window, packed behind the first
//! templates/       HTML, escaped by default; style.css and the scripts go inside
//! ```
//! A section is left out if its table is empty or wasn't made. A customer is a row `tr[data-customer]` with a button, an employee a row `tr[data-employee]`;
//! `#customer=ID` and `#employee=ID` in the address open them as well. Printing an open customer prints the account plan on one A4 page.

mod attention;
mod block;
mod bridge;
mod budget;
mod capacity;
mod certainty;
mod change;
mod channels;
mod chart;
mod choice;
mod columns;
mod concentration;
mod cross_sell;
mod curves;
mod customer_page;
mod customers;
mod deviations;
mod employee_page;
mod format;
mod goals;
mod groups;
mod headline;
mod labels;
mod language;
mod markets;
mod marts;
mod migration;
mod order_size;
mod overdue;
mod page;
mod pyramid;
mod quadrants;
mod questions;
mod readiness;
mod rebates;
mod remedies;
mod sales;
mod scatter;
mod scenarios;
mod section;
mod sections;
mod segments;
mod service;
mod set_apart;
mod slipping;
mod steps;
mod stock;
mod strata;
mod sums;
mod suppliers;
mod teamwork;
mod to_do;
mod tracking;
mod unknown;
mod visits;
mod whale;
mod windows;
#[cfg(test)]
mod words;

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Value, context};
use netto_model::{Language, Mart, Period, Table, contract};
use polars::prelude::PolarsResult;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
pub(crate) use visits::DAYS;

use crate::PublishError;
use format::Format;
use language::{Written as _, say};
use marts::{MAIN, Marts};
use page::Page;
use section::Section;
use windows::{Choice, Packed};

/// How the report is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportConfig {
    /// Title; default: the name of the company.
    pub title: Option<String>,
    /// Language of its texts, numbers and dates: `en`, `nl` or `de`. Names are shown as supplied.
    ///
    /// ```toml
    /// [report]
    /// language = "nl"
    /// ```
    pub language: Language,
    /// Decimal sign; default: that of the language.
    pub decimal_separator: Option<char>,
    /// Thousands sign; default: that of the language.
    pub thousands_separator: Option<char>,
    /// Format of dates, such as %d-%m-%Y: year %Y or %y, month %m or %-m, day %d or %-d. Default: the format of the language.
    pub date_format: Option<String>,
    /// Number of customers with a page: those with the net profit farthest from zero, positive or negative.
    /// A page takes about three kilobytes.
    pub customers: usize,
    /// Whether what named employees cost is shown: their pay, what they add after it, what a visit of theirs costs, their bonuses. A pair is shown
    /// with what it adds either way.
    ///
    /// ```toml
    /// [report]
    /// pay = true
    /// ```
    pub pay: bool,
}

impl Default for ReportConfig {
    fn default() -> Self {
        Self {
            title: None,
            language: Language::En,
            decimal_separator: None,
            thousands_separator: None,
            date_format: None,
            customers: 2_000,
            pay: false,
        }
    }
}

/// The identity of a report.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Company.
    pub company: String,
    /// Currency of the amounts.
    pub currency: String,
    /// Version of netto.
    pub version: String,
    /// Name of the run; [`UNNAMED`] while it isn't known, because it is a hash of content that includes the report.
    pub run: String,
}

/// The placeholder for the name of the run in a report.
pub const UNNAMED: &str = "‹run›";

/// The facts that a report reads besides the marts, if they were made: what customers bought, of which kind, and how it was delivered.
pub const FACTS: [&Table; 3] =
    [&contract::FCT_CUSTOMER_PRODUCT_GROUP_MONTH, &contract::FCT_CUSTOMER_KIND_MONTH, &contract::DELIVERY_MONTH];

/// Writes the report: the page of the main window, with those of the others packed behind it.
///
/// # Errors
/// When a table lacks a column, or the template fails.
pub fn render(marts: &[Mart], config: &ReportConfig, meta: &Meta) -> Result<String, PublishError> {
    let choices = windows::choices(&Marts::new(marts, MAIN), &Format::new(config, &meta.currency))?;
    let others = choices.par_iter().filter(|choice| choice.name != MAIN);
    let others = others.map(|choice| {
        let html = page(marts, config, meta, &choice.name, &choices, &[])?;
        Packed::new(choice, &html)
    });
    let others = others.collect::<Result<Vec<_>, PublishError>>()?;
    page(marts, config, meta, MAIN, &choices, &others)
}

/// The page of a window: it offers a choice of all windows, and has `others` packed behind it.
fn page(
    marts: &[Mart],
    config: &ReportConfig,
    meta: &Meta,
    window: &str,
    choices: &[Choice],
    others: &[Packed],
) -> Result<String, PublishError> {
    let mut page = Page::new(Marts::new(marts, window), Format::new(config, &meta.currency), config)?;
    let (subjects, sections): (Vec<&str>, Vec<Section>) = sections::made(&page)?.into_iter().unzip();
    let everyone = choice::everyone(&mut page, &sections)?;
    let (customers, bundles) = customer_page::data(&page)?;
    let data = serde_json::json!({
        "decimal": page.format.decimal, "thousands": page.format.thousands, "currency": page.format.currency,
        "percent": page.format.language.percent_sign(), "money": page.format.language.with_currency(&page.format.currency, "{amount}"),
        "said": said_in_scripts(page.format.language), "groups": page.groups,
        "customers": customers,
        "employees": employee_page::data(&page)?,
    });
    let shell = context! { lang => page.format.language.tag(), title => config.title.as_deref().unwrap_or(&meta.company), company => meta.company.as_str(), currency => meta.currency.as_str(), run => meta.run.as_str(), window => span(&page)? };
    let html = page.render(
        "page",
        context! {
            version => meta.version.as_str(),
            ties => page.knows_cost && set_apart::ledger_is_whole(&page)?,
            style => Value::from_safe_string(include_str!("templates/style.css").to_owned()),
            script => Value::from_safe_string(format!("(async () => {{\n{}}})();\n", SCRIPTS.concat())),
            data => Value::from_safe_string(for_script(&data)?),
            bundles,
            everyone => windows::packed(&serde_json::to_vec(&everyone)?)?,
            headline => headline::headline(&page, &sections)?,
            choices => Serde(choices),
            chosen => window,
            others => Serde(others),
            opener => Value::from_safe_string(include_str!("templates/windows.js").to_owned()),
            groups => groups(&page, &subjects, &sections)?,
            panels => page.render("panels", shell.clone())?,
            ..shell
        },
    )?;
    Ok(html.to_string())
}

/// The scripts of the page: drawing cells and charts, customer and employee pages, tables and tooltips, the window, redrawn sections, the filter and the
/// search.
const SCRIPTS: [&str; 8] = [
    include_str!("templates/draw.js"),
    include_str!("templates/charts.js"),
    include_str!("templates/panels.js"),
    include_str!("templates/tools.js"),
    include_str!("templates/script.js"),
    include_str!("templates/followed.js"),
    include_str!("templates/sums.js"),
    include_str!("templates/choice.js"),
];

/// The messages of the scripts, in the language of the report; empty for English.
fn said_in_scripts(language: Language) -> BTreeMap<&'static str, &'static str> {
    let scripts = SCRIPTS.concat();
    let said = |message: &str| scripts.contains(&format!("'{}'", message.replace('\'', "\\'")));
    language
        .catalogue()
        .iter()
        .map(|(message, text)| (message.as_str(), text.as_str()))
        .filter(|(message, _)| said(message))
        .collect()
}

/// The sections as HTML, grouped by subject.
fn groups(page: &Page<'_>, subjects: &[&str], sections: &[Section]) -> Result<Vec<Value>, PublishError> {
    let mut groups: Vec<(&str, Vec<Value>)> = Vec::new();
    for (subject, section) in subjects.iter().zip(sections) {
        let html = page.render("section", Value::from(Serde(section)))?;
        let shown =
            context! { id => section.id, name => section.name.as_str(), finding => section.finding.as_str(), html };
        match groups.last_mut() {
            Some((name, shown_before)) if name == subject => shown_before.push(shown),
            _ => groups.push((subject, vec![shown])),
        }
    }
    Ok(groups.into_iter().map(|(name, sections)| context! { name => page.format.say(name), sections }).collect())
}

/// The first and the last day, in the configured format.
fn span(page: &Page<'_>) -> PolarsResult<String> {
    let (first, last) = page.marts.window()?;
    if first > last {
        return Ok(say!(page.format, "no closed months"));
    }
    let last_day = Period::of_day(last).plus(1).first_day() - 1;
    Ok(format!("{} – {}", page.format.date(first), page.format.date(last_day)))
}

/// JSON that can't close the script element around it.
fn for_script(data: &(impl serde::Serialize + ?Sized)) -> Result<String, PublishError> {
    Ok(serde_json::to_string(data)?
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::{Type, column as c};
    use polars::prelude::*;

    #[test]
    fn data_cannot_leave_its_script_element() {
        let text = for_script(&serde_json::json!({"name": "</script><script>alert(1)"})).unwrap();
        assert!(!text.contains('<'), "{text}");
    }

    /// Every mart of the contract, empty except for those given.
    fn marts(given: &[(&'static Table, &[(&str, AnyValue<'static>)])]) -> Vec<Mart> {
        let rows = |table: &'static Table| {
            let empty = DataFrame::empty_with_schema(&netto_model::frame::schema(table));
            given
                .iter()
                .filter(|(of, _)| of.name == table.name)
                .fold(empty, |data, (_, cells)| data.vstack(&row(table, cells)).unwrap())
        };
        contract::marts().map(|table| Mart { table, data: rows(table) }).collect()
    }

    /// Cells of a table, with names so short that a row of a test fits on a line.
    pub(super) const fn t(text: &'static str) -> AnyValue<'static> {
        AnyValue::String(text)
    }
    /// A whole number.
    pub(super) const fn n(number: i64) -> AnyValue<'static> {
        AnyValue::Int64(number)
    }
    /// An amount, or minutes.
    pub(super) const fn m(amount: i64) -> AnyValue<'static> {
        AnyValue::Int64(amount * 10_000)
    }
    /// A share.
    pub(super) const fn f(share: f64) -> AnyValue<'static> {
        AnyValue::Float64(share)
    }
    /// Yes or no.
    pub(super) const fn b(flag: bool) -> AnyValue<'static> {
        AnyValue::Boolean(flag)
    }

    /// The cells of a row.
    pub(super) type Cells = Vec<(&'static str, AnyValue<'static>)>;

    /// Rows of the main window.
    pub(super) fn rows(table: &Table, rows: Vec<Cells>) -> DataFrame {
        let empty = DataFrame::empty_with_schema(&netto_model::frame::schema(table));
        let main = |cells: Cells| cells.into_iter().chain([(c::WINDOW, t("main"))]).collect::<Cells>();
        rows.into_iter().fold(empty, |data, cells| data.vstack(&row(table, &main(cells))).unwrap())
    }

    /// The report of one customer, with these tables.
    pub(super) fn with(tables: Vec<(&'static Table, Vec<Cells>)>) -> String {
        let mut marts = one_customer();
        for (table, cells) in tables {
            replace(&mut marts, table, rows(table, cells));
        }
        rendered(&marts)
    }

    /// A section's HTML; empty if it is left out.
    pub(super) fn section<'a>(html: &'a str, id: &str) -> &'a str {
        let start = html.find(&format!("<section id=\"{id}\""));
        start.map_or("", |start| html[start..].split("</section>").next().unwrap_or_default())
    }

    /// The heading of a section.
    pub(super) fn finding(html: &str, id: &str) -> String {
        let heading = section(html, id).split("</h2>").next().unwrap_or_default();
        heading.rsplit('>').next().unwrap_or_default().replace('\u{a0}', " ").replace("&#x27;", "'")
    }

    /// The first row of a section with this name: its cells, with the small print in brackets.
    pub(super) fn cells(html: &str, id: &str, name: &str) -> String {
        let of_name = |row: &&str| row.contains(&format!(">{name}</th>")) || row.contains(&format!(">{name}<small>"));
        let text = |cell: &str| {
            let inner = cell.split("</td>").next().unwrap_or_default();
            let inner = inner.split("<span").next().unwrap_or_default();
            let inner = inner.split_once('>').map_or("", |(_, text)| text);
            inner.replace("<small>", " (").replace("</small>", ")").replace('\u{a0}', " ")
        };
        let line = |row: &str| row.split("<td").skip(1).map(text).collect::<Vec<_>>().join(" | ");
        let lines = section(html, id).split("<tr").filter(of_name).map(line);
        lines.into_iter().find(|line| !line.is_empty()).unwrap_or_default()
    }

    /// A row with the given cells, and zero or null elsewhere.
    pub(super) fn row(table: &Table, cells: &[(&str, AnyValue<'static>)]) -> DataFrame {
        let columns = table.columns.iter().map(|column| {
            let nothing = match column.ty {
                Type::Integer | Type::Decimal => AnyValue::Int64(0),
                Type::Bool => AnyValue::Boolean(false),
                Type::Text | Type::Ratio | Type::Date => AnyValue::Null,
            };
            let cell = cells.iter().find(|(name, _)| *name == column.name).map_or(nothing, |(_, cell)| cell.clone());
            let ty = netto_model::frame::polars_type(column.ty);
            Series::from_any_values_and_dtype(column.name.into(), &[cell], &ty, true).unwrap().into_column()
        });
        DataFrame::new_infer_height(columns.collect()).unwrap()
    }

    pub(super) fn rendered(marts: &[Mart]) -> String {
        let meta = Meta { company: "A <b>& Co".into(), currency: "EUR".into(), version: "0".into(), run: "1".into() };
        let config = ReportConfig {
            decimal_separator: Some(','),
            thousands_separator: Some('.'),
            date_format: Some("%d-%m-%Y".into()),
            pay: true,
            ..ReportConfig::default()
        };
        render(marts, &config, &meta).unwrap()
    }

    /// One customer who loses money, and whose name tries to be a script.
    pub(super) fn one_customer() -> Vec<Mart> {
        let main = || (c::WINDOW, AnyValue::String("main"));
        let customer = || (c::CUSTOMER_ID, AnyValue::String("B\"1"));
        let march = AnyValue::Date(20_148);
        let (revenue, profit) = (AnyValue::Int64(12_345_600), AnyValue::Int64(-8_000_000));
        marts(&[
            (&contract::DIM_WINDOW, &[main(), (c::FIRST_PERIOD, march.clone()), (c::LAST_PERIOD, march.clone())]),
            (&contract::DIM_CUSTOMER, &[customer(), (c::NAME, AnyValue::String("</script><script>alert(1)</script>"))]),
            (
                contract::model("customer_window"),
                &[main(), customer(), (c::TIER, AnyValue::String("Top")), (c::NET_PROFIT, profit.clone())],
            ),
            (
                &contract::FCT_CUSTOMER_MONTH,
                &[
                    customer(),
                    (c::PERIOD, march),
                    (c::NET_PROFIT, profit.clone()),
                    (c::COGS_SUPPLIED, AnyValue::Boolean(true)),
                    (c::COST_TO_SERVE_SUPPLIED, AnyValue::Boolean(true)),
                ],
            ),
            (
                contract::model("whale_curve"),
                &[
                    main(),
                    customer(),
                    (c::CUMULATIVE_CUSTOMER_SHARE, AnyValue::Float64(1.0)),
                    (c::CUMULATIVE_PROFIT, profit.clone()),
                ],
            ),
            (
                contract::model("window_summary"),
                &[
                    main(),
                    (c::CUSTOMERS, AnyValue::Int64(1)),
                    (c::INVOICE_REVENUE, revenue),
                    (c::NET_PROFIT, profit.clone()),
                    (c::LOSS_CUSTOMERS, AnyValue::Int64(1)),
                    (c::LOSS_AMOUNT, profit),
                ],
            ),
        ])
    }

    #[test]
    fn a_name_stays_a_name_wherever_it_stands() {
        let html = rendered(&one_customer());
        assert!(!html.contains("<script>alert") && !html.contains("</script><script>alert"));
        assert!(html.contains(r#"<tr data-customer="B&quot;1""#), "{html}");
        assert_eq!(html.matches("<script").count(), 4, "the data, the pages, all customers and the code");
    }

    #[test]
    fn a_company_without_profit_gets_amounts_and_is_told_why() {
        let html = rendered(&one_customer());
        let line = |holds: &str| line(&html, holds);
        insta::assert_snapshot!(line("class=\"window\""), @r#"<p class="window">01-03-2025 – 31-03-2025 · amounts in EUR · run 1</p>"#);
        insta::assert_snapshot!(line("only amounts"), @"<p>0 customers earn EUR 0 together, the peak. All customers leave EUR −800. The total is near or below zero, so only amounts are shown: shares of it would mislead.</p>");
        insta::assert_snapshot!(line("<dl class=\"figures\""), @r#"<dl class="figures"><div><dt>Invoice revenue</dt><dd>1.235</dd></div><div><dt>Gross margin</dt><dd>0</dd></div><div><dt>Cost-to-serve</dt><dd>0</dd></div><div class="negative"><dt>Net profit of customers</dt><dd>−800</dd></div><div><dt>Idle capacity</dt><dd>0</dd></div><div><dt>Unassigned</dt><dd>0</dd></div><div><dt>Result, ties to the ledger</dt><dd>0</dd></div></dl>"#);
    }

    #[test]
    fn the_same_tables_give_the_same_bytes() {
        assert_eq!(rendered(&one_customer()), rendered(&one_customer()));
    }

    #[test]
    fn a_report_without_any_data_is_still_a_page_and_loads_nothing() {
        let html = rendered(&marts(&[]));
        assert!(html.contains("A &lt;b&gt;&amp; Co") && !html.contains("A <b>"));
        for outside in ["src=", "http://", "https://", "@import", "url("] {
            let found = html.replace("http://www.w3.org/2000/svg", "").contains(outside);
            assert!(!found, "the report refers to {outside}");
        }
    }

    /// The data of the pages, with those of customers by id.
    pub(super) fn data(html: &str) -> serde_json::Value {
        let script = |id: &str| html.split(&format!("id=\"{id}\">")).nth(1)?.split("</script>").next();
        let mut data: serde_json::Value = serde_json::from_str(script("data").unwrap()).unwrap();
        let ids: Vec<String> = serde_json::from_value(data["customers"]["pages"].take()).unwrap();
        let bundles = (0..).map_while(|bundle| script(&format!("pages-{bundle}")));
        let bundles = bundles.map(|pages| serde_json::from_str::<Vec<serde_json::Value>>(pages).unwrap());
        data["customers"]["pages"] = ids.into_iter().zip(bundles.flatten()).collect::<serde_json::Map<_, _>>().into();
        data
    }

    /// The line of the page that contains a text.
    pub(super) fn line(html: &str, holds: &str) -> String {
        html.lines().find(|line| line.contains(holds)).unwrap_or_default().trim().replace('\u{a0}', " ")
    }

    #[test]
    fn what_has_no_rows_has_no_section() {
        let html = rendered(&marts(&[]));
        let ids: Vec<&str> = html.split("<section id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
        assert_eq!(ids, ["headline", "customers"]);
        assert!(!html.contains("<div data-answer"));
    }

    #[test]
    fn a_table_that_was_not_made_leaves_out_its_section() {
        let without = |html: &str| !html.contains("id=\"capacity\"") && !html.contains("them for certain");
        let mut marts = one_customer();
        let later = ["pool_balance", "ledger_bridge", "sensitivity", "rebate_progress", "dim_pool"];
        marts.retain(|mart| !later.contains(&mart.table.name));
        let html = rendered(&marts);
        assert!(without(&html));
    }

    /// Replaces the rows of a table, which need not exist.
    pub(super) fn replace(marts: &mut Vec<Mart>, table: &'static Table, data: DataFrame) {
        marts.retain(|mart| mart.table.name != table.name);
        marts.push(Mart { table, data });
    }
}

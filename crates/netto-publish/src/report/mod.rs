//! One self-contained HTML file: it loads nothing from outside, and the same tables give the same bytes.
//!
//! ```text
//! figures.rs     the marts as values for the template
//! format.rs      numbers as the configuration wants them: 1.234,50
//! labels.rs      names of pools and activities instead of keys
//! chart.rs       inline SVG: the pyramid, the 20/80 curves, the whale; columns.rs the columns of capacity
//! bridge.rs      where the cost goes: account → pool → activity → customers
//! capacity.rs    what each pool used of its capacity, month by month
//! rebates.rs     agreements that nearly reach their next bracket
//! certainty.rs   the band of each customer's net profit
//! customers.rs   what opens on a click: waterfall, activities, trend
//! report.html    the template, escaped by default; style.css and script.js go inside
//! ```
//! Sections have ids: `#headline`, `#pyramid`, `#concentration`, `#whale`, `#migration`, `#pools`, `#capacity`,
//! `#rebates`, `#customers`; capacity and rebates only where there are any. A customer is a row `tr[data-customer]` with a
//! button; `#customer=ID` in the address opens it as well.

mod bridge;
mod capacity;
mod certainty;
mod chart;
mod columns;
mod customers;
mod figures;
mod format;
mod labels;
mod rebates;

use minijinja::{AutoEscape, Environment, Value};
use netto_model::Mart;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::PublishError;
use figures::Marts;
use format::Format;

/// How the report is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportConfig {
    /// Title; the company's name when left out.
    pub title: Option<String>,
    /// Between whole and decimals.
    pub decimal_separator: char,
    /// Between thousands.
    pub thousands_separator: char,
    /// Form of a date, such as %d-%m-%Y: year %Y or %y, month %m or %-m, day %d or %-d.
    pub date_format: String,
}

impl Default for ReportConfig {
    fn default() -> Self {
        Self { title: None, decimal_separator: '.', thousands_separator: ',', date_format: "%Y-%m-%d".into() }
    }
}

/// Whose report it is.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Company.
    pub company: String,
    /// Currency of the amounts.
    pub currency: String,
    /// Version of netto.
    pub version: String,
}

/// Writes the report of the main window.
///
/// # Errors
/// When a table lacks a column, or the template fails.
pub fn render(marts: &[Mart], config: &ReportConfig, meta: &Meta) -> Result<String, PublishError> {
    let format = Format::new(config, &meta.currency);
    let marts = Marts::new(marts);
    let figures = figures::figures(&marts, &format)?;
    let customers = customers::customers(&marts, &format)?;
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report", include_str!("report.html"))?;
    let context = minijinja::context! {
        title => config.title.as_deref().unwrap_or(&meta.company),
        company => meta.company.as_str(),
        currency => meta.currency.as_str(),
        version => meta.version.as_str(),
        style => Value::from_safe_string(include_str!("style.css").to_owned()),
        script => Value::from_safe_string(include_str!("script.js").to_owned()),
        data => Value::from_safe_string(for_script(&customers.data)?),
        customers => customers.rows,
        top => customers.top,
        bottom => customers.bottom,
        ..figures
    };
    Ok(environment.get_template("report")?.render(context)?)
}

/// JSON that can't close the script element around it.
fn for_script(data: &serde_json::Value) -> Result<String, PublishError> {
    Ok(serde_json::to_string(data)?
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::{Table, Type, column as c, contract};
    use polars::prelude::*;

    #[test]
    fn data_cannot_leave_its_script_element() {
        let text = for_script(&serde_json::json!({"name": "</script><script>alert(1)"})).unwrap();
        assert!(!text.contains('<'), "{text}");
    }

    /// Every mart of the contract, without rows but for those given.
    fn marts(given: &[(&'static Table, &[(&str, AnyValue<'static>)])]) -> Vec<Mart> {
        let rows = |table: &'static Table| {
            let empty = DataFrame::empty_with_schema(&netto_model::frame::schema(table));
            given
                .iter()
                .filter(|(of, _)| of.name == table.name)
                .fold(empty, |data, (_, cells)| data.vstack(&row(table, cells)).unwrap())
        };
        contract::MARTS.iter().map(|&table| Mart { table, data: rows(table) }).collect()
    }

    /// A row with the cells given, zero or nothing elsewhere.
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
        let meta = Meta { company: "A <b>& Co".into(), currency: "EUR".into(), version: "0".into() };
        let config = ReportConfig {
            decimal_separator: ',',
            thousands_separator: '.',
            date_format: "%d-%m-%Y".into(),
            ..ReportConfig::default()
        };
        render(marts, &config, &meta).unwrap()
    }

    /// One customer who loses money, and whose name would like to be a script.
    pub(super) fn one_customer() -> Vec<Mart> {
        let main = || (c::WINDOW, AnyValue::String("main"));
        let customer = || (c::CUSTOMER_ID, AnyValue::String("B\"1"));
        let march = AnyValue::Date(20_148);
        let (revenue, profit) = (AnyValue::Int64(12_345_600), AnyValue::Int64(-8_000_000));
        marts(&[
            (&contract::DIM_WINDOW, &[main(), (c::FIRST_PERIOD, march.clone()), (c::LAST_PERIOD, march.clone())]),
            (&contract::DIM_CUSTOMER, &[customer(), (c::NAME, AnyValue::String("</script><script>alert(1)</script>"))]),
            (
                &contract::CUSTOMER_WINDOW,
                &[main(), customer(), (c::TIER, AnyValue::String("Top")), (c::NET_PROFIT, profit.clone())],
            ),
            (&contract::FCT_CUSTOMER_MONTH, &[customer(), (c::PERIOD, march), (c::NET_PROFIT, profit.clone())]),
            (
                &contract::WHALE_CURVE,
                &[
                    main(),
                    customer(),
                    (c::CUMULATIVE_CUSTOMER_SHARE, AnyValue::Float64(1.0)),
                    (c::CUMULATIVE_PROFIT, profit.clone()),
                ],
            ),
            (
                &contract::WINDOW_SUMMARY,
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
        assert!(html.contains(r#"<tr data-customer="B&quot;1">"#), "{html}");
        assert_eq!(html.matches("<script").count(), 2, "the data and the code");
    }

    #[test]
    fn a_company_without_profit_gets_amounts_and_is_told_why() {
        let html = rendered(&one_customer());
        let line = |holds: &str| line(&html, holds);
        insta::assert_snapshot!(line("class=\"window\""), @r#"<p class="window">01-03-2025 – 31-03-2025 · amounts in EUR</p>"#);
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

    /// A line of the page, by what it holds.
    pub(super) fn line(html: &str, holds: &str) -> String {
        html.lines().find(|line| line.contains(holds)).unwrap_or_default().trim().to_owned()
    }

    #[test]
    fn a_table_that_was_not_made_leaves_out_its_section() {
        let without = |html: &str| !html.contains("id=\"capacity\"") && !html.contains("them for certain");
        let mut marts = one_customer();
        let later = ["pool_balance", "ledger_bridge", "sensitivity", "rebate_progress", "dim_pool"];
        marts.retain(|mart| !later.contains(&mart.table.name));
        let html = rendered(&marts);
        assert!(without(&html) && html.contains("No cost was booked in this window."));
    }

    /// Puts other rows into a table, which need not be there.
    pub(super) fn replace(marts: &mut Vec<Mart>, table: &'static Table, data: DataFrame) {
        marts.retain(|mart| mart.table.name != table.name);
        marts.push(Mart { table, data });
    }
}

//! One self-contained HTML file: it loads nothing from outside, and the same tables give the same bytes.
//!
//! ```text
//! figures.rs     the marts as values for the template
//! format.rs      numbers as the configuration wants them: 1.234,50
//! chart.rs       inline SVG: the pyramid, the 20/80 curves, the whale
//! customers.rs   what opens on a click: waterfall, activities, trend
//! report.html    the template, escaped by default; style.css and script.js go inside
//! ```
//! Sections have ids: `#headline`, `#pyramid`, `#concentration`, `#whale`, `#migration`, `#pools`, `#customers`. A customer is
//! a row `tr[data-customer]` with a button; `#customer=ID` in the address opens it as well.

mod chart;
mod customers;
mod figures;
mod format;

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
    /// Form of a date, such as %d-%m-%Y.
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

    #[test]
    fn data_cannot_leave_its_script_element() {
        let text = for_script(&serde_json::json!({"name": "</script><script>alert(1)"})).unwrap();
        assert!(!text.contains('<'), "{text}");
    }

    #[test]
    fn a_report_without_any_data_is_still_a_page_and_loads_nothing() {
        let marts: Vec<Mart> = netto_model::contract::MARTS
            .iter()
            .map(|&table| Mart {
                table,
                data: polars::prelude::DataFrame::empty_with_schema(&netto_model::frame::schema(table)),
            })
            .collect();
        let meta = Meta { company: "A <b>& Co".into(), currency: "EUR".into(), version: "0".into() };
        let html = render(&marts, &ReportConfig::default(), &meta).unwrap();
        assert!(html.contains("A &lt;b&gt;&amp; Co") && !html.contains("A <b>"));
        for outside in ["src=", "http://", "https://", "@import", "url("] {
            let found = html.replace("http://www.w3.org/2000/svg", "").contains(outside);
            assert!(!found, "the report refers to {outside}");
        }
    }
}

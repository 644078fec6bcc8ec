//! The report in PBIR: pages of visuals over the semantic model, one JSON file each, following Microsoft's published schemas.
//!
//! ```text
//! definition/pages/overview/visuals/v3/visual.json    a chart: where it stands, and which fields play which role
//! ```

use serde_json::{Value, json};

/// A file of the report: its path below the report's folder, and its content.
pub(crate) type File = (String, Value);

const SCHEMAS: &str = "https://developer.microsoft.com/json-schemas/fabric/item/report/definition";

/// A page: its name, its title, the column by which any chart drills through to it, and its visuals.
struct Page(&'static str, &'static str, Option<&'static str>, &'static [Visual]);

/// A visual: kind, title, place and size on a grid of 12 × 12, and `role: field, field; role: field`; `[…]` is a measure.
struct Visual(&'static str, &'static str, [u16; 4], &'static str);

const SLICERS: [(&str, &str); 4] = [
    ("Window", "dim_window.label"),
    ("Market", "dim_customer.market"),
    ("Tier", "dim_customer.tier"),
    ("Account manager", "dim_customer.account_manager"),
];

const PAGES: &[Page] = &[
    Page(
        "overview",
        "Overview",
        None,
        &[
            Visual("card", "Invoice revenue", [0, 2, 2, 2], "Values: fct_customer_month[Invoice revenue]"),
            Visual("card", "Gross margin", [2, 2, 2, 2], "Values: fct_customer_month[Gross margin]"),
            Visual("card", "Cost-to-serve", [4, 2, 2, 2], "Values: fct_customer_month[Cost-to-serve]"),
            Visual("card", "Net profit", [6, 2, 2, 2], "Values: fct_customer_month[Net profit]"),
            Visual(
                "card",
                "Change against the window before",
                [8, 2, 2, 2],
                "Values: fct_customer_month[Net profit change]",
            ),
            Visual(
                "card",
                "Customers that lose money",
                [10, 2, 2, 2],
                "Values: customer_window[Customers that lose money]",
            ),
            Visual(
                "lineChart",
                "Net profit and cost-to-serve by month",
                [0, 4, 7, 4],
                "Category: dim_period.label; Y: fct_customer_month[Net profit], fct_customer_month[Cost-to-serve]",
            ),
            Visual(
                "clusteredBarChart",
                "Net profit by market",
                [7, 4, 5, 4],
                "Category: dim_customer.market; Y: fct_customer_month[Net profit]",
            ),
            Visual("card", "Data through", [10, 8, 2, 2], "Values: dim_run[Data through]"),
            Visual("tableEx", "Run", [10, 10, 2, 2], "Values: dim_run.run_id, dim_run.currency"),
            Visual(
                "tableEx",
                "Customers",
                [0, 8, 10, 4],
                "Values: dim_customer.name, dim_customer.tier, dim_customer.market, fct_customer_month[Invoice revenue], fct_customer_month[Share of revenue], fct_customer_month[Gross margin %], fct_customer_month[Cost-to-serve %], fct_customer_month[Net profit], fct_customer_month[Net profit change]",
            ),
        ],
    ),
    Page(
        "pyramid",
        "Pyramid",
        None,
        &[
            Visual(
                "clusteredBarChart",
                "Customers",
                [0, 2, 4, 5],
                "Category: dim_tier.tier; Y: pyramid[Customers in tier]",
            ),
            Visual(
                "clusteredBarChart",
                "Invoice revenue",
                [4, 2, 4, 5],
                "Category: dim_tier.tier; Y: pyramid[Revenue of tier]",
            ),
            Visual(
                "clusteredBarChart",
                "Net profit",
                [8, 2, 4, 5],
                "Category: dim_tier.tier; Y: pyramid[Net profit of tier]",
            ),
            Visual(
                "tableEx",
                "Tiers",
                [0, 7, 8, 5],
                "Values: dim_tier.tier, pyramid[Customers in tier], pyramid[Revenue of tier], pyramid[Cost-to-serve of tier], pyramid[Net profit of tier]",
            ),
            Visual("card", "Revenue of the top 20 %", [8, 7, 2, 5], "Values: window_summary[Revenue of the top 20 %]"),
            Visual(
                "card",
                "Cost of the last 20 % of revenue",
                [10, 7, 2, 5],
                "Values: window_summary[Cost of the last 20 % of revenue]",
            ),
        ],
    ),
    Page(
        "whale_curve",
        "Whale curve",
        None,
        &[
            Visual(
                "lineChart",
                "Cumulative profit, best customers first",
                [0, 2, 12, 6],
                "Category: whale_curve.rank; Y: whale_curve[Cumulative profit]",
            ),
            Visual(
                "tableEx",
                "Customers",
                [0, 8, 12, 4],
                "Values: whale_curve.rank, dim_customer.name, dim_customer.tier, whale_curve[Cumulative profit], whale_curve[Cumulative share of the peak]",
            ),
        ],
    ),
    Page(
        "waterfall",
        "Waterfall",
        None,
        &[
            Visual(
                "waterfallChart",
                "From list revenue to net profit",
                [0, 2, 12, 7],
                "Category: waterfall_step.step; Y: waterfall_step[Amount of step]",
            ),
            Visual("card", "Idle capacity", [0, 9, 4, 3], "Values: window_summary[Idle capacity]"),
            Visual("card", "Unassigned cost", [4, 9, 4, 3], "Values: window_summary[Unassigned cost]"),
            Visual("card", "Result, ties to the ledger", [8, 9, 4, 3], "Values: window_summary[Result of the company]"),
        ],
    ),
    Page(
        "customer",
        "Customer",
        Some("dim_customer.customer_id"),
        &[
            Visual(
                "tableEx",
                "Customer",
                [0, 2, 12, 2],
                "Values: dim_customer.customer_id, dim_customer.name, dim_customer.market, dim_customer.tier, dim_customer.account_manager, fct_customer_month[Invoice revenue], fct_customer_month[Net profit]",
            ),
            Visual(
                "clusteredColumnChart",
                "Net profit by month",
                [0, 4, 6, 4],
                "Category: dim_period.label; Y: fct_customer_month[Net profit]",
            ),
            Visual(
                "waterfallChart",
                "From list revenue to net profit",
                [6, 4, 6, 4],
                "Category: waterfall_step.step; Y: waterfall_step[Amount of step]",
            ),
            Visual(
                "tableEx",
                "Remedies",
                [0, 8, 12, 4],
                "Values: remedy.remedy, remedy.measure, remedy[Expected change]",
            ),
        ],
    ),
    Page(
        "sales_force",
        "Sales force",
        None,
        &[
            Visual(
                "clusteredBarChart",
                "Net profit of portfolio",
                [0, 2, 6, 5],
                "Category: dim_pair.name; Y: sales_force_pair[Net profit of portfolio]",
            ),
            Visual(
                "clusteredBarChart",
                "Visits",
                [6, 2, 6, 5],
                "Category: dim_pair.name; Y: sales_force_pair[Number of visits]",
            ),
            Visual(
                "tableEx",
                "Pairs",
                [0, 7, 12, 5],
                "Values: dim_pair.name, sales_force_pair[Number of visits], sales_force_pair[Net profit of portfolio], sales_force_pair[Added value]",
            ),
        ],
    ),
    Page(
        "stock",
        "Stock",
        None,
        &[
            Visual(
                "clusteredBarChart",
                "Gross margin less holding cost",
                [0, 2, 6, 6],
                "Category: dim_product_group.name; Y: stock_turnover_product_group[Net of holding]",
            ),
            Visual(
                "clusteredBarChart",
                "Average stock",
                [6, 2, 6, 6],
                "Category: dim_product_group.name; Y: stock_turnover_product_group[Average stock]",
            ),
            Visual(
                "tableEx",
                "Product groups",
                [0, 8, 12, 4],
                "Values: dim_product_group.name, stock_turnover_product_group[Average stock], stock_turnover_product_group[Holding cost], stock_turnover_product_group[Net of holding]",
            ),
        ],
    ),
    Page(
        "remedies",
        "Remedies",
        None,
        &[
            Visual("card", "Expected change", [0, 2, 3, 3], "Values: remedy[Expected change]"),
            Visual("card", "Customers with a remedy", [3, 2, 3, 3], "Values: remedy[Customers with a remedy]"),
            Visual(
                "clusteredBarChart",
                "Expected change by remedy",
                [6, 2, 6, 3],
                "Category: remedy.remedy; Y: remedy[Expected change]",
            ),
            Visual(
                "tableEx",
                "Customers",
                [0, 5, 12, 7],
                "Values: dim_customer.name, dim_customer.account_manager, remedy.remedy, remedy.measure, remedy[Expected change]",
            ),
        ],
    ),
];

/// Every file of the report.
pub(crate) fn files() -> Vec<File> {
    let names: Vec<&str> = PAGES.iter().map(|page| page.0).collect();
    let theme = json!({"name": "CY24SU10", "reportVersionAtImport": {"visual": "2.9.0", "report": "3.3.0", "page": "2.1.0"}, "type": "SharedResources"});
    let mut files = vec![
        ("version.json".to_owned(), json!({"$schema": schema("versionMetadata/1.0.0"), "version": "2.0.0"})),
        (
            "report.json".to_owned(),
            json!({
                "$schema": schema("report/3.3.0"),
                "themeCollection": {"baseTheme": theme},
                "settings": {"useEnhancedTooltips": true},
            }),
        ),
        (
            "pages/pages.json".to_owned(),
            json!({"$schema": schema("pagesMetadata/1.1.0"), "pageOrder": names, "activePageName": names.first()}),
        ),
    ];
    for page in PAGES {
        files.extend(page_of(page));
    }
    files.into_iter().map(|(path, value)| (format!("definition/{path}"), value)).collect()
}

fn schema(path: &str) -> String {
    format!("{SCHEMAS}/{path}/schema.json")
}

fn page_of(Page(name, title, reached_by, visuals): &Page) -> Vec<File> {
    let mut page = json!({
        "$schema": schema("page/2.1.0"), "name": name, "displayName": title, "displayOption": "FitToPage", "height": 720, "width": 1280,
    });
    if let (Some(column), Some(page)) = (reached_by, page.as_object_mut()) {
        let filter = format!("{name}_reached_by");
        page.insert("type".into(), "Drillthrough".into());
        page.insert("filterConfig".into(), json!({"filters": [{"name": filter, "field": field(column).0, "type": "Categorical", "howCreated": "Drillthrough"}]}));
        page.insert("pageBinding".into(), json!({
            "name": format!("{name}_binding"), "type": "Drillthrough",
            "parameters": [{"name": format!("{name}_parameter"), "boundFilter": filter, "fieldExpr": field(column).0}],
        }));
    }
    let mut files = vec![(format!("pages/{name}/page.json"), page)];
    let slicers = SLICERS
        .iter()
        .zip(0_u16..)
        .map(|((title, column), place)| (*title, "slicer", [place * 3, 0, 3, 2], format!("Values: {column}")));
    let others = visuals.iter().map(|Visual(kind, title, place, roles)| (*title, *kind, *place, (*roles).to_owned()));
    for (number, (title, kind, place, roles)) in slicers.chain(others).enumerate() {
        let visual = visual_of(number, kind, title, place, &roles);
        files.push((format!("pages/{name}/visuals/v{number}/visual.json"), visual));
    }
    files
}

fn visual_of(number: usize, kind: &str, title: &str, [left, top, width, height]: [u16; 4], roles: &str) -> Value {
    let roles: serde_json::Map<String, Value> = roles
        .split("; ")
        .filter_map(|role| role.split_once(": "))
        .map(|(role, fields)| {
            let projection = |text: &str| {
                let (field, name) = field(text);
                json!({"field": field, "queryRef": text.replace('[', ".").replace(']', ""), "nativeQueryRef": name})
            };
            (role.to_owned(), json!({"projections": fields.split(", ").map(projection).collect::<Vec<_>>()}))
        })
        .collect();
    let literal = |value: String| json!({"expr": {"Literal": {"Value": value}}});
    let mut visual = json!({
        "visualType": kind,
        "query": {"queryState": roles},
        "visualContainerObjects": {"title": [{"properties": {"show": literal("true".into()), "text": literal(format!("'{}'", title.replace('\'', "''")))}}]},
        "drillFilterOtherVisuals": true,
    });
    if kind == "slicer"
        && let Some(visual) = visual.as_object_mut()
    {
        visual.insert("objects".into(), json!({"data": [{"properties": {"mode": literal("'Dropdown'".into())}}]}));
    }
    json!({
        "$schema": schema("visualContainer/2.9.0"),
        "name": format!("v{number}"),
        "position": {
            "x": f64::from(left) * 1280.0 / 12.0, "y": f64::from(top) * 60.0, "z": number, "tabOrder": number,
            "width": f64::from(width) * 1280.0 / 12.0, "height": f64::from(height) * 60.0,
        },
        "visual": visual,
    })
}

/// Parses `dim_customer.name` as a column and `remedy[Expected change]` as a measure, with its display name.
fn field(text: &str) -> (Value, &str) {
    let of = |kind: &str, table: &str, name: &str| json!({kind: {"Expression": {"SourceRef": {"Entity": table}}, "Property": name}});
    if let Some((table, name)) = text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        return (of("Measure", table, name), name);
    }
    let (table, name) = text.split_once('.').unwrap_or((text, ""));
    (of("Column", table, name), name)
}

#[cfg(test)]
mod tests {
    use super::super::measures::named;
    use super::*;
    use netto_model::{contract, star};

    #[test]
    fn visuals_show_columns_and_measures_that_are_there() {
        let tables = star::tables(contract::marts());
        let shown = PAGES
            .iter()
            .flat_map(|page| page.3)
            .flat_map(|visual| visual.3.split("; "))
            .filter_map(|role| role.split_once(": "));
        for text in shown.flat_map(|(_, fields)| fields.split(", ")).chain(SLICERS.map(|slicer| slicer.1)) {
            let (value, name) = field(text);
            let table = |kind: &str| value[kind]["Expression"]["SourceRef"]["Entity"].as_str().map(str::to_owned);
            match (table("Measure"), table("Column")) {
                (Some(table), _) if table == "waterfall_step" => {}
                (_, Some(table)) if table == "waterfall_step" => {}
                (Some(table), _) => {
                    assert_eq!(named(name).map(|measure| measure.table), Some(table.as_str()), "{text}");
                }
                (_, Some(of)) => {
                    let table = tables.iter().find(|table| table.name == of);
                    assert!(table.is_some_and(|table| table.column(name).is_some()), "{text}");
                }
                _ => panic!("{text}"),
            }
        }
    }
}

//! The measures of Power BI, each in DAX and as SQL over the published tables that gives the same figure.
//!
//! ```text
//! Net profit          DAX   the months of the window that is chosen, `main` where none is
//!                     SQL   select sum(f."net_profit") from fct_customer_month f join dim_window w on … where w.window_id = 'main'
//! Net profit, before  DAX   the same in the window that it is compared with
//! ```
//! Windows overlap, so nothing is summed over all of them: a measure covers one window.

use How::{Before, Best, Change, Months, Own, Share, Supplied, Window};

/// A measure.
pub(crate) struct Measure {
    /// The table that it belongs to.
    pub(crate) table: &'static str,
    /// Its display name.
    pub(crate) name: &'static str,
    /// The folder that it is shown in.
    pub(crate) folder: &'static str,
    /// Its number format.
    pub(crate) format: &'static str,
    /// What it means.
    pub(crate) meaning: &'static str,
    how: How,
}

/// How a measure is computed.
enum How {
    /// The sum of a column of `fct_customer_month` over the months of the window.
    Months(&'static str),
    /// The same, but empty if the named flag says that no customer has the inputs.
    Supplied(&'static str, &'static str),
    /// The sum of a column of a table by window.
    Window(&'static str),
    /// The maximum of a column: for cumulated columns, and tables with a row per window.
    Best(&'static str),
    /// One measure ÷ another.
    Share(&'static str, &'static str),
    /// A measure in the window before.
    Before(&'static str),
    /// A measure less the same in the window before.
    Change(&'static str),
    /// Written out in DAX and SQL: `{window}` is the window.
    Own(&'static str, &'static str),
}

const MONEY: &str = "#,0";
const COUNT: &str = "#,0";
const SHARE: &str = "0.0%";
const RATIO: &str = "0.00";

const fn of(
    table: &'static str,
    folder: &'static str,
    name: &'static str,
    format: &'static str,
    meaning: &'static str,
    how: How,
) -> Measure {
    Measure { table, name, folder, format, meaning, how }
}

const fn step(name: &'static str, column: &'static str, meaning: &'static str) -> Measure {
    of("fct_customer_month", "Waterfall", name, MONEY, meaning, Months(column))
}

const fn supplied(name: &'static str, column: &'static str, flag: &'static str, meaning: &'static str) -> Measure {
    of("fct_customer_month", "Waterfall", name, MONEY, meaning, Supplied(column, flag))
}

const fn result(name: &'static str, format: &'static str, meaning: &'static str, how: How) -> Measure {
    of("fct_customer_month", "Result", name, format, meaning, how)
}

/// The name of the measure that shows the selected window.
pub(crate) const SHOWN: &str = "Window shown";

/// Every measure.
pub(crate) const MEASURES: &[Measure] = &[
    supplied("List revenue", "list_revenue", "list_supplied", "Revenue at list price."),
    supplied("Invoice discount", "invoice_discount", "list_supplied", "Discount on the invoice."),
    step("Invoice revenue", "invoice_revenue", "List revenue less invoice discount."),
    supplied("Rebates given", "rebates_given", "rebates_supplied", "Rebates given to customers."),
    supplied("Payment terms", "payment_terms", "payment_terms_supplied", "Cost of financing receivables."),
    supplied(
        "Freight charged",
        "freight_charged",
        "freight_charged_supplied",
        "Freight invoiced on top of the invoice revenue.",
    ),
    supplied("Freight cost", "freight_cost", "freight_cost_supplied", "Cost of freight."),
    step(
        "Pocket revenue",
        "pocket_revenue",
        "Invoice revenue less rebates given, payment terms and freight cost, plus freight charged.",
    ),
    supplied("Cost of goods sold", "cogs", "cogs_supplied", "Cost of goods sold."),
    supplied("Rebates received", "rebates_received", "rebates_received_supplied", "Rebates received from suppliers."),
    supplied(
        "Gross margin",
        "gross_margin",
        "cogs_supplied",
        "Pocket revenue less cost of goods sold, plus rebates received.",
    ),
    supplied("Cost-to-serve", "cost_to_serve", "cost_to_serve_supplied", "Cost of the activities that customers used."),
    supplied("Net profit", "net_profit", "cogs_supplied", "Gross margin less cost-to-serve."),
    result("Number of orders", COUNT, "Number of orders, without returns and credits.", Months("orders")),
    result("Order lines", COUNT, "Order lines.", Months("lines")),
    result("Minutes of attention", COUNT, "Minutes of time-driven activities.", Months("minutes")),
    result("Gross margin %", SHARE, "Gross margin ÷ invoice revenue.", Share("Gross margin", "Invoice revenue")),
    result("Cost-to-serve %", SHARE, "Cost-to-serve ÷ invoice revenue.", Share("Cost-to-serve", "Invoice revenue")),
    result("Net profit %", SHARE, "Net profit ÷ invoice revenue.", Share("Net profit", "Invoice revenue")),
    result("Discount %", SHARE, "Invoice discount ÷ list revenue.", Share("Invoice discount", "List revenue")),
    result(
        "All invoice revenue",
        MONEY,
        "Invoice revenue of all customers, regardless of the selection.",
        Own(
            "CALCULATE([Invoice revenue], REMOVEFILTERS(dim_customer), REMOVEFILTERS(dim_tier), REMOVEFILTERS(dim_market), REMOVEFILTERS(dim_region))",
            "select sum(f.\"invoice_revenue\") from fct_customer_month f join dim_window w on f.period between w.first_period and w.last_period where w.window_id = {window}",
        ),
    ),
    result(
        "Share of revenue",
        SHARE,
        "Invoice revenue ÷ invoice revenue of all customers.",
        Share("Invoice revenue", "All invoice revenue"),
    ),
    result("Net profit before", MONEY, "Net profit in the window before, for comparison.", Before("Net profit")),
    result("Net profit change", MONEY, "Net profit less net profit of the window before.", Change("Net profit")),
    result(
        "Invoice revenue before",
        MONEY,
        "Invoice revenue in the window before, for comparison.",
        Before("Invoice revenue"),
    ),
    result(
        "Invoice revenue change",
        MONEY,
        "Invoice revenue less invoice revenue of the window before.",
        Change("Invoice revenue"),
    ),
    result(
        "Invoice revenue growth",
        SHARE,
        "Change of invoice revenue ÷ invoice revenue of the window before.",
        Share("Invoice revenue change", "Invoice revenue before"),
    ),
    of(
        "customer_window",
        "Customers",
        "Active customers",
        COUNT,
        "Customers that ordered in the window.",
        Own(
            "VAR shown = [Window shown] RETURN CALCULATE(COUNTROWS(customer_window), dim_window[window_id] = shown, NOT ISBLANK(customer_window[rank]))",
            "select count(*) from customer_window where window_id = {window} and rank is not null",
        ),
    ),
    of(
        "customer_window",
        "Customers",
        "Customers that lose money",
        COUNT,
        "Customers with a negative net profit, without the (unknown) customer.",
        Own(
            "VAR shown = [Window shown] RETURN CALCULATE(COUNTROWS(customer_window), dim_window[window_id] = shown, customer_window[net_profit] < 0, customer_window[tier] <> \"(unknown)\")",
            "select count(*) from customer_window where window_id = {window} and net_profit < 0 and tier <> '(unknown)'",
        ),
    ),
    of(
        "customer_window",
        "Customers",
        "Losses",
        MONEY,
        "Sum of the net profit of customers that lose money.",
        Own(
            "VAR shown = [Window shown] RETURN CALCULATE(SUM(customer_window[net_profit]), dim_window[window_id] = shown, customer_window[net_profit] < 0, customer_window[tier] <> \"(unknown)\")",
            "select sum(net_profit) from customer_window where window_id = {window} and net_profit < 0 and tier <> '(unknown)'",
        ),
    ),
    of(
        "pyramid",
        "Pyramid",
        "Customers in tier",
        COUNT,
        "Customers of a tier of the pyramid, including prospects and suspects.",
        Window("customers"),
    ),
    of(
        "pyramid",
        "Pyramid",
        "Revenue of tier",
        MONEY,
        "Invoice revenue of a tier of the pyramid.",
        Window("invoice_revenue"),
    ),
    of("pyramid", "Pyramid", "Net profit of tier", MONEY, "Net profit of a tier of the pyramid.", Window("net_profit")),
    of(
        "pyramid",
        "Pyramid",
        "Cost-to-serve of tier",
        MONEY,
        "Cost-to-serve of a tier of the pyramid.",
        Window("cost_to_serve"),
    ),
    of(
        "window_summary",
        "20/80",
        "Revenue of the top 20 %",
        SHARE,
        "Share of revenue of the first 20 % of the customers, by revenue.",
        Best("top_revenue_share"),
    ),
    of(
        "window_summary",
        "20/80",
        "Profit of the top 20 %",
        SHARE,
        "Share of net profit of the first 20 % of the customers, by revenue; empty if total net profit isn't positive.",
        Best("top_profit_share"),
    ),
    of(
        "window_summary",
        "20/80",
        "Cost of the last 20 % of revenue",
        SHARE,
        "Share of customer-related cost of the customers that bring the last 20 % of revenue.",
        Best("tail_related_cost_share"),
    ),
    of(
        "window_summary",
        "20/80",
        "Gini coefficient",
        RATIO,
        "0 if all customers buy the same, near 1 if one customer buys everything.",
        Best("gini"),
    ),
    of(
        "window_summary",
        "Ledger",
        "Idle capacity",
        MONEY,
        "Cost of practical capacity that was not used, for the whole company, regardless of the selected customers.",
        Best("idle_amount"),
    ),
    of(
        "window_summary",
        "Ledger",
        "Unassigned cost",
        MONEY,
        "Cost that no activity took, for the whole company, regardless of the selected customers.",
        Best("unassigned_amount"),
    ),
    of(
        "window_summary",
        "Ledger",
        "Result of the company",
        MONEY,
        "Net profit less idle cost, unassigned cost and imputed amounts; ties to the general ledger.",
        Best("result"),
    ),
    of(
        "whale_curve",
        "Whale curve",
        "Cumulative profit",
        MONEY,
        "Net profit of the customers up to this rank, best first.",
        Best("cumulative_profit"),
    ),
    of(
        "whale_curve",
        "Whale curve",
        "Cumulative share of the peak",
        SHARE,
        "Cumulative profit as a share of its peak.",
        Best("cumulative_peak_share"),
    ),
    of(
        "sales_force_pair",
        "Sales force",
        "Number of visits",
        COUNT,
        "Visits of the pair to customers.",
        Window("visits"),
    ),
    of(
        "sales_force_pair",
        "Sales force",
        "Net profit of portfolio",
        MONEY,
        "Net profit of the customers of a pair of field and inside staff.",
        Window("net_profit"),
    ),
    of(
        "sales_force_pair",
        "Sales force",
        "Added value",
        MONEY,
        "Value that the pair adds after its pay.",
        Window("added_value"),
    ),
    of(
        "stock_turnover_product_group",
        "Stock",
        "Average stock",
        MONEY,
        "Average value of the stock.",
        Window("average_stock"),
    ),
    of(
        "stock_turnover_product_group",
        "Stock",
        "Holding cost",
        MONEY,
        "Cost of holding the stock.",
        Window("holding_cost"),
    ),
    of(
        "stock_turnover_product_group",
        "Stock",
        "Net of holding",
        MONEY,
        "Gross margin less the cost of holding the stock.",
        Window("net_of_holding"),
    ),
    of(
        "dim_run",
        "Run",
        "Data through",
        "yyyy-mm-dd",
        "Last day of the last closed month; no figure includes later days.",
        Own("MAX(dim_run[data_through])", "select max(data_through) from dim_run"),
    ),
    of(
        "remedy",
        "Remedies",
        "Expected change",
        MONEY,
        "Expected yearly effect of the proposed remedies, including customers that leave.",
        Own(
            "VAR shown = [Window shown] RETURN CALCULATE(SUM(remedy[expected_change]), dim_window[window_id] = shown, remedy[proposed] = TRUE())",
            "select sum(expected_change) from remedy where window_id = {window} and proposed",
        ),
    ),
    of(
        "remedy",
        "Remedies",
        "Customers with a remedy",
        COUNT,
        "Customers for which a remedy is proposed.",
        Own(
            "VAR shown = [Window shown] RETURN CALCULATE(DISTINCTCOUNT(remedy[customer_key]), dim_window[window_id] = shown, remedy[proposed] = TRUE())",
            "select count(distinct customer_key) from remedy where window_id = {window} and proposed",
        ),
    ),
];

/// The measure of that name.
pub(crate) fn named(name: &str) -> Option<&'static Measure> {
    MEASURES.iter().find(|measure| measure.name == name)
}

impl Measure {
    /// In DAX.
    pub(crate) fn dax(&self) -> String {
        let table = self.table;
        let of_window = |aggregate: &str, column: &str| {
            format!(
                "VAR shown = [{SHOWN}] RETURN CALCULATE({aggregate}({table}[{column}]), dim_window[window_id] = shown)"
            )
        };
        match self.how {
            Months(column) => in_months(&format!("SUM({table}[{column}])")),
            Supplied(column, flag) => in_months(&format!(
                "IF(CALCULATE(COUNTROWS({table}), {table}[{flag}] = TRUE()) > 0, SUM({table}[{column}]))"
            )),
            Window(column) => of_window("SUM", column),
            Best(column) => of_window("MAX", column),
            Share(part, whole) => format!("DIVIDE([{part}], [{whole}])"),
            Before(measure) => before(measure),
            Change(measure) => format!("[{measure}] - [{measure} before]"),
            Own(dax, _) => dax.to_owned(),
        }
    }

    /// In SQL over the published tables, for the window that an SQL expression names.
    pub(crate) fn sql(&self, window: &str) -> String {
        let table = self.table;
        let other = |name: &str, window: &str| named(name).map(|measure| measure.sql(window)).unwrap_or_default();
        let of_months = |what: &str| {
            format!(
                "select {what} from {table} f join dim_window w on f.period between w.first_period and w.last_period where w.window_id = {window}"
            )
        };
        let earlier = || format!("(select previous_window from dim_window where window_id = {window})");
        match self.how {
            Months(column) => of_months(&format!("sum(f.\"{column}\")")),
            Supplied(column, flag) => of_months(&format!(
                "case when max(case when f.\"{flag}\" then 1 else 0 end) = 1 then sum(f.\"{column}\") end"
            )),
            Window(column) => format!("select sum(\"{column}\") from {table} where window_id = {window}"),
            Best(column) => format!("select max(\"{column}\") from {table} where window_id = {window}"),
            Share(part, whole) => {
                let (part, whole) = (other(part, window), other(whole, window));
                format!("select cast(({part}) as double precision) / nullif(({whole}), 0)")
            }
            Before(measure) => other(measure, &earlier()),
            Change(measure) => format!("select ({}) - ({})", other(measure, window), other(measure, &earlier())),
            Own(_, sql) => sql.replace("{window}", window),
        }
    }
}

/// Filters to the months of the window that is shown.
fn in_months(what: &str) -> String {
    format!(
        "VAR shown = [{SHOWN}] \
         VAR firstMonth = CALCULATE(MAX(dim_window[first_period]), REMOVEFILTERS(dim_window), dim_window[window_id] = shown) \
         VAR lastMonth = CALCULATE(MAX(dim_window[last_period]), REMOVEFILTERS(dim_window), dim_window[window_id] = shown) \
         RETURN CALCULATE({what}, KEEPFILTERS(dim_period[period] >= firstMonth && dim_period[period] <= lastMonth))"
    )
}

fn before(measure: &str) -> String {
    format!(
        "VAR shown = [{SHOWN}] \
         VAR earlier = CALCULATE(MAX(dim_window[previous_window]), REMOVEFILTERS(dim_window), dim_window[window_id] = shown) \
         RETURN IF(NOT ISBLANK(earlier), CALCULATE([{measure}], REMOVEFILTERS(dim_window), dim_window[window_id] = earlier))"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use netto_model::{contract, star};

    #[test]
    fn measures_name_tables_columns_and_measures_that_are_there() {
        let tables = star::tables(contract::marts());
        for measure in MEASURES {
            let table = tables.iter().find(|table| table.name == measure.table).expect(measure.table);
            let dax = measure.dax();
            let depth = dax.chars().fold(0_i32, |depth, sign| depth + i32::from(sign == '(') - i32::from(sign == ')'));
            assert_eq!(depth, 0, "{dax}");
            for part in dax.split('[').skip(1) {
                let name = part.split(']').next().unwrap();
                let known =
                    named(name).is_some() || name == SHOWN || tables.iter().any(|table| table.column(name).is_some());
                assert!(known, "{}: {name}", measure.name);
            }
            if let Months(column) | Supplied(column, _) | Window(column) | Best(column) = measure.how {
                assert!(table.column(column).is_some(), "{}.{column}", measure.table);
            }
            assert!(measure.sql("'main'").starts_with("select "), "{}", measure.name);
            // Power BI ignores case, so names must differ in more than their capitals.
            let alike = table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(measure.name));
            assert_eq!(alike, None, "{} is called as a column", measure.name);
        }
    }
}

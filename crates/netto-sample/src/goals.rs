//! `doelen.csv`: what was agreed for the years 2024 and 2025.
//!
//! ```text
//! Nr;Soort;Doel;Voor;Periode
//! G01;retain_customers;0,95;Large;2024
//! G02;upgrade_customers;12;Medium;2024
//! G03;net_profit;350000;;2024
//! ```

use crate::extract::Extract;

const GOALS: [[&str; 5]; 8] = [
    ["G01", "retain_customers", "0,95", "Large", "2024"],
    ["G02", "upgrade_customers", "12", "Medium", "2024"],
    ["G03", "net_profit", "350000", "", "2024"],
    ["G04", "electronic_share", "0,45", "", "2024"],
    ["G05", "retain_customers", "0,96", "Large", "2025"],
    ["G06", "upgrade_customers", "15", "Medium", "2025"],
    ["G07", "cost_to_serve", "0,15", "", "2025"],
    ["G08", "identify_suspects", "40", "M03", "2025-Q2"],
];

pub(crate) fn extract() -> Extract {
    let mut extract = Extract::new("doelen.csv", "Nr;Soort;Doel;Voor;Periode");
    for goal in GOALS {
        extract.row(goal);
    }
    extract
}

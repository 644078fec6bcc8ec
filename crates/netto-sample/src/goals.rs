//! `doelen.csv`: what was agreed for the years 2024 and 2025, for the company, for tiers and markets, and for each
//! representative.
//!
//! ```text
//! Nr;Soort;Doel;Voor;Periode
//! G01;retain_customers;0,95;Large;2024
//! G02;upgrade_customers;12;Medium;2024
//! G03;net_profit;350000;;2024
//! ```

use crate::extract::Extract;

const GOALS: [[&str; 5]; 22] = [
    // 2024 is over.
    ["G01", "retain_customers", "0,95", "Large", "2024"],
    ["G02", "upgrade_customers", "12", "Medium", "2024"],
    ["G03", "net_profit", "350000", "", "2024"],
    ["G04", "electronic_share", "0,45", "", "2024"],
    ["G05", "identify_suspects", "12", "M01", "2024-Q1"],
    ["G06", "develop_prospects_to_tier", "3", "Medium", "2024"],
    // 2025 is under way: for the company …
    ["G07", "retain_customers", "0,96", "Large", "2025"],
    ["G08", "retain_customers", "0,85", "Small", "2025"],
    ["G09", "upgrade_customers", "15", "Medium", "2025"],
    ["G10", "develop_prospects_to_tier", "4", "Medium", "2025"],
    ["G11", "cost_to_serve", "0,15", "", "2025"],
    ["G12", "electronic_share", "0,48", "", "2025"],
    ["G13", "net_profit", "90000", "Bouw", "2025"],
    ["G14", "custom", "200", "", "2025"],
    // … and for each representative.
    ["G21", "net_profit", "100000", "M01", "2025"],
    ["G22", "net_profit", "100000", "M02", "2025"],
    ["G23", "net_profit", "100000", "M03", "2025"],
    ["G24", "net_profit", "100000", "M04", "2025"],
    ["G31", "identify_suspects", "5", "M01", "2024"],
    ["G32", "identify_suspects", "5", "M02", "2024"],
    ["G33", "identify_suspects", "5", "M03", "2024"],
    ["G34", "identify_suspects", "5", "M04", "2024"],
];

pub(crate) fn extract() -> Extract {
    let mut extract = Extract::new("doelen.csv", "Nr;Soort;Doel;Voor;Periode");
    for goal in GOALS {
        extract.row(goal);
    }
    extract
}

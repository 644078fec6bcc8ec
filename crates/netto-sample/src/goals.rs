//! `doelen.csv`: goals agreed for 2024 and 2025, for the company, for tiers and markets, and for each representative.
//!
//! ```text
//! Nr;Soort;Doel;Voor;Periode
//! G01;retain_customers;0,95;Large;2024
//! G02;upgrade_customers;6;Medium;2024
//! G03;net_profit;450000;;2024
//! ```

use crate::branch::Branch;
use crate::extract::Extract;

const GOALS: [[&str; 5]; 26] = [
    // 2024 is over: for the company …
    ["G01", "retain_customers", "0,95", "Large", "2024"],
    ["G02", "upgrade_customers", "6", "Medium", "2024"],
    ["G03", "net_profit", "450000", "", "2024"],
    ["G04", "electronic_share", "0,31", "", "2024"],
    ["G05", "identify_suspects", "6", "", "2024-Q2"],
    ["G06", "develop_prospects_to_tier", "2", "Medium", "2024"],
    // … and for each representative.
    ["G11", "net_profit", "85000", "M01", "2024"],
    ["G12", "net_profit", "85000", "M02", "2024"],
    ["G13", "net_profit", "150000", "M03", "2024"],
    ["G14", "net_profit", "130000", "M04", "2024"],
    ["G15", "identify_suspects", "4", "M01", "2024"],
    ["G16", "identify_suspects", "4", "M02", "2024"],
    ["G17", "identify_suspects", "4", "M03", "2024"],
    ["G18", "identify_suspects", "4", "M04", "2024"],
    // 2025 is under way.
    ["G21", "retain_customers", "0,96", "Large", "2025"],
    ["G22", "retain_customers", "0,95", "Small", "2025"],
    ["G23", "upgrade_customers", "5", "Medium", "2025"],
    ["G24", "develop_prospects_to_tier", "2", "Medium", "2025"],
    ["G25", "cost_to_serve", "0,15", "", "2025"],
    ["G26", "electronic_share", "0,35", "", "2025"],
    ["G27", "net_profit", "180000", "Bouw", "2025"],
    ["G28", "custom", "400", "", "2025"],
    ["G31", "net_profit", "100000", "M01", "2025"],
    ["G32", "net_profit", "100000", "M02", "2025"],
    ["G33", "net_profit", "190000", "M03", "2025"],
    ["G34", "net_profit", "240000", "M04", "2025"],
];

/// Counts and amounts of the whole company grow with its branches; shares and a representative's goals don't.
pub(crate) fn extract(branch: Branch) -> Extract {
    let mut extract = Extract::new("doelen.csv", "Nr;Soort;Doel;Voor;Periode");
    for [id, kind, target, scope, period] in GOALS {
        let whole = target.parse::<i64>().ok().filter(|_| !scope.starts_with("M0"));
        let target = whole.map_or_else(|| target.to_owned(), |target| (target * branch.of).to_string());
        extract.row([id, kind, &target, scope, period]);
    }
    extract
}

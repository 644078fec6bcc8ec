//! The sections in their order, by subject: adding one is a line here.

use super::page::Page;
use super::section::Section;
use super::{
    attention, bridge, capacity, change, channels, concentration, cross_sell, customers, deviations, goals, markets,
    migration, order_size, pyramid, quadrants, readiness, rebates, remedies, sales, scenarios, service, slipping,
    stock, suppliers, tracking, visits, whale,
};
use crate::PublishError;

/// A section; nothing where its table is empty or wasn't made.
type Make = fn(&Page<'_>) -> Result<Option<Section>, PublishError>;

/// What the navigation calls a subject, and its sections.
const GROUPS: [(&str, &[Make]); 7] = [
    (
        "Customers",
        &[
            pyramid::section,
            concentration::section,
            whale::section,
            customers::best,
            quadrants::section,
            migration::section,
            change::section,
            slipping::section,
            attention::section,
        ],
    ),
    ("What to do", &[remedies::section, scenarios::section, tracking::section, goals::section]),
    ("Sales", &[sales::section, visits::section]),
    ("Orders", &[order_size::section, channels::section, service::section, deviations::section]),
    ("Assortment", &[stock::section, markets::section, cross_sell::section, suppliers::section]),
    ("Cost", &[bridge::section, capacity::section, rebates::section]),
    ("Lists", &[readiness::section, customers::all]),
];

/// The sections that there are, with the name of their subject.
pub(super) fn made(page: &Page<'_>) -> Result<Vec<(&'static str, Section)>, PublishError> {
    let mut sections = Vec::new();
    for (name, makes) in GROUPS {
        for make in makes {
            sections.extend(make(page)?.map(|section| (name, section)));
        }
    }
    Ok(sections)
}

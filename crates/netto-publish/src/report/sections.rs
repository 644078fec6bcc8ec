//! The list of sections in their order, by subject: a new section is one line here.

use minijinja::Value;
use minijinja::value::Serde;
use serde_json::{Map, Value as Json};

use super::page::Page;
use super::section::Section;
use super::unknown::Needs;
use super::unknown::Needs::{Margin, Nothing, Now, Profit};
use super::{
    attention, bridge, budget, capacity, change, channels, concentration, cross_sell, curves, customers, deviations,
    goals, groups, markets, migration, order_size, overdue, pyramid, quadrants, questions, readiness, rebates,
    remedies, sales, scenarios, segments, service, slipping, stock, strata, suppliers, teamwork, tracking, visits,
    whale,
};
use crate::PublishError;

/// A section; `None` if its table is empty or wasn't made.
type Make = fn(&Page<'_>) -> Result<Option<Section>, PublishError>;

/// A subject's name in the navigation, and its sections.
const GROUPS: [(&str, &[(Make, Needs)]); 7] = [
    (
        "Customers",
        &[
            (pyramid::section, Nothing),
            (concentration::section, Nothing),
            (whale::section, Profit),
            (customers::best, Margin),
            (strata::section, Profit),
            (quadrants::section, Profit),
            (migration::section, Nothing),
            (change::section, Margin),
            (slipping::section, Now),
            (strata::steps_up, Nothing),
            (segments::direct, Nothing),
            (overdue::section, Nothing),
            (groups::section, Nothing),
            (attention::section, Nothing),
        ],
    ),
    (
        "What to do",
        &[
            (remedies::section, Profit),
            (scenarios::section, Now),
            (tracking::section, Now),
            (goals::section, Now),
            (budget::section, Nothing),
        ],
    ),
    (
        SALES,
        &[
            (sales::section, Nothing),
            (visits::section, Nothing),
            (teamwork::pairs, Nothing),
            (teamwork::winning, Nothing),
            (teamwork::voice, Nothing),
        ],
    ),
    (
        "Orders",
        &[
            (order_size::section, Nothing),
            (channels::section, Nothing),
            (service::section, Nothing),
            (deviations::section, Nothing),
        ],
    ),
    (
        "Assortment",
        &[
            (stock::section, Nothing),
            (markets::section, Margin),
            (questions::section, Nothing),
            (cross_sell::section, Profit),
            (curves::section, Profit),
            (segments::services, Nothing),
            (suppliers::section, Margin),
        ],
    ),
    ("Cost", &[(bridge::section, Nothing), (capacity::section, Nothing), (rebates::section, Now)]),
    ("Lists", &[(readiness::section, Nothing), (customers::all, Nothing)]),
];

/// The navigation's name for the sections of the sales force.
const SALES: &str = "Sales";

/// The sections of the sales force rendered for each rep alone, as HTML by anchor.
pub(super) fn by_rep(page: &mut Page<'_>, reps: &[String]) -> Result<Json, PublishError> {
    let mut found = Map::new();
    for rep in reps {
        page.only(Some(rep))?;
        let mut of_rep = Map::new();
        for (make, needs) in GROUPS.iter().filter(|(name, _)| *name == SALES).flat_map(|(_, makes)| *makes) {
            if let Some(section) = made_if_known(page, *make, *needs)? {
                of_rep.insert(
                    section.id.to_owned(),
                    page.render("section", Value::from(Serde(section)))?.to_string().into(),
                );
            }
        }
        found.insert(rep.clone(), of_rep.into());
    }
    page.only(None)?;
    Ok(found.into())
}

/// A section as shown, if its inputs are known.
fn made_if_known(page: &Page<'_>, make: Make, needs: Needs) -> Result<Option<Section>, PublishError> {
    let section = if needs.are_met(page) { make(page)? } else { None };
    Ok(section.map(|section| section.of_known(|head| Needs::of_column(head).are_met(page)).in_language(&page.format)))
}

/// The existing sections, with the name of their subject.
pub(super) fn made(page: &Page<'_>) -> Result<Vec<(&'static str, Section)>, PublishError> {
    let mut sections = Vec::new();
    for (name, makes) in GROUPS {
        for (make, needs) in makes {
            sections.extend(made_if_known(page, *make, *needs)?.map(|section| (name, section)));
        }
    }
    Ok(sections)
}

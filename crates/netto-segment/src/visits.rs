//! Determines which activities are visits: those that the configuration names; else those whose condition holds for visits alone; else all that are measured on
//! the source `activities`.
//!
//! ```text
//! activity   source       condition              visits, support and quotes happened
//! visits     activities   kind = 'visit'         visits alone        by its condition
//! support    activities   kind <> 'visit'        no
//! attention  activities                          among other things, where no activity is visits alone
//! ```

use netto_model::contract::{ACTIVITIES, DIM_ACTIVITY, VISIT_WORK};
use netto_model::{DriverSource, Mart, column as c};
use polars::prelude::*;

use crate::columns::rows_where;
use crate::models::Tables;
use crate::{SegmentConfig, SegmentError};

/// The activities that are visits, and the reason.
pub(crate) fn work(tables: &Tables, config: &SegmentConfig) -> Result<Mart, SegmentError> {
    let served = tables.plan(&DIM_ACTIVITY).filter(col(c::STEP).eq(lit(c::COST_TO_SERVE))).collect()?;
    let happened = tables.plan(&ACTIVITIES).collect()?;
    let column = |name: &str| -> PolarsResult<StringChunked> { Ok(served.column(name)?.str()?.clone()) };
    let (names, sources, conditions) = (column(c::ACTIVITY)?, column(c::SOURCE)?, column(c::ROWS_WHERE)?);
    let mut said: Vec<(&str, &str)> = Vec::new();
    for ((name, source), condition) in names.iter().zip(sources.iter()).zip(conditions.iter()) {
        let name = name.unwrap_or_default();
        let of_events = source == Some(DriverSource::Activities.name());
        let of_visits = of_events && condition.map_or(Ok(false), |condition| visits_alone(condition, &happened))?;
        if config.remedy.visit_activities.iter().any(|named| named == name) {
            said.push((name, "configuration"));
        } else if of_visits {
            said.push((name, "condition"));
        } else if of_events {
            said.push((name, "source"));
        }
    }
    let strongest =
        ["configuration", "condition", "source"].into_iter().find(|by| said.iter().any(|(_, said)| said == by));
    said.retain(|(_, by)| Some(*by) == strongest);
    let data = df!(
        c::ACTIVITY => said.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        c::ONLY_VISITS => said.iter().map(|(_, by)| *by != "source").collect::<Vec<_>>(),
        c::SAID_BY => said.iter().map(|(_, by)| *by).collect::<Vec<_>>(),
    )?;
    Ok(Mart::try_new(&VISIT_WORK, data.lazy())?)
}

/// Whether the condition holds for at least one visit, and for nothing else.
fn visits_alone(condition: &str, happened: &DataFrame) -> PolarsResult<bool> {
    let measured = rows_where(condition, &ACTIVITIES, happened)?;
    let kinds = measured.column(c::KIND)?.str()?;
    Ok(!kinds.is_empty() && kinds.iter().all(|kind| kind == Some("visit")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(activities: &[(&str, Option<&str>)], named: &[&str]) -> String {
        let known = df!(
            c::ACTIVITY => activities.iter().map(|activity| activity.0).collect::<Vec<_>>(),
            c::STEP => vec![c::COST_TO_SERVE; activities.len()],
            c::SOURCE => vec!["activities"; activities.len()],
            c::ROWS_WHERE => activities.iter().map(|activity| activity.1).collect::<Vec<_>>(),
        );
        let mut tables = Tables::default();
        tables.insert(&DIM_ACTIVITY, known.unwrap());
        tables.insert(&ACTIVITIES, df!(c::KIND => ["visit", "support", "visit"]).unwrap());
        let mut config = SegmentConfig::default();
        config.remedy.visit_activities = named.iter().map(|name| (*name).to_owned()).collect();
        let made = work(&tables, &config).unwrap().data;
        let text = |column: &str| made.column(column).unwrap().str().unwrap().clone();
        let rows = text(c::ACTIVITY)
            .iter()
            .zip(text(c::SAID_BY).iter())
            .map(|(name, by)| [name, by].map(|text| text.unwrap_or_default().to_owned()).join(" "))
            .collect::<Vec<_>>();
        rows.join(", ")
    }

    #[test]
    fn an_activity_is_visits_where_its_condition_holds_for_visits_alone_however_it_is_written() {
        for condition in ["kind = 'visit'", "kind in ('visit', 'call')", "kind <> 'support'"] {
            assert_eq!(found(&[("v", Some(condition)), ("a", None)], &[]), "v condition", "{condition}");
        }
        for condition in ["kind <> 'visit'", "kind in ('visit', 'support')", "kind = 'quote'"] {
            assert_eq!(found(&[("v", Some(condition))], &[]), "v source", "{condition}");
        }
    }

    #[test]
    fn what_the_configuration_names_is_said_by_it_alone() {
        assert_eq!(found(&[("v", Some("kind = 'visit'")), ("a", None)], &["a"]), "a configuration");
    }
}

//! The project's own analyses, `models/*.sql`, which are read, checked, run and published like the built-in ones.
//!
//! ```sql
//! -- tier_margin: What each tier earns per order.
//! -- grain: tier
//! -- key: tier
//! select tier,                                                            -- text → dim_tier: Tier
//!        half_even(sum(gross_margin), sum(orders)) as margin_per_order    -- money?: Gross margin ÷ orders, half-even
//! from customer_window where window_id = 'main' group by tier
//! ```

use std::fs;

use netto_model::models::{self, models, readable};
use netto_model::{Model, Table, contract};

use crate::failure::Failure;
use crate::project::Project;

/// The models of a project, each after those that it reads; checked on empty tables.
///
/// # Errors
/// The first model that can't be read, is invalid, has the name of an existing table, or whose columns differ from its declaration.
pub(crate) fn of_project(project: &Project) -> Result<Vec<Model>, Failure> {
    let files = netto_lake::files(&project.config.models.files, project.rules());
    let texts = files.iter().map(|file| {
        let unreadable = |error| Failure::failed(format!("{} can't be read", file.display()), &error);
        Ok::<_, Failure>((file.display().to_string(), fs::read_to_string(file).map_err(unreadable)?))
    });
    let built_in = models().iter().filter(|model| !model.passing).map(|model| model.table);
    let tables: Vec<&'static Table> = readable().into_iter().chain(built_in).collect();
    let help = "`netto new model NAME` writes a template; `netto schema` lists the tables that a model may read";
    let own = models::read(texts.collect::<Result<_, _>>()?, tables);
    let own = own.map_err(|fault| Failure::usage(fault.to_string(), help))?;
    for (place, model) in own.iter().enumerate() {
        let name = model.table.name;
        let twice = own.iter().take(place).any(|other| other.table.name == name);
        if twice || contract::table(name).is_some() {
            let what = format!("two tables are called `{name}`: the name of a model must be unique");
            return Err(Failure::usage(what, "rename the model, in its first line"));
        }
    }
    let checked = netto_segment::tried(&own, &project.config.segment);
    checked.map_err(|(model, reason)| {
        Failure::usage(format!("the model `{model}` doesn't match its declaration: {reason}"), help)
    })?;
    Ok(own)
}

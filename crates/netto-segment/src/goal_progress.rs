//! Measures goals (Curry, *Customer Marketing Method*: identify, develop, retain, upgrade): the agreed target, the progress, and the forecast for the end of
//! the period at this pace.
//!
//! ```text
//! 15 upgrades in 2025, closed through June      actual 9, expected by now 15 × 6 ÷ 12 = 7.5, gap +1.5
//!                                               forecast 9 ÷ 0.5 = 18: on track
//! retain 95 % of the Large customers in 2025    a share doesn't add up: 19 of 20 stayed, expected 95 %, gap 0
//! cost-to-serve at 15 % of revenue              lower is better: actual 16 %, gap 15 − 16 = −1 %: behind
//! ```
//! A closed goal is reached or missed. An open one counts as reached only if its measure adds up: a share can still fall. A goal that can't be counted is not
//! measurable, with the reason; it is never zero.

pub(crate) mod custom;
mod measure;
mod period;
mod scope;
pub(crate) mod words;

use netto_model::frame::{GoalProgress, Goals};
use netto_model::problem::one_of_these;
use netto_model::{Frame, Mart, Period, Query, column as c};
use polars::prelude::*;

use crate::columns::{quotient, share, texts, units};
use crate::customers::WindowCustomers;
use crate::goal_rules::{GoalConfig, GoalRules};
use crate::{Inputs, SegmentConfig, SegmentError};
pub(crate) use measure::{CUSTOM, Form, Nature};
use measure::{Counter, KINDS, Kind, Outcome};
use period::GoalPeriod;
use scope::Scopes;

/// The names of the kinds.
pub(crate) fn kind_names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name).chain([CUSTOM])
}

/// A goal as it was agreed.
#[derive(Clone, Debug, Default)]
struct Goal {
    id: String,
    kind: String,
    target: i64,
    scope: String,
    period: String,
}

/// A goal with its progress.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) scope_text: String,
    /// The employees whose goal it is: one, or the members of a pair.
    pub(crate) people: Vec<String>,
    pub(crate) label: String,
    pub(crate) period_label: String,
    pub(crate) period: Option<GoalPeriod>,
    pub(crate) target: i64,
    pub(crate) nature: Nature,
    pub(crate) actual: Option<i64>,
    pub(crate) reason: String,
}

/// Every goal, in the order of the ids.
pub(crate) fn progress(
    inputs: &Inputs<'_>,
    config: &SegmentConfig,
    rules: &GoalRules,
    marts: &[Mart],
) -> Result<Vec<Progress>, SegmentError> {
    let Some(goals) = inputs.goals else { return Ok(Vec::new()) };
    let scopes = Scopes::new(inputs, config, marts)?;
    let customers = WindowCustomers::new(inputs, config)?;
    let counter = Counter { inputs, config, scopes: &scopes, customers };
    let goals = agreed(goals)?.into_iter();
    goals.map(|goal| of_goal(&counter, goal, rules, marts)).collect()
}

fn agreed(goals: &Frame<Goals>) -> PolarsResult<Vec<Goal>> {
    let data = goals.data();
    let columns = [c::GOAL_ID, c::KIND, c::SCOPE, c::PERIOD].map(|name| texts(data, name));
    let [ids, kinds, scopes, periods] = columns;
    let names = ids?.into_iter().zip(kinds?);
    let targets = units(data, c::TARGET)?;
    let rest = scopes?.into_iter().zip(periods?).zip(targets);
    let goals = names.zip(rest).map(|((id, kind), ((scope, period), target))| Goal {
        id,
        kind: kind.trim().to_owned(),
        target,
        scope: scope.trim().to_owned(),
        period,
    });
    Ok(goals.collect())
}

/// How a goal is counted: by its kind, or by a query.
enum Measure<'a> {
    Kind(&'static Kind),
    Custom(&'a GoalConfig, Query),
}

/// Why a goal can't be counted, if the configuration doesn't define it.
pub(crate) fn unmeasured(id: &str, kind: &str, rules: &GoalRules) -> Option<String> {
    measure_of(id, kind, rules).err()
}

fn measure_of<'a>(id: &str, kind: &str, rules: &'a GoalRules) -> Result<Measure<'a>, String> {
    if let Some(kind) = KINDS.iter().find(|known| known.name == kind) {
        return Ok(Measure::Kind(kind));
    }
    if kind != CUSTOM {
        let known: Vec<&str> = kind_names().collect();
        return Err(format!("`{kind}` is not a kind of goal: {}", one_of_these(kind, "kinds", &known)));
    }
    let Some(config) = rules.goals.get(id) else {
        return Err(format!("the configuration has no [goal.{id}] with `sql`"));
    };
    custom::check(&config.sql).map(|query| Measure::Custom(config, query))
}

impl Measure<'_> {
    const fn nature(&self) -> Nature {
        match self {
            Self::Kind(kind) => kind.nature,
            Self::Custom(config, _) => Nature {
                adds_up: config.adds_up,
                from_zero: config.adds_up,
                higher_is_better: config.higher_is_better,
                form: Form::Number,
            },
        }
    }

    /// `Retain 95 % of the customers`
    fn words(&self, target: i64) -> String {
        match self {
            Self::Kind(kind) => kind.words.replace("{}", &kind.nature.form.words(target)),
            Self::Custom(config, _) => {
                config.label.clone().unwrap_or_else(|| format!("{CUSTOM} {}", Form::Number.words(target)))
            }
        }
    }
}

fn of_goal(counter: &Counter<'_>, goal: Goal, rules: &GoalRules, marts: &[Mart]) -> Result<Progress, SegmentError> {
    let measure = measure_of(&goal.id, &goal.kind, rules);
    let scope = counter.scopes.find(&goal.scope);
    let period = GoalPeriod::parse(&goal.period, counter.inputs.last_month);
    let (actual, reason) = match (&measure, &scope, &period) {
        (Err(reason), _, _) | (_, Err(reason), _) | (_, _, Err(reason)) => (None, reason.clone()),
        (Ok(measure), Ok(scope), Ok(period)) => match period.closed_months() {
            None => (None, String::new()),
            Some(months) => {
                let outcome = match measure {
                    Measure::Kind(kind) => (kind.count)(counter, scope, months)?,
                    Measure::Custom(_, query) => custom::measured(query, marts),
                };
                match outcome {
                    Outcome::Counted(units, words) => (Some(units), words),
                    Outcome::Unknown(reason) => (None, reason),
                }
            }
        },
    };
    let period_label = period.as_ref().map_or_else(|_| goal.period.clone(), |period| period.label.clone());
    let unnamed = || format!("{} {}", goal.kind, words::amount(goal.target));
    let what = measure.as_ref().map_or_else(|_| unnamed(), |measure| measure.words(goal.target));
    let whom = scope.as_ref().map_or_else(|_| Some(goal.scope.clone()), |scope| counter.scopes.words(scope));
    let label: Vec<String> = [what].into_iter().chain(whom).chain([period_label.clone()]).collect();
    let people = scope.as_ref().map_or_else(|_| Vec::new(), |scope| counter.scopes.people(scope));
    Ok(Progress {
        people,
        nature: measure.map_or(KINDS[0].nature, |measure| measure.nature()),
        id: goal.id,
        kind: goal.kind,
        scope_text: goal.scope,
        label: label.join(" · "),
        period_label,
        period: period.ok(),
        target: goal.target,
        actual,
        reason,
    })
}

impl Progress {
    /// Whether its period is closed.
    pub(crate) fn is_over(&self) -> bool {
        self.period.as_ref().is_some_and(GoalPeriod::is_over)
    }

    /// Closed months and all months, if some are closed.
    fn pace(&self) -> Option<(i128, i128)> {
        let period = self.period.as_ref().filter(|period| period.closed > 0)?;
        Some((period.closed.into(), period.window.months().into()))
    }

    /// The expected value by now: pro rata for a target that starts at zero; for a share, the target at any time.
    fn expected(&self) -> Option<i64> {
        let (closed, months) = self.pace().filter(|_| self.actual.is_some())?;
        if self.nature.from_zero { quotient(i128::from(self.target) * closed, months) } else { Some(self.target) }
    }

    /// The forecast for the end of the period at this pace.
    fn forecast(&self) -> Option<i64> {
        let (closed, months) = self.pace()?;
        let actual = self.actual?;
        if self.nature.adds_up { quotient(i128::from(actual) * months, closed) } else { Some(actual) }
    }

    /// How far it is ahead; negative if it is behind.
    fn ahead_of(&self, level: i64) -> Option<i64> {
        let actual = self.actual?;
        if self.nature.higher_is_better { actual.checked_sub(level) } else { level.checked_sub(actual) }
    }

    /// How far it is beyond the target.
    pub(crate) fn beyond_target(&self) -> Option<i64> {
        self.ahead_of(self.target)
    }

    /// Attainment as numerator and denominator: actual ÷ target, inverted if lower is better. Of a target of nothing or below there is no part: it is reached, or
    /// it isn't.
    pub(crate) fn attained(&self) -> Option<(i64, i64)> {
        let actual = self.actual?;
        if self.target <= 0 {
            return Some((i64::from(self.beyond_target()? >= 0), 1));
        }
        Some(if self.nature.higher_is_better { (actual, self.target) } else { (self.target, actual) })
    }

    pub(crate) fn attainment(&self) -> Option<f64> {
        let (part, whole) = self.attained().filter(|_| self.target > 0)?;
        share(part, whole)
    }

    pub(crate) fn status(&self) -> &'static str {
        let gap = self.expected().and_then(|expected| self.ahead_of(expected));
        let (Some(gap), Some(beyond)) = (gap, self.beyond_target()) else {
            return if self.reason.is_empty() { "not started" } else { "not measurable" };
        };
        let settled = self.nature.adds_up && self.nature.higher_is_better;
        match (self.is_over(), beyond >= 0, gap >= 0) {
            (true, true, _) => "reached",
            (true, false, _) => "missed",
            (false, true, _) if settled => "reached",
            (false, _, true) => "on track",
            (false, _, false) => "behind",
        }
    }
}

/// The table.
pub(crate) fn table(goals: &[Progress]) -> Result<Mart, SegmentError> {
    let texts = |of: fn(&Progress) -> &str| goals.iter().map(of).collect::<Vec<_>>();
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let numbers = |of: fn(&Progress) -> Option<i64>| goals.iter().map(of).collect::<Vec<_>>();
    let day = |of: fn(&GoalPeriod) -> Period| {
        let days: Vec<Option<i32>> = goals.iter().map(|goal| goal.period.as_ref().map(|p| of(p).first_day())).collect();
        days
    };
    let elapsed = |goal: &Progress| {
        let period = goal.period.as_ref()?;
        share(period.closed.into(), period.window.months().into())
    };
    let frame = df!(
        c::GOAL_ID => texts(|goal| &goal.id),
        c::KIND => texts(|goal| &goal.kind),
        c::SCOPE => goals.iter().map(|goal| filled(&goal.scope_text)).collect::<Vec<_>>(),
        c::LABEL => texts(|goal| &goal.label),
        c::PERIOD_LABEL => texts(|goal| &goal.period_label),
        c::FIRST_PERIOD => day(|period| period.window.first),
        c::LAST_PERIOD => day(|period| period.window.last),
        c::TARGET => numbers(|goal| Some(goal.target)),
        c::ACTUAL => numbers(|goal| goal.actual),
        c::EXPECTED => numbers(Progress::expected),
        c::GAP => numbers(|goal| goal.expected().and_then(|expected| goal.ahead_of(expected))),
        c::FORECAST => numbers(Progress::forecast),
        c::ELAPSED_SHARE => goals.iter().map(elapsed).collect::<Vec<_>>(),
        c::ATTAINMENT => goals.iter().map(Progress::attainment).collect::<Vec<_>>(),
        c::GOAL_STATUS => texts(|goal| goal.status()),
        c::REASON => goals.iter().map(|goal| filled(&goal.reason)).collect::<Vec<_>>(),
    )?;
    let dates = [c::FIRST_PERIOD, c::LAST_PERIOD].map(|name| col(name).cast(DataType::Date));
    Ok(Frame::<GoalProgress>::try_new(frame.lazy().with_columns(dates))?.mart())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A goal whose period has `closed` of 12 months closed.
    pub(crate) fn goal(kind: &str, target: i64, actual: i64, closed: i32) -> Progress {
        let kind = KINDS.iter().find(|known| known.name == kind).unwrap();
        let last = Period::new(2025, closed);
        Progress {
            id: "G1".into(),
            kind: kind.name.into(),
            scope_text: String::new(),
            people: Vec::new(),
            label: String::new(),
            period_label: "2025".into(),
            period: GoalPeriod::parse("2025", last).ok(),
            target,
            nature: kind.nature,
            actual: Some(actual),
            reason: "counted".into(),
        }
    }

    #[test]
    fn what_adds_up_is_expected_pro_rata_and_goes_on_at_its_pace() {
        let found = goal("identify_suspects", 150_000, 90_000, 6);
        assert_eq!((found.expected(), found.forecast()), (Some(75_000), Some(180_000)));
        assert_eq!((found.status(), found.attainment()), ("on track", Some(0.6)));
        assert_eq!(goal("identify_suspects", 150_000, 70_000, 6).status(), "behind");
        assert_eq!(goal("identify_suspects", 150_000, 150_000, 6).status(), "reached");
        // A third of a target of 10 is 3.3333; at 3 after 4 months, the year ends at 9.
        let third = goal("identify_suspects", 100_000, 30_000, 4);
        assert_eq!((third.expected(), third.forecast()), (Some(33_333), Some(90_000)));
    }

    #[test]
    fn customers_that_moved_up_may_move_down_again_before_the_year_is_over() {
        let upgrades = goal("upgrade_customers", 150_000, 90_000, 6);
        assert_eq!((upgrades.expected(), upgrades.forecast()), (Some(75_000), Some(90_000)));
        assert_eq!(goal("upgrade_customers", 150_000, 160_000, 6).status(), "on track", "not reached yet");
        assert_eq!(goal("upgrade_customers", 150_000, 160_000, 12).status(), "reached");
    }

    #[test]
    fn a_share_is_expected_at_any_time_and_stays() {
        let retained = goal("retain_customers", 9_500, 9_600, 6);
        assert_eq!((retained.expected(), retained.forecast()), (Some(9_500), Some(9_600)));
        assert_eq!(retained.status(), "on track", "it can still fall");
        assert_eq!(goal("retain_customers", 9_500, 9_600, 12).status(), "reached");
        assert_eq!(goal("retain_customers", 9_500, 9_400, 6).status(), "behind");
        assert_eq!(goal("retain_customers", 9_500, 9_400, 12).status(), "missed");
    }

    #[test]
    fn of_cost_to_serve_less_is_better() {
        let cost = goal("cost_to_serve", 1_500, 1_600, 6);
        assert_eq!((cost.beyond_target(), cost.status(), cost.attainment()), (Some(-100), "behind", Some(0.9375)));
        assert_eq!(goal("cost_to_serve", 1_500, 1_400, 12).status(), "reached");
    }

    #[test]
    fn without_a_number_there_is_no_expectation_and_a_target_of_nothing_has_no_attainment() {
        let unknown = Progress { actual: None, ..goal("net_profit", 10_000, 0, 6) };
        assert_eq!((unknown.expected(), unknown.forecast(), unknown.status()), (None, None, "not measurable"));
        let ahead = Progress { actual: None, reason: String::new(), ..goal("net_profit", 10_000, 0, 6) };
        assert_eq!(ahead.status(), "not started");
        assert_eq!(goal("net_profit", 0, 50_000, 12).attainment(), None);
        assert_eq!(goal("net_profit", 0, 50_000, 12).status(), "reached");
    }
}

//! Simulates remedies, and levers on price, volume and cost, on the figures of a window; and computes the volume that a price change may cost.
//!
//! ```text
//!                   before   +5 % price   +5 % volume
//! revenue           10.0 M   10.5 M       10.5 M
//! COGS               6.0 M    6.0 M        6.3 M
//! fixed              3.0 M    3.0 M        3.0 M
//! result             1.0 M    1.5 M        1.2 M     break-even volume loss of the price: 5 ÷ (40 + 5) = 11.1 %
//! ```
//! Cost that isn't assigned to customers doesn't change. Only the variable part of the cost of activities moves with volume; payment terms that are imputed at a
//! yearly rate move with what is sold.
//!
//! Scenarios are compared with doing nothing: each starts from the same figures.

mod capacity;
mod treatment;

use netto_model::frame::{DimCustomer, Waterfall};
use netto_model::money::{MILLION as WHOLE, MoneyError, difference, millionths};
use netto_model::problem::{Problem, did_you_mean};
use netto_model::{Frame, Money, Window, column as c};
use polars::prelude::*;

use crate::SegmentError;
use crate::scenario::{Lever, LeverKind, Scenario, Scope, within};
use crate::windows::inside;
use capacity::{Capacity, Work};
use treatment::Remedies;

pub use capacity::{PoolDemand, Tables as CapacityTables};

/// The published tables that a simulation starts from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Customer × month.
    pub waterfall: &'a Frame<Waterfall>,
    /// Tiers.
    pub customer_window: &'a DataFrame,
    /// Markets.
    pub dim_customer: &'a Frame<DimCustomer>,
    /// Idle and unassigned cost.
    pub window_summary: &'a DataFrame,
    /// Remedies for customers that lose money.
    pub remedy: &'a DataFrame,
    /// The tables about capacity, if requested.
    pub capacity: Option<CapacityTables<'a>>,
}

/// The customers of a window with the amounts that a lever moves, and the cost that no lever moves.
#[derive(Clone, Debug)]
pub struct Book {
    customers: Vec<Customer>,
    remedies: Remedies,
    capacity: Capacity,
    idle: Money,
    unassigned: Money,
}

/// The result of a scenario.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// From revenue to result, in the order of the waterfall.
    pub figures: Vec<Figure>,
    /// The levers, in the order in which they were applied.
    pub effects: Vec<Effect>,
    /// The remedies, in the order of the scenario.
    pub treatments: Vec<TreatmentEffect>,
    /// Cost of activities that stays although the volume or the work is gone; negative if more volume uses available capacity.
    pub capacity_freed: Money,
    /// The demand on each pool with a practical capacity, if requested.
    pub demand: Vec<PoolDemand>,
}

/// A figure before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Name of the column.
    pub name: &'static str,
    /// As published.
    pub before: Money,
    /// After all levers.
    pub after: Money,
    /// After − before.
    pub change: Money,
}

/// The effect of one lever.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// The number of customers that it was applied to.
    pub customers: usize,
    /// The change of the result.
    pub result: Money,
    /// For a price: the part of volume that it may cost before it earns nothing more, Δprice ÷ (unit margin + Δprice). Negative for a lower price: the volume
    /// that it must bring.
    pub break_even_volume_loss: Option<f64>,
}

/// The expected effect of one remedy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreatmentEffect {
    /// The number of customers that it was applied to.
    pub customers: usize,
    /// The expected change of the result.
    pub result: Money,
    /// The expected invoice revenue of customers that leave because of it.
    pub volume_lost: Money,
    /// The expected avoidable cost that is really saved.
    pub cost_saved: Money,
    /// The expected capacity that is only freed.
    pub capacity_freed: Money,
}

#[derive(Clone, Debug)]
struct Customer {
    id: String,
    tier: String,
    market: Option<String>,
    account: Account,
    work: Work,
}

/// The amounts of a customer's waterfall that a lever moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Account {
    revenue: Money,
    rebates_given: Money,
    payment_terms: Money,
    /// Whether they are imputed at a yearly rate: then they go with what is owed, and with less of it nothing needs to be borrowed. Booked, they are an activity.
    terms_imputed: bool,
    freight_charged: Money,
    freight_cost: Money,
    cogs: Money,
    rebates_received: Money,
    cost_to_serve: Money,
}

impl Book {
    /// The customers of a window.
    ///
    /// # Errors
    /// When a table can't be read, or a total leaves the range of money.
    pub fn of(inputs: &Inputs<'_>, name: &str, window: Window) -> Result<Self, SegmentError> {
        let of_window = || col(c::WINDOW).eq(lit(name.to_owned()));
        let summary = inputs.window_summary.clone().lazy().filter(of_window()).collect()?;
        let amount = |column: &str| -> Result<Money, PolarsError> {
            Ok(Money::from_units(summary.column(column)?.i64()?.get(0).unwrap_or_default()))
        };
        // They are booked or imputed, never both.
        let terms_imputed = amount(c::IMPUTED_AMOUNT)? != Money::ZERO;
        Ok(Self {
            customers: customers(inputs, of_window(), window, terms_imputed)?,
            remedies: Remedies::of(inputs.remedy, name)?,
            capacity: inputs.capacity.map(|tables| Capacity::of(&tables, window)).transpose()?.unwrap_or_default(),
            idle: amount(c::IDLE_AMOUNT)?,
            unassigned: amount(c::UNASSIGNED_AMOUNT)?,
        })
    }

    /// Levers and remedies that apply to no customer, each at its key.
    #[must_use]
    pub fn strangers(&self, scenario: &Scenario) -> Vec<Problem> {
        let nobody = |scope: &Scope<'_>| !self.customers.iter().any(|customer| customer.is_meant_by(*scope));
        let strangers = scenario.scopes().filter(|(.., scope)| nobody(scope));
        let strangers = strangers.map(|(list, index, scope)| within(list, index, self.stranger(scope)));
        strangers.chain(self.remedies.out_of_window(scenario)).collect()
    }

    fn stranger(&self, scope: Scope<'_>) -> Problem {
        let known = |of: fn(&Customer) -> Option<&str>| self.customers.iter().filter_map(of).collect::<Vec<_>>();
        let ids = || known(|customer| Some(&customer.id));
        let markets = || known(|customer| customer.market.as_deref());
        let unknown = |key: &str, value: &str, known: Vec<&str>| {
            let help = did_you_mean(value, known).map_or_else(
                || format!("the table `dim_customer` lists every {key}"),
                |near| format!("did you mean `{near}`?"),
            );
            Problem::at([key], format!("there is no {key} `{value}` in the window")).with_help(help)
        };
        match (scope.customer, scope.market) {
            (Some(id), _) if !ids().contains(&id) => unknown("customer", id, ids()),
            (_, Some(market)) if !markets().contains(&market) => unknown("market", market, markets()),
            _ => Problem {
                key: Vec::new(),
                message: format!("no customer of the window matches {}", scope.words()),
                help: None,
            },
        }
    }

    /// Applies the remedies, and then the levers one after another.
    ///
    /// # Errors
    /// When an amount leaves the range of money.
    pub fn simulate(&self, scenario: &Scenario) -> Result<Simulation, SegmentError> {
        let variable = millionths(scenario.variable_share);
        let mut now = self.customers.clone();
        let treatments = self.remedies.apply(&scenario.remedies, &mut now)?;
        let mut effects = Vec::new();
        let mut freed: Vec<Money> = treatments.iter().map(|treatment| treatment.capacity_freed).collect();
        for lever in &scenario.levers {
            let meant = || now.iter().filter(|customer| customer.is_meant_by(lever.for_whom()));
            let (customers, before) = (meant().count(), Account::total(meant())?);
            let after = Account::total(pull(&mut now, lever, variable)?)?;
            effects.push(Effect {
                customers,
                result: difference(&[after.net_profit()?], &[before.net_profit()?])?,
                break_even_volume_loss: break_even_volume_loss(&before, lever.change_of(LeverKind::Price), variable),
            });
            freed.push(
                before.activities()?.scaled(-lever.change_of(LeverKind::Volume) * (WHOLE - variable), WHOLE * WHOLE)?,
            );
        }
        let (before, after) = (Account::total(&self.customers)?, Account::total(&now)?);
        let figures = self.figures(&before)?.into_iter().zip(self.figures(&after)?);
        let figures = figures.map(|((name, before), (_, after))| {
            Ok::<_, MoneyError>(Figure { name, before, after, change: difference(&[after], &[before])? })
        });
        let figures = figures.collect::<Result<_, _>>()?;
        let demand = self.capacity.demanded(&self.customers, &now)?;
        Ok(Simulation { figures, effects, treatments, capacity_freed: Money::sum(freed)?, demand })
    }

    /// From revenue to result.
    fn figures(&self, total: &Account) -> Result<Vec<(&'static str, Money)>, MoneyError> {
        let net_profit = total.net_profit()?;
        Ok(vec![
            (c::INVOICE_REVENUE, total.revenue),
            (c::REBATES_GIVEN, total.rebates_given),
            (c::PAYMENT_TERMS, total.payment_terms),
            (c::FREIGHT_CHARGED, total.freight_charged),
            (c::FREIGHT_COST, total.freight_cost),
            (c::COGS, total.cogs),
            (c::REBATES_RECEIVED, total.rebates_received),
            (c::GROSS_MARGIN, total.gross_margin()?),
            (c::COST_TO_SERVE, total.cost_to_serve),
            (c::NET_PROFIT, net_profit),
            (c::IDLE_AMOUNT, self.idle),
            (c::UNASSIGNED_AMOUNT, self.unassigned),
            (c::RESULT, difference(&[net_profit], &[self.idle, self.unassigned])?),
        ])
    }
}

/// Δprice ÷ (unit margin + Δprice): 5 ÷ (40 + 5) = 11.1 %. The unit margin is what a piece earns after all cost that moves with volume. `None` if a piece earns
/// nothing even at the new price.
///
/// Source: Nagle & Müller, *The Strategy and Tactics of Pricing*.
#[expect(clippy::cast_precision_loss, reason = "a share, not money")]
fn break_even_volume_loss(before: &Account, price: i64, variable: i64) -> Option<f64> {
    let wide = |money: Money| i128::from(money.units());
    // Both in millionths of a ten-thousandth.
    let imputed = if before.terms_imputed { wide(before.payment_terms) } else { 0 };
    let priced = wide(before.revenue) - wide(before.rebates_given) - imputed;
    let moves = priced + wide(before.freight_charged) - wide(before.cogs) + wide(before.rebates_received);
    let activities = wide(before.payment_terms) - imputed + wide(before.freight_cost) + wide(before.cost_to_serve);
    let unit_margin = moves * i128::from(WHOLE) - activities * i128::from(variable);
    let rise = priced * i128::from(price);
    (price != 0 && unit_margin + rise > 0).then(|| rise as f64 / (unit_margin + rise) as f64)
}

/// Applies a lever, and returns the customers that it was applied to.
fn pull<'a>(customers: &'a mut [Customer], lever: &Lever, variable: i64) -> Result<Vec<&'a Customer>, MoneyError> {
    let mut pulled = Vec::new();
    for customer in customers.iter_mut().filter(|customer| customer.is_meant_by(lever.for_whom())) {
        customer.account = customer.account.after(lever, variable)?;
        customer.work = std::mem::take(&mut customer.work).grown(lever.change_of(LeverKind::Volume))?;
        pulled.push(&*customer);
    }
    Ok(pulled)
}

impl Customer {
    fn is_meant_by(&self, scope: Scope<'_>) -> bool {
        let matches = |wanted: Option<&str>, own: Option<&str>| wanted.is_none() || wanted == own;
        matches(scope.tier, Some(&self.tier))
            && matches(scope.market, self.market.as_deref())
            && matches(scope.customer, Some(&self.id))
    }
}

impl Account {
    /// Price changes the amounts that depend on the price; volume those that depend on pieces, and the variable part of activities.
    fn after(self, lever: &Lever, variable: i64) -> Result<Self, MoneyError> {
        let [price, volume, cogs, served] =
            [LeverKind::Price, LeverKind::Volume, LeverKind::Cogs, LeverKind::CostToServe]
                .map(|kind| lever.change_of(kind));
        let sold = |amount| grown(grown(amount, price, WHOLE)?, volume, WHOLE);
        let bought = |amount| grown(grown(amount, cogs, WHOLE)?, volume, WHOLE);
        let done = |amount| grown(amount, volume, variable);
        Ok(Self {
            revenue: sold(self.revenue)?,
            rebates_given: sold(self.rebates_given)?,
            payment_terms: if self.terms_imputed { sold(self.payment_terms)? } else { done(self.payment_terms)? },
            terms_imputed: self.terms_imputed,
            freight_charged: grown(self.freight_charged, volume, WHOLE)?,
            freight_cost: done(self.freight_cost)?,
            cogs: bought(self.cogs)?,
            rebates_received: bought(self.rebates_received)?,
            cost_to_serve: grown(done(self.cost_to_serve)?, served, WHOLE)?,
        })
    }

    /// Pocket margin: what customers pay, less what goods cost.
    fn gross_margin(&self) -> Result<Money, MoneyError> {
        difference(
            &[self.revenue, self.freight_charged, self.rebates_received],
            &[self.rebates_given, self.payment_terms, self.freight_cost, self.cogs],
        )
    }

    fn net_profit(&self) -> Result<Money, MoneyError> {
        difference(&[self.gross_margin()?], &[self.cost_to_serve])
    }

    /// The cost of all activities, in whichever step of the waterfall.
    fn activities(&self) -> Result<Money, MoneyError> {
        let terms = if self.terms_imputed { Money::ZERO } else { self.payment_terms };
        Money::sum([terms, self.freight_cost, self.cost_to_serve])
    }

    fn total<'a>(customers: impl IntoIterator<Item = &'a Customer>) -> Result<Self, MoneyError> {
        let accounts: Vec<Self> = customers.into_iter().map(|customer| customer.account).collect();
        let sum = |of: fn(&Self) -> Money| Money::sum(accounts.iter().map(of));
        Ok(Self {
            revenue: sum(|account| account.revenue)?,
            rebates_given: sum(|account| account.rebates_given)?,
            payment_terms: sum(|account| account.payment_terms)?,
            terms_imputed: accounts.iter().any(|account| account.terms_imputed),
            freight_charged: sum(|account| account.freight_charged)?,
            freight_cost: sum(|account| account.freight_cost)?,
            cogs: sum(|account| account.cogs)?,
            rebates_received: sum(|account| account.rebates_received)?,
            cost_to_serve: sum(|account| account.cost_to_serve)?,
        })
    }
}

/// Amount × (1 + change × part), half-even: the one place where a simulation rounds.
fn grown(amount: Money, change: i64, part: i64) -> Result<Money, MoneyError> {
    amount.scaled(WHOLE * WHOLE + change * part, WHOLE * WHOLE)
}

/// All customers of the window by id, with tier, market, and the sums of their months.
fn customers(
    inputs: &Inputs<'_>,
    of_window: Expr,
    window: Window,
    terms_imputed: bool,
) -> Result<Vec<Customer>, PolarsError> {
    let key = || [col(c::CUSTOMER_ID)];
    let left = || JoinArgs::new(JoinType::Left);
    let sums = inputs.waterfall.lazy().filter(inside(window)).group_by(key()).agg(AMOUNTS.map(|name| col(name).sum()));
    let data = inputs
        .customer_window
        .clone()
        .lazy()
        .filter(of_window)
        .select([col(c::CUSTOMER_ID), col(c::TIER)])
        .join(sums, key(), key(), left())
        .join(inputs.dim_customer.lazy().select([col(c::CUSTOMER_ID), col(c::MARKET)]), key(), key(), left())
        .sort([c::CUSTOMER_ID], SortMultipleOptions::default())
        .collect()?;
    let (ids, tiers, markets) =
        (data.column(c::CUSTOMER_ID)?.str()?, data.column(c::TIER)?.str()?, data.column(c::MARKET)?.str()?);
    let mut work = inputs.capacity.map(|tables| Work::of(&tables, window)).transpose()?.unwrap_or_default();
    let mut customers: Vec<Customer> = ids
        .iter()
        .zip(tiers.iter())
        .zip(markets.iter())
        .map(|((id, tier), market)| Customer {
            id: id.unwrap_or_default().to_owned(),
            tier: tier.unwrap_or_default().to_owned(),
            market: market.map(str::to_owned),
            account: Account { terms_imputed, ..Account::default() },
            work: id.and_then(|id| work.remove(id)).unwrap_or_default(),
        })
        .collect();
    for name in AMOUNTS {
        for (customer, units) in customers.iter_mut().zip(data.column(name)?.i64()?.iter()) {
            *customer.account.place(name) = Money::from_units(units.unwrap_or_default());
        }
    }
    Ok(customers)
}

/// The columns of an account.
const AMOUNTS: [&str; 8] = [
    c::INVOICE_REVENUE,
    c::REBATES_GIVEN,
    c::PAYMENT_TERMS,
    c::FREIGHT_CHARGED,
    c::FREIGHT_COST,
    c::COGS,
    c::REBATES_RECEIVED,
    c::COST_TO_SERVE,
];

impl Account {
    fn place(&mut self, column: &str) -> &mut Money {
        match column {
            c::INVOICE_REVENUE => &mut self.revenue,
            c::REBATES_GIVEN => &mut self.rebates_given,
            c::PAYMENT_TERMS => &mut self.payment_terms,
            c::FREIGHT_CHARGED => &mut self.freight_charged,
            c::FREIGHT_COST => &mut self.freight_cost,
            c::COGS => &mut self.cogs,
            c::REBATES_RECEIVED => &mut self.rebates_received,
            _ => &mut self.cost_to_serve,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(super) fn money(whole: i64) -> Money {
        Money::from_units(whole * 10_000)
    }

    fn customer(id: &str, tier: &str, account: Account) -> Customer {
        let market = Some("Installers".into());
        Customer { id: id.into(), tier: tier.into(), market, account, work: Work::default() }
    }

    /// 100,000 pieces at 100 each, variable 60, and 3 M that no customer causes.
    fn book() -> Book {
        let half = Account { revenue: money(5_000_000), cogs: money(3_000_000), ..Account::default() };
        let customers = vec![customer("A", "Top", half), customer("B", "Small", half)];
        let (remedies, capacity) = (Remedies::default(), Capacity::default());
        Book { customers, remedies, capacity, idle: Money::ZERO, unassigned: money(3_000_000) }
    }

    /// One customer, and no cost beside it.
    pub(super) fn alone(account: Account) -> Book {
        let customers = vec![customer("A", "Top", account)];
        let (remedies, capacity) = (Remedies::default(), Capacity::default());
        Book { customers, remedies, capacity, idle: Money::ZERO, unassigned: Money::ZERO }
    }

    fn lever(kind: LeverKind, change: f64) -> Lever {
        Lever { kind, change, volume: None, tier: None, market: None, customer: None }
    }

    fn scenario(variable_share: f64, lever: Lever) -> Scenario {
        Scenario { name: None, variable_share, levers: vec![lever], remedies: Vec::new() }
    }

    fn result(book: &Book, lever: Lever) -> (Money, Option<f64>) {
        let done = book.simulate(&scenario(0.0, lever)).unwrap();
        (done.figures.last().unwrap().after, done.effects[0].break_even_volume_loss)
    }

    #[test]
    fn five_percent_on_price_brings_more_than_five_percent_on_volume() {
        assert_eq!(result(&book(), lever(LeverKind::Price, 0.0)), (money(1_000_000), None));
        assert_eq!(result(&book(), lever(LeverKind::Price, 0.05)), (money(1_500_000), Some(5.0 / 45.0)));
        assert_eq!(result(&book(), lever(LeverKind::Volume, 0.05)), (money(1_200_000), None));
        assert_eq!(result(&book(), lever(LeverKind::Cogs, -0.05)), (money(1_300_000), None));
    }

    #[test]
    fn a_lower_price_must_bring_volume_and_one_below_cost_never_breaks_even() {
        assert_eq!(result(&book(), lever(LeverKind::Price, -0.05)).1, Some(-5.0 / 35.0));
        assert_eq!(result(&book(), lever(LeverKind::Price, -0.5)).1, None);
    }

    #[test]
    fn a_lever_moves_only_whom_it_means() {
        let small = Lever { tier: Some("Small".into()), ..lever(LeverKind::Price, 0.05) };
        let done = book().simulate(&scenario(0.0, small)).unwrap();
        assert_eq!((done.effects[0].customers, done.effects[0].result), (1, money(250_000)));
        let nobody = Lever { market: Some("Instalers".into()), ..lever(LeverKind::Price, 0.05) };
        let problems = book().strangers(&scenario(0.0, nobody));
        assert_eq!(
            (problems[0].key.join("."), problems[0].help.as_deref()),
            ("lever.0.market".into(), Some("did you mean `Installers`?"))
        );
        let elsewhere =
            Lever { customer: Some("A".into()), tier: Some("Small".into()), ..lever(LeverKind::Price, 0.05) };
        assert_eq!(book().strangers(&scenario(0.0, elsewhere))[0].key, ["lever", "0"]);
    }

    #[test]
    fn less_volume_frees_capacity_and_saves_only_its_variable_part() {
        let account = Account {
            revenue: money(1_000),
            cogs: money(600),
            cost_to_serve: money(200),
            freight_cost: money(100),
            ..Account::default()
        };
        let book = Book { idle: money(7), ..alone(account) };
        for (variable, saved) in [(0.0, 0), (0.3, 9), (1.0, 30)] {
            let done = book.simulate(&scenario(variable, lever(LeverKind::Volume, -0.1))).unwrap();
            assert_eq!(done.effects[0].result, money(saved - 40));
            assert_eq!(done.capacity_freed, money(30 - saved));
            let idle = done.figures.iter().find(|figure| figure.name == c::IDLE_AMOUNT).unwrap();
            assert_eq!((idle.after, idle.change), (money(7), Money::ZERO));
        }
        let done = book.simulate(&scenario(0.0, lever(LeverKind::CostToServe, -0.1))).unwrap();
        assert_eq!((done.effects[0].result, done.capacity_freed), (money(20), Money::ZERO));
    }

    #[test]
    fn imputed_terms_go_with_what_is_sold_and_are_no_capacity() {
        let account =
            Account { revenue: money(1_000), cogs: money(600), payment_terms: money(20), ..Account::default() };
        let volume = |terms_imputed: bool| {
            let book = alone(Account { terms_imputed, ..account });
            let done = book.simulate(&scenario(0.0, lever(LeverKind::Volume, -0.1))).unwrap();
            (done.effects[0].result, done.capacity_freed)
        };
        assert_eq!(volume(true), (money(-38), Money::ZERO));
        assert_eq!(volume(false), (money(-40), money(2)));
        // 5 % on a price of 980 is 49, and a piece earns 380.
        let imputed = alone(Account { terms_imputed: true, ..account });
        assert_eq!(result(&imputed, lever(LeverKind::Price, 0.05)), (money(429), Some(49.0 / 429.0)));
    }

    prop_compose! {
        fn accounts()(amounts in proptest::array::uniform8(0_i64..1_000_000_000_000)) -> Account {
            let [revenue, rebates, terms, charged, freight, cogs, received, served] = amounts.map(Money::from_units);
            // Rebates are below revenue, so there is a price to raise.
            let rebates_given = rebates.scaled(revenue.units(), 2_000_000_000_000).unwrap();
            Account {
                revenue,
                rebates_given,
                payment_terms: terms,
                terms_imputed: false,
                freight_charged: charged,
                freight_cost: freight,
                cogs,
                rebates_received: received,
                cost_to_serve: served,
            }
        }
    }

    proptest! {
        /// A price with exactly its break-even volume changes nothing, up to the millionth in which volume is given.
        #[test]
        fn at_the_break_even_volume_a_price_earns_nothing(account in accounts(), price in -0.3_f64..0.3, variable in 0.0_f64..1.0) {
            let price = (price * 1e6).round() / 1e6;
            let book = alone(account);
            let alone = book.simulate(&scenario(variable, lever(LeverKind::Price, price))).unwrap();
            if let Some(loss) = alone.effects[0].break_even_volume_loss.filter(|loss| loss.abs() < 1.0) {
                let volume = Some((-loss * 1e6).round() / 1e6);
                let both = book.simulate(&scenario(variable, Lever { volume, ..lever(LeverKind::Price, price) })).unwrap();
                prop_assert!(both.effects[0].result.units().abs() < 10_000_000, "{:?}", both.effects[0]);
            }
        }
    }
}

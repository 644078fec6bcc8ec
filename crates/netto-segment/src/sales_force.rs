//! What each employee of the sales force, and each pair of field and inside staff, costs and adds (Curry, *Customer Marketing
//! Method*).
//!
//! Customers are those of the portfolio; a customer with a field and an inside representative counts for both, and once for
//! their pair. Visits are the employee's own, in the portfolio or not. Added value is the net profit of the portfolio before all pay of the sales
//! force, less the pay of these: what stands in cost-to-serve from the pools that hold pay is added back. A pool holds pay where it has the name of a
//! role of the sales force, such as `field`, or where an activity that takes from it is compensation. One of a pair has no added value: the pair has.
//!
//! ```text
//!              full cost  visits  cost per visit                            net profit  pay in cost  added value
//! M01 field    85,320     160     85,320 × 17,600 ÷ 115,200 ÷ 160 = 81.47    90,000     100,000      of K1
//! M05 inside   54,000                                                        90,000     100,000      of K1
//! K1           139,320    160     81.47                                      90,000     100,000      50,680
//! ```
//! Pay is per month, and counted for those months of the window that the data reach: half a year of orders stands against half
//! a year of wages.

use std::collections::{BTreeMap, BTreeSet};
use std::slice::from_ref;

use netto_model::frame::{FctEmployeeMonth, SalesForce};
use netto_model::money::MoneyError;
use netto_model::{Frame, Mart, Money, Window, column as c};
use polars::prelude::*;

use crate::book::Book;
use crate::columns::{quotient, sums};
use crate::customer_window::Customer;
use crate::order_digest::{FollowUp, OrderDigest};
use crate::sales_events::{Events, Kind};
use crate::sales_team::{Pay, Seller, team};
use crate::visit_effect::{Comparison, VisitEffect};
use crate::windows::{Named, covered, inside};
use crate::{Inputs, SegmentError};

/// What an employee did in a window, and what came of it; minutes in ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effort {
    pub(crate) visits: i64,
    pub(crate) calls: i64,
    pub(crate) visit_minutes: i64,
    pub(crate) event_minutes: i64,
    pub(crate) after: FollowUp,
}

/// What the portfolio earned, in ten-thousandths: sums of the waterfall's columns [`EARNED`].
type Earned = [i64; 6];
const EARNED: [&str; 6] = [
    c::INVOICE_REVENUE,
    c::GROSS_MARGIN,
    c::COST_TO_SERVE,
    c::SALES_COMPENSATION,
    c::NET_BEFORE_COMPENSATION,
    c::NET_PROFIT,
];

/// A row of the table.
struct Row<'a> {
    seller: &'a Seller,
    customers: i64,
    pay: Pay,
    full_cost: Option<i64>,
    effort: Option<Effort>,
    cost_per_visit: Option<i64>,
    visited_customers: Option<i64>,
    effect: VisitEffect,
    /// Orders, and their invoice revenue.
    taken: Option<[i64; 2]>,
    /// On small orders, and on the others.
    order_minutes: Option<[i64; 2]>,
    earned: Earned,
    /// Cost of the portfolio from the pools that hold pay.
    pay_in_cost: i64,
    /// Whether another one of a pair has these customers as well.
    shared: bool,
}

/// The table of all windows.
pub(crate) fn table(book: &Book<'_>) -> Result<Mart, SegmentError> {
    book.table::<SalesForce>(|named, customers| {
        let events = Events::of(book.inputs, named.window)?;
        let team = team(book.inputs, events.as_ref())?;
        let facts = Facts::of(book, named, customers, events.as_ref(), &team)?;
        let rows = team.iter().map(|seller| facts.row(seller)).collect::<Result<Vec<_>, _>>()?;
        Ok(of_window(&named.name, &rows, &facts)?)
    })
}

/// What a visit of each employee costs, where that is known.
pub(crate) fn costs_per_visit(
    book: &Book<'_>,
    window: Window,
    events: &Events<'_>,
) -> Result<BTreeMap<String, i64>, SegmentError> {
    let months = covered(book.inputs, window)?.map_or(0, Window::months);
    let efforts = efforts(events, None);
    let mut costs = BTreeMap::new();
    for seller in team(book.inputs, Some(events))?.into_iter().filter(Seller::is_employee) {
        let pay = seller.pay.of_months(months.into())?;
        let (full_cost, effort) = (pay.full_cost()?, efforts.get(seller.key.as_str()));
        if let Some(cost) = effort.and_then(|effort| effort.cost_per_visit(pay, full_cost, events)) {
            costs.insert(seller.key, cost);
        }
    }
    Ok(costs)
}

impl Effort {
    /// Full cost × visit minutes ÷ presence ÷ visits; of all minutes of events where presence isn't known.
    fn cost_per_visit(&self, pay: Pay, full_cost: Option<i64>, events: &Events<'_>) -> Option<i64> {
        let minutes = Some(self.visit_minutes).filter(|_| events.has_minutes)?;
        let of = pay.presence.unwrap_or(self.event_minutes);
        quotient(i128::from(full_cost?) * i128::from(minutes), i128::from(of) * i128::from(self.visits))
    }
}

/// What each employee did.
fn efforts<'a>(events: &Events<'a>, orders: Option<&OrderDigest>) -> BTreeMap<&'a str, Effort> {
    let mut efforts: BTreeMap<&str, Effort> = BTreeMap::new();
    for event in &events.all {
        let effort = efforts.entry(event.employee).or_default();
        effort.event_minutes += event.minutes;
        match event.kind {
            Kind::Visit => {
                effort.visits += 1;
                effort.visit_minutes += event.minutes;
                if let Some(after) = orders.and_then(|orders| orders.after_visit.get(event.id)) {
                    effort.after.orders += after.orders;
                    effort.after.revenue += after.revenue;
                }
            }
            Kind::Call => effort.calls += 1,
            Kind::Other => {}
        }
    }
    efforts
}

/// What is known of a window.
struct Facts<'a> {
    months: i64,
    events: Option<&'a Events<'a>>,
    orders: Option<&'a OrderDigest>,
    efforts: BTreeMap<&'a str, Effort>,
    /// Per visit of each employee.
    costs: BTreeMap<String, i64>,
    /// Customers that each employee visited.
    visited: BTreeMap<&'a str, BTreeSet<&'a str>>,
    comparison: Option<Comparison<'a>>,
    active: BTreeSet<&'a str>,
    earned: BTreeMap<[String; 1], Earned>,
    taken: Option<BTreeMap<[String; 1], [i64; 2]>>,
    order_minutes: Option<BTreeMap<[String; 1], [i64; 2]>>,
    /// Cost of each customer from the pools that hold pay.
    pay_in_cost: BTreeMap<[String; 1], [i64; 1]>,
    /// Employees that are one of a pair.
    paired: BTreeSet<String>,
}

impl<'a> Facts<'a> {
    fn of(
        book: &Book<'a>,
        named: &Named,
        customers: &'a [Customer],
        events: Option<&'a Events<'a>>,
        team: &[Seller],
    ) -> Result<Self, SegmentError> {
        let (inputs, window) = (book.inputs, named.window);
        let mut visited: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for visit in events.into_iter().flat_map(Events::visits_to_customers) {
            visited.entry(visit.employee).or_default().insert(visit.customer);
        }
        let by_anyone = visited.values().flatten().copied().collect();
        let before = events.and_then(|_| book.before(named));
        let pairs = team.iter().filter(|seller| !seller.is_employee() && seller.members.len() > 1);
        Ok(Self {
            pay_in_cost: pay_in_cost(inputs, window)?,
            paired: pairs.flat_map(|pair| pair.members.iter().cloned()).collect(),
            months: covered(inputs, window)?.map_or(0, Window::months).into(),
            events,
            orders: inputs.orders,
            efforts: events.map(|events| efforts(events, inputs.orders)).unwrap_or_default(),
            costs: events.map(|events| costs_per_visit(book, window, events)).transpose()?.unwrap_or_default(),
            comparison: before.map(|(_, before)| Comparison::new(before, customers, &by_anyone)),
            visited,
            active: customers.iter().filter(|customer| customer.is_active()).map(|row| row.id.as_str()).collect(),
            earned: sums(inputs.waterfall.lazy().filter(inside(window)), [c::CUSTOMER_ID], EARNED)?,
            taken: inputs.employee_month.map(|taken| taken_by(taken, window)).transpose()?.flatten(),
            order_minutes: inputs
                .orders
                .map(|orders| order_minutes(orders, window, book.config.order_size.last_small()))
                .transpose()?,
        })
    }

    fn row<'b>(&self, seller: &'b Seller) -> Result<Row<'b>, SegmentError> {
        let pay = seller.pay.of_months(self.months)?;
        let full_cost = pay.full_cost()?;
        let effort = self.events.map(|_| self.effort(seller));
        let visited = self.visited_of(seller);
        let known = |ids: &BTreeSet<&str>| i64::try_from(ids.len()).unwrap_or(i64::MAX);
        let active = seller.portfolio.iter().filter(|id| self.active.contains(id.as_str()));
        Ok(Row {
            seller,
            customers: i64::try_from(active.count()).unwrap_or(i64::MAX),
            cost_per_visit: self.cost_per_visit(seller),
            visited_customers: self.events.map(|_| known(&visited)),
            effect: self.comparison.as_ref().map(|all| all.of(visited.iter().copied())).unwrap_or_default(),
            taken: self
                .taken
                .as_ref()
                .map(|taken| totals(seller.members.iter().filter_map(|id| taken.get(from_ref(id))))),
            order_minutes: self
                .order_minutes
                .as_ref()
                .map(|minutes| totals(seller.portfolio.iter().filter_map(|id| minutes.get(from_ref(id))))),
            earned: earned(seller.portfolio.iter().filter_map(|id| self.earned.get(from_ref(id))))?,
            pay_in_cost: sum(seller.portfolio.iter().filter_map(|id| self.pay_in_cost.get(from_ref(id))))?,
            shared: seller.is_employee() && self.paired.contains(&seller.key),
            pay,
            full_cost,
            effort,
        })
    }

    fn effort(&self, seller: &Seller) -> Effort {
        let mut all = Effort::default();
        for effort in seller.members.iter().filter_map(|id| self.efforts.get(id.as_str())) {
            all.visits += effort.visits;
            all.calls += effort.calls;
            all.visit_minutes += effort.visit_minutes;
            all.event_minutes += effort.event_minutes;
            all.after.orders += effort.after.orders;
            all.after.revenue += effort.after.revenue;
        }
        all
    }

    /// Of a pair: what the visits of both cost ÷ their visits; nothing where someone's aren't known.
    fn cost_per_visit(&self, seller: &Seller) -> Option<i64> {
        let (mut cost, mut visits) = (0, 0);
        for id in &seller.members {
            let Some(effort) = self.efforts.get(id.as_str()).filter(|effort| effort.visits > 0) else { continue };
            cost += i128::from(*self.costs.get(id)?) * i128::from(effort.visits);
            visits += i128::from(effort.visits);
        }
        quotient(cost, visits)
    }

    /// Customers of the portfolio that the employee, or one of the pair, visited.
    fn visited_of(&self, seller: &Seller) -> BTreeSet<&'a str> {
        let visited = seller.members.iter().filter_map(|id| self.visited.get(id.as_str())).flatten();
        visited.copied().filter(|id| seller.portfolio.contains(*id)).collect()
    }
}

/// Orders and their revenue by who took them; nothing where no order says so.
fn taken_by(source: &Frame<FctEmployeeMonth>, window: Window) -> PolarsResult<Option<BTreeMap<[String; 1], [i64; 2]>>> {
    let named = source.lazy().filter(col(c::EMPLOYEE_ID).neq(lit("")));
    if named.clone().limit(1).collect()?.height() == 0 {
        return Ok(None);
    }
    sums(named.filter(inside(window)), [c::EMPLOYEE_ID], [c::ORDERS, c::INVOICE_REVENUE]).map(Some)
}

/// Minutes on a customer's small orders, and on the others.
fn order_minutes(
    orders: &OrderDigest,
    window: Window,
    last_small: i64,
) -> PolarsResult<BTreeMap<[String; 1], [i64; 2]>> {
    let minutes = |is_counted: Expr, name| when(is_counted).then(col(c::MINUTES)).otherwise(lit(0_i64)).alias(name);
    let small = || col(c::BAND).lt_eq(lit(last_small));
    let names = [c::SMALL_ORDER_MINUTES, c::LARGE_ORDER_MINUTES];
    let split = [minutes(small(), names[0]), minutes(small().not(), names[1])];
    sums(orders.within(window).with_columns(split), [c::CUSTOMER_ID], names)
}

fn totals<'a>(parts: impl Iterator<Item = &'a [i64; 2]>) -> [i64; 2] {
    parts.fold([0; 2], |[a, b], part| [a + part[0], b + part[1]])
}

fn earned<'a>(customers: impl Iterator<Item = &'a Earned>) -> Result<Earned, MoneyError> {
    let mut total = [0_i128; 6];
    for customer in customers {
        total.iter_mut().zip(customer).for_each(|(sum, amount)| *sum += i128::from(*amount));
    }
    let mut earned = Earned::default();
    for (amount, sum) in earned.iter_mut().zip(total) {
        *amount = Money::try_from_wide(sum)?.units();
    }
    Ok(earned)
}

/// Roles of the sales force.
const ROLES: [&str; 2] = ["field", "inside"];

/// Whether a pool holds pay of the sales force by its name: `field`, `sales_inside`.
fn is_of_a_role(pool: &str) -> bool {
    pool.split(|letter: char| !letter.is_alphanumeric()).any(|word| ROLES.contains(&word.to_lowercase().as_str()))
}

/// What each customer costs from the pools that hold the pay of the sales force.
fn pay_in_cost(inputs: &Inputs<'_>, window: Window) -> PolarsResult<BTreeMap<[String; 1], [i64; 1]>> {
    let activities = inputs.activities.data();
    let pools = activities.column(c::POOL)?.str()?.iter().flatten();
    let flagged = activities.column(c::COMPENSATION)?.bool()?.iter().map(Option::unwrap_or_default);
    let of_pay: BTreeSet<&str> =
        pools.zip(flagged).filter(|(pool, flag)| *flag || is_of_a_role(pool)).map(|(pool, _)| pool).collect();
    let of_pay = df!(c::POOL => of_pay.into_iter().collect::<Vec<_>>())?.lazy();
    let semi = || JoinArgs::new(JoinType::Semi);
    let activities = inputs.activities.lazy().filter(col(c::STEP).eq(lit(c::COST_TO_SERVE)));
    let activities = activities.join(of_pay, [col(c::POOL)], [col(c::POOL)], semi());
    let cost = inputs.ledger.lazy().filter(inside(window));
    sums(cost.join(activities, [col(c::ACTIVITY)], [col(c::ACTIVITY)], semi()), [c::CUSTOMER_ID], [c::AMOUNT])
}

fn sum<'a>(parts: impl Iterator<Item = &'a [i64; 1]>) -> Result<i64, MoneyError> {
    Ok(Money::try_from_wide(parts.map(|[amount]| i128::from(*amount)).sum())?.units())
}

/// Net profit before the pay in its cost, less full cost; of one of a pair it is the pair's.
fn added_value(row: &Row<'_>) -> Option<i64> {
    let [.., net_profit] = row.earned;
    let cost = row.full_cost.filter(|_| !row.shared)?;
    net_profit.checked_add(row.pay_in_cost)?.checked_sub(cost)
}

fn of_window(window: &str, rows: &[Row<'_>], facts: &Facts<'_>) -> Result<DataFrame, PolarsError> {
    let text = |of: fn(&Seller) -> Option<&str>| rows.iter().map(|row| of(row.seller)).collect::<Vec<_>>();
    let pay = |of: fn(&Pay) -> Option<i64>| rows.iter().map(|row| of(&row.pay)).collect::<Vec<_>>();
    let each = |of: fn(&Row<'_>) -> Option<i64>| rows.iter().map(of).collect::<Vec<_>>();
    let effort = |known: bool, of: fn(&Effort) -> i64| {
        rows.iter().map(|row| row.effort.as_ref().filter(|_| known).map(of)).collect::<Vec<_>>()
    };
    let earned = |place: usize| rows.iter().map(|row| row.earned[place]).collect::<Vec<_>>();
    let change = |of: fn(&VisitEffect) -> Option<f64>| rows.iter().map(|row| of(&row.effect)).collect::<Vec<_>>();
    let compared = |side: usize| {
        rows.iter().map(|row| i64::try_from(row.effect.compared[side]).unwrap_or(i64::MAX)).collect::<Vec<_>>()
    };
    let has_minutes = facts.events.is_some_and(|events| events.has_minutes);
    let has_orders = facts.orders.is_some();
    let mut frame = df!(
        c::WINDOW => vec![window; rows.len()],
        c::LEVEL => text(|seller| Some(seller.level)),
        c::KEY => text(|seller| Some(&seller.key)),
        c::NAME => text(|seller| seller.name.as_deref()),
        c::ROLE => text(|seller| seller.role.as_deref()),
        c::CUSTOMERS => rows.iter().map(|row| row.customers).collect::<Vec<_>>(),
        c::WAGE => pay(|pay| pay.wage),
        c::CAR => pay(|pay| pay.car),
        c::REPRESENTATION => pay(|pay| pay.representation),
        c::BONUS => pay(|pay| pay.bonus),
        c::FULL_COST => each(|row| row.full_cost),
        c::VISITS => effort(true, |effort| effort.visits),
        c::CALLS => effort(true, |effort| effort.calls),
        c::VISIT_MINUTES => effort(has_minutes, |effort| effort.visit_minutes),
        c::EVENT_MINUTES => effort(has_minutes, |effort| effort.event_minutes),
        c::PRESENCE_MINUTES => pay(|pay| pay.presence),
        c::COST_PER_VISIT => each(|row| row.cost_per_visit),
        c::VISITED_CUSTOMERS => each(|row| row.visited_customers),
        c::ORDERS_AFTER_VISIT => effort(has_orders, |effort| effort.after.orders),
        c::REVENUE_AFTER_VISIT => effort(has_orders, |effort| effort.after.revenue),
        c::VISITED_CHANGE => change(|effect| effect.visited_change),
        c::UNVISITED_CHANGE => change(|effect| effect.unvisited_change),
        c::VISITED_COMPARED => compared(0),
        c::UNVISITED_COMPARED => compared(1),
        c::VISIT_UPLIFT_LOW => each(|row| row.effect.uplift.map(|[lowest, ..]| lowest)),
        c::VISIT_UPLIFT => each(|row| row.effect.uplift.map(|[_, uplift, _]| uplift)),
        c::VISIT_UPLIFT_HIGH => each(|row| row.effect.uplift.map(|[.., highest]| highest)),
        c::VISIT_FINDING => rows.iter().map(|row| row.effect.finding()).collect::<Vec<_>>(),
        c::ORDERS_TAKEN => each(|row| row.taken.map(|[orders, _]| orders)),
        c::REVENUE_TAKEN => each(|row| row.taken.map(|[_, revenue]| revenue)),
        c::SMALL_ORDER_MINUTES => each(|row| row.order_minutes.map(|[small, _]| small)),
        c::LARGE_ORDER_MINUTES => each(|row| row.order_minutes.map(|[_, others]| others)),
        c::PAY_IN_COST => rows.iter().map(|row| row.pay_in_cost).collect::<Vec<_>>(),
        c::SHARED_PORTFOLIO => rows.iter().map(|row| row.shared).collect::<Vec<_>>(),
        c::ADDED_VALUE => each(added_value),
    )?;
    for (place, name) in EARNED.iter().enumerate() {
        frame.with_column(Column::new((*name).into(), earned(place)))?;
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order_digest::tests::digest;
    use crate::sales_events::Event;
    use netto_model::Period;

    fn event(id: &str, kind: Kind, minutes: i64) -> Event<'_> {
        Event { id, employee: "M01", kind, minutes, ..Event::default() }
    }

    fn events() -> Events<'static> {
        let all = vec![
            event("1", Kind::Visit, 60),
            event("2", Kind::Visit, 40),
            event("3", Kind::Call, 10),
            event("4", Kind::Other, 15),
        ];
        Events { all, has_minutes: true }
    }

    #[test]
    fn a_visit_costs_its_minutes_part_of_the_full_cost() {
        let effort = efforts(&events(), None)["M01"];
        assert_eq!((effort.visits, effort.calls, effort.visit_minutes, effort.event_minutes), (2, 1, 100, 125));
        let pay = Pay { presence: Some(400), ..Pay::default() };
        // 1,000 × 100 ÷ 400 ÷ 2; without presence 1,000 × 100 ÷ 125 ÷ 2.
        assert_eq!(effort.cost_per_visit(pay, Some(1_000), &events()), Some(125));
        assert_eq!(effort.cost_per_visit(Pay::default(), Some(1_000), &events()), Some(400));
        assert_eq!(effort.cost_per_visit(pay, None, &events()), None);
        assert_eq!(effort.cost_per_visit(pay, Some(1_000), &Events { has_minutes: false, ..events() }), None);
        assert_eq!(Effort::default().cost_per_visit(pay, Some(1_000), &events()), None);
    }

    #[test]
    fn orders_after_a_visit_belong_to_who_did_it() {
        let after_visit = [("2", 3, 70), ("other", 9, 9)];
        let after_visit = after_visit.map(|(id, orders, revenue)| (id.to_owned(), FollowUp { orders, revenue }));
        let orders = OrderDigest { after_visit: after_visit.into(), ..OrderDigest::default() };
        assert_eq!(efforts(&events(), Some(&orders))["M01"].after, FollowUp { orders: 3, revenue: 70 });
    }

    #[test]
    fn orders_up_to_the_last_small_band_are_small_and_only_months_of_the_window_count() {
        let row = |month, band, minutes| ("A", "", Period::new(2025, month), band, true, 1, minutes);
        let orders = digest(&[row(1, 1, 1), row(1, 3, 20), row(2, 4, 300), row(3, 2, 4_000)]);
        let window = Window { first: Period::new(2025, 1), last: Period::new(2025, 2) };
        assert_eq!(order_minutes(&orders, window, 3).unwrap(), BTreeMap::from([(["A".to_owned()], [21, 300])]));
    }

    #[test]
    fn what_a_portfolio_earned_is_the_sum_of_its_customers() {
        assert_eq!(earned([[1, 2, 3, 4, 5, 6], [10; 6]].iter()), Ok([11, 12, 13, 14, 15, 16]));
        assert!(earned([[i64::MAX; 6], [1; 6]].iter()).is_err());
    }
}

-- budget_revision: Comparison of two versions of a budget, such as the original and the revised one, over the closed months that both have.
-- grain: window × version × other version × measure × kind of scope × scope
-- key: window_id, version, other_version, measure, scope_kind, scope
-- needs: budgets
-- source: Horngren, Datar & Rajan, Cost Accounting (2015), chapter 7: the static-budget variance
--
-- February    original 100   revised 120   actual 130
-- revised against original: + 20 of 100; actual + 10 of the revised, + 30 of the original
--
-- A month, or a scope, that only one of them has isn't compared: it would look like a budget of 0. Each pair stands in both directions.
with paired as (
    select
        w.window_id, a.version, b.version as other_version, a.measure, a.scope_kind, a.scope, a.budget, b.budget as other_budget, a.actual
    from budget_month as a
    join budget_month as b
        on b.budget_period = a.budget_period and b.measure = a.measure and b.scope_kind = a.scope_kind and b.scope = a.scope
    join window_month as w on w.period = a.budget_period
    where a.status = 'compared' and a.version <> b.version
), sums as (
    select
        window_id, version, other_version, measure, scope_kind, scope, count(*) as months, sum(budget) as budget,
        sum(other_budget) as other_budget, sum(actual) as actual
    from paired group by window_id, version, other_version, measure, scope_kind, scope
)
select
    window_id,                                          -- text → dim_window: Window of closed months
    version,                                            -- text: Version of the budget
    other_version,                                      -- text: Version that it is compared with
    measure,                                            -- text (invoice_revenue | gross_margin | cost_to_serve | net_profit | orders | pool_cost): What is budgeted
    scope_kind,                                         -- text (company | customer | market | tier | employee | product group | pool): What the scope names
    scope,                                              -- text: Customer, market, tier, employee, product group or pool; empty for the company
    months,                                             -- count, never summed: Closed months that both versions have
    budget,                                             -- driver, never summed: Budget of the version in these months
    other_budget,                                       -- driver, never summed: Budget of the other version
    budget - other_budget as revision,                  -- driver, never summed: Budget of the version less the other version
    actual,                                             -- driver, never summed: Actual
    actual - budget as difference,                      -- driver, never summed: Actual less the version
    actual - other_budget as other_difference           -- driver, never summed: Actual less the other version
from sums

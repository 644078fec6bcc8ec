-- budget_window: Budget and actual in a window, over the closed months for which the version has a budget.
-- grain: window × version × measure × kind of scope × scope
-- key: window_id, version, measure, scope_kind, scope
-- needs: budgets
-- source: Horngren, Datar & Rajan, Cost Accounting (2015), chapter 7: the static-budget variance
--
-- a year in progress, March is the last closed month: January to March of the budget against January to March
-- no budget for a scope: no row, and not a budget of 0
select
    w.window_id,                                        -- text → dim_window: Window of closed months
    b.version,                                          -- text: Version of the budget
    b.measure,                                          -- text (invoice_revenue | gross_margin | cost_to_serve | net_profit | orders | pool_cost): What is budgeted
    b.scope_kind,                                       -- text (company | customer | market | tier | employee | product group | pool): What the scope names
    b.scope,                                            -- text: Customer, market, tier, employee, product group or pool; empty for the company
    count(*) as months,                                 -- count, never summed: Months that are compared; fewer than the window has if the version has no budget for some
    sum(b.budget) as budget,                            -- driver, never summed: Budget of these months
    sum(b.actual) as actual,                            -- driver, never summed: Their actual
    sum(b.difference) as difference,                    -- driver, never summed: Actual less budget
    sum(b.favourable_difference) as favourable_difference,  -- driver, never summed: Difference with its sign for profit: for cost, budget less actual
    share(sum(b.actual), sum(b.budget)) as reached_share    -- share?: Actual ÷ budget; empty without a budget above zero
from budget_month as b join window_month as w on w.period = b.budget_period
where b.status = 'compared'
group by w.window_id, b.version, b.measure, b.scope_kind, b.scope

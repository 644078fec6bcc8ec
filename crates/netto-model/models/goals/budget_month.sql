-- budget_month: Budget and actual, month by month and since January: for the company, or for a customer, market, tier, employee, product group or pool.
-- grain: version × month × measure × kind of scope × scope
-- key: version, budget_period, measure, scope_kind, scope
-- needs: budgets
-- source: Horngren, Datar & Rajan, Cost Accounting (2015), chapter 7: the static-budget variance, favourable where it adds to profit
--
--           budget   actual   difference   since January: budget   actual   reached
-- January   100      80       − 20                        100      80       80 %
-- February  100      130      + 30                        200      210      105 %
-- March     100      not closed: it is no 0, and no − 100
--
-- Only months that are closed are compared. What can't be compared says why, and has no actual: a scope that nobody knows, a month that isn't closed
-- or before the data, a measure that isn't known. Of a scope that is known, and of which nothing happened, the actual is 0. A customer belongs to the
-- tier that it had in the calendar year before, so that no closed month changes; to the employee whose customer it is.
with last as (
    select max(last_period) as last_period from dim_window where window_id = 'main'
), first as (
    select min(period) as first_period from dim_period
), named as (
    select
        version, period as budget_period, measure, amount as budget, customer_id, market, tier, employee_id, product_group, pool,
        cast(extract(year from period) as bigint) as year,
        case when customer_id <> '' then 1 else 0 end + case when market <> '' then 1 else 0 end + case when tier <> '' then 1 else 0 end
            + case when employee_id <> '' then 1 else 0 end + case when product_group <> '' then 1 else 0 end
            + case when pool <> '' then 1 else 0 end as scopes
    from budgets
), scoped as (
    select
        version, budget_period, year, measure, budget,
        case
            when scopes > 1 then 'several'
            when customer_id <> '' then 'customer'
            when market <> '' then 'market'
            when tier <> '' then 'tier'
            when employee_id <> '' then 'employee'
            when product_group <> '' then 'product group'
            when pool <> '' then 'pool'
            else 'company'
        end as scope_kind,
        case
            when scopes > 1 then
                customer_id
                || case when market <> '' and customer_id <> '' then ' & ' else '' end || market
                || case when tier <> '' and customer_id || market <> '' then ' & ' else '' end || tier
                || case when employee_id <> '' and customer_id || market || tier <> '' then ' & ' else '' end || employee_id
                || case when product_group <> '' and customer_id || market || tier || employee_id <> '' then ' & ' else '' end || product_group
                || case when pool <> '' and customer_id || market || tier || employee_id || product_group <> '' then ' & ' else '' end || pool
            else customer_id || market || tier || employee_id || product_group || pool
        end as scope
    from named
), known as (
    select distinct 'customer' as scope_kind, customer_id as scope from dim_customer
    union all select distinct 'market' as scope_kind, market as scope from dim_customer where market <> ''
    union all select distinct 'tier' as scope_kind, tier as scope from dim_tier
    union all select distinct 'employee' as scope_kind, employee_id as scope from dim_employee
    union all select distinct 'product group' as scope_kind, product_group as scope from product_version where product_group <> ''
    union all select distinct 'pool' as scope_kind, pool as scope from dim_pool
), tier_before as (
    select w.customer_id, w.tier, cast(extract(year from d.last_period) as bigint) + 1 as year
    from customer_window as w join dim_window as d on d.window_id = w.window_id
    where w.window_id not in ('main', 'previous') and d.months = 12
), months as (
    select
        customer_id, period, cast(extract(year from period) as bigint) as year, invoice_revenue, gross_margin, cost_to_serve, net_profit, orders
    from fct_customer_month
), done as (
    select 'company' as scope_kind, '' as scope, period, invoice_revenue, gross_margin, cost_to_serve, net_profit, orders from months
    union all
    select 'customer' as scope_kind, customer_id as scope, period, invoice_revenue, gross_margin, cost_to_serve, net_profit, orders from months
    union all
    select 'market' as scope_kind, c.market as scope, m.period, m.invoice_revenue, m.gross_margin, m.cost_to_serve, m.net_profit, m.orders
    from months as m join dim_customer as c on c.customer_id = m.customer_id
    where c.market <> ''
    union all
    select 'tier' as scope_kind, t.tier as scope, m.period, m.invoice_revenue, m.gross_margin, m.cost_to_serve, m.net_profit, m.orders
    from months as m join tier_before as t on t.customer_id = m.customer_id and t.year = m.year
    union all
    select 'employee' as scope_kind, p.key as scope, m.period, m.invoice_revenue, m.gross_margin, m.cost_to_serve, m.net_profit, m.orders
    from months as m join sales_portfolio as p on p.customer_id = m.customer_id
    where p.level = 'employee'
    union all
    select 'product group' as scope_kind, product_group as scope, period, invoice_revenue, gross_margin, cost_to_serve, net_profit, orders
    from fct_customer_product_group_month where product_group <> ''
), summed as (
    select
        scope_kind, scope, period, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit, sum(orders) as orders
    from done group by scope_kind, scope, period
), pooled as (
    select 'pool' as scope_kind, pool as scope, period, own_amount from pool_balance
    union all
    select 'company' as scope_kind, '' as scope, period, own_amount from pool_balance
), pool_costs as (
    select scope_kind, scope, period, sum(own_amount) as pool_cost from pooled group by scope_kind, scope, period
), supplied as (
    select
        period, max(case when cogs_supplied then 1 else 0 end) as has_cogs,
        max(case when cost_to_serve_supplied or freight_cost_supplied then 1 else 0 end) as has_cost
    from fct_customer_month group by period
), booked as (
    select period, count(*) as pools from pool_balance group by period
), of_groups as (
    select count(*) as rows from fct_customer_product_group_month
), of_employees as (
    select count(*) as rows from sales_portfolio
), of_tiers as (
    select distinct year from tier_before
), judged as (
    select
        s.version, s.budget_period, s.year, s.measure, s.scope_kind, s.scope, s.budget,
        case
            when s.scope_kind = 'several' then 'several scopes'
            when s.scope_kind <> 'company' and k.scope is null then 'scope not known'
            when s.scope_kind = 'pool' and s.measure <> 'pool_cost' then 'not measurable'
            when s.measure = 'pool_cost' and s.scope_kind not in ('pool', 'company') then 'not measurable'
            when s.budget_period > last.last_period then 'not closed'
            when s.budget_period < first.first_period then 'before the data'
            when s.measure in ('gross_margin', 'net_profit') and coalesce(u.has_cogs, 0) = 0 then 'not measurable'
            when s.measure in ('cost_to_serve', 'net_profit') and coalesce(u.has_cost, 0) = 0 then 'not measurable'
            when s.measure = 'pool_cost' and b.pools is null then 'not measurable'
            when s.scope_kind = 'tier' and y.year is null then 'not measurable'
            when s.scope_kind = 'employee' and of_employees.rows = 0 then 'not measurable'
            when s.scope_kind = 'product group' and of_groups.rows = 0 then 'not measurable'
            else 'compared'
        end as status,
        case
            when s.measure = 'invoice_revenue' then coalesce(a.invoice_revenue, 0)
            when s.measure = 'gross_margin' then coalesce(a.gross_margin, 0)
            when s.measure = 'cost_to_serve' then coalesce(a.cost_to_serve, 0)
            when s.measure = 'net_profit' then coalesce(a.net_profit, 0)
            when s.measure = 'orders' then 10000 * coalesce(a.orders, 0)
            else coalesce(c.pool_cost, 0)
        end as found
    from scoped as s
    cross join last
    cross join first
    cross join of_groups
    cross join of_employees
    left join known as k on k.scope_kind = s.scope_kind and k.scope = s.scope
    left join supplied as u on u.period = s.budget_period
    left join booked as b on b.period = s.budget_period
    left join of_tiers as y on y.year = s.year
    left join summed as a on a.scope_kind = s.scope_kind and a.scope = s.scope and a.period = s.budget_period
    left join pool_costs as c on c.scope_kind = s.scope_kind and c.scope = s.scope and c.period = s.budget_period
), compared as (
    select
        *, case when status = 'compared' then found end as actual, case when status = 'compared' then budget else 0 end as budget_known,
        case when status = 'compared' then found else 0 end as actual_known,
        case when measure in ('cost_to_serve', 'pool_cost') then -1 else 1 end as favour
    from judged
), running as (
    select
        *, sum(budget_known) over (partition by version, measure, scope_kind, scope, year order by budget_period) as budget_upto,
        sum(actual_known) over (partition by version, measure, scope_kind, scope, year order by budget_period) as actual_upto,
        sum(budget) over (partition by version, measure, scope_kind, scope, year) as year_budget
    from compared
)
select
    version,                                            -- text: Version of the budget, such as original or revised
    budget_period,                                      -- date: First day of the calendar month
    measure,                                            -- text (invoice_revenue | gross_margin | cost_to_serve | net_profit | orders | pool_cost): What is budgeted
    scope_kind,                                         -- text (company | customer | market | tier | employee | product group | pool | several): What the scope names
    scope,                                              -- text: Customer, market, tier, employee, product group or pool; empty for the company
    status,                                             -- text (compared | not closed | before the data | scope not known | several scopes | not measurable): Whether there is an actual, and why not
    budget,                                             -- driver: Budget of the month, an amount or a number of orders
    actual,                                             -- driver?: Actual; empty if it can't be compared
    actual - budget as difference,                      -- driver?: Actual less budget
    favour * (actual - budget) as favourable_difference, -- driver?: Difference with its sign for profit: for cost, budget less actual
    share(actual, budget) as reached_share,             -- share?: Actual ÷ budget; empty without a budget above zero
    case when actual is not null then budget_upto end as budget_to_date,        -- driver?, never summed: Budget of the months of the year so far that are compared
    case when actual is not null then actual_upto end as actual_to_date,        -- driver?, never summed: Their actual
    case when actual is not null then actual_upto - budget_upto end as difference_to_date,  -- driver?, never summed: Their difference
    case when actual is not null then share(actual_upto, budget_upto) end as reached_to_date,   -- share?: Actual ÷ budget of the year so far
    year_budget                                         -- driver, never summed: Budget of all months of the calendar year that the version has
from running

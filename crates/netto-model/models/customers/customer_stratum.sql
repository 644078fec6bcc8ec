-- customer_stratum: Active customers of the main window by their value as buyers and by their net profit: core, opportunistic, service drain or
-- marginal.
-- grain: window × customer
-- key: window_id, customer_id
-- source: Lawrence, Gunasekaran & Krishnadevarajan, Customer Stratification: Best Practices for Boosting Profitability (2012)
--
--                           net profit above zero    net profit of zero or less
-- buys much and regularly   core                     service drain
-- buys little, or seldom    opportunistic            marginal
--
-- of twelve months  revenue  half of the customers buy 1,000 or more   net profit
-- A in 8            4,000    much, and regularly                       600            core
-- B in 9            3,000    much, and regularly                      −150            service drain
-- C in 2            5,000    much, but not regularly                   900            opportunistic
-- D in 3              200    neither                                   −40            marginal
--
-- Much is at least what the median of the active customers buys, regularly is an order in at least half of the months since the first one. A service
-- drain is a loss that comes back; a marginal customer is often one order. Where no cost-to-serve was booked nobody is listed, as nobody's
-- net profit is known.
with supplied as (
    select window_id from window_known where window_id = 'main' and has_cost = 1 and has_profit = 1
), month as (
    select p.period, cast(p.year * 12 + p.month as bigint) as number
    from dim_period as p join window_month as m on m.period = p.period
    where m.window_id = 'main'
), began as (
    select customer_id, min(period) as period from fct_customer_month where orders > 0 group by customer_id
), ordering as (
    select f.customer_id, count(*) as months
    from fct_customer_month as f join month as m on m.period = f.period
    where f.orders > 0
    group by f.customer_id
), reached as (
    select b.customer_id, count(*) as months
    from began as b cross join month as m
    where m.period >= b.period
    group by b.customer_id
), active as (
    select
        c.window_id, c.customer_id, c.tier, c.invoice_revenue, c.gross_margin, c.cost_to_serve, c.net_profit,
        coalesce(o.months, 0) as ordering_months, coalesce(r.months, 0) as possible_months
    from customer_window as c
    join supplied as s on s.window_id = c.window_id
    left join ordering as o on o.customer_id = c.customer_id
    left join reached as r on r.customer_id = c.customer_id
    where c.window_id = 'main' and c.rank is not null
), middle as (
    select window_id, half_even(cast(2 * median(invoice_revenue) as bigint), 2) as revenue from active group by window_id
), judged as (
    select
        a.*, m.revenue as median_revenue, a.ordering_months * 2 >= a.possible_months as is_regular,
        a.invoice_revenue >= m.revenue and a.ordering_months * 2 >= a.possible_months as is_buyer
    from active as a join middle as m on m.window_id = a.window_id
)
select
    window_id,                                          -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    tier,                                               -- text → dim_tier: Tier
    case
        when is_buyer and net_profit > 0 then 'core'
        when is_buyer then 'service drain'
        when net_profit > 0 then 'opportunistic'
        else 'marginal'
    end as stratum,                                     -- text (core | opportunistic | service drain | marginal): Buys much and regularly, or not; earns, or not
    invoice_revenue,                                    -- money: Invoice revenue
    median_revenue,                                     -- money, never summed: Median of the active customers: customers with at least this revenue buy much
    ordering_months,                                    -- count, never summed: Months of the window with an order
    possible_months,                                    -- count, never summed: Months of the window since its first order; regular is an order in at least half of them
    is_regular,                                         -- bool: Whether it buys regularly
    gross_margin,                                       -- money: Gross margin
    cost_to_serve,                                      -- money: Cost-to-serve
    net_profit,                                         -- money: Net profit
    share(net_profit, invoice_revenue) as profit_share  -- share?: Net profit ÷ invoice revenue
from judged

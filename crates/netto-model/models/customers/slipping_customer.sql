-- slipping_customer: Customers that haven't ordered for longer than ever before, measured by their own rhythm of ordering, and the margin at stake.
-- grain: customer
-- key: customer_id
-- source: Reinartz & Kumar, On the Profitability of Long-Life Customers in a Noncontractual Setting, Journal of Marketing (2000)
--
-- month      1  2  3  4  5  6  7  8  9
-- A          x     x        x           orders every 2 to 3 months, silent for 3: longer than ever before
-- B          x              x           2 orders are no rhythm
--
-- A rhythm needs at least four months with an order, so three gaps between them. At stake is what the customer bought in the twelve months
-- up to its last order. The months are those up to the end of the main window; who
-- ordered in a month that isn't closed yet is back already.
with month as (
    select p.period, cast(p.year * 12 + p.month as bigint) as number
    from dim_period as p cross join (select last_period from dim_window where window_id = 'main') as main
    where p.period <= main.last_period
), ordering as (
    select
        f.customer_id, m.number,
        m.number - lag(m.number) over (partition by f.customer_id order by m.number) as gap
    from fct_customer_month as f join month as m on m.period = f.period
    where f.orders > 0 and f.customer_id <> '(unknown)'
), rhythm as (
    select
        customer_id, count(*) as ordering_months, max(number) as last_number,
        sum(gap) as gaps_together, max(gap) as longest_gap
    from ordering
    group by customer_id
), ordered_since as (
    select distinct f.customer_id
    from fct_customer_month as f cross join (select last_period from dim_window where window_id = 'main') as main
    where f.orders > 0 and f.period > main.last_period
), silent as (
    select rhythm.*, latest.number - rhythm.last_number as silent_months
    from rhythm
    cross join (select max(number) as number from month) as latest
    left join ordered_since as o on rhythm.customer_id = o.customer_id
    where ordering_months >= 4 and o.customer_id is null
), at_stake as (
    select s.customer_id, sum(f.invoice_revenue) as revenue, sum(f.gross_margin) as margin, sum(f.net_profit) as profit
    from silent as s
    join fct_customer_month as f on f.customer_id = s.customer_id
    join month as m on m.period = f.period
    where m.number between s.last_number - 11 and s.last_number
    group by s.customer_id
)
select
    s.customer_id,                                      -- text → dim_customer: Customer
    s.ordering_months,                                  -- count, never summed: Months with an order, so far; the gaps between them are the rhythm
    ratio(s.gaps_together, s.ordering_months - 1) as usual_gap_months, -- ratio?: Months from one order to the next, on average
    s.longest_gap as longest_gap_months,                -- count, never summed: Longest pause until it ordered again
    s.silent_months,                                    -- count, never summed: Months since its last order, up to the last closed one
    a.revenue as revenue_at_stake,                      -- money: Invoice revenue of the twelve months up to its last order
    case when k.has_profit = 1 then a.margin end as margin_at_stake,    -- money?: Gross margin of the same months; empty without the cost of goods
    case when k.has_profit = 1 then a.profit end as profit_at_stake     -- money?: Net profit of the same months; if negative there is nothing to win back
from silent as s
join at_stake as a on a.customer_id = s.customer_id
cross join (select max(has_profit) as has_profit from window_known) as k
where s.silent_months > s.longest_gap

-- customer_total: Everyone who bought or was served in some months or before them: totals, rank, and the tier of that rank.
-- grain: first month × last month × customer
-- key: first_period, last_period, customer_id
-- published: no
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- rank  customer  revenue  tier, of 4 active with a quarter each
-- 1     C3        500.00   Top
-- 2     C1        300.00   Large
--
-- Active is who ordered in the months. Active customers are ranked by the measure of the configuration, ties by id, and cut into tiers: Top reaches
-- to the ceiling of its share of them, Large to the ceiling of both shares, and so on. Who bought before, or was served without ordering, is
-- Inactive. Customers that nobody knows are in every total, and have no rank and a tier of their own.
with since as (
    select customer_id, min(period) as first_period from fct_customer_month group by customer_id
), span as (
    select w.first_period, w.last_period, p.period
    from ranked_window as w cross join dim_period as p where p.period between w.first_period and w.last_period
), summed as (
    select
        s.first_period, s.last_period, f.customer_id, sum(f.orders) as orders, sum(f.lines) as lines,
        sum(f.invoice_revenue) as invoice_revenue, sum(f.gross_margin) as gross_margin, sum(f.cost_to_serve) as cost_to_serve,
        sum(f.net_profit) as net_profit, sum(f.minutes) as minutes
    from fct_customer_month as f join span as s on s.period = f.period
    group by s.first_period, s.last_period, f.customer_id
), everyone as (
    select w.first_period, w.last_period, c.customer_id
    from ranked_window as w cross join since as c where c.first_period <= w.last_period
), total as (
    select
        e.first_period, e.last_period, e.customer_id, coalesce(s.orders, 0) as orders, coalesce(s.lines, 0) as lines,
        coalesce(s.invoice_revenue, 0) as invoice_revenue, coalesce(s.gross_margin, 0) as gross_margin,
        coalesce(s.cost_to_serve, 0) as cost_to_serve, coalesce(s.net_profit, 0) as net_profit, coalesce(s.minutes, 0) as minutes,
        case when coalesce(s.orders, 0) > 0 and e.customer_id <> '(unknown)' then 1 else 0 end as is_active
    from everyone as e
    left join summed as s
        on s.first_period = e.first_period and s.last_period = e.last_period and s.customer_id = e.customer_id
), ranking as (
    select
        *, 1 - is_active as is_inactive,
        case when is_active = 0 then 0 when $rank_by = 'net_profit' then -net_profit else -invoice_revenue end as order_by
    from total
), ranked as (
    select
        *, row_number() over (partition by first_period, last_period order by is_inactive, order_by, customer_id) as number,
        sum(is_active) over (partition by first_period, last_period) as active
    from ranking
), placed as (
    select *, cast(number as bigint) as place from ranked
)
select
    first_period,           -- date: First month
    last_period,            -- date: Last month
    customer_id,            -- text → dim_customer: Customer
    place,                  -- count: Place by the measure of the pyramid; who is inactive stands last
    case when is_active = 1 then place end as rank, -- count?: Rank by the measure of the pyramid, 1 is highest; empty when inactive
    case
        when customer_id = '(unknown)' then '(unknown)'
        when is_active = 0 then 'Inactive'
        when (place - 1) * 1000000 < active * $top_millionths then 'Top'
        when (place - 1) * 1000000 < active * $large_millionths then 'Large'
        when (place - 1) * 1000000 < active * $medium_millionths then 'Medium'
        else 'Small'
    end as cut_tier,        -- text → dim_tier: Tier by rank alone
    orders,                 -- count: Orders
    lines,                  -- count: Order lines
    invoice_revenue,        -- money: Invoice revenue
    gross_margin,           -- money: Gross margin
    cost_to_serve,          -- money: Cost-to-serve
    net_profit,             -- money: Net profit
    minutes                 -- minutes: Minutes of time-driven activities
from placed

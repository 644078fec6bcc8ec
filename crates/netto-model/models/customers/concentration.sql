-- concentration: 20/80: the shares of revenue, margin, cost and profit of the first 1, 2, … 100 % of the customers by revenue.
-- grain: window × percentile
-- key: window_id, percentile
-- source: Lorenz, Methods of Measuring the Concentration of Wealth (1905); Curry & Curry (2000)
--
-- percentile  customers  revenue  cost
-- 20          1          0.80     0.50      the first fifth of five customers brings 80 % of revenue
with digit (d) as (
    values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)
), percentiles as (
    select cast(10 * tens.d + ones.d + 1 as bigint) as percentile from digit as tens cross join digit as ones
), ranked as (
    select
        window_id,
        cast(row_number() over first as bigint) as place,
        sum(invoice_revenue) over first as revenue,
        sum(gross_margin) over first as margin,
        sum(cost_to_serve) over first as cost,
        sum(net_profit) over first as profit
    from customer_window
    where rank is not null
    window first as (partition by window_id order by -invoice_revenue, customer_id)
), whole as (
    select
        window_id, count(*) as customers,
        sum(invoice_revenue) as revenue, sum(gross_margin) as margin,
        sum(cost_to_serve) as cost, sum(net_profit) as profit
    from customer_window
    where rank is not null
    group by window_id
), wanted as (
    select whole.*, percentile, cast((customers * percentile + 99) // 100 as bigint) as place
    from whole cross join percentiles
)
select
    wanted.window_id,                                    -- text → dim_window: Window of closed months
    percentile,                                         -- count: First percent of the active customers, by invoice revenue
    wanted.place as customers,                          -- count, never summed: Customers: the ceiling of the percentage
    share(ranked.revenue, wanted.revenue) as revenue_share, -- share?: Cumulative share of invoice revenue (the Lorenz curve from the top)
    case when k.has_profit = 1 then share(ranked.margin, wanted.margin) end as margin_share,    -- share?: Cumulative share of gross margin
    share(ranked.cost, wanted.cost) as cost_share,          -- share?: Cumulative share of cost-to-serve
    case when k.has_profit = 1 then share(ranked.profit, wanted.profit) end as profit_share -- share?: Cumulative share of net profit; empty if the total is not above zero
from wanted
join window_known as k on k.window_id = wanted.window_id
join ranked on ranked.window_id = wanted.window_id and ranked.place = wanted.place

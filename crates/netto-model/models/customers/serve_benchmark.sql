-- serve_benchmark: Reasons why customers are expensive to serve: lines per order, value per line, return lines, days outstanding, rebates and orders per
-- revenue, each compared with the quartiles of its peers in the main window.
-- grain: window × customer × measure
-- key: window_id, customer_id, measure
-- source: Lawrence, Gunasekaran & Krishnadevarajan, Customer Stratification: Best Practices for Boosting Profitability (2012); Hyndman & Fan, Sample
-- Quantiles in Statistical Packages, American Statistician (1996), type 1
--
-- lines per order of eight peers   8 7 | 6 5 | 4 3 | 2 1    best quarter from 7 on, median 4.5
-- who has 3                        quarter 3; three are better by a quarter than it is: 7
--
-- Peers are customers of about the same size, as in `peer`; a measure is compared where five of them have it. Alike values share the better
-- quarter. Days outstanding need receivables, rebates agreements; without them these measures aren't listed. A delivery is taken to be
-- an order: what counts is how many are needed for 1,000 of revenue.
with measures (measure, better) as (
    values
        ('lines_per_order', -1), ('value_per_line', -1), ('return_lines_share', 1),
        ('days_outstanding', 1), ('rebate_share', 1), ('orders_per_1000', 1)
), ordered as (
    select
        o.customer_id, sum(case when o.is_sale then o.orders else 0 end) as orders,
        sum(case when o.is_sale then o.lines else 0 end) as lines, sum(case when o.is_sale then 0 else o.lines end) as return_lines,
        sum(case when o.is_sale then o.invoice_revenue else 0 end) as invoice_revenue
    from order_month as o join window_month as m on m.period = o.period
    where m.window_id = 'main'
    group by o.customer_id
), rebated as (
    select f.customer_id, sum(f.rebates_given) as rebates
    from fct_customer_month as f join window_month as m on m.period = f.period
    where m.window_id = 'main' and f.rebates_supplied
    group by f.customer_id
), paid as (
    select customer_id, days_outstanding from days_sales_outstanding where window_id = 'main'
), figures as (
    select
        g.customer_id, g.peer_group,
        share(o.lines, o.orders) as lines_per_order,
        share(o.invoice_revenue, o.lines * amount(1)) as value_per_line,
        share(o.return_lines, o.return_lines + o.lines) as return_lines_share,
        p.days_outstanding,
        share(r.rebates, o.invoice_revenue) as rebate_share,
        share(cast(o.orders as hugeint) * amount(1000), o.invoice_revenue) as orders_per_1000
    from peer_group as g
    join ordered as o on o.customer_id = g.customer_id
    left join rebated as r on r.customer_id = g.customer_id
    left join paid as p on p.customer_id = g.customer_id
    where g.peer_group <> ''
), long as (
    select
        f.customer_id, f.peer_group, m.measure, cast(m.better as bigint) as better,
        case
            when m.measure = 'lines_per_order' then f.lines_per_order
            when m.measure = 'value_per_line' then f.value_per_line
            when m.measure = 'return_lines_share' then f.return_lines_share
            when m.measure = 'days_outstanding' then f.days_outstanding
            when m.measure = 'rebate_share' then f.rebate_share
            else f.orders_per_1000
        end as measured
    from figures as f cross join measures as m
), known as (
    select *, better * measured as cost from long where measured is not null
), placed as (
    select
        *, row_number() over (partition by peer_group, measure order by cost, customer_id) as place,
        count(*) over (partition by peer_group, measure) as peers
    from known
), quarters as (
    select
        peer_group, measure, median(measured) as median_value,
        max(case when place * 4 between peers and peers + 3 then measured end) as best_quarter_value
    from placed
    group by peer_group, measure
), first_place as (
    select peer_group, measure, cost, min(place) as place from placed group by peer_group, measure, cost
), judged as (
    select
        p.customer_id, p.peer_group, p.measure, p.peers, p.measured, q.median_value, q.best_quarter_value,
        1 + (4 * (cast(f.place as bigint) - 1)) // p.peers as quarter
    from placed as p
    join quarters as q on q.peer_group = p.peer_group and q.measure = p.measure
    join first_place as f on f.peer_group = p.peer_group and f.measure = p.measure and f.cost = p.cost
    where p.peers >= 5
)
select
    'main' as window_id,                                -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    measure,                                            -- text (lines_per_order | value_per_line | return_lines_share | days_outstanding | rebate_share | orders_per_1000): Lines per order of a sale; invoice revenue per line; lines of returns and credits ÷ all lines; days sales outstanding; rebates ÷ invoice revenue; orders for 1,000 of invoice revenue
    peer_group,                                         -- text: Market and revenue per year, or revenue per year
    peers,                                              -- count, never summed: Customers of the group whose value is known, this one included
    measured,                                           -- ratio: The customer's value; more is better for lines per order and value per line, less for the others
    best_quarter_value,                                 -- ratio: The value that the best quarter of the peers reaches
    median_value,                                       -- ratio: Median of the peers
    quarter,                                            -- count, never summed: From 1 (best quarter) to 4 (most expensive to serve)
    sum(case when quarter = 4 then 1 else 0 end) over (partition by customer_id) as dear_measures   -- count, never summed: Number of its measures in the last quarter
from judged

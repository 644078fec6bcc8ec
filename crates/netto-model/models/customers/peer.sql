-- peer: Every active customer of the main window, compared with the median of its peers: active customers of its market, or of all markets, of about the
-- same size. The gains are the effect of moving to the median, and zero for customers that are better.
-- grain: window × customer
-- key: window_id, customer_id
-- source: Kaplan & Narayanan, Measuring and Managing Customer Profitability (2001)
--
-- of 5 peers     revenue  margin  median   gain
-- A              1,000    20 %    25 %     5 % of 1,000 = 50
-- B              2,000    30 %    25 %     0: it is better
--
-- Gains say what is worth a look; they don't add up, as a smaller discount is a larger margin. Margins are empty if no cost of goods was
-- supplied, cost where nothing was booked; medians and gains where a customer has no peers.
with supplied as (
    select max(case when f.cogs_supplied then 1 else 0 end) as has_cogs, max(case when f.cost_to_serve_supplied then 1 else 0 end) as has_cost
    from fct_customer_month as f join window_month as m on m.period = f.period
    where m.window_id = 'main'
), listed as (
    select f.customer_id, sum(f.list_revenue) as list_revenue, sum(f.invoice_discount) as invoice_discount
    from fct_customer_month as f join window_month as m on m.period = f.period
    where m.window_id = 'main' and f.list_supplied
    group by f.customer_id
), ordered as (
    -- As everywhere, returns and credits don't count as orders, nor do they reduce the value of orders.
    select o.customer_id, sum(o.orders) as orders, sum(o.invoice_revenue) as revenue
    from order_month as o join window_month as m on m.period = o.period
    where m.window_id = 'main' and o.is_sale
    group by o.customer_id
), active as (
    select
        c.window_id, c.customer_id, coalesce(g.peer_group, '') as peer_group,
        c.invoice_revenue, c.gross_margin, c.cost_to_serve, l.list_revenue, l.invoice_discount,
        case when s.has_cogs = 1 then share(c.gross_margin, c.invoice_revenue) end as margin,
        share(l.invoice_discount, l.list_revenue) as discount,
        case when s.has_cost = 1 then share(c.cost_to_serve, c.invoice_revenue) end as cost,
        half_even(o.revenue, o.orders) as average_order
    from customer_window as c
    left join peer_group as g on g.customer_id = c.customer_id
    left join listed as l on l.customer_id = c.customer_id
    left join ordered as o on o.customer_id = c.customer_id
    cross join supplied as s
    where c.window_id = 'main' and c.rank is not null
), of_peers as (
    select
        peer_group, count(*) as peers, median(margin) as margin, median(discount) as discount,
        median(cost) as cost, median(average_order) as average_order
    from active
    where peer_group <> ''
    group by peer_group
)
select
    a.window_id,                                         -- text → dim_window: Window of closed months
    a.customer_id,                                      -- text → dim_customer: Customer
    a.peer_group,                                       -- text: Market and revenue per year, or revenue per year; empty for customers without peers
    coalesce(p.peers, 0) as peers,                      -- count, never summed: Customers in the group, this one included
    a.margin as margin_share,                           -- share?: Gross margin ÷ invoice revenue
    p.margin as peer_margin_share,                      -- share?: Median of the peers
    a.discount as discount_share,                       -- share?: Invoice discount ÷ list revenue; empty if no list amounts were supplied
    p.discount as peer_discount_share,                  -- share?: Median of the peers
    a.cost as cost_share,                               -- share?: Cost-to-serve ÷ invoice revenue
    p.cost as peer_cost_share,                          -- share?: Median of the peers
    a.average_order,                                    -- money?, never summed: Invoice revenue of its orders ÷ orders, without returns and credits; empty if orders aren't made
    half_even(cast(2 * p.average_order as bigint), 2) as peer_average_order,     -- money?, never summed: Median of the peers
    case when p.margin > a.margin then cast(round((p.margin - a.margin) * a.invoice_revenue) as bigint)
        when p.margin <= a.margin then 0 end as margin_gain,                    -- money?: (Median margin − margin) × invoice revenue
    case when a.discount > p.discount then cast(round((a.discount - p.discount) * a.list_revenue) as bigint)
        when a.discount <= p.discount then 0 end as discount_gain,              -- money?: (Discount − median discount) × list revenue
    case when a.cost > p.cost then cast(round((a.cost - p.cost) * a.invoice_revenue) as bigint)
        when a.cost <= p.cost then 0 end as cost_gain                           -- money?: (Cost − median cost) × invoice revenue
from active as a left join of_peers as p on p.peer_group = a.peer_group

-- quadrant: Gross margin against cost-to-serve (Kaplan & Narayanan) of the active customers in the main window: whether a customer is above or below the
-- median of its peers. Margin and cost are parts of revenue, and peers have about the same size, so that size doesn't determine the quadrant.
-- grain: window × customer
-- key: window_id, customer_id
-- source: Kaplan & Narayanan, Measuring and Managing Customer Profitability (2001)
--
--                  cost at most the median          cost above it
-- margin at least  high margin, low cost: protect   high margin, high cost: serve for less
-- margin below     low margin, low cost: price      low margin, high cost: change it, or let go
--
-- Who returned as much as it bought has no margin to bear any cost: low margin, high cost. Who has no peers is compared with all active
-- customers. A cent more or less is none: the last ten-thousandth of a cost has to stand somewhere. Nobody is shown where margins, or the cost to
-- serve, aren't known.
with supplied as (
    select max(case when f.cogs_supplied then 1 else 0 end) as has_cogs, max(case when f.cost_to_serve_supplied then 1 else 0 end) as has_cost
    from fct_customer_month as f join window_month as m on m.period = f.period
    where m.window_id = 'main'
), active as (
    select
        c.*, coalesce(g.peer_group, '') as peer_group,
        share(c.gross_margin, c.invoice_revenue) as margin, share(c.cost_to_serve, c.invoice_revenue) as cost,
        share(amount(0.01), c.invoice_revenue) as cent
    from customer_window as c
    left join peer_group as g on g.customer_id = c.customer_id
    cross join supplied
    where c.window_id = 'main' and c.rank is not null and supplied.has_cogs = 1 and supplied.has_cost = 1
), of_peers as (
    select peer_group, median(margin) as margin, median(cost) as cost from active where peer_group <> '' group by peer_group
    union all
    select '' as peer_group, median(margin) as margin, median(cost) as cost from active
)
select
    a.window_id,                                         -- text → dim_window: Window of closed months
    a.customer_id,                                      -- text → dim_customer: Customer
    a.tier,                                             -- text → dim_tier: Tier
    a.peer_group,                                       -- text: Peers of the median: market and revenue per year; empty if it is the median of all active customers
    a.invoice_revenue,                                  -- money: Invoice revenue
    a.gross_margin,                                     -- money: Gross margin
    a.cost_to_serve,                                    -- money: Cost-to-serve
    a.net_profit,                                       -- money: Net profit
    a.margin as margin_share,                           -- share?: Gross margin ÷ invoice revenue
    a.cost as cost_share,                               -- share?: Cost-to-serve ÷ invoice revenue
    p.margin as median_margin_share,                    -- share?: Median of the peers
    p.cost as median_cost_share,                        -- share?: Median of the peers
    case
        when a.margin + a.cent >= p.margin and a.cost - a.cent <= p.cost then 'high margin, low cost'
        when a.margin + a.cent >= p.margin then 'high margin, high cost'
        when a.cost - a.cent <= p.cost then 'low margin, low cost'
        else 'low margin, high cost'
    end as quadrant                                     -- text (high margin, low cost | high margin, high cost | low margin, low cost | low margin, high cost): Margin at least, and cost at most, the median is high margin, low cost
from active as a join of_peers as p on p.peer_group = a.peer_group

-- order_size: Orders by size: revenue, cost and profit of small and large orders. Returns and credits are in the band below zero.
-- grain: window × channel × band
-- key: window_id, channel, band
-- needs: order_month
-- source: Kaplan & Cooper, Cost & Effect (1998), on order-related cost; Curry & Curry, The Customer Marketing Method (2000)
--
-- order   margin   cost    net profit   band              orders  losing  net profit
-- 40      10       25      −15          0–50              1       1       −15
-- 60      15       25      −10          50–100            2       1        +5
-- 99      40       25      +15          below 0: returns  0       0       −30
-- −20     −5       25      −30
--
-- A band reaches from its lower limit to below its upper one. Orders cost much the same whatever they are worth, so small ones lose. An order over the
-- end of a window is whole in the window of its first line; band 0 takes off what of orders lies in another window, and has what lies in this one of others,
-- so that the bands are together what the window has.
with sums as (
    select
        w.window_id, m.channel, m.band, sum(m.orders) as orders, sum(m.credits) as credits,
        sum(m.lines) as lines, sum(m.minutes) as minutes,
        sum(m.invoice_revenue) as invoice_revenue, sum(m.gross_margin) as gross_margin, sum(m.order_cost) as order_cost,
        sum(m.cost_to_serve) as cost_to_serve, sum(m.net_profit) as net_profit,
        sum(m.loss_orders) as loss_orders,
        sum(m.loss_amount) as loss_amount
    from order_part as m join window_month as w on w.period = m.period
    group by w.window_id, m.channel, m.band
)
select
    s.window_id,                                         -- text → dim_window: Window of closed months
    s.channel,                                          -- text: How the order came in; empty if unknown
    s.band,                                             -- count: Number of the band, 1 is lowest; 0 for the part of orders that is in another window than their first line
    coalesce(b.label, 'orders of other windows') as label,  -- text: Such as 100–250
    b.band_from,                                        -- money?, never summed: Lower limit of the band; empty for the lowest band
    b.band_to,                                          -- money?, never summed: Upper limit of the band (exclusive); empty for the highest band
    s.orders,                                           -- count: Orders, without returns and credits
    s.credits,                                          -- count: Returns and credits: their lines, cost and profit are in the figures that follow
    s.lines,                                            -- count: Order lines
    s.minutes,                                          -- minutes: Minutes of time-driven activities
    s.invoice_revenue,                                  -- money: Invoice revenue
    s.gross_margin,                                     -- money: Gross margin
    case when k.has_cost = 1 then s.order_cost end as order_cost, -- money?: Part of cost-to-serve that is measured on orders and their lines
    case when k.has_cost = 1 then s.cost_to_serve end as cost_to_serve, -- money?: Cost-to-serve
    case when k.has_profit = 1 then s.net_profit end as net_profit, -- money?: Net profit
    case when k.has_profit = 1 then s.loss_orders end as loss_orders, -- count?: Orders with a negative net profit
    case when k.has_profit = 1 then share(s.loss_orders, s.orders) end as loss_order_share, -- share?: Share of the orders that lose money
    case when k.has_profit = 1 then s.loss_amount end as loss_amount -- money?: Sum of their losses
from sums as s
left join order_band as b on b.band = s.band
join window_known as k on k.window_id = s.window_id
where s.band > 0 or s.lines <> 0 or s.minutes <> amount(0) or s.invoice_revenue <> amount(0) or s.net_profit <> amount(0)

-- audit: Every order of a window stands in a band: lines and invoice revenue are those of all customers.
with whole as (
    select window_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue from customer_window group by window_id
), parts as (
    select window_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue from order_size group by window_id
)
select
    whole.window_id, coalesce(parts.lines, 0) as lines, whole.lines as lines_of_customers,
    coalesce(parts.invoice_revenue, 0) as found, whole.invoice_revenue as expected
from whole left join parts on parts.window_id = whole.window_id
where coalesce(parts.lines, 0) <> whole.lines or coalesce(parts.invoice_revenue, 0) <> whole.invoice_revenue

-- customer_order_channel: A customer's orders by the channel that they came in through, in the main window.
-- grain: window × customer × channel
-- key: window_id, customer_id, channel
-- needs: order_month
--
-- Orders are those without returns and credits, each whole in the window of its first line; lines, revenue, cost and profit are those of the window's
-- months, as in `channel`.
with named as (
    select count(*) as orders from order_month where channel <> ''
), sums as (
    select
        w.window_id, m.customer_id, m.channel, sum(case when m.is_sale then m.orders else 0 end) as orders, sum(m.credits) as credits,
        sum(m.lines) as lines, sum(m.minutes) as minutes,
        sum(m.invoice_revenue) as invoice_revenue, sum(m.gross_margin) as gross_margin, sum(m.order_cost) as order_cost,
        sum(m.cost_to_serve) as cost_to_serve, sum(m.net_profit) as net_profit
    from order_part as m join window_month as w on w.period = m.period cross join named
    where w.window_id = 'main' and named.orders > 0
    group by w.window_id, m.customer_id, m.channel
)
select
    s.window_id,                                         -- text → dim_window: Window of closed months
    s.customer_id,                                      -- text → dim_customer: Customer
    s.channel,                                          -- text: Channel; empty if unknown
    s.orders,                                           -- count: Orders without returns and credits
    s.credits,                                          -- count: Returns and credits: not counted as orders, but included in the totals that follow
    s.lines,                                            -- count: Order lines
    s.minutes,                                          -- minutes: Minutes of time-driven activities
    s.invoice_revenue,                                  -- money: Invoice revenue
    s.gross_margin,                                     -- money: Gross margin
    case when k.has_cost = 1 then s.order_cost end as order_cost, -- money?: Part of cost-to-serve that is measured on orders and their lines
    case when k.has_cost = 1 then s.cost_to_serve end as cost_to_serve, -- money?: Cost-to-serve
    case when k.has_profit = 1 then s.net_profit end as net_profit -- money?: Net profit
from sums as s
join window_known as k on k.window_id = s.window_id

-- audit: The orders, lines and invoice revenue of a channel are those of its customers.
with parts as (
    select window_id, channel, sum(orders) as orders, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue
    from customer_order_channel
    group by window_id, channel
)
select
    whole.channel, coalesce(parts.orders, 0) as orders, whole.orders as orders_of_channel,
    coalesce(parts.lines, 0) as lines, whole.lines as lines_of_channel,
    coalesce(parts.invoice_revenue, 0) as found, whole.invoice_revenue as expected
from channel as whole
left join parts on parts.window_id = whole.window_id and parts.channel = whole.channel
where whole.window_id = 'main'
    and (coalesce(parts.orders, 0) <> whole.orders or coalesce(parts.lines, 0) <> whole.lines
        or coalesce(parts.invoice_revenue, 0) <> whole.invoice_revenue)

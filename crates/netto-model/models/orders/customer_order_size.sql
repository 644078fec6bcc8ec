-- customer_order_size: A customer's orders by size, in the main window; an order over the end of a month is whole in the month of its first line.
-- grain: window × customer × band
-- key: window_id, customer_id, band
-- needs: order_month
-- source: Kaplan & Cooper, Cost & Effect (1998), on order-related cost; Curry & Curry, The Customer Marketing Method (2000)
with sums as (
    select
        w.window_id, m.customer_id, m.band, sum(m.orders) as orders, sum(m.credits) as credits,
        sum(m.lines) as lines, sum(m.minutes) as minutes,
        sum(m.invoice_revenue) as invoice_revenue, sum(m.gross_margin) as gross_margin, sum(m.order_cost) as order_cost,
        sum(m.cost_to_serve) as cost_to_serve, sum(m.net_profit) as net_profit,
        sum(m.loss_orders) as loss_orders, sum(m.loss_amount) as loss_amount
    from order_part as m join window_month as w on w.period = m.period
    where w.window_id = 'main'
    group by w.window_id, m.customer_id, m.band
)
select
    s.window_id,                                         -- text → dim_window: Window of closed months
    s.customer_id,                                      -- text → dim_customer: Customer
    s.band,                                             -- count: Number of the band, 1 is lowest; 0 for the part of orders that is in another window than their first line
    coalesce(b.label, 'orders of other windows') as label,  -- text: Such as 100–250
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
    case when k.has_profit = 1 then s.loss_amount end as loss_amount -- money?: Sum of their losses
from sums as s
left join order_band as b on b.band = s.band
join window_known as k on k.window_id = s.window_id
where s.band > 0 or s.lines <> 0 or s.minutes <> amount(0) or s.invoice_revenue <> amount(0) or s.net_profit <> amount(0)

-- audit: Every order of a customer stands in a band: lines and invoice revenue are those of the customer.
with parts as (
    select window_id, customer_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue
    from customer_order_size
    group by window_id, customer_id
)
select
    whole.customer_id, coalesce(parts.lines, 0) as lines, whole.lines as lines_of_customer,
    coalesce(parts.invoice_revenue, 0) as found, whole.invoice_revenue as expected
from customer_window as whole
left join parts on parts.window_id = whole.window_id and parts.customer_id = whole.customer_id
where whole.window_id = 'main'
    and (coalesce(parts.lines, 0) <> whole.lines or coalesce(parts.invoice_revenue, 0) <> whole.invoice_revenue)

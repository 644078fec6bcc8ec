-- order_carried: What of orders lies in another month than the one they count in: taken off there, and added here. With it the orders of a month tie
-- to the month's ledger.
-- grain: month × customer × channel
-- key: period, customer_id, channel
-- published: no
--
-- o1, an order of January    Jan 50   Feb 5,000   in order_month 5,050 in January    carried −5,000 in January, 5,000 in February
--
-- Made some months at a time while orders are split.
with spanning as (
    select * from whole_order where spans_months
), moved as (
    select
        o.period, o.customer_id, w.channel, o.lines, o.minutes, o.invoice_revenue, o.gross_margin, o.order_cost, o.cost_to_serve, o.net_profit
    from fct_order as o
    join spanning as w on w.customer_id = o.customer_id and w.order_id = o.order_id and w.is_sale = (o.order_kind = 'sale')
    union all
    select
        period, customer_id, channel, -lines as lines, -minutes as minutes, -invoice_revenue as invoice_revenue, -gross_margin as gross_margin,
        -order_cost as order_cost, -cost_to_serve as cost_to_serve, -net_profit as net_profit
    from spanning
)
select
    period,                                             -- date → dim_period: First day of the calendar month
    customer_id,                                        -- text → dim_customer: Customer
    channel,                                            -- text: How the orders came in; empty if unknown
    sum(lines) as lines,                                -- count: Order lines
    sum(minutes) as minutes,                            -- minutes: Minutes of time-driven activities
    sum(invoice_revenue) as invoice_revenue,            -- money: Invoice revenue
    sum(gross_margin) as gross_margin,                  -- money: Gross margin
    sum(order_cost) as order_cost,                      -- money: Part of cost-to-serve that is measured on orders and their lines
    sum(cost_to_serve) as cost_to_serve,                -- money: Cost-to-serve
    sum(net_profit) as net_profit                       -- money: Net profit
from moved
group by period, customer_id, channel

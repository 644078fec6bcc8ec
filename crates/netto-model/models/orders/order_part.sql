-- order_part: The orders of each month by customer, channel and size, with what of them lies in other months in a band of its own, 0: band by band they are
-- together what the month has.
-- grain: month × customer × channel × band × kind
-- key: period, customer_id, channel, band, is_sale
-- needs: order_month
-- published: no
--
-- o1, Jan 50, Feb 5,000   in order_month 5,050 in January    here January band 4 5,050, band 0 −5,000, and February band 0 5,000
with part as (
    select
        period, customer_id, channel, band, is_sale, orders, credits, lines, minutes, invoice_revenue, gross_margin, order_cost, cost_to_serve, net_profit,
        loss_orders, loss_amount
    from order_month
    union all
    select
        period, customer_id, channel, cast(0 as bigint) as band, false as is_sale, cast(0 as bigint) as orders, cast(0 as bigint) as credits,
        lines, minutes, invoice_revenue, gross_margin, order_cost, cost_to_serve, net_profit, cast(0 as bigint) as loss_orders,
        cast(0 as bigint) as loss_amount
    from order_carried
)
select
    period,                                             -- date → dim_period: First day of the calendar month
    customer_id,                                        -- text → dim_customer: Customer
    channel,                                            -- text: How the orders came in; empty if unknown
    band,                                               -- count: Number of the band of their value, 1 is lowest; 0 for what lies in another month than their first line
    is_sale,                                            -- bool: Sales; else returns and credits, and all of band 0
    orders,                                             -- count: Orders, without returns and credits
    credits,                                            -- count: Returns and credits
    lines,                                              -- count: Order lines
    minutes,                                            -- minutes: Minutes of time-driven activities
    invoice_revenue,                                    -- money: Invoice revenue
    gross_margin,                                       -- money: Gross margin
    order_cost,                                         -- money: Part of cost-to-serve that is measured on orders and their lines
    cost_to_serve,                                      -- money: Cost-to-serve
    net_profit,                                         -- money: Net profit
    loss_orders,                                        -- count: Orders with a negative net profit
    loss_amount                                         -- money: Sum of their losses
from part

-- order_month: A customer's orders of a month by channel and size: what tables of orders are added up from.
-- grain: month × customer × channel × band × sale or not
-- key: period, customer_id, channel, band, is_sale
-- published: no
--
-- Made some months at a time while orders are split, for there are too many to hold all of them: this text alone reads `fct_order`.
-- Returns and credits are in every amount, and are no orders; an order with a return among its lines is a sale. An order over the end of a
-- month counts in the month of its first line, and what lies in a later month adds to the amounts. Cost without an order is not in it.
with sized as (
    select
        o.period, o.customer_id, coalesce(o.channel, '') as channel, b.band,
        o.order_kind = 'sale' as is_sale,
        o.orders, o.lines, o.minutes, o.invoice_revenue, o.gross_margin, o.freight_cost, o.freight_charged,
        o.order_cost, o.value_cost, o.standing_cost, o.cost_to_serve, o.net_profit
    from fct_order as o cross join order_band as b
    where o.order_id <> ''
        and (b.band_from is null or o.invoice_revenue >= b.band_from)
        and (b.band_to is null or o.invoice_revenue < b.band_to)
)
select
    period,                                             -- date → dim_period: First day of the calendar month
    customer_id,                                        -- text → dim_customer: Customer
    channel,                                            -- text: How the orders came in; empty where not known
    band,                                               -- count: Number of the band of order values, 1 is lowest
    is_sale,                                            -- bool: Sales; else returns and credits
    sum(orders) as orders,                              -- count: Orders
    sum(case when is_sale then 0 else 1 end) as credits,    -- count: Returns and credits, and parts of them that span months
    sum(lines) as lines,                                -- count: Order lines
    sum(minutes) as minutes,                            -- minutes: Minutes of time-driven activities
    sum(invoice_revenue) as invoice_revenue,            -- money: Invoice revenue
    sum(gross_margin) as gross_margin,                  -- money: Gross margin
    sum(freight_cost) as freight_cost,                  -- money: Cost of freight
    sum(freight_charged) as freight_charged,            -- money: Freight invoiced on top of the invoice revenue
    sum(order_cost) as order_cost,                      -- money: Part of cost-to-serve that is measured on orders and their lines
    sum(value_cost) as value_cost,                      -- money: Part of order cost that grows with the goods in an order
    sum(standing_cost) as standing_cost,                -- money: Part of order cost that stays whatever the number of orders
    sum(cost_to_serve) as cost_to_serve,                -- money: Cost-to-serve
    sum(net_profit) as net_profit,                      -- money: Net profit
    sum(case when orders > 0 and net_profit < 0 then 1 else 0 end) as loss_orders,  -- count: Orders with a net profit below zero
    sum(case when orders > 0 then least(net_profit, 0) else 0 end) as loss_amount   -- money: What they lose together
from sized
group by period, customer_id, channel, band, is_sale

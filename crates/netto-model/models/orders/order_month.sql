-- order_month: A customer's orders of a month by channel and size: what tables of orders are added up from.
-- grain: month × customer × channel × band × sale or not
-- key: period, customer_id, channel, band, is_sale
-- published: no
--
-- Made some months at a time while orders are split. Returns and credits are in every amount, and are no orders. An order over the end of a month is
-- whole, with all that it brings and costs, in the month of its first line; what of it lies in another month is in `order_carried`.
select
    period,                                             -- date → dim_period: First day of the calendar month
    customer_id,                                        -- text → dim_customer: Customer
    channel,                                            -- text: How the orders came in; empty if unknown
    band,                                               -- count: Number of the band of order values, 1 is lowest
    is_sale,                                            -- bool: Sales; else returns and credits
    sum(orders) as orders,                              -- count: Orders
    sum(case when is_sale then 0 else 1 end) as credits,    -- count: Returns and credits
    sum(lines) as lines,                                -- count: Order lines
    sum(minutes) as minutes,                            -- minutes: Minutes of time-driven activities
    sum(invoice_revenue) as invoice_revenue,            -- money: Invoice revenue
    sum(gross_margin) as gross_margin,                  -- money: Gross margin
    sum(freight_cost) as freight_cost,                  -- money: Cost of freight
    sum(freight_charged) as freight_charged,            -- money: Freight invoiced on top of the invoice revenue
    sum(order_cost) as order_cost,                      -- money: Part of cost-to-serve that is measured on orders and their lines
    sum(value_cost) as value_cost,                      -- money: Part of order cost that grows with the goods in an order
    sum(freight_value_cost) as freight_value_cost,      -- money: Part of freight cost that grows with the goods in an order
    sum(standing_cost) as standing_cost,                -- money: Part of order cost that stays whatever the number of orders
    sum(avoidable_order_cost) as avoidable_order_cost,  -- money: Part of order cost that is really saved with an order less
    sum(cost_to_serve) as cost_to_serve,                -- money: Cost-to-serve
    sum(net_profit) as net_profit,                      -- money: Net profit
    sum(case when orders > 0 and net_profit < 0 then 1 else 0 end) as loss_orders,  -- count: Orders with a negative net profit
    sum(case when orders > 0 then least(net_profit, 0) else 0 end) as loss_amount   -- money: Sum of their losses
from whole_order
group by period, customer_id, channel, band, is_sale

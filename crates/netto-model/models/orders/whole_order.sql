-- whole_order: Each order as one, in the month of its first line, whatever months its lines lie in, and the band of its value.
-- grain: customer × order × sale or not
-- key: customer_id, order_id, is_sale
-- published: no
-- kept: no
--
--            value   margin   cost
-- 31 Jan     50      5        20
--  1 Feb     5,000   500      4
-- o1, Jan    5,050   505      24      it earns 481: neither is it small, nor does it lose in January
--
-- Made some months at a time while orders are split, for there are too many to hold all of them; an order with lines in several months comes last,
-- with all of them. Returns and credits are no orders: with the number of an order they are a row of their own, so that an order of 100 stays one of
-- 100 in its month when 60 comes back. Cost without an order is not in it.
with part as (
    select *, order_kind = 'sale' as is_sale, case when orders > 0 then period end as counted_in
    from fct_order where order_id <> '' and spans_months
), joined as (
    select
        customer_id, order_id, is_sale, min(counted_in) as counted_in, min(period) as first_period, min(order_date) as order_date,
        min(channel) as channel, min(employee_id) as employee_id, sum(orders) as orders,
        sum(lines) as lines, sum(minutes) as minutes, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(freight_cost) as freight_cost, sum(freight_charged) as freight_charged, sum(order_cost) as order_cost, sum(value_cost) as value_cost,
        sum(freight_value_cost) as freight_value_cost, sum(standing_cost) as standing_cost,
        sum(avoidable_order_cost) as avoidable_order_cost, sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from part group by customer_id, order_id, is_sale
), every_order as (
    select
        period, customer_id, order_id, order_kind = 'sale' as is_sale, order_date, channel, employee_id, orders, lines, minutes, invoice_revenue,
        gross_margin, freight_cost, freight_charged, order_cost, value_cost, freight_value_cost, standing_cost, avoidable_order_cost, cost_to_serve, net_profit,
        spans_months
    from fct_order where order_id <> '' and not spans_months
    union all
    select
        coalesce(counted_in, first_period) as period, customer_id, order_id, is_sale, order_date, channel, employee_id, orders, lines, minutes,
        invoice_revenue, gross_margin, freight_cost, freight_charged, order_cost, value_cost, freight_value_cost, standing_cost, avoidable_order_cost,
        cost_to_serve, net_profit, true as spans_months
    from joined
)
select
    o.customer_id,                                      -- text → dim_customer: Customer
    o.order_id,                                         -- text: Order
    o.period,                                           -- date → dim_period: First day of the calendar month of its first line of a sale; without one, of its first line
    o.order_date,                                       -- date?: Day of its first line
    coalesce(o.channel, '') as channel,                 -- text: How it came in; empty if unknown
    coalesce(o.employee_id, '') as employee_id,         -- text: Who took it; empty if nobody is named
    b.band,                                             -- count: Number of the band of its value, 1 is lowest
    o.is_sale,                                          -- bool: A sale; else a return or credit
    o.spans_months,                                     -- bool: Whether its lines lie in several months
    o.orders,                                           -- count: 1 where it counts as an order
    o.lines,                                            -- count: Order lines
    o.minutes,                                          -- minutes: Minutes of time-driven activities
    o.invoice_revenue,                                  -- money: Invoice revenue
    o.gross_margin,                                     -- money: Gross margin
    o.freight_cost,                                     -- money: Cost of freight
    o.freight_charged,                                  -- money: Freight invoiced on top of the invoice revenue
    o.order_cost,                                       -- money: Part of cost-to-serve that is measured on orders and their lines
    o.value_cost,                                       -- money: Part of order cost that grows with the goods in an order
    o.freight_value_cost,                               -- money: Part of freight cost that grows with the goods in an order
    o.standing_cost,                                    -- money: Part of order cost that stays whatever the number of orders
    o.avoidable_order_cost,                             -- money: Part of order cost that is really saved with an order less
    o.cost_to_serve,                                    -- money: Cost-to-serve
    o.net_profit                                        -- money: Net profit
from every_order as o cross join order_band as b
where (b.band_from is null or o.invoice_revenue >= b.band_from) and (b.band_to is null or o.invoice_revenue < b.band_to)

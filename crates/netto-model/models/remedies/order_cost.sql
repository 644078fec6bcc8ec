-- order_cost: What an order costs whatever is in it, and what each of its lines costs: by channel, in the main window.
-- grain: channel
-- key: channel
-- needs: order_month
-- published: no
-- source: Kaplan & Anderson, Time-Driven Activity-Based Costing (2007), on time equations
--
-- orders  lines  cost
-- 10      10     300
-- 10      30     500     10.00 a line, 20.00 an order
--
-- Larger orders save the first and not the second: two orders of three lines are one of six. Most time equations are of this form, but the ledger knows only
-- their sums; so both are found by least squares over the orders of each customer and size: cost = orders × per order + lines × per line. Where every
-- order has as many lines as the next, nothing tells them apart, and all of the cost is the order's. Neither is below zero.
with cell as (
    select
        o.channel, o.customer_id, o.band, cast(sum(o.orders) as hugeint) as orders, cast(sum(o.lines) as hugeint) as lines,
        sum(o.order_cost - o.value_cost) as cost, sum(o.avoidable_order_cost) as avoidable, sum(o.freight_cost - o.freight_value_cost) as freight
    from order_month as o join window_month as w on w.period = o.period
    where o.is_sale and w.window_id = 'main'
    group by o.channel, o.customer_id, o.band
), summed as (
    select
        channel, sum(orders) as orders, sum(cost) as cost, sum(avoidable) as avoidable, sum(freight) as freight,
        sum(orders * orders) as oo, sum(orders * lines) as ol, sum(lines * lines) as ll,
        sum(orders * cost) as oc, sum(lines * cost) as lc, sum(orders * avoidable) as oa, sum(lines * avoidable) as la,
        sum(orders * freight) as ofr, sum(lines * freight) as lfr
    from cell group by channel
), solved as (
    select
        channel, orders, cost, avoidable, freight,
        half_even(oc * ll - lc * ol, oo * ll - ol * ol) as per_order, half_even(lc * oo - oc * ol, oo * ll - ol * ol) as per_line,
        half_even(oa * ll - la * ol, oo * ll - ol * ol) as avoidable_per_order,
        half_even(la * oo - oa * ol, oo * ll - ol * ol) as avoidable_per_line,
        half_even(ofr * ll - lfr * ol, oo * ll - ol * ol) as freight_per_order,
        half_even(lfr * oo - ofr * ol, oo * ll - ol * ol) as freight_per_line
    from summed
)
select
    channel,                                            -- text: Channel; empty if unknown
    case when per_line is null or per_line < 0 then half_even(cost, orders) else greatest(per_order, 0) end
        as per_order,                                   -- money?: Order cost of an order whatever is in it, without what grows with its value; empty without an order
    case when per_line is null or per_line < 0 or avoidable_per_line < 0 then half_even(avoidable, orders) else greatest(avoidable_per_order, 0) end
        as avoidable_per_order,                         -- money?: Of which is really saved with an order less, by the avoidable part of each activity's pool
    case when freight_per_line is null or freight_per_line < 0 then half_even(freight, orders) else greatest(freight_per_order, 0) end
        as freight_per_order                            -- money?: Cost of freight of an order whatever is in it
from solved

-- order_break_even: From which size an order earns what it costs itself: of each channel, of all orders, and of each customer in the main window.
-- grain: window × level × key
-- key: window_id, level, key
-- needs: order_month
-- published: no
-- source: Kaplan & Cooper, Cost & Effect (1998): order-level cost against the margin of the units
--
-- break-even order = order-level cost ÷ (margin rate − cost rate per unit of revenue)
--
-- 200 per order, 10 % margin, 2 % of the value: 200 ÷ 8 % = 2,500, whatever the average order is.
--
-- Cost that grows with the value is no cost of the order, and the margin is taken before freight, which is one. An order of 50 has fewer lines
-- than one of 500, and often another margin: so what an order earns and costs is asked band by band. The limit is the band from which all orders
-- bring most together: a single small order that earns, or a large one that loses, doesn't move it. A line is drawn between the averages of that band
-- and of the one below it: orders of 80 on average that lose 4 and orders of 160 that earn 8 break even at 80 + 80 × 4 ÷ 12 = 106.67. If it is the
-- lowest band, or no band earns, an order costs and earns what it does there. Returns and credits are no orders.
with levels (level) as (
    values ('channel'), ('customer'), ('all')
), cells as (
    select
        w.window_id, levels.level,
        case when levels.level = 'channel' then m.channel when levels.level = 'customer' then m.customer_id else '' end as key,
        m.band, m.orders, m.invoice_revenue as revenue,
        m.gross_margin + m.freight_cost - m.freight_charged - m.value_cost - m.freight_value_cost as earned,
        m.order_cost + m.freight_cost - m.freight_charged - m.value_cost - m.freight_value_cost as cost
    from order_month as m join window_month as w on w.period = m.period cross join levels
    where m.is_sale and (levels.level <> 'customer' or w.window_id = 'main')
), bands as (
    select
        window_id, level, key, band, sum(orders) as orders, sum(revenue) as revenue, sum(earned) as earned, sum(cost) as cost
    from cells
    group by window_id, level, key, band
), whole as (
    select
        window_id, level, key, sum(orders) as orders, sum(revenue) as revenue, sum(earned) as earned, sum(cost) as cost
    from bands
    group by window_id, level, key
), sized as (
    select
        *,
        half_even(revenue, orders) as size,
        half_even(earned, orders) - greatest(half_even(cost, orders), 0) as profit,
        earned - greatest(cost, 0) as profit_of_all,
        case when cost <= 0 then 0 when earned > 0 then half_even(cast(cost as hugeint) * revenue, cast(orders as hugeint) * earned) end
            as at_its_rate
    from bands
    where orders > 0
), neighbours as (
    select
        *,
        lag(size) over larger as smaller_size,
        lag(profit) over larger as smaller_profit,
        sum(profit_of_all) over (partition by window_id, level, key) - sum(profit_of_all) over larger + profit_of_all as profit_from_here
    from sized
    window larger as (partition by window_id, level, key order by band)
), most as (
    select window_id, level, key, max(profit_from_here) as profit_from_here from neighbours group by window_id, level, key
), turning as (
    select n.window_id, n.level, n.key, min(n.band) as band
    from neighbours as n
    join most as m
        on m.window_id = n.window_id and m.level = n.level and m.key = n.key and m.profit_from_here = n.profit_from_here
    group by n.window_id, n.level, n.key
), found as (
    select
        n.window_id, n.level, n.key,
        case
            when n.profit < 0 or n.smaller_profit is null then n.at_its_rate
            else n.smaller_size + half_even(
                -cast(n.smaller_profit as hugeint) * (n.size - n.smaller_size), n.profit - n.smaller_profit
            )
        end as break_even_order
    from neighbours as n
    join turning as t on t.window_id = n.window_id and t.level = n.level and t.key = n.key and t.band = n.band
)
select
    whole.window_id,                                     -- text → dim_window: Window of closed months
    whole.level,                                        -- text (channel | customer | all): What the key names
    whole.key,                                          -- text: Channel or customer; empty for all orders, and where the channel isn't known
    whole.orders,                                       -- count: Orders
    whole.revenue,                                      -- money: Their invoice revenue
    whole.earned,                                       -- money: Gross margin before freight, less cost that grows with the value
    whole.cost as order_level_cost,                     -- money: Order cost and freight that isn't charged, without cost that grows with the value
    case when k.has_profit = 1 then found.break_even_order end as break_even_order  -- money?: Order size at which an order just covers its order-level cost; empty if nothing is left per unit of revenue, and without the cost of goods
from whole
join window_known as k on k.window_id = whole.window_id
left join found on found.window_id = whole.window_id and found.level = whole.level and found.key = whole.key

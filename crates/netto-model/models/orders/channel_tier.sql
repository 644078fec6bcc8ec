-- channel_tier: The electronic share by tier, and the saving of moving the other orders to electronic channels, without returns and credits.
-- grain: window × tier
-- key: window_id, tier
-- needs: order_month
with parts as (
    select
        p.window_id, c.tier, count(*) as customers, sum(p.orders) as orders, sum(p.electronic_orders) as electronic_orders,
        sum(p.lines) as lines, sum(p.electronic_lines) as electronic_lines,
        count(p.channel_saving) as known, sum(p.channel_saving) as channel_saving
    from electronic_part as p
    join customer_window as c on c.window_id = p.window_id and c.customer_id = p.customer_id
    group by p.window_id, c.tier
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    tier,                                               -- text → dim_tier: Tier
    customers,                                          -- count: Customers that ordered
    orders,                                             -- count: Orders without returns and credits
    electronic_orders,                                  -- count: Of which through electronic channels
    share(electronic_orders, orders) as electronic_share,   -- share?: Electronic orders ÷ orders
    lines,                                              -- count: Lines of these orders
    electronic_lines,                                   -- count: Of which through electronic channels
    share(electronic_lines, lines) as electronic_line_share,    -- share?: Electronic lines ÷ lines
    case when known > 0 then channel_saving end as channel_saving   -- money?: Saving of its customers if their other orders were electronic; empty if there are no electronic orders to compare with
from parts

-- channel_move: What the orders of a channel cost, and what as many orders of the same sizes cost through electronic channels.
-- grain: window × channel
-- key: window, channel
-- needs: order_month
-- published: no
--
--          orders below 100   of 100 and more   cost       through the web     saved by moving
-- phone    3 at 30            1 at 50           140        3 × 12 + 45 = 81    59, or 14.75 an order
-- web      2 at 12            4 at 45
--
-- Large orders cost more than small ones, and web orders are larger: so what an order would cost electronically is asked band by band, or
-- the web would seem dear. Where there is no electronic order of a size, those of the nearest band stand for it, of two the larger.
with named as (
    select count(*) as orders from order_month where channel <> ''
), own as (
    select
        w."window", m.channel, m.band, sum(m.orders) as orders,
        sum(m.order_cost + m.freight_cost - m.freight_charged) as order_level_cost
    from order_month as m join window_month as w on w.period = m.period cross join named
    where m.is_sale and named.orders > 0
    group by w."window", m.channel, m.band
), electronic as (
    select "window", band, sum(orders) as orders, sum(order_level_cost) as order_level_cost
    from own
    where channel in (select channel from electronic_channel)
    group by "window", band
), compared as (
    select
        own."window", own.channel, own.band,
        half_even(cast(own.orders as hugeint) * electronic.order_level_cost, electronic.orders) as cost_there,
        row_number() over (
            partition by own."window", own.channel, own.band order by abs(electronic.band - own.band), -electronic.band
        ) as nearness
    from own join electronic on electronic."window" = own."window"
    where electronic.orders > 0
), there as (
    select "window", channel, sum(cost_there) as cost_if_electronic from compared where nearness = 1 group by "window", channel
), whole as (
    select "window", channel, sum(orders) as orders, sum(order_level_cost) as order_level_cost
    from own
    group by "window", channel
)
select
    whole."window",                                     -- text → dim_window: Window of closed months
    whole.channel,                                      -- text: Channel; empty where not known
    whole.orders,                                       -- count: Orders without returns and credits
    whole.order_level_cost,                             -- money: Order cost, plus freight cost less freight charged
    there.cost_if_electronic                            -- money?: What they would cost through electronic channels; empty where nobody orders electronically
from whole left join there on there."window" = whole."window" and there.channel = whole.channel

-- channel_move: What orders of a channel and size take, and what as many take through electronic channels.
-- grain: window × channel × band
-- key: window_id, channel, band
-- needs: order_month
-- published: no
-- source: Kaplan & Anderson, Time-Driven Activity-Based Costing (2007): what changes is the work, not the average
--
--          orders below 100   of 100 and more   take       through the web     saved by moving
-- phone    3 at 30            1 at 50           140        3 × 12 + 45 = 81    59
-- web      2 at 12            4 at 45
--
-- Moved orders save what they take less what they will take there. Cost of a pool of which nothing is avoidable, such as the subscription of
-- a web shop, is the same with more orders and counts on neither side; nor does idle capacity that is charged, for what is freed is time; freight and
-- what grows with the goods go with them, unless it asks for the channel. Large orders take more than small ones, and web orders are larger: so both
-- sides are asked band by band, or the web would seem dear. Where there is no electronic order of a size,
-- those of the nearest band stand for it, of two the larger. Orders whose channel isn't known can't move.
with electronic_names as (
    select channel, 1 as yes from electronic_channel
), sales as (
    select
        w.window_id, m.channel, m.band, sum(m.orders) as orders, sum(m.order_cost - m.standing_cost) as cost,
        sum(m.avoidable_order_cost) as avoidable
    from order_month as m join window_month as w on w.period = m.period
    where m.is_sale and m.channel <> ''
    group by w.window_id, m.channel, m.band
), own as (
    select sales.*, coalesce(e.yes, 0) as electronic
    from sales left join electronic_names as e on e.channel = sales.channel
), there as (
    select window_id, band, sum(orders) as orders, sum(cost) as cost, sum(avoidable) as avoidable from own where electronic = 1 group by window_id, band
), compared as (
    select
        own.window_id, own.channel, own.band, own.orders, own.cost, own.avoidable,
        half_even(cast(own.orders as hugeint) * there.cost, there.orders) as cost_there,
        half_even(cast(own.orders as hugeint) * there.avoidable, there.orders) as avoidable_there,
        row_number() over (
            partition by own.window_id, own.channel, own.band order by abs(there.band - own.band), -there.band
        ) as nearness
    from own join there on there.window_id = own.window_id
    where own.electronic = 0 and own.orders > 0 and there.orders > 0
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    channel,                                            -- text: Channel that is known and not electronic
    band,                                               -- count: Number of the band of order values
    orders,                                             -- count: Orders without returns and credits
    cost,                                               -- money: What they take: order cost without what stays the same
    cost_there,                                         -- money: What as many orders of this size take through electronic channels
    avoidable,                                          -- money: Part of what they take that is really saved with an order less
    avoidable_there                                     -- money: The same of as many orders of this size through electronic channels
from compared
where nearness = 1

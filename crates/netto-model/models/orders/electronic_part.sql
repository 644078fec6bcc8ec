-- electronic_part: How much of what a customer ordered came in electronically, and what moving the rest would save.
-- grain: window × customer
-- key: window_id, customer_id
-- needs: order_month
-- published: no
--
-- phone below 100: 3 orders take 90, electronically 36. A customer with two of them would save 2 × (30 − 12) = 36.
--
-- An order of a customer takes what orders of its channel and size take on average: what is in it goes with it, whatever the channel.
with electronic as (
    select channel, 1 as yes from electronic_channel
), named as (
    select count(*) as orders from order_month where channel <> ''
), own as (
    select
        w.window_id, m.customer_id, m.channel, m.band, sum(m.orders) as orders, sum(m.lines) as lines
    from order_month as m join window_month as w on w.period = m.period cross join named
    where m.is_sale and named.orders > 0
    group by w.window_id, m.customer_id, m.channel, m.band
), moved as (
    select
        own.window_id, own.customer_id, own.orders, own.lines,
        coalesce(e.yes, 0) as electronic,
        case when own.channel <> '' and e.yes is null then 1 else 0 end as movable,
        half_even(cast(own.orders as hugeint) * m.cost, m.orders) as cost,
        half_even(cast(own.orders as hugeint) * m.cost_there, m.orders) as cost_there,
        half_even(cast(own.orders as hugeint) * m.avoidable, m.orders) as avoidable,
        half_even(cast(own.orders as hugeint) * m.avoidable_there, m.orders) as avoidable_there
    from own
    left join channel_move as m on m.window_id = own.window_id and m.channel = own.channel and m.band = own.band
    left join electronic as e on e.channel = own.channel
), electronic_windows as (
    select window_id, max(electronic) as any_electronic from moved group by window_id
), parts as (
    select
        window_id, customer_id, sum(orders) as orders, sum(orders * electronic) as electronic_orders,
        sum(lines) as lines, sum(lines * electronic) as electronic_lines, sum(orders * movable) as movable_orders,
        sum(coalesce(cost, 0)) as cost_now, sum(coalesce(cost_there, 0)) as cost_there,
        sum(coalesce(avoidable, 0)) as avoidable_now, sum(coalesce(avoidable_there, 0)) as avoidable_there
    from moved
    group by window_id, customer_id
)
select
    parts.window_id,                                     -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    orders,                                             -- count: Orders without returns and credits
    electronic_orders,                                  -- count: Of which through electronic channels
    lines,                                              -- count: Lines of these orders
    electronic_lines,                                   -- count: Of which through electronic channels
    movable_orders,                                     -- count: Orders of a channel that is known and not electronic
    cost_now,                                           -- money: What these take
    cost_there,                                         -- money: What they would take through electronic channels; zero if nobody orders electronically
    avoidable_now,                                      -- money: Part of what these take that is really saved with an order less
    avoidable_there,                                    -- money: The same through electronic channels
    case when any_electronic = 1 then greatest(cost_now - cost_there, 0) end
        as channel_saving                               -- money?: What moving them would save, where that is above zero; empty if nobody orders electronically
from parts join electronic_windows as e on e.window_id = parts.window_id

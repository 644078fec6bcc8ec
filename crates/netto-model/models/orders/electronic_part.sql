-- electronic_part: How much of what a customer ordered came in electronically, and what moving the rest would save.
-- grain: window × customer
-- key: window, customer_id
-- needs: order_month
-- published: no
--
-- Orders whose channel isn't known save nothing: nobody knows that they could move.
with electronic as (
    select channel, 1 as yes from electronic_channel
), own as (
    select w."window", m.customer_id, m.channel, sum(m.orders) as orders, sum(m.lines) as lines
    from order_month as m join window_month as w on w.period = m.period
    where m.is_sale
    group by w."window", m.customer_id, m.channel
), moved as (
    select
        own."window", own.customer_id, own.orders, own.lines,
        coalesce(e.yes, 0) as electronic,
        m.cost_if_electronic,
        case
            when own.channel = '' or e.yes is not null then 0
            else half_even(cast(own.orders as hugeint) * greatest(m.order_level_cost - m.cost_if_electronic, 0), m.orders)
        end as saving
    from own
    join channel_move as m on m."window" = own."window" and m.channel = own.channel
    left join electronic as e on e.channel = own.channel
)
select
    "window",                                           -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    sum(orders) as orders,                              -- count: Orders without returns and credits
    sum(orders * electronic) as electronic_orders,      -- count: Of which through electronic channels
    sum(lines) as lines,                                -- count: Lines of these orders
    sum(lines * electronic) as electronic_lines,        -- count: Of which through electronic channels
    case when count(cost_if_electronic) > 0 then sum(saving) end
        as channel_saving                               -- money?: Saving if the other orders came in electronically; empty without electronic orders to compare with
from moved
group by "window", customer_id

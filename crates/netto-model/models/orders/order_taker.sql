-- order_taker: Who took the orders that deviations name.
-- grain: month × order
-- key: period, order_id
-- published: no
--
-- Made some months at a time while orders are split.
with named as (
    select distinct order_id from deviations where order_id <> ''
)
select
    o.period,                                           -- date → dim_period: First day of the calendar month of its first line
    o.order_id,                                         -- text: Order
    min(o.employee_id) as employee_id                   -- text → dim_employee: Who took it
from whole_order as o join named on named.order_id = o.order_id
where o.employee_id <> ''
group by o.period, o.order_id

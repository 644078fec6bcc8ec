-- name:   orders_so_far
-- grain:  month × customer × order{parts}
-- reads:  order_lines
-- An order as it stands at the end of a month in which it has lines: these and those of the months before. What it takes until
-- then, less what it had taken before, is what it takes in the month: so what is fixed per order is taken once.
select
    period,                                                                         -- first day of the month
    customer_key,                                                                   -- key of the customer
    order_key,                                                                      -- key of the order
    min(min(order_date)) over so_far as order_date,                                 -- first day of its lines
    cast(sum(count(*)) over so_far as bigint) as lines,                             -- lines
    sum(sum(quantity)) over so_far as quantity,                                     -- pieces
    sum(sum(net_amount)) over so_far as net_amount,                                 -- invoiced
    sum(sum(coalesce(list_amount, net_amount))) over so_far as list_amount,         -- at list price, net where not supplied
    sum(sum(coalesce(discount_amount, 0))) over so_far as discount_amount,          -- discount on the invoice
    sum(sum(coalesce(cogs_amount, 0))) over so_far as cogs_amount,                  -- cost of the goods
    sum(sum(coalesce(freight_charged, 0))) over so_far as freight_charged,          -- freight invoiced
    cast(sum(sum(case when net_amount < cogs_amount then 1 else 0 end)) over so_far as bigint) as lines_below_cost,
    cast(sum(count(list_amount)) over so_far as bigint) as lines_with_list,         -- lines that have a list amount
    cast(sum(count(cogs_amount)) over so_far as bigint) as lines_with_cogs,         -- … a cost
    cast(sum(count(freight_charged)) over so_far as bigint) as lines_with_freight,  -- … a freight amount
    min(min(channel)) over so_far as channel,
    min(min(employee_id)) over so_far as employee_id,
    min(min(ship_to_id)) over so_far as ship_to_id,
    min(min(warehouse)) over so_far as warehouse,
    max(max(order_kind)) over so_far as order_kind,                                 -- a sale, whatever came back with it
    min(min(delivery)) over so_far as delivery,                                     -- direct before stock
    min(min(warehouse)) over (partition by period, customer_key, order_key) as in_warehouse  -- where its lines of the month are counted
from order_lines
group by period, customer_key, order_key{, apart}
window so_far as (partition by customer_key, order_key{, apart} order by period)

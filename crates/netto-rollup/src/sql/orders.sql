-- name:   orders
-- grain:  month × customer × order
-- reads:  order_lines
-- An order, or the part of it that falls into the month. Money is only added; texts are the first by alphabet, the kind the last.
-- Returns and credits are no orders; an order over the end of a month is one in the month of its first line of a sale.
select
    period,                                                                         -- first day of the month
    customer_key,                                                                   -- key of the customer
    order_key,                                                                      -- key of the order
    min(order_date) as order_date,                                                  -- first day of its lines
    cast(count(*) as bigint) as lines,                                              -- lines
    sum(quantity) as quantity,                                                      -- pieces
    sum(net_amount) as net_amount,                                                  -- invoiced
    sum(coalesce(list_amount, net_amount)) as list_amount,                          -- at list price, net where not supplied
    sum(coalesce(discount_amount, 0)) as discount_amount,                           -- discount on the invoice
    sum(coalesce(cogs_amount, 0)) as cogs_amount,                                   -- cost of the goods
    sum(coalesce(freight_charged, 0)) as freight_charged,                           -- freight invoiced
    cast(sum(case when net_amount < cogs_amount then 1 else 0 end) as bigint) as lines_below_cost,
    cast(count(list_amount) as bigint) as lines_with_list,                          -- lines that have a list amount
    cast(count(cogs_amount) as bigint) as lines_with_cogs,                          -- … a cost
    cast(count(freight_charged) as bigint) as lines_with_freight,                   -- … a freight amount
    min(channel) as channel,
    min(employee_id) as employee_id,
    min(ship_to_id) as ship_to_id,
    min(warehouse) as warehouse,
    max(order_kind) as order_kind,                                                  -- a sale, whatever came back with it
    min(delivery) as delivery,                                                      -- direct before stock
    {counted} as counted    -- 1 where it counts as an order, else 0
from order_lines{only}
group by period, customer_key, order_key{, apart}

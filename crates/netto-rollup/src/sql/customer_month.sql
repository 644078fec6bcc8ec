-- name:   customer_month
-- grain:  month × customer
-- reads:  orders
-- What a customer bought in a month: the orders added up.
select
    period,                                                     -- first day of the month
    customer_key,                                               -- key of the customer
    cast(sum(counted) as bigint) as orders,                     -- orders: sales, in the month of their first line
    cast(sum(lines) as bigint) as lines,                        -- order lines
    sum(quantity) as quantity,                                  -- pieces
    sum(net_amount) as net_amount,                              -- invoiced
    sum(list_amount) as list_amount,                            -- at list price
    sum(discount_amount) as discount_amount,                    -- discount on the invoice
    sum(cogs_amount) as cogs_amount,                            -- cost of the goods
    sum(freight_charged) as freight_charged,                    -- freight invoiced
    cast(sum(lines_below_cost) as bigint) as lines_below_cost,  -- lines with a net amount below their cost
    cast(sum(lines_with_list) as bigint) as lines_with_list,    -- lines that have a list amount
    cast(sum(lines_with_cogs) as bigint) as lines_with_cogs,    -- … a cost
    cast(sum(lines_with_freight) as bigint) as lines_with_freight  -- … a freight amount
from orders
group by period, customer_key

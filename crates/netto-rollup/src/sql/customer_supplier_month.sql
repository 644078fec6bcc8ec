-- name:   customer_supplier_month
-- grain:  month × customer × supplier
-- reads:  order_lines, product_suppliers
-- What a customer bought of a supplier's products in a month; of the suppliers that rebates are agreed with. A line is of the
-- supplier that its product had on the date of the order: without `valid_from` from the beginning, without `valid_to` until today.
select
    order_lines.period as period,                                                   -- first day of the month
    order_lines.customer_key as customer_key,                                       -- key of the customer
    product_suppliers.supplier_id as supplier_id,                                   -- the supplier
    sum(order_lines.net_amount) as net_amount,                                      -- invoiced
    sum(coalesce(order_lines.list_amount, order_lines.net_amount)) as list_amount,  -- at list price, net where not supplied
    sum(coalesce(order_lines.cogs_amount, 0)) as cogs_amount                        -- cost of the goods
from order_lines
join product_suppliers on order_lines.product_key = product_suppliers.product_key
where (product_suppliers.valid_from is null or order_lines.order_date >= product_suppliers.valid_from)
    and (product_suppliers.valid_to is null or order_lines.order_date <= product_suppliers.valid_to)
group by order_lines.period, order_lines.customer_key, product_suppliers.supplier_id

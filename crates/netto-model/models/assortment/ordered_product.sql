-- ordered_product: The products of the orders that events and deviations name, with their group and supplier on the day on which they were ordered.
-- grain: order × product
-- key: order_id, product_id
-- published: no
--
-- p moved from S to T in July, order 1 of March names it     order 1   p   S
with of_day as (
    select o.order_id, o.product_id, v.product_group, v.supplier_id
    from order_product as o join product_version as v on v.product_id = o.product_id
    where day_number(o.order_date) between v.first_day and v.last_day
)
select
    o.order_id,                                         -- text: Order
    o.product_id,                                       -- text: Product
    coalesce(d.product_group, '') as product_group,     -- text: Its product group; empty if it has none
    coalesce(d.supplier_id, '') as supplier_id,         -- text: Its supplier; empty if it has none
    o.order_date,                                       -- date: First day on which it was ordered
    o.delivered_date,                                   -- date?: Last day on which a line was delivered, or promised where no delivery is known
    o.open_lines                                        -- count: Lines with neither day
from order_product as o left join of_day as d on d.order_id = o.order_id and d.product_id = o.product_id

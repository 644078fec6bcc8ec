-- product_number: Products with a whole number each, in the order of their ids, and product groups likewise.
-- grain: product
-- key: product_no
-- published: no
--
-- The product group is the present one, whatever it was: windows are compared by the same groups.
with named as (
    select product_id from fct_customer_product_month
    union all select product_id from stock
), each as (
    select distinct product_id from named
), counted as (
    select distinct product_id from stock
), grouped as (
    select
        e.product_id, coalesce(p.product_group, '') as product_group,
        coalesce(p.kind, '') in ('', 'goods') or s.product_id is not null as is_stocked
    from each as e
    left join dim_product as p on p.product_id = e.product_id
    left join counted as s on s.product_id = e.product_id
)
select
    cast(row_number() over (order by product_id) as bigint) as product_no,       -- integer: Its number
    product_id,                                                                 -- text: Product
    cast(dense_rank() over (order by product_group) as bigint) as group_no,      -- integer: Number of its product group
    product_group,                                                              -- text: Product group; empty for products without one
    is_stocked                                                                  -- bool: Whether it can be held in stock: goods, and whatever was counted
from grouped

-- audit: There are numbers enough.
select product_no from product_number where product_no >= 10000000

-- product_version: What products were on a day: their group and supplier, with the first and the last day on which they were so.
-- grain: product × first day
-- key: product_id, first_day
-- published: no
--
-- drill from 2024-01-01 S1, from 2025-07-01 S2      S1 to 2025-06-30, S2 from 2025-07-01: closed months stay as they were
--
-- A row per change: versions that differ only in cost are one. What the first version says also holds before its day, as nothing else is known.
with told as (
    select
        product_id, day_number(valid_from) as day, coalesce(product_group, '') as product_group, coalesce(supplier_id, '') as supplier_id
    from products
), compared as (
    select
        *, lag(product_group) over versions as group_before, lag(supplier_id) over versions as supplier_before
    from told
    window versions as (partition by product_id order by day)
), changed as (
    select
        product_id, product_group, supplier_id, case when group_before is null then -1000000000 else day end as first_day
    from compared
    where group_before is null or group_before <> product_group or supplier_before <> supplier_id
)
select
    product_id,                 -- text: Product
    first_day,                  -- integer: First day, since 1970-01-01; far back in the first row of a product
    coalesce(lead(first_day) over (partition by product_id order by first_day), 1000000000) - 1 as last_day,    -- integer: Last day; far ahead in the last row of a product
    product_group,              -- text: Product group; empty if it has none
    supplier_id                 -- text: Supplier; empty if it has none
from changed

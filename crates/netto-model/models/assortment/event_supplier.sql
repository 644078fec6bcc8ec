-- event_supplier: Which supplier an activity or deviation is about, of those that name a supplier, a product or an order.
-- grain: source × event
-- key: source, event_id
-- published: no
--
-- D1 names S                                   S, known
-- Q2 names product p of S                      S, known
-- D3 names order 1: p and q, both of S         S, known, whoever supplies them since
-- Q4 names order 2: p of S and r of T          several: neither S nor T
--
-- It is the supplier that is named, otherwise that of the product, otherwise that of the order if all lines are from one supplier. The supplier of a product is
-- that of the day on which it was ordered, and of the event's day if no order names the product.
with named as (
    select
        'deviations' as source, deviation_id as event_id, occurred_at,
        coalesce(supplier_id, '') as own_supplier, coalesce(product_id, '') as product_id, coalesce(order_id, '') as order_id
    from deviations
    union all
    select
        'activities' as source, activity_id as event_id, occurred_at,
        '' as own_supplier, coalesce(product_id, '') as product_id, coalesce(order_id, '') as order_id
    from activities
), telling as (
    select * from named where own_supplier <> '' or product_id <> '' or order_id <> ''
), of_product as (
    select t.source, t.event_id, v.supplier_id
    from telling as t join product_version as v on t.product_id = v.product_id
    where day_number(t.occurred_at) between v.first_day and v.last_day
), of_order as (
    select order_id, min(supplier_id) as supplier_id, count(distinct supplier_id) as suppliers from ordered_product group by order_id
), looked_up as (
    select
        t.source, t.event_id, t.product_id, coalesce(o.suppliers, 0) as suppliers,
        case
            when t.own_supplier <> '' then t.own_supplier
            when t.product_id <> '' then coalesce(s.supplier_id, i.supplier_id, '')
            when o.suppliers = 1 then o.supplier_id
            else ''
        end as supplier_id
    from telling as t
    left join of_product as i on t.source = i.source and t.event_id = i.event_id
    left join ordered_product as s on t.order_id = s.order_id and t.product_id = s.product_id
    left join of_order as o on t.order_id = o.order_id
)
select
    source,                                             -- text: activities or deviations
    event_id,                                           -- text: Event
    supplier_id,                                        -- text: Supplier; empty if unknown, or several may be meant
    case
        when supplier_id <> '' then 'known'
        when product_id = '' and suppliers > 1 then 'several'
        else 'unknown'
    end as attribution                                  -- text (known | several | unknown): Whether it is known; several where the products of the order come from several suppliers
from looked_up

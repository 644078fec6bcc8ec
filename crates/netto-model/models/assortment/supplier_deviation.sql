-- supplier_deviation: Deviations caused by suppliers and their after-care, by supplier, kind and cause.
-- grain: window × supplier × whether it is known × kind × cause
-- key: window_id, supplier_id, attribution, kind, cause
-- needs: deviations
-- source: Ellram, Total Cost of Ownership (1993): what a supplier costs besides its price; Crosby, Quality Is Free (1979)
--
-- D1 names S                                   S, known
-- D2 names product p of S                      S, known
-- D3 names order 1: p and q, both of S         S, known, whoever supplies them since
-- D4 names order 2: p of S and r of T          several: neither S nor T is charged for it
-- D5 names neither                             unknown
--
-- A deviation belongs to the supplier that it is about (`event_supplier`). The cost of deviations with a customer is in the profit of that customer; the
-- cost of others is unassigned.
with after_care as (
    select event_id as deviation_id, cost from event_cost where source = 'deviations'
), supplied as (
    select count(amount) as amounts, count(minutes) as minutes from deviations
), measured as (
    select count(*) as activities from dim_activity where source = 'deviations'
), named as (
    select
        deviation_id, kind, coalesce(cause, '') as cause, coalesce(customer_id, '') as customer_id,
        coalesce(amount, 0) as amount, coalesce(minutes, 0) as minutes,
        cast(extract(year from occurred_at) as bigint) as year, cast(extract(month from occurred_at) as bigint) as month
    from deviations
), about as (
    select event_id as deviation_id, supplier_id, attribution from event_supplier where source = 'deviations'
), looked_up as (
    select
        named.*, p.period, coalesce(a.cost, 0) as cost,
        coalesce(s.supplier_id, '') as supplier_id, coalesce(s.attribution, 'unknown') as attribution
    from named
    join dim_period as p on p.year = named.year and p.month = named.month
    left join after_care as a on named.deviation_id = a.deviation_id
    left join about as s on named.deviation_id = s.deviation_id
), placed as (
    select
        w.window_id, l.supplier_id, l.attribution,
        l.kind, l.cause, l.customer_id, l.amount, l.minutes, l.cost, case when l.customer_id = '' then l.cost else 0 end as unassigned
    from looked_up as l join window_month as w on w.period = l.period
), sums as (
    select
        window_id, supplier_id, attribution, kind, cause, count(*) as deviations, sum(amount) as amount, sum(minutes) as minutes,
        sum(cost) as cost, sum(unassigned) as unassigned
    from placed group by window_id, supplier_id, attribution, kind, cause
), concerned as (
    select window_id, supplier_id, attribution, kind, cause, count(distinct customer_id) as customers
    from placed where customer_id <> ''
    group by window_id, supplier_id, attribution, kind, cause
), bought as (
    select w.window_id, f.supplier_id, sum(f.orders) as orders
    from fct_supplier_month as f join window_month as w on w.period = f.period
    where f.supplier_id <> ''
    group by w.window_id, f.supplier_id
)
select
    s.window_id,                                        -- text → dim_window: Window of closed months
    s.supplier_id,                                      -- text: Supplier; empty if unknown, or several may be meant
    s.attribution,                                      -- text (known | several | unknown): Whether the supplier is known: named, or that of the product, or of all products of the order; several where the products of the order come from several suppliers
    s.kind,                                             -- text: late, damage, wrong goods, …
    s.cause,                                            -- text: Cause; empty if unknown
    s.deviations,                                       -- count: Deviations
    share(s.deviations, sum(s.deviations) over (partition by s.window_id)) as deviation_share,      -- share?: Share of all deviations
    case when supplied.amounts > 0 then s.amount end as amount,             -- money?: Amount concerned; empty if amounts were not supplied
    case when supplied.minutes > 0 then s.minutes end as minutes,           -- minutes?: Minutes of after-care as supplied; empty if not supplied
    case when measured.activities > 0 then s.cost end as after_care_cost,   -- money?: Cost of the activities that are measured on deviations; empty if no activity is
    case when measured.activities > 0 then s.unassigned end as after_care_unassigned,   -- money?: Of which for deviations without a customer: charged to no customer, and unassigned
    coalesce(c.customers, 0) as customers,              -- count, never summed: Customers concerned
    b.orders,                                           -- count?, never summed: Orders with products of the supplier; empty if unknown
    share(100 * s.deviations, b.orders) as per_100_orders   -- ratio?: Deviations per hundred orders with products of the supplier
from sums as s
cross join supplied
cross join measured
left join concerned as c
    on c.window_id = s.window_id and c.supplier_id = s.supplier_id and c.attribution = s.attribution and c.kind = s.kind and c.cause = s.cause
left join bought as b on b.window_id = s.window_id and b.supplier_id = s.supplier_id

-- audit: It is the same deviations, amounts, minutes and cost as those by kind.
with parts as (
    select
        window_id, sum(deviations) as deviations, sum(coalesce(amount, 0)) as amount, sum(coalesce(minutes, 0)) as minutes,
        sum(coalesce(after_care_cost, 0)) as cost
    from supplier_deviation group by window_id
), whole as (
    select
        window_id, sum(deviations) as deviations, sum(coalesce(amount, 0)) as amount, sum(coalesce(minutes, 0)) as minutes,
        sum(coalesce(after_care_cost, 0)) as cost
    from deviation_cost where level = 'kind' group by window_id
)
select parts.window_id, parts.cost as found, whole.cost as expected
from parts join whole on whole.window_id = parts.window_id
where parts.deviations <> whole.deviations or parts.amount <> whole.amount or parts.minutes <> whole.minutes or parts.cost <> whole.cost

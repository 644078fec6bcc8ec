-- product_question: Products that lack information, and when: questions, complaints, support and the like by product group, before the order, before
-- delivery and after delivery.
-- grain: window × product group × whether it is known × kind × phase
-- key: window_id, product_group, attribution, kind, phase
-- needs: activities
-- source: Curry & Curry, The Customer Marketing Method (2000): product information before, during and after delivery
--
-- order 1: pumps, ordered on the 10th, delivered on the 14th
-- question on the 5th about order 1            pumps     before the order: the catalogue doesn't say enough
-- question on the 12th                         pumps     before delivery: nobody knows when it comes
-- complaint on the 20th                        pumps     after delivery: nobody knows how it is used
-- question about order 2: pumps and pipes      several   neither pumps nor pipes are charged for it
-- question that names pipes and no order       pipes     no order
--
-- All kinds count except visits, calls and quotes. An event belongs to its product if it has one, otherwise to its order if all lines of the order are of
-- one product group: the group of a product on the day on which it was ordered, and on the day of the event if no order names the product. The day of the
-- order and that of delivery are before delivery. Delivered is an order on the last day on which lines of it were delivered, or promised where no delivery
-- is known; of a product that is named, its own lines. Where a line has neither day, delivery isn't known from the last known day on. A group with more
-- orders gets more questions: compare by a hundred orders.
with of_product as (
    select a.activity_id, v.product_group
    from activities as a join product_version as v on v.product_id = a.product_id
    where day_number(a.occurred_at) between v.first_day and v.last_day
), of_order as (
    select
        order_id, min(product_group) as product_group, count(distinct product_group) as product_groups, min(order_date) as order_date,
        max(delivered_date) as delivered_date, sum(open_lines) as open_lines
    from ordered_product group by order_id
), asked as (
    select
        activity_id, kind, occurred_at, coalesce(customer_id, '') as customer_id, coalesce(minutes, 0) as minutes,
        coalesce(product_id, '') as product_id, coalesce(order_id, '') as order_id,
        cast(extract(year from occurred_at) as bigint) as year, cast(extract(month from occurred_at) as bigint) as month
    from activities
    where kind not in ('visit', 'call', 'quote')
), supplied as (
    select count(minutes) as minutes from activities
), measured as (
    select distinct a.kind from event_quantity as q join asked as a on a.activity_id = q.event_id where q.source = 'activities'
), costs as (
    select event_id as activity_id, cost from event_cost where source = 'activities'
), looked_up as (
    select
        a.activity_id, a.kind, a.occurred_at, a.customer_id, a.minutes, a.product_id, a.order_id, p.period,
        coalesce(c.cost, 0) as cost, coalesce(o.product_groups, 0) as product_groups,
        case
            when a.product_id <> '' then coalesce(s.product_group, i.product_group, '')
            when o.product_groups = 1 then o.product_group
            else ''
        end as product_group,
        coalesce(s.order_date, o.order_date) as order_date,
        case when s.order_date is null then o.delivered_date else s.delivered_date end as delivered_date,
        case when s.order_date is null then o.open_lines else s.open_lines end as open_lines
    from asked as a
    join dim_period as p on p.year = a.year and p.month = a.month
    left join of_product as i on i.activity_id = a.activity_id
    left join of_order as o on o.order_id = a.order_id
    left join ordered_product as s on s.order_id = a.order_id and s.product_id = a.product_id
    left join costs as c on c.activity_id = a.activity_id
), placed as (
    select
        w.window_id, l.product_group,
        case
            when l.product_group <> '' then 'known'
            when l.product_id = '' and l.product_groups > 1 then 'several'
            else 'unknown'
        end as attribution,
        l.kind,
        case
            when l.order_id = '' then 'no order'
            when l.order_date is null then 'order not known'
            when l.occurred_at < l.order_date then 'before the order'
            when l.occurred_at <= l.delivered_date then 'before delivery'
            when l.open_lines > 0 or l.delivered_date is null then 'delivery not known'
            else 'after delivery'
        end as phase,
        l.customer_id, l.minutes, l.cost
    from looked_up as l join window_month as w on w.period = l.period
), sums as (
    select window_id, product_group, attribution, kind, phase, count(*) as events, sum(minutes) as minutes, sum(cost) as cost
    from placed group by window_id, product_group, attribution, kind, phase
), heard as (
    select window_id, product_group, attribution, kind, phase, count(distinct customer_id) as customers
    from placed where customer_id <> ''
    group by window_id, product_group, attribution, kind, phase
), bought as (
    select w.window_id, f.product_group, sum(f.orders) as orders
    from fct_customer_product_group_month as f join window_month as w on w.period = f.period
    where f.product_group <> ''
    group by w.window_id, f.product_group
)
select
    s.window_id,                                        -- text → dim_window: Window of closed months
    s.product_group,                                    -- text: Product group; empty if unknown, or several may be meant
    s.attribution,                                      -- text (known | several | unknown): Whether the product group is known: that of the product that is named, or of all products of the order; several where the order has products of several groups
    s.kind,                                             -- text: question, complaint, support, …
    s.phase,                                            -- text (before the order | before delivery | after delivery | delivery not known | order not known | no order): When it was, by the order that is named
    s.events,                                           -- count: Questions, complaints and the like
    coalesce(h.customers, 0) as customers,              -- count, never summed: Customers that asked
    case when supplied.minutes > 0 then s.minutes end as minutes,       -- minutes?, never summed: Minutes as supplied; empty if not supplied
    case when m.kind is not null then s.cost end as cost,               -- money?: Their cost in the ledger, by their use of the activities of cost-to-serve; empty if no activity is measured on this kind
    b.orders,                                           -- count?, never summed: Orders with products of the group; empty if unknown
    share(100 * s.events, b.orders) as per_100_orders   -- ratio?: Questions and the like for a hundred orders of the group
from sums as s
cross join supplied
left join heard as h
    on h.window_id = s.window_id and h.product_group = s.product_group and h.attribution = s.attribution and h.kind = s.kind and h.phase = s.phase
left join measured as m on m.kind = s.kind
left join bought as b on b.window_id = s.window_id and b.product_group = s.product_group

-- audit: No event is lost, and none stands twice.
with counted as (
    select window_id, sum(events) as events from product_question group by window_id
), dated as (
    select cast(extract(year from occurred_at) as bigint) as year, cast(extract(month from occurred_at) as bigint) as month
    from activities where kind not in ('visit', 'call', 'quote')
), happened as (
    select w.window_id, count(*) as events
    from dated as d join dim_period as p on p.year = d.year and p.month = d.month join window_month as w on w.period = p.period
    group by w.window_id
)
select h.window_id, c.events as counted_events, h.events as all_events
from happened as h left join counted as c on c.window_id = h.window_id
where coalesce(c.events, 0) <> h.events

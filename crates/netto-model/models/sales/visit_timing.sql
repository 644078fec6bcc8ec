-- visit_timing: Visits by weekday and part of day, and the orders that followed: the Friday-afternoon visit. Compared with customers of the same
-- tier that were not visited.
-- grain: window × employee × weekday × part of day
-- key: window_id, employee_id, weekday, part_of_day
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- Small, unvisited: 1,200 orders of 400 customers in 365 days, so 0.0082 a day, and 0.066 in the 8 days from a visit on
-- Friday afternoon  30 visits, 1 order after them; expected 30 × 0.066 = 2.0
--
-- Nothing is expected where a tier has fewer than ten customers without a visit: they say too little. Who never bought isn't expected to.
with orders_known as (
    select count(*) as rows from order_month
), minutes_known as (
    select count(minutes) as rows from activities
), visit as (
    select w.window_id, e.*
    from sales_event as e join window_day as w on w.day = e.occurred_at
    where e.kind = 'visit' and e.customer_id <> ''
), visited as (
    select distinct window_id, customer_id from visit
), days as (
    select
        w.window_id, day_number(max(w.last_day))
            - day_number(min(m.period)) + 1 as days
    from dim_window as w join window_month as m on m.window_id = w.window_id
    group by w.window_id
), sold as (
    select m.window_id, o.customer_id, sum(o.orders) as orders
    from order_month as o join window_month as m on m.period = o.period
    where o.is_sale
    group by m.window_id, o.customer_id
), customer as (
    select
        c.window_id, c.tier, coalesce(s.orders, 0) as orders,
        case when v.customer_id is null then 1 else 0 end as unvisited
    from customer_window as c
    left join sold as s on s.window_id = c.window_id and s.customer_id = c.customer_id
    left join visited as v on v.window_id = c.window_id and v.customer_id = c.customer_id
), usual as (
    select
        c.window_id, c.tier, sum(c.unvisited) as unvisited,
        case when sum(c.unvisited) >= 10 then 1.0 * sum(c.orders * c.unvisited) / sum(c.unvisited) / max(d.days) end as orders_per_day
    from customer as c join days as d on d.window_id = c.window_id
    group by c.window_id, c.tier
), followed as (
    select activity_id, sum(orders) as orders, sum(invoice_revenue) as invoice_revenue from visit_order group by activity_id
), by_tier as (
    select
        v.window_id, v.employee_id, v.weekday, v.part_of_day, coalesce(c.tier, '') as tier, count(*) as visits, sum(v.minutes) as minutes,
        sum(case when f.orders > 0 then 1 else 0 end) as with_order, sum(coalesce(f.orders, 0)) as orders,
        sum(coalesce(f.invoice_revenue, 0)) as invoice_revenue, count(*) * coalesce(max(u.orders_per_day), 0.0) as orders_per_day,
        max(u.unvisited) as unvisited, max(case when u.tier is not null and u.orders_per_day is null then 1 else 0 end) as too_few
    from visit as v
    left join followed as f on f.activity_id = v.activity_id
    left join customer_window as c on c.window_id = v.window_id and c.customer_id = v.customer_id
    left join usual as u on u.window_id = c.window_id and u.tier = c.tier
    group by v.window_id, v.employee_id, v.weekday, v.part_of_day, coalesce(c.tier, '')
), added as (
    -- Summed in the order of the tiers, so that the sum of ratios is the same to its last bit for any number of threads.
    select *, sum(orders_per_day) over (partition by window_id, employee_id, weekday, part_of_day order by tier) as expected_per_day
    from by_tier
), slot as (
    select
        window_id, employee_id, weekday, part_of_day, sum(visits) as visits, sum(minutes) as minutes, sum(with_order) as with_order,
        sum(orders) as orders, sum(invoice_revenue) as invoice_revenue, max(expected_per_day) as expected_per_day,
        min(unvisited) as unvisited, max(too_few) as too_few
    from added
    group by window_id, employee_id, weekday, part_of_day
)
select
    s.window_id,                                 -- text → dim_window: Window of closed months
    s.employee_id,                              -- text → dim_employee: Employee; empty if the event names none
    s.weekday,                                  -- integer: 1 Monday to 7 Sunday
    s.part_of_day,                              -- text (morning | afternoon | evening | ): morning, afternoon, evening; empty if the extract has no time
    s.visits,                                   -- count: Visits to customers
    case when m.rows > 0 then s.minutes end as visit_minutes,                               -- minutes?: Their minutes; empty if the source has none
    s.visits * p.cost_per_visit as visit_cost,                                              -- money?: Visits × cost per visit of the employee
    case when o.rows > 0 then s.with_order end as visits_with_order,                        -- count?: Visits after which the customer ordered, that day or within the days of the configuration; empty if orders aren't made
    case when o.rows > 0 then s.orders end as orders_after_visit,                           -- count?: Sales within those days; each after the last visit before it
    case when o.rows > 0 then s.invoice_revenue end as revenue_after_visit,                 -- money?: Their invoice revenue
    case when o.rows > 0 then coalesce(s.unvisited, 0) end as unvisited_compared,           -- count?, never summed: Customers of the same tier that nobody visited in the window; of several tiers the fewest; empty if orders aren't made
    case when o.rows > 0 and s.too_few = 0 then s.expected_per_day * ($days_after_visit + 1) end as expected_orders     -- ratio?: Sales that as many of these customers placed in as many days; empty with fewer than ten of a tier
from slot as s
cross join orders_known as o
cross join minutes_known as m
left join sales_effort as p on p.window_id = s.window_id and p.employee_id = s.employee_id

-- visit_habit: When each customer is visited most, the Friday afternoon say, and whether it orders more after those visits than it does by itself.
-- grain: window × customer that was visited
-- key: window_id, customer_id
-- needs: activities, order_month
-- source: Curry & Curry, The Customer Marketing Method (2000); Przyborowski & Wilenski, Homogeneity of results in testing samples from Poisson
-- series, Biometrika (1940): two rates of events
--
-- 365 days of the main window, orders within 7 days of a visit follow it
-- visits  10 on Friday afternoon   80 days    3 orders after them      0.0375 a day
--          4 at other times        32 days    2 orders
-- none                            253 days   13 orders                 0.0514 a day     so 4.11 in 80 days
-- more    3 − 4.11 = −1.11, give or take 1.645 × √((3 + 13) × 80 ÷ 253) = 3.70: it spans zero, so no effect can be seen
--
-- A day belongs to the last visit before it, as an order does, so no day and no order counts twice. Only visits with a time of day make a
-- habit; of two times with as many visits the later one in the week counts. The interval holds the difference in nine of ten cases where visits
-- change nothing: orders come as they come, at one rate (a Poisson process). Who orders in bursts is less certain than that.
with span as (
    select
        day_number(min(m.period)) as first_day,
        day_number(max(w.last_day)) + 1 as end_day
    from dim_window as w join window_month as m on m.window_id = w.window_id
    where w.window_id = 'main'
), visit as (
    select
        e.activity_id, e.customer_id, e.employee_id, e.weekday, e.part_of_day, e.day_number, s.first_day, s.end_day,
        lead(e.day_number) over (partition by e.customer_id order by e.day_number, e.activity_id) as next_day
    from sales_event as e cross join span as s
    where e.kind = 'visit' and e.customer_id <> ''
), dated as (
    select
        activity_id, customer_id, employee_id, weekday, part_of_day, end_day - first_day as window_days,
        case when day_number >= first_day and day_number < end_day then 1 else 0 end as visits,
        greatest(
            least(day_number + $days_after_visit + 1, coalesce(next_day, end_day), end_day) - greatest(day_number, first_day), 0
        ) as days
    from visit
), followed as (
    select o.activity_id, sum(o.orders) as orders, sum(o.invoice_revenue) as invoice_revenue
    from visit_order as o join window_month as m on m.period = o.period
    where m.window_id = 'main'
    group by o.activity_id
), known as (
    select
        d.*, coalesce(f.orders, 0) as orders, coalesce(f.invoice_revenue, 0) as invoice_revenue,
        p.cost_per_visit
    from dated as d
    left join followed as f on f.activity_id = d.activity_id
    left join (select * from sales_effort where window_id = 'main') as p on p.employee_id = d.employee_id
), sold as (
    select o.customer_id, sum(o.orders) as orders
    from order_month as o join window_month as m on m.period = o.period
    where m.window_id = 'main' and o.is_sale
    group by o.customer_id
), whole as (
    select
        customer_id, sum(visits) as visits, sum(case when part_of_day <> '' then visits else 0 end) as timed_visits,
        max(window_days) - sum(days) as other_days, sum(orders) as followed_orders
    from known
    group by customer_id
), at_time as (
    select
        customer_id, weekday, part_of_day, sum(visits) as visits, sum(days) as days, sum(orders) as orders,
        sum(invoice_revenue) as invoice_revenue,
        case when count(cost_per_visit) = count(*) then sum(cost_per_visit) end as visit_cost
    from known
    where visits > 0 and part_of_day <> ''
    group by customer_id, weekday, part_of_day
), preferred as (
    select
        *, visits * 100 + weekday * 10
            + case when part_of_day = 'morning' then 1 when part_of_day = 'afternoon' then 2 else 3 end as preference
    from at_time
), ranked as (
    select *, row_number() over (partition by customer_id order by -preference) as place from preferred
), compared as (
    select
        w.customer_id, w.visits, w.timed_visits, t.weekday, coalesce(t.part_of_day, '') as part_of_day, coalesce(t.visits, 0) as habit_visits,
        t.visit_cost, coalesce(t.days, 0) as days_after, coalesce(t.orders, 0) as orders_after, coalesce(t.invoice_revenue, 0) as revenue_after,
        w.other_days, coalesce(s.orders, 0) - w.followed_orders as other_orders
    from whole as w
    left join (select * from ranked where place = 1) as t on t.customer_id = w.customer_id
    left join sold as s on s.customer_id = w.customer_id
    where w.visits > 0
), expected as (
    select
        *, habit_visits >= $enough_visits and days_after > 0 and other_days > 0 as is_enough,
        ratio(other_orders * days_after, other_days) as expected_orders,
        1.645 * sqrt(ratio((orders_after + other_orders) * days_after, other_days)) as give_or_take
    from compared
)
select
    'main' as window_id,                         -- text → dim_window: Window of closed months
    customer_id,                                -- text → dim_customer: Customer
    visits,                                     -- count: Visits
    timed_visits,                               -- count: Of which with a time of day
    weekday,                                    -- integer?: The weekday of most visits, 1 Monday to 7 Sunday; empty if no visit has a time of day
    part_of_day,                                -- text (morning | afternoon | evening | ): The part of that day; empty if no visit has a time of day
    habit_visits,                               -- count: Visits then
    visit_cost,                                 -- money?: What they cost: cost per visit of who did them; empty if unknown
    days_after,                                 -- whole days: Days from such a visit on, as many as the configuration says, up to the next visit
    orders_after,                               -- count: Orders on these days
    revenue_after,                              -- money: Their invoice revenue
    other_days,                                 -- whole days: Days without a visit before them
    other_orders,                               -- count: Orders on these days
    case when is_enough then expected_orders end as expected_orders,                    -- ratio?: Orders that as many days bring without a visit before them: other orders ÷ other days × days after; empty with too few visits
    case when is_enough then orders_after - expected_orders end as more_orders,         -- ratio?: Orders after − expected orders
    case when is_enough then orders_after - expected_orders - give_or_take end as more_orders_low,      -- ratio?: Lower end of the difference in nine of ten cases
    case when is_enough then orders_after - expected_orders + give_or_take end as more_orders_high,     -- ratio?: The highest that the difference is in nine of ten cases
    case
        when timed_visits = 0 then 'time of day not known'
        when not is_enough then 'too few to compare'
        when orders_after - expected_orders - give_or_take > 0 then 'more than without a visit'
        when orders_after - expected_orders + give_or_take < 0 then 'less than without a visit'
        else 'no effect can be seen'
    end as visit_finding                        -- text (more than without a visit | less than without a visit | no effect can be seen | too few to compare | time of day not known): What can be said of it
from expected

-- audit: Orders after visits and others are no more than all orders, and days no more than there are.
select customer_id, orders_after, other_orders, days_after, other_days
from visit_habit
where other_orders < 0 or other_days < 0 or habit_visits > timed_visits or timed_visits > visits

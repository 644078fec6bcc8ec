-- visit_order: The orders that followed each visit.
-- grain: month × visit
-- key: period, activity_id
-- published: no
--
-- Made some months at a time while orders are split. A sale on the day of a visit, or within the days of the configuration after it, follows the last
-- visit to its customer before it; of two on one day the last by id. So no order follows two visits. Returns and credits are no orders.
--
-- visits 3 March, 7 March   order 9 March     follows the visit of 7 March, two days after
with visited as (
    select
        customer_id, day_number(occurred_at) as visit_day,
        max(activity_id) as activity_id
    from activities
    where kind = 'visit' and customer_id <> ''
    group by customer_id, occurred_at
), sold as (
    select
        period, customer_id, order_id, orders, invoice_revenue,
        day_number(order_date) as order_day
    from whole_order
    where is_sale
), near_day as (
    select d.visit_day
    from (select distinct visit_day from visited) as d
    cross join (select min(order_day) as first_day, max(order_day) as last_day from sold) as s
    where d.visit_day between s.first_day - $days_after_visit and s.last_day
), near as (
    select v.customer_id, v.visit_day, v.activity_id from visited as v join near_day as d on d.visit_day = v.visit_day
), after as (
    select
        s.period, s.orders, s.invoice_revenue, v.activity_id,
        row_number() over (partition by s.customer_id, s.order_id order by -v.visit_day) as place
    from sold as s join near as v on v.customer_id = s.customer_id
    where s.order_day - v.visit_day between 0 and $days_after_visit
)
select
    period,                                     -- date → dim_period: First day of the calendar month
    activity_id,                                -- text: Visit
    sum(orders) as orders,                      -- count: Orders that followed it
    sum(invoice_revenue) as invoice_revenue     -- money: Their invoice revenue
from after
where place = 1
group by period, activity_id

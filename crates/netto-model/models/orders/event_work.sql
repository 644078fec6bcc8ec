-- event_work: What each activity and deviation took of an activity of cost-to-serve, and its part of the cost.
-- grain: source × event × activity
-- key: source, event_id, activity
-- published: no
-- source: Kaplan & Anderson, Time-Driven Activity-Based Costing (2007): an event costs what it takes × the rate
--
-- A, March, in the ledger: answering 60.00 by minutes, visits 120.00 by their number
-- question, 20 minutes     of answering 40.00
-- complaint, 10 minutes    of answering 20.00
-- visit, 60 minutes        of visits 120.00, and nothing of answering, whose condition leaves it out
--
-- Within customer, month and activity an amount goes by what each event took of the activity's driver. A deviation that names no customer takes
-- its part of what stays unassigned for those. Parts are cut where running sums are rounded, so they add up to the amount.
with happened as (
    select
        'activities' as source, activity_id as event_id, coalesce(customer_id, '') as customer_id,
        cast(extract(year from occurred_at) as bigint) as year, cast(extract(month from occurred_at) as bigint) as month
    from activities
    union all
    select
        'deviations' as source, deviation_id as event_id, coalesce(customer_id, '') as customer_id,
        cast(extract(year from occurred_at) as bigint) as year, cast(extract(month from occurred_at) as bigint) as month
    from deviations
), dated as (
    select h.source, h.event_id, h.customer_id, p.period
    from happened as h join dim_period as p on p.year = h.year and p.month = h.month
), measured as (
    select distinct activity from event_quantity
), charged as (
    select f.period, f.customer_id, f.activity, f.amount
    from fct_customer_activity_month as f join measured as m on m.activity = f.activity
    union all
    select period, '' as customer_id, activity, unassigned_amount as amount from activity_month where unnamed_quantity <> 0
), booked as (
    select period, customer_id, activity, sum(amount) as amount from charged group by period, customer_id, activity
), work as (
    select q.source, q.event_id, q.activity, q.quantity, d.period, d.customer_id, b.amount
    from event_quantity as q
    join dated as d on d.source = q.source and d.event_id = q.event_id
    join booked as b on b.period = d.period and b.customer_id = d.customer_id and b.activity = q.activity
), running as (
    select
        *, sum(quantity) over (partition by period, customer_id, activity order by event_id) as upto,
        sum(quantity) over (partition by period, customer_id, activity) as whole
    from work
)
select
    source,                                             -- text: activities or deviations
    event_id,                                           -- text: Event
    activity,                                           -- text → dim_activity: Activity
    period,                                             -- date → dim_period: First day of the calendar month in which it happened
    customer_id,                                        -- text: Customer; empty if a deviation names none: then its cost is unassigned
    quantity,                                           -- driver: What it took of the driver
    half_even(cast(amount as hugeint) * upto, whole) - half_even(cast(amount as hugeint) * (upto - quantity), whole) as cost    -- money: What it cost
from running where whole <> 0

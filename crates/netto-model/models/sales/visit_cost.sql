-- visit_cost: What visits cost in the ledger: the cost of the activities that are visits, over those who did them.
-- grain: month × customer × employee
-- key: period, customer_id, employee_id
-- needs: activities
-- published: no
-- source: Kaplan & Cooper, Cost & Effect (1998): a visit costs what the ledger charges for it
--
-- A, March: visits of 300.00 in the ledger     M1  two of 60 minutes     200.00
--                                              M2  one of 60 minutes     100.00
--
-- Within a customer month cost goes by minutes; without minutes each visit takes the same. Where calls and quotes stand in the same activities they
-- take their part. Visits to prospects are no customer's, and nothing is charged for them.
with scope as (
    select min(case when only_visits then 1 else 0 end) as only_visits from visit_work
), booked as (
    select f.period, f.customer_id, sum(f.amount) as amount
    from fct_customer_activity_month as f join visit_work as w on w.activity = f.activity
    group by f.period, f.customer_id
), dated as (
    select
        customer_id, employee_id, minutes, case when kind = 'visit' then 0 else 1 end as is_other,
        cast(extract(year from occurred_at) as bigint) as year, cast(extract(month from occurred_at) as bigint) as month
    from sales_event
    where customer_id <> ''
), happened as (
    select p.period, d.customer_id, d.employee_id, d.is_other, count(*) as events, sum(d.minutes) as minutes
    from dated as d
    join dim_period as p on p.year = d.year and p.month = d.month
    cross join scope as s
    where d.is_other = 0 or s.only_visits = 0
    group by p.period, d.customer_id, d.employee_id, d.is_other
), whole as (
    select period, customer_id, sum(minutes) as minutes from happened group by period, customer_id
), weighed as (
    select h.*, b.amount, case when w.minutes > 0 then h.minutes else h.events end as weight
    from happened as h
    join whole as w on w.period = h.period and w.customer_id = h.customer_id
    left join booked as b on b.period = h.period and b.customer_id = h.customer_id
), running as (
    select
        *, sum(weight) over (partition by period, customer_id order by is_other, employee_id) as upto,
        sum(weight) over (partition by period, customer_id) as all_weight
    from weighed
)
select
    period,                                     -- date → dim_period: First day of the calendar month
    customer_id,                                -- text → dim_customer: Customer
    employee_id,                                -- text: Who visited; empty if the event names none
    events as visits,                           -- count: Visits
    half_even(cast(amount as hugeint) * upto, all_weight) - half_even(cast(amount as hugeint) * (upto - weight), all_weight)
        as cost                                 -- money?: Their part of what the ledger charges the customer; empty if it charges nothing in the month
from running
where is_other = 0

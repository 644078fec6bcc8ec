-- after_care: What each deviation cost to put right: its part of the activities that are measured on deviations.
-- grain: deviation
-- key: deviation_id
-- needs: deviations
-- published: no
-- source: Crosby, Quality Is Free (1979): the cost of poor quality is mostly labour that no account names
--
-- after-care 100.00, 100 minutes of which 40 of deviations that name no customer
-- D1, A   45 minutes   45.00     of the 60.00 that the ledger charges A
-- D2, A   15 minutes   15.00
-- D3      40 minutes   40.00     of what stays unassigned: a supplier was late, and no customer is charged for it
--
-- Within a customer month, and within the month for those that name no customer, cost goes by minutes, by largest remainder; without minutes
-- each takes the same.
with dated as (
    select
        deviation_id, coalesce(customer_id, '') as customer_id, coalesce(minutes, 0) as minutes,
        cast(extract(year from occurred_at) as bigint) as year, cast(extract(month from occurred_at) as bigint) as month
    from deviations
), found as (
    select dated.deviation_id, p.period, dated.customer_id, dated.minutes
    from dated join dim_period as p on p.year = dated.year and p.month = dated.month
), charged as (
    select f.period, f.customer_id, f.amount as cost
    from fct_customer_activity_month as f join dim_activity as a on a.activity = f.activity
    where a.source = 'deviations'
    union all
    select m.period, '' as customer_id, m.unassigned_amount as cost
    from activity_month as m join dim_activity as a on a.activity = m.activity
    where a.source = 'deviations' and m.unnamed_quantity <> 0
), costs as (
    select period, customer_id, sum(cost) as cost from charged group by period, customer_id
), totals as (
    select period, customer_id, sum(minutes) as all_minutes from found group by period, customer_id
), weighted as (
    select
        found.deviation_id, found.period, found.customer_id, costs.cost,
        case
            when totals.all_minutes = 0 then 1
            when totals.all_minutes < 0 then -found.minutes
            else found.minutes
        end as weight
    from found
    join totals on totals.period = found.period and totals.customer_id = found.customer_id
    join costs on costs.period = found.period and costs.customer_id = found.customer_id
), shared as (
    select
        deviation_id, period, customer_id, cost,
        cast(cost as hugeint) * weight as product,
        cast(sum(weight) over (partition by period, customer_id) as hugeint) as size
    from weighted
), cut as (
    select *, ((product % size) + size) % size as rest from shared
), floored as (
    select *, cast((product - rest) // size as bigint) as part from cut
)
select
    deviation_id,                                       -- text: Deviation
    period,                                             -- date → dim_period: First day of the calendar month in which it happened
    customer_id,                                        -- text: Customer; empty where it names none: then its cost is unassigned
    part + case
        when row_number() over (partition by period, customer_id order by -rest, deviation_id)
            <= cost - sum(part) over (partition by period, customer_id) then 1
        else 0
    end as cost                                         -- money: What it cost to put right
from floored

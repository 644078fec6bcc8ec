-- deviation_cost: Deviations and their after-care by kind, cause, customer and employee. Each level adds up to the same totals.
-- grain: window × level × key
-- key: window_id, level, key
-- by level: kind → kind, cause → cause, customer → customer_id, employee → employee_id
-- needs: deviations
-- source: Crosby, Quality Is Free (1979): the cost of poor quality is mostly labour that no account names
--
-- customer A, March: after-care of 60.00 in the ledger, measured by minutes
-- late     carrier   30 minutes    36.00
-- price    typing    20 minutes    24.00
--
-- After-care cost is what the ledger charges customers for the activities that are measured on deviations: each deviation by what it took of them
-- (`event_cost`). One that names no customer costs its part too: it is in no customer's profit, stays unassigned, and stands here under the empty
-- customer.
with levels (level) as (
    values ('kind'), ('cause'), ('customer'), ('employee')
), after_care as (
    select event_id as deviation_id, cost from event_cost where source = 'deviations'
), supplied as (
    select count(amount) as amounts, count(minutes) as minutes from deviations
), measured as (
    select count(*) as activities from dim_activity where source = 'deviations'
), taken as (
    select order_id, min(employee_id) as employee_id from order_taker group by order_id
), dated as (
    select
        deviation_id, kind, coalesce(cause, '') as cause, coalesce(customer_id, '') as customer_id, coalesce(order_id, '') as order_id,
        coalesce(amount, 0) as amount, coalesce(minutes, 0) as minutes,
        cast(extract(year from occurred_at) as bigint) as year, cast(extract(month from occurred_at) as bigint) as month
    from deviations
), found as (
    select dated.*, p.period, coalesce(taken.employee_id, '') as employee_id
    from dated
    join dim_period as p on p.year = dated.year and p.month = dated.month
    left join taken on taken.order_id = dated.order_id
), keyed as (
    select
        w.window_id, levels.level,
        case
            when levels.level = 'kind' then found.kind
            when levels.level = 'cause' then found.cause
            when levels.level = 'customer' then found.customer_id
            else found.employee_id
        end as key,
        found.customer_id, found.amount, found.minutes, coalesce(a.cost, 0) as cost
    from found
    join window_month as w on w.period = found.period
    left join after_care as a on a.deviation_id = found.deviation_id
    cross join levels
), sums as (
    select
        window_id, level, key, count(*) as deviations, sum(amount) as amount, sum(minutes) as minutes, sum(cost) as cost
    from keyed
    group by window_id, level, key
), concerned as (
    select window_id, level, key, count(distinct customer_id) as customers
    from keyed
    where customer_id <> ''
    group by window_id, level, key
), orders_of as (
    select window_id, 'customer' as level, customer_id as key, orders from customer_window
    union all
    select w.window_id, 'employee' as level, m.employee_id as key, sum(m.orders) as orders
    from fct_employee_month as m join window_month as w on w.period = m.period
    where m.employee_id <> ''
    group by w.window_id, m.employee_id
), all_orders as (
    select window_id, sum(orders) as orders from customer_window group by window_id
), counted as (
    select
        sums.*, coalesce(concerned.customers, 0) as customers,
        case when sums.level in ('kind', 'cause') then all_orders.orders else orders_of.orders end as orders
    from sums
    left join concerned
        on concerned.window_id = sums.window_id and concerned.level = sums.level and concerned.key = sums.key
    left join orders_of on orders_of.window_id = sums.window_id and orders_of.level = sums.level and orders_of.key = sums.key
    left join all_orders on all_orders.window_id = sums.window_id
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    level,                                              -- text (kind | cause | customer | employee): What the key names
    key,                                                -- text: Kind, cause, customer, or who took the order; empty if unknown
    deviations,                                         -- count: Deviations
    share(deviations, sum(deviations) over (partition by window_id, level)) as deviation_share,  -- share?: Share of all deviations
    case when supplied.amounts > 0 then amount end as amount,           -- money?: Amount concerned; empty if amounts were not supplied
    case when supplied.minutes > 0 then counted.minutes end as minutes, -- minutes?: Minutes of after-care as supplied; empty if not supplied
    case when measured.activities > 0 then cost end as after_care_cost, -- money?: Cost of the activities that are measured on deviations, by the use of each deviation; for deviations without a customer the cost that stays unassigned; empty if no activity is measured on deviations
    customers,                                          -- count, never summed: Customers concerned
    orders,                                             -- count?, never summed: Orders of this customer, or taken by this employee; of all customers by kind and cause; empty if unknown
    share(100 * deviations, orders) as per_100_orders   -- ratio?: Deviations per hundred orders
from counted cross join supplied cross join measured

-- audit: Every level is the same deviations, amounts and minutes, and carries all that the ledger says they cost, and what is unassigned for them.
with whole as (
    select
        window_id, level, sum(deviations) as deviations, sum(coalesce(amount, 0)) as amount,
        sum(coalesce(minutes, 0)) as minutes, sum(coalesce(after_care_cost, 0)) as cost
    from deviation_cost
    group by window_id, level
), charged as (
    select f.period, f.amount as cost
    from fct_customer_activity_month as f join dim_activity as a on a.activity = f.activity
    where a.source = 'deviations'
    union all
    select m.period, m.unassigned_amount as cost
    from activity_month as m join dim_activity as a on a.activity = m.activity
    where a.source = 'deviations' and m.unnamed_quantity <> 0
), ledger as (
    select w.window_id, sum(c.cost) as cost from charged as c join window_month as w on w.period = c.period group by w.window_id
)
select a.window_id, a.level, a.deviations, a.amount, a.minutes, a.cost, b.level as other, b.deviations as other_deviations, ledger.cost as in_ledger
from whole as a
join whole as b on a.window_id = b.window_id
left join ledger on ledger.window_id = a.window_id
where a.deviations <> b.deviations or a.amount <> b.amount or a.minutes <> b.minutes or a.cost <> coalesce(ledger.cost, 0)

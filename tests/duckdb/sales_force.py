"""What the sales force costs and adds, recomputed: from employees, activities and customers as supplied, and from published facts."""

# Views `staff`, `events` and `candidates` of the lake, tables `judged` (customers by window), `rules` (days, small).
TABLES = """
create table part_windows as
select "window", previous_window, greatest(first_period, begun) as first_period, last_period + interval 1 month as end_day,
    datediff('month', greatest(first_period, begun), last_period) + 1 as months
from dim_window, (select min(period) as begun from (select period from fct_customer_month union all select period from pool_balance));

create table done as
select w."window", e.*, coalesce(e.employee_id, '') as employee from events e
join part_windows w on occurred_at >= w.first_period and occurred_at < w.end_day;

create table sales_members as
with named as (
    select account_manager as id from dim_customer union select inside_rep from dim_customer
    union select employee_id from staff where role in ('field', 'inside')
), everyone as (
    select "window", id from dim_window, named where id <> ''
    union select "window", employee from done where kind = 'visit' and employee <> ''
)
select "window", 'employee' as level, id as key, id as employee from everyone
union all select "window", 'pair', pair_id, employee_id from dim_window, staff where pair_id <> '';

create table portfolios as
select distinct "window", level, key, customer_id from sales_members
join dim_customer on employee = account_manager or employee = inside_rep;

-- The last visit to the customer before a sale, that day's too; of one day the last by number.
create table followed as
with visits as (
    select customer_id, occurred_at, max(activity_id) as activity_id from events
    where kind = 'visit' and customer_id <> '' group by all
)
select activity_id, sum(orders) as orders, sum(invoice_revenue) as revenue
from (from fct_order where (order_kind = 'sale' or invoice_revenue > 0) and order_id <> '') o asof join visits v
    on o.customer_id = v.customer_id and o.order_date >= v.occurred_at, rules
where o.order_date - v.occurred_at <= days group by all;
"""

SALES_FORCE = """
with paid as (
    select "window", level, key,
        case when count(wage) = count(*) then sum(wage) * any_value(months) end as wage,
        sum(car) * any_value(months) as car, sum(representation) * any_value(months) as representation,
        sum(bonus) * any_value(months) as bonus,
        case when count(minutes_per_month) = count(*) then sum(minutes_per_month) * any_value(months) end as presence_minutes
    from sales_members join part_windows using ("window") left join staff on employee = employee_id group by all
), did as (
    select "window", level, key, count(*) filter (kind = 'visit') as visits, count(*) filter (kind = 'call') as calls,
        sum(minutes) filter (kind = 'visit') as visit_minutes, sum(minutes) as event_minutes,
        sum(f.orders) filter (kind = 'visit') as orders_after_visit, sum(f.revenue) filter (kind = 'visit') as revenue_after_visit
    from sales_members join done using ("window", employee) left join followed f using (activity_id) group by all
), per_visit as (
    select "window", key as employee, visits,
        half_even((wage + coalesce(car, 0) + coalesce(representation, 0) + coalesce(bonus, 0)) * 10000 * cast(visit_minutes * 10000 as hugeint),
            cast(coalesce(presence_minutes, event_minutes) * 10000 as hugeint) * visits) as units
    from paid join did using ("window", level, key) where level = 'employee' and visits > 0
), per_visit_of as (
    select "window", level, key,
        case when count(units) = count(*) then cast(half_even(sum(units * visits), sum(visits)) / 10000 as decimal(18, 4)) end as cost_per_visit
    from sales_members join per_visit using ("window", employee) group by all
), earned as (
    select w."window", customer_id, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(sales_compensation) as sales_compensation,
        sum(net_before_compensation) as net_before_compensation, sum(net_profit) as net_profit
    from fct_customer_month join part_windows w on period >= first_period and period < end_day group by all
), paired as (
    select distinct "window", employee from sales_members where level = 'pair' and ("window", key) in (
        select ("window", key) from sales_members where level = 'pair' group by "window", key having count(distinct employee) > 1)
), pay as (
    select w."window", customer_id, sum(amount) as pay from fct_customer_activity_month
    join dim_activity using (activity) join part_windows w on period >= first_period and period < end_day
    where step = 'cost_to_serve' and pool in (select pool from dim_activity where compensation
        or regexp_matches(pool, '(^|[^a-z0-9])(field|inside)([^a-z0-9]|$)'))
    group by all
), on_orders as (
    select w."window", customer_id, sum(minutes) filter (o.invoice_revenue < small) as small, sum(minutes) filter (o.invoice_revenue >= small) as large
    from fct_order o join part_windows w on period >= first_period and period < end_day, rules where order_id <> '' group by all
), of_portfolio as (
    select "window", level, key, count(*) filter (j.orders > 0) as customers, sum(e.invoice_revenue) as invoice_revenue,
        sum(e.gross_margin) as gross_margin, sum(e.cost_to_serve) as cost_to_serve, sum(e.sales_compensation) as sales_compensation,
        sum(e.net_before_compensation) as net_before_compensation, sum(e.net_profit) as net_profit,
        sum(small) as small_order_minutes, sum(large) as large_order_minutes, sum(pay.pay) as pay_in_cost
    from portfolios left join judged j using ("window", customer_id) left join earned e using ("window", customer_id)
        left join on_orders using ("window", customer_id) left join pay using ("window", customer_id) group by all
), took as (
    select m."window", level, key, sum(orders) as orders_taken, sum(invoice_revenue) as revenue_taken
    from sales_members m join part_windows w using ("window")
    join fct_employee_month f on f.employee_id = m.employee and period >= first_period and period < end_day group by all
), visited as (
    select distinct "window", level, key, customer_id from sales_members join done using ("window", employee)
    join portfolios using ("window", level, key, customer_id) where kind = 'visit'
), counted as (
    select "window", level, key, count(*) as visited_customers from visited group by all
), both_windows as (
    select n."window", n.customer_id, b.tier, b.invoice_revenue as before, n.invoice_revenue as now,
        (n."window", n.customer_id) in (select ("window", customer_id) from done where kind = 'visit' and customer_id <> '') as seen
    from judged n join part_windows w on w."window" = n."window" and previous_window is not null
    join judged b on b."window" = previous_window and b.customer_id = n.customer_id where n.orders > 0 and b.orders > 0
), others as (
    select "window", tier, sum(before) as others_before, sum(now) as others_now from both_windows where not seen
    group by all having sum(before) > 0 and count(*) >= 10
), by_tier as (
    select v."window", level, key, tier, sum(before) as before, sum(now) as now, any_value(others_before) as others_before,
        any_value(others_now) as others_now, others_before is not null as comparable, count(*) as n
    from visited v join both_windows using ("window", customer_id) left join others using ("window", tier)
    group by v."window", level, key, tier, others_before
), chosen as (
    select *, coalesce(sum(n) filter (comparable) over (partition by "window", level, key), 0) >= 10 as any_comparable from by_tier
), effect as (
    select "window", level, key, sum(now - before)::double / sum(before)::double as visited_change,
        case when any_value(any_comparable) then
            sum(before::double * (others_now - others_before)::double / others_before::double) / sum(before)::double end as unvisited_change,
        case when any_value(any_comparable) then cast(sum(now * 10000 - half_even(
            before * 10000 * cast(others_now * 10000 as hugeint), cast(others_before * 10000 as hugeint))) / 10000 as decimal(18, 4)) end as visit_uplift
    from chosen where comparable or not any_comparable group by all having sum(before) > 0
)
select p."window", p.level, p.key, wage, car, representation, bonus, presence_minutes,
    wage + coalesce(car, 0) + coalesce(representation, 0) + coalesce(bonus, 0) as full_cost,
    coalesce(visits, 0) as visits, coalesce(calls, 0) as calls, coalesce(visit_minutes, 0) as visit_minutes,
    coalesce(event_minutes, 0) as event_minutes, cost_per_visit, coalesce(visited_customers, 0) as visited_customers,
    coalesce(orders_after_visit, 0) as orders_after_visit, coalesce(revenue_after_visit, 0) as revenue_after_visit,
    visited_change, unvisited_change, visit_uplift, coalesce(orders_taken, 0) as orders_taken, coalesce(revenue_taken, 0) as revenue_taken,
    coalesce(small_order_minutes, 0) as small_order_minutes, coalesce(large_order_minutes, 0) as large_order_minutes,
    coalesce(customers, 0) as customers, coalesce(invoice_revenue, 0) as invoice_revenue, coalesce(gross_margin, 0) as gross_margin,
    coalesce(cost_to_serve, 0) as cost_to_serve, coalesce(sales_compensation, 0) as sales_compensation,
    coalesce(net_before_compensation, 0) as net_before_compensation, coalesce(net_profit, 0) as net_profit,
    coalesce(pay_in_cost, 0) as pay_in_cost, paired.employee is not null as shared_portfolio,
    case when paired.employee is null then coalesce(net_profit, 0) + pay_in_cost - full_cost end as added_value
from paid p left join did using ("window", level, key) left join per_visit_of using ("window", level, key)
left join of_portfolio using ("window", level, key) left join took using ("window", level, key)
left join counted using ("window", level, key) left join effect using ("window", level, key)
left join paired on p.level = 'employee' and p.key = paired.employee and p."window" = paired."window"
"""

SALES_FORCE_COLUMNS = [
    "wage", "car", "representation", "bonus", "presence_minutes", "full_cost", "visits", "calls", "visit_minutes", "event_minutes",
    "cost_per_visit", "visited_customers", "orders_after_visit", "revenue_after_visit", "visit_uplift", "orders_taken", "revenue_taken",
    "small_order_minutes", "large_order_minutes", "customers", "invoice_revenue", "gross_margin", "cost_to_serve", "sales_compensation",
    "net_before_compensation", "net_profit", "pay_in_cost", "shared_portfolio", "added_value",
]  # fmt: skip

# Every visit in a tier, and every customer of the portfolio.
TIERS = """
with mine as (
    select "window", level, key, coalesce(tier, 'Rest of market') as tier, count(*) as customers,
        coalesce(sum(invoice_revenue), 0) as invoice_revenue, coalesce(sum(net_profit), 0) as net_profit
    from portfolios left join judged using ("window", customer_id) group by all
), went as (
    select "window", level, key, case
            when d.customer_id <> '' then coalesce(tier, 'Rest of market')
            when d.prospect_id <> '' then case when stage = 'suspect' then 'Suspect' else 'Prospect' end
            else 'Rest of market' end as tier,
        count(*) as visits, coalesce(sum(minutes), 0) as visit_minutes,
        count(distinct prospect_id) filter (coalesce(d.customer_id, '') = '' and prospect_id <> '') as prospects
    from sales_members join done d using ("window", employee) left join judged j using ("window", customer_id)
    left join candidates using (prospect_id) where kind = 'visit' group by all
)
select "window", level, key, tier, coalesce(customers, 0) + coalesce(prospects, 0) as customers, coalesce(visits, 0) as visits,
    coalesce(visit_minutes, 0) as visit_minutes, coalesce(invoice_revenue, 0) as invoice_revenue, coalesce(net_profit, 0) as net_profit
from mine full join went using ("window", level, key, tier)
"""

# Sales per customer and day of those of a tier that nobody visited, else of all of it; so many days per visit.
TIMING = """
with sold as (
    select w."window", customer_id, count(*) as sales from fct_order
    join part_windows w on period >= first_period and period < end_day where (order_kind = 'sale' or invoice_revenue > 0) and order_id <> '' group by all
), usual as (
    select "window", tier, datediff('day', any_value(first_period), any_value(end_day)) as days,
        case when count(*) filter (not seen) > 0 then sum(sales) filter (not seen) / count(*) filter (not seen) else sum(sales) / count(*) end / days as a_day
    from (select j."window", tier, coalesce(sales, 0) as sales,
            (j."window", customer_id) in (select ("window", customer_id) from done where kind = 'visit' and customer_id <> '') as seen
        from judged j left join sold using ("window", customer_id)) join part_windows using ("window") group by all
)
select "window", employee as employee_id, isodow(occurred_at) as weekday, case when occurred_time is null then ''
        when occurred_time < 12 * 60 then 'morning' when occurred_time < 18 * 60 then 'afternoon' else 'evening' end as part_of_day,
    count(*) as visits, sum(minutes) as visit_minutes, count(f.orders) as visits_with_order, coalesce(sum(f.orders), 0) as orders_after_visit,
    coalesce(sum(f.revenue), 0) as revenue_after_visit, sum(coalesce(a_day, 0) * (select days + 1 from rules)) as expected_orders
from done left join judged using ("window", customer_id) left join usual using ("window", tier) left join followed f using (activity_id)
where kind = 'visit' and customer_id <> '' group by all
"""

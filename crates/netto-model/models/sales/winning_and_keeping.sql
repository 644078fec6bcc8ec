-- winning_and_keeping: The cost of winning and of keeping a customer, by employee: minutes and cost of visits and calls to prospects per customer won, and to customers per
-- customer kept.
-- grain: window × employee
-- key: window_id, employee_id
-- needs: activities
-- source: Reichheld & Sasser, Zero Defections: Quality Comes to Services, Harvard Business Review (1990)
--
--      a minute   prospects            won    a customer won     customers             kept    a customer kept
-- M01  1.50       4,000 min  6,000     2      3,000              20,000 min  30,000    50      600
-- M02  1.50       1,000 min  1,500     0      −                  …
-- all                        7,500     2      3,750
--
-- Won is a prospect that became a customer whose first order is in the window; who won it is whom the prospect names; a customer that two prospects name is won once. An order within twelve months of the first sale of the data may not be a customer's first:
-- then `since` of the customer decides, and where it isn't known nothing is said. Kept is a customer of the employee
-- that ordered in this window and in the one before. A minute costs the full cost ÷ presence, or ÷ minutes of all events where presence isn't
-- known. Winning takes its time: visits of one window win customers of the next, so read it over years. Two or three won say little.
with known as (
    select count(minutes) as with_minutes from activities
), prospects_known as (
    select count(*) as rows from prospects
), supplied as (
    select m.window_id, max(case when f.cost_to_serve_supplied then 1 else 0 end) as has_cost
    from fct_customer_month as f join window_month as m on m.period = f.period
    group by m.window_id
), span as (
    select w.window_id, min(m.period) as first_period, max(w.last_period) as last_period, max(w.last_day) as last_day, max(w.previous_window) as previous_window
    from dim_window as w join window_month as m on m.window_id = w.window_id
    group by w.window_id
), span_day as (
    select s.window_id, d.day from window_day as d join span as s on s.window_id = d.window_id where d.day >= s.first_period
), spent as (
    select
        s.window_id, e.employee_id,
        sum(case when e.prospect_id <> '' then 1 else 0 end) as prospect_events,
        sum(case when e.prospect_id <> '' then e.minutes else 0 end) as prospect_minutes,
        sum(case when e.prospect_id = '' and e.customer_id <> '' then 1 else 0 end) as customer_events,
        sum(case when e.prospect_id = '' and e.customer_id <> '' then e.minutes else 0 end) as customer_minutes,
        sum(e.minutes) as event_minutes
    from sales_event as e join span_day as s on s.day = e.occurred_at
    where e.employee_id <> ''
    group by s.window_id, e.employee_id
), first_order as (
    select customer_id, min(period) as period from fct_customer_month where orders > 0 group by customer_id
), first_sale as (
    select min(period) as period from fct_customer_month where lines > 0
), began as (
    select
        o.customer_id, o.period,
        12 * (cast(extract(year from o.period) as bigint) - cast(extract(year from f.period) as bigint))
            + cast(extract(month from o.period) as bigint) - cast(extract(month from f.period) as bigint) as months_of_data
    from first_order as o cross join first_sale as f
), developed as (
    select distinct coalesce(employee_id, '') as employee_id, became_customer_id as customer_id from prospects where became_customer_id <> ''
), judged as (
    select
        s.window_id, d.employee_id, d.customer_id,
        case
            when b.months_of_data >= 12 then 1
            when k.since is null then null
            when k.since between s.first_period and s.last_day then 1
            else 0
        end as is_won
    from developed as d
    join began as b on d.customer_id = b.customer_id
    cross join span as s
    left join customers as k on d.customer_id = k.customer_id
    where b.period between s.first_period and s.last_period
), won as (
    select
        j.window_id, j.employee_id, sum(case when j.is_won = 1 then 1 else 0 end) as customers, sum(case when j.is_won is null then 1 else 0 end) as unsure,
        sum(case when j.is_won = 1 then c.invoice_revenue else 0 end) as invoice_revenue, sum(case when j.is_won = 1 then c.net_profit else 0 end) as net_profit
    from judged as j
    join customer_window as c on j.window_id = c.window_id and j.customer_id = c.customer_id
    group by j.window_id, j.employee_id
), won_by_all as (
    select window_id, sum(case when is_won = 1 then 1 else 0 end) as customers, sum(case when is_won is null then 1 else 0 end) as unsure
    from (select distinct window_id, customer_id, is_won from judged) as j
    group by window_id
), kept as (
    select
        s.window_id, p.key as employee_id, count(*) as before,
        sum(case when n.rank is not null then 1 else 0 end) as customers
    from sales_portfolio as p
    cross join span as s
    join customer_window as b on b.window_id = s.previous_window and b.customer_id = p.customer_id
    left join customer_window as n on n.window_id = s.window_id and n.customer_id = p.customer_id
    where p.level = 'employee' and b.rank is not null
    group by s.window_id, p.key
), kept_of_all as (
    select s.window_id, sum(case when n.rank is not null then 1 else 0 end) as customers
    from span as s
    join customer_window as b on b.window_id = s.previous_window
    left join customer_window as n on n.window_id = s.window_id and n.customer_id = b.customer_id
    where b.rank is not null
    group by s.window_id
), everyone as (
    select window_id, employee_id from spent
    union all
    select window_id, employee_id from won
    union all
    select window_id, employee_id from kept
), named as (
    select distinct window_id, employee_id from everyone
), figures as (
    select
        n.window_id, n.employee_id, coalesce(s.prospect_events, 0) as prospect_events, coalesce(s.prospect_minutes, 0) as prospect_minutes,
        coalesce(s.customer_events, 0) as customer_events, coalesce(s.customer_minutes, 0) as customer_minutes,
        coalesce(w.customers, 0) as won, coalesce(w.unsure, 0) as unsure, coalesce(w.invoice_revenue, 0) as won_revenue, coalesce(w.net_profit, 0) as won_profit,
        k.customers as kept, k.before,
        half_even(cast(p.full_cost as hugeint) * coalesce(s.prospect_minutes, 0), coalesce(p.presence_minutes, s.event_minutes)) as winning_cost,
        half_even(cast(p.full_cost as hugeint) * coalesce(s.customer_minutes, 0), coalesce(p.presence_minutes, s.event_minutes)) as keeping_cost
    from named as n
    left join spent as s on s.window_id = n.window_id and s.employee_id = n.employee_id
    left join won as w on w.window_id = n.window_id and w.employee_id = n.employee_id
    left join kept as k on k.window_id = n.window_id and k.employee_id = n.employee_id
    left join (select * from sales_pay where level = 'employee') as p on p.window_id = n.window_id and p.key = n.employee_id
), of_all as (
    select
        f.window_id, sum(case when f.prospect_minutes > 0 and f.winning_cost is null then 1 else 0 end) as winning_missing,
        sum(case when f.customer_minutes > 0 and f.keeping_cost is null then 1 else 0 end) as keeping_missing,
        sum(coalesce(f.winning_cost, 0)) as winning_cost, sum(coalesce(f.keeping_cost, 0)) as keeping_cost
    from figures as f
    group by f.window_id
)
select
    f.window_id,                                        -- text → dim_window: Window of closed months
    f.employee_id,                                      -- text → dim_employee: Employee; empty if a prospect that was won names nobody
    f.prospect_events,                                  -- count: Visits, calls and whatever else was done for prospects
    case when k.with_minutes > 0 then f.prospect_minutes end as prospect_minutes,       -- minutes?: Their minutes; empty if the source has none
    case when k.with_minutes > 0 then f.winning_cost end as winning_cost,               -- money?: Their cost; empty if pay isn't known
    case when q.rows > 0 and f.unsure = 0 then f.won end as customers_won,              -- count?: Prospects that became customers and placed their first order in the window; empty if prospects were not supplied, or if the data begin so late that it may not be the first
    case when q.rows > 0 and f.won > 0 and f.unsure = 0 then f.won_revenue end as won_revenue,           -- money?: Their invoice revenue in the window
    case when u.has_cost = 1 and f.won > 0 and f.unsure = 0 then f.won_profit end as won_profit,             -- money?: Their net profit in the window; empty if no cost-to-serve was booked
    case when q.rows > 0 and f.unsure = 0 and k.with_minutes > 0 then half_even(f.winning_cost, f.won) end as cost_per_won,      -- money?, never summed: Cost of winning ÷ customers won; empty if none was
    f.customer_events,                                  -- count: Visits, calls and whatever else was done for customers
    case when k.with_minutes > 0 then f.customer_minutes end as customer_minutes,       -- minutes?: Their minutes
    case when k.with_minutes > 0 then f.keeping_cost end as keeping_cost,               -- money?: Their cost
    f.before as customers_before,                       -- count?, never summed: Customers of the employee that ordered in the window before; empty if there is none
    f.kept as customers_kept,                           -- count?, never summed: Of which ordered in this one too
    case when k.with_minutes > 0 then half_even(f.keeping_cost, f.kept) end as cost_per_kept,                   -- money?, never summed: Cost of keeping ÷ customers kept
    case when q.rows > 0 and k.with_minutes > 0 and a.winning_missing = 0 and b.unsure = 0 then half_even(a.winning_cost, b.customers) end as company_cost_per_won,    -- money?, never summed: For the whole company: all cost of winning ÷ all customers won, each once
    case when k.with_minutes > 0 and a.keeping_missing = 0 then half_even(a.keeping_cost, o.customers) end as company_cost_per_kept             -- money?, never summed: For the whole company: all cost of keeping ÷ all customers kept, each once
from figures as f
join of_all as a on a.window_id = f.window_id
left join won_by_all as b on f.window_id = b.window_id
left join kept_of_all as o on o.window_id = f.window_id
left join supplied as u on u.window_id = f.window_id
cross join known as k
cross join prospects_known as q

-- sales_force: What each employee of the sales force, and each pair of field and inside staff, costs and adds. Customers are those whose account
-- manager or inside representative the employee is; a pair has the customers of both, once.
-- grain: window × level × key
-- key: window_id, level, key
-- by level: employee → employee_id, pair → pair_id
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
--              full cost  visits  cost per visit                            net profit  pay in cost  added value
-- M01 field    85,320     160     85,320 × 17,600 ÷ 115,200 ÷ 160 = 81.47    90,000     100,000      of K1
-- M05 inside   54,000                                                        90,000     100,000      of K1
-- K1           139,320    160     81.47                                      90,000     100,000      50,680
--
-- A customer with a field and an inside representative counts for both, and once for their pair. Visits are the employee's own, in the portfolio
-- or not. Added value is the net profit of the portfolio before all pay of the sales force, less the pay of these: what stands in cost-to-serve from
-- the pools that hold pay is added back. A pool holds pay where `field` or `inside` is a word of its name, or where an activity that takes from it is
-- compensation. One of a pair has no added value: the pair has.
with known as (
    select count(*) as events, count(minutes) as with_minutes from activities
), orders_known as (
    select count(*) as rows from order_month
), takers_known as (
    select count(*) as rows from fct_employee_month where employee_id <> ''
), mate as (
    select
        m.window_id, m.key, m.employee_id, coalesce(e.name, m.employee_id) as name,
        row_number() over (
            partition by m.window_id, m.key order by case when e.role = 'field' then 0 else 1 end, m.employee_id
        ) as place,
        count(*) over (partition by m.window_id, m.key) as mates
    from sales_member as m left join employees as e on e.employee_id = m.employee_id
    where m.level = 'pair'
), pair_name as (
    select
        window_id, key,
        max(case when place = 1 then name end) || coalesce(' & ' || max(case when place = 2 then name end), '')
            || coalesce(' & ' || max(case when place = 3 then name end), '') || case when max(mates) > 3 then ' & others' else '' end as name
    from mate
    group by window_id, key
), paired as (
    select distinct window_id, employee_id from mate where mates > 1
), followed as (
    select activity_id, sum(orders) as orders, sum(invoice_revenue) as invoice_revenue from visit_order group by activity_id
), after_visits as (
    select w.window_id, e.employee_id, sum(f.orders) as orders, sum(f.invoice_revenue) as invoice_revenue
    from sales_event as e
    join followed as f on f.activity_id = e.activity_id
    join window_day as w on w.day = e.occurred_at
    group by w.window_id, e.employee_id
), taken as (
    select m.window_id, f.employee_id, sum(f.orders) as orders, sum(f.invoice_revenue) as invoice_revenue
    from fct_employee_month as f join window_month as m on m.period = f.period
    group by m.window_id, f.employee_id
), effort as (
    select
        m.window_id, m.level, m.key, sum(coalesce(c.visits, 0)) as visits, sum(coalesce(c.calls, 0)) as calls,
        sum(coalesce(c.visit_minutes, 0)) as visit_minutes, sum(coalesce(c.event_minutes, 0)) as event_minutes,
        sum(case when c.visits > 0 and c.cost_per_visit is null then 1 else 0 end) as without_cost,
        sum(coalesce(cast(c.cost_per_visit as hugeint) * c.visits, 0)) as visit_cost,
        sum(coalesce(c.quotes, 0)) as quotes, sum(coalesce(c.quotes_decided, 0)) as quotes_decided,
        sum(coalesce(c.quotes_won, 0)) as quotes_won,
        sum(coalesce(a.orders, 0)) as orders_after, sum(coalesce(a.invoice_revenue, 0)) as revenue_after,
        sum(coalesce(t.orders, 0)) as orders_taken, sum(coalesce(t.invoice_revenue, 0)) as revenue_taken
    from sales_member as m
    left join sales_effort as c on c.window_id = m.window_id and c.employee_id = m.employee_id
    left join after_visits as a on a.window_id = m.window_id and a.employee_id = m.employee_id
    left join taken as t on t.window_id = m.window_id and t.employee_id = m.employee_id
    group by m.window_id, m.level, m.key
), visited as (
    select distinct m.window_id, m.level, m.key, e.customer_id
    from sales_event as e
    join window_day as w on w.day = e.occurred_at
    join sales_member as m on m.window_id = w.window_id and m.employee_id = e.employee_id
    join sales_portfolio as p on p.level = m.level and p.key = m.key and p.customer_id = e.customer_id
    where e.kind = 'visit'
), visited_customers as (
    select window_id, level, key, count(*) as customers from visited group by window_id, level, key
), named_pool as (
    select pool, ' ' || replace(replace(replace(replace(lower(pool), '_', ' '), '-', ' '), '.', ' '), '/', ' ') || ' ' as words from dim_pool
), pay_pool as (
    select pool from named_pool where words like '% field %' or words like '% inside %'
    union all
    select pool from dim_activity where compensation
), pay_activity as (
    select distinct a.activity
    from dim_activity as a join (select distinct pool from pay_pool) as p on p.pool = a.pool
    where a.step = 'cost_to_serve'
), pay_in_cost as (
    select m.window_id, f.customer_id, sum(f.amount) as amount
    from fct_customer_activity_month as f
    join pay_activity as a on a.activity = f.activity
    join window_month as m on m.period = f.period
    group by m.window_id, f.customer_id
), order_minutes as (
    select
        m.window_id, o.customer_id, sum(case when o.band <= $last_small_band then o.minutes else 0 end) as small,
        sum(case when o.band <= $last_small_band then 0 else o.minutes end) as others
    from order_month as o join window_month as m on m.period = o.period
    group by m.window_id, o.customer_id
), earned as (
    select
        m.window_id, f.customer_id, sum(f.invoice_revenue) as invoice_revenue, sum(f.gross_margin) as gross_margin,
        sum(f.cost_to_serve) as cost_to_serve, sum(f.sales_compensation) as sales_compensation,
        sum(f.net_before_compensation) as net_before_compensation, sum(f.net_profit) as net_profit
    from fct_customer_month as f join window_month as m on m.period = f.period
    group by m.window_id, f.customer_id
), portfolio as (
    select
        s.window_id, s.level, s.key, sum(case when c.rank is not null then 1 else 0 end) as customers,
        sum(coalesce(e.invoice_revenue, 0)) as invoice_revenue, sum(coalesce(e.gross_margin, 0)) as gross_margin,
        sum(coalesce(e.cost_to_serve, 0)) as cost_to_serve, sum(coalesce(e.sales_compensation, 0)) as sales_compensation,
        sum(coalesce(e.net_before_compensation, 0)) as net_before_compensation, sum(coalesce(e.net_profit, 0)) as net_profit,
        sum(coalesce(p.amount, 0)) as pay_in_cost, sum(coalesce(o.small, 0)) as small_minutes, sum(coalesce(o.others, 0)) as large_minutes
    from sales_pay as s
    join sales_portfolio as q on q.level = s.level and q.key = s.key
    left join customer_window as c on c.window_id = s.window_id and c.customer_id = q.customer_id
    left join earned as e on e.window_id = s.window_id and e.customer_id = q.customer_id
    left join pay_in_cost as p on p.window_id = s.window_id and p.customer_id = q.customer_id
    left join order_minutes as o on o.window_id = s.window_id and o.customer_id = q.customer_id
    group by s.window_id, s.level, s.key
), portfolios_known as (
    select count(*) as rows, coalesce(min(said_by), 'nothing') as said_by from sales_portfolio
), figures as (
    select
        s.*, d.visits, d.calls, d.quotes, d.quotes_decided, d.quotes_won, k.said_by, k.rows as portfolios, d.visit_minutes, d.event_minutes, d.orders_after, d.revenue_after, d.orders_taken, d.revenue_taken,
        case when d.without_cost = 0 then half_even(d.visit_cost, d.visits) end as cost_per_visit,
        coalesce(p.customers, 0) as customers, coalesce(p.invoice_revenue, 0) as invoice_revenue,
        coalesce(p.gross_margin, 0) as gross_margin, coalesce(p.cost_to_serve, 0) as cost_to_serve,
        coalesce(p.sales_compensation, 0) as sales_compensation,
        coalesce(p.net_before_compensation, 0) as net_before_compensation, coalesce(p.net_profit, 0) as net_profit,
        coalesce(p.pay_in_cost, 0) as pay_in_cost, coalesce(p.small_minutes, 0) as small_minutes,
        coalesce(p.large_minutes, 0) as large_minutes,
        s.level = 'employee' and r.employee_id is not null as shared_portfolio
    from sales_pay as s
    cross join portfolios_known as k
    join effort as d on d.window_id = s.window_id and d.level = s.level and d.key = s.key
    left join portfolio as p on p.window_id = s.window_id and p.level = s.level and p.key = s.key
    left join paired as r on r.window_id = s.window_id and r.employee_id = s.key
)
select
    f.window_id,                                 -- text → dim_window: Window of closed months
    f.level,                                    -- text (employee | pair): What the key names
    f.key,                                      -- text: Employee, or pair
    case when f.level = 'pair' then n.name else e.name end as name,                 -- text?: Name; of a pair, its members
    case when f.level = 'employee' then e.role end as role,                         -- text?: field or inside; empty for pairs
    f.said_by as portfolio_said_by,             -- text (customers | orders | nothing): What says whose customers they are: account managers and inside representatives; where no customer names one, who took most of its orders; or nothing, then what they earn is empty
    case when f.portfolios > 0 then f.customers end as customers,                   -- count?, never summed: Active customers of the portfolio
    f.wage,                                     -- money?: Wage with charges, for the months of the window that the data reach; empty where not supplied, of a pair where one isn't
    f.car,                                      -- money?: Car in these months
    f.representation,                           -- money?: Representation in these months
    f.bonus,                                    -- money?: Bonus in these months
    f.full_cost,                                -- money?: Wage, car, representation and bonus; empty without the wage
    case when k.events > 0 then f.visits end as visits,                             -- count?: Visits, to customers and prospects; empty where activities were not supplied
    case when k.events > 0 then f.calls end as calls,                               -- count?: Calls
    case when k.events > 0 then f.quotes end as quotes,                             -- count?: Quotes
    case when k.events > 0 then f.quotes_decided end as quotes_decided,             -- count?: Of which won or lost: their outcome is one of [segment.sales_force] won or lost
    case when k.events > 0 then share(f.quotes_won, f.quotes_decided) end as quote_hit_rate,     -- share?: Quotes that were won ÷ quotes that are decided; empty where none is
    case when k.with_minutes > 0 then f.visit_minutes end as visit_minutes,         -- minutes?: Minutes of visits
    case when k.with_minutes > 0 then f.event_minutes end as event_minutes,         -- minutes?: Minutes of all events
    f.presence_minutes,                         -- minutes?: Minutes of presence in these months
    f.cost_per_visit,                           -- money?, never summed: Full cost × visit minutes ÷ presence ÷ visits; of all minutes of events where presence was not supplied; of a pair, of those who did the visits
    case when k.events > 0 then coalesce(c.customers, 0) end as visited_customers,  -- count?, never summed: Customers of the portfolio that the employee, or one of the pair, visited
    case when k.events > 0 and o.rows > 0 then f.orders_after end as orders_after_visit,        -- count?: Sales on the day of a visit of the employee and within the days of the configuration after it; each after the last visit before it
    case when k.events > 0 and o.rows > 0 then f.revenue_after end as revenue_after_visit,      -- money?: Their invoice revenue
    v.visited_change,                           -- share?: Change of invoice revenue in the months after a visit against the same months of the window before, of customers that had ordered in the three months before either; of a tier and size with ten unvisited customers; of all where there are none such
    v.unvisited_change,                         -- share?: The same of comparable months: nobody had visited in the twelve months before; same tier and size in the window before, each weighted by the visited customers' revenue before
    coalesce(v.visited_compared, 0) as visited_compared,            -- count, never summed: Visited customers that are compared
    coalesce(v.unvisited_compared, 0) as unvisited_compared,        -- count, never summed: Unvisited customers that they are compared with
    v.visit_uplift,                             -- money?, never summed: (Visited − unvisited change) × the visited customers' revenue in the same months before; empty with fewer than ten customers on either side
    v.visit_uplift_low,                         -- money?, never summed: The lowest that the uplift is in nineteen of twenty cases
    v.visit_uplift_high,                        -- money?, never summed: The highest that the uplift is in nineteen of twenty cases
    coalesce(v.visit_finding, 'too few to compare') as visit_finding,       -- text (more than without a visit | less than without a visit | no effect can be seen | too few to compare): What can be said of it
    case when t.rows > 0 then f.orders_taken end as orders_taken,           -- count?: Orders that the employee took; empty where no order says who
    case when t.rows > 0 then f.revenue_taken end as revenue_taken,         -- money?: Their invoice revenue
    case when o.rows > 0 then f.small_minutes end as small_order_minutes,   -- minutes?, never summed: Minutes of time-driven activities on small orders of the portfolio: below the size of the configuration, returns and credits among them
    case when o.rows > 0 then f.large_minutes end as large_order_minutes,   -- minutes?, never summed: Minutes on the other orders
    case when f.portfolios > 0 then f.invoice_revenue end as invoice_revenue,       -- money?, never summed: Invoice revenue of the portfolio
    case when f.portfolios > 0 then f.gross_margin end as gross_margin,             -- money?, never summed: Gross margin
    case when f.portfolios > 0 then f.cost_to_serve end as cost_to_serve,           -- money?, never summed: Cost-to-serve
    case when f.portfolios > 0 then f.sales_compensation end as sales_compensation, -- money?, never summed: Part of cost-to-serve that is pay of the sales force
    case when f.portfolios > 0 then f.net_before_compensation end as net_before_compensation,   -- money?, never summed: Net profit plus sales compensation (NBC)
    case when f.portfolios > 0 then f.net_profit end as net_profit,                 -- money?, never summed: Net profit
    case when f.portfolios > 0 then f.pay_in_cost end as pay_in_cost,               -- money?, never summed: Part of cost-to-serve that comes from the pools of their pay: pools with `field` or `inside` in their name, and pools of activities that are sales compensation
    f.shared_portfolio,                         -- bool: Whether these customers are also those of the other one of a pair: then what they earn is the pair's
    case when f.portfolios > 0 and not f.shared_portfolio then f.net_profit + f.pay_in_cost - f.full_cost end as added_value     -- money?, never summed: Net profit of the portfolio before all pay in its cost, less the full cost: what the employee, or the pair, adds; empty for one of a pair, as the pair adds it together
from figures as f
cross join known as k
cross join orders_known as o
cross join takers_known as t
left join employees as e on e.employee_id = f.key
left join pair_name as n on n.window_id = f.window_id and n.key = f.key
left join visited_customers as c on c.window_id = f.window_id and c.level = f.level and c.key = f.key
left join visit_effect as v on v.window_id = f.window_id and v.level = f.level and v.key = f.key

-- audit: One of a pair adds nothing by itself.
select window_id, key, added_value from sales_force where shared_portfolio and added_value is not null

-- sales_force: Cost and added value of each employee of the sales force, and of each pair of field and inside staff. An employee has the customers whose account
-- manager or inside representative he or she is; a pair has the customers of both, each once.
-- grain: window × level × key
-- key: window_id, level, key
-- by level: employee → employee_id, pair → pair_id
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
--              full cost  visits  cost per visit   full cost per visit   net profit  pay in cost  added value
-- M01 field    85,320     160     81.47            533.25                90,000      100,000      of K1
-- M05 inside   54,000                                                    90,000      100,000      of K1
-- K1           139,320    160     81.47            870.75                90,000      100,000      50,680
--
-- A customer with a field and an inside representative counts for both, and once for their pair. Visits are the employee's own, in the portfolio
-- or not. A visit costs what the ledger charges customers for visits (`visit_cost`); beside it stands all pay ÷ all visits.
--
-- Added value is the net profit of the portfolio before all pay of those who sell to it, less that pay. Which pools hold
-- pay of the field, or of the inside staff, says `pay_pool`; only pools of their own roles count, and of the one they are a pair with: a rep without inside staff is
-- served by that of others, whose pay stays a cost. What pay pools pass on to other pools is followed there. They may hold more than pay: of what comes from the pools of a role, as much is
-- added back as its pay is of all that these hold; a pool that holds the pay of both roles has what the pools of one don't hold. To a pair only the pay of those in a pair is added back:
-- that of a rep in none stays a cost, or all pairs would add more than all customers earn. Who has no wage, no customers and no events is paid nothing. Where no pool is known to hold
-- somebody's pay, whatever the role, and costs are booked, it can't be told from other cost, and added value is empty. So it is for one of a pair, or with the same customers as another: the pair adds it.
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
), shared as (
    select distinct p.customer_id
    from (select customer_id, count(*) as sellers from sales_portfolio where level = 'employee' group by customer_id) as p
    where p.sellers > 1
), with_others as (
    select window_id, employee_id from mate where mates > 1
    union all
    select c.window_id, p.key as employee_id
    from sales_portfolio as p
    join shared as s on s.customer_id = p.customer_id
    join customer_window as c on c.customer_id = p.customer_id
    where p.level = 'employee' and (c.rank is not null or c.net_profit <> 0)
), paired as (
    select distinct window_id, employee_id from with_others
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
        sum(coalesce(c.charged_visits, 0)) as charged_visits, sum(coalesce(c.visit_cost, 0)) as visit_cost,
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
), roles_of_pool as (
    select pool, count(*) as roles from pay_pool group by pool
), own_role as (
    select p.role, p.pool, case when r.roles > 1 then 'both' else p.role end as pay_group
    from pay_pool as p join roles_of_pool as r on p.pool = r.pool
), own_pool as (
    select distinct pool, pay_group from own_role
), group_of_role as (
    select distinct role, pay_group from own_role
), paid_role as (
    select distinct role from own_role
), costs_known as (
    select count(*) as rows from pool_balance
), with_customers as (
    select distinct level, key, 1 as yes from sales_portfolio
), without_pool as (
    select m.window_id, m.level, m.key, count(*) as members
    from sales_member as m
    join employees as e on m.employee_id = e.employee_id
    left join paid_role as r on e.role = r.role
    left join with_customers as q on m.level = q.level and m.key = q.key
    cross join costs_known as c
    where c.rows > 0 and r.role is null and (e.role in ('field', 'inside') or q.yes = 1)
    group by m.window_id, m.level, m.key
), at_work as (
    select window_id, employee_id from sales_effort
    union all
    select w.window_id, p.key as employee_id
    from sales_portfolio as p cross join dim_window as w
    where p.level = 'employee'
), there as (
    select distinct window_id, employee_id from at_work
), seller as (
    select s.window_id, e.role, e.pair_id, s.full_cost
    from sales_pay as s
    join employees as e on s.key = e.employee_id
    join paid_role as r on e.role = r.role
    left join there as t on s.window_id = t.window_id and s.key = t.employee_id
    where s.level = 'employee' and (s.full_cost is not null or t.employee_id is not null)
), seller_of as (
    select window_id, 'employee' as level, role, full_cost from seller
    union all
    select window_id, 'pair' as level, role, full_cost from seller where pair_id <> ''
), paid as (
    select
        window_id, level, role, case when count(full_cost) = count(*) then sum(full_cost) end as pay
    from seller_of
    group by window_id, level, role
), pool_total as (
    select m.window_id, b.pool, sum(b.own_amount) + sum(b.received_amount) as amount
    from pool_balance as b join window_month as m on m.period = b.period
    group by m.window_id, b.pool
), held as (
    select t.window_id, p.pay_group, sum(t.amount) as amount
    from pool_total as t join own_pool as p on p.pool = t.pool
    group by t.window_id, p.pay_group
), of_role as (
    select
        p.window_id, p.level, p.role, p.pay, coalesce(h.amount, 0) as amount,
        case when p.pay is null then coalesce(h.amount, 0) else least(p.pay, greatest(coalesce(h.amount, 0), 0)) end as in_own
    from paid as p left join held as h on p.window_id = h.window_id and p.role = h.pay_group
), left_over as (
    select window_id, level, case when count(pay) = count(*) then sum(pay) - sum(in_own) end as pay
    from of_role
    group by window_id, level
), pay_part as (
    select window_id, level, role as pay_group, amount, in_own as pay from of_role where amount > 0
    union all
    select h.window_id, o.level, h.pay_group, h.amount, coalesce(least(o.pay, h.amount), h.amount) as pay
    from held as h join left_over as o on h.window_id = o.window_id
    where h.pay_group = 'both' and h.amount > 0
), passed_on as (
    select m.window_id, p.pay_group, t.to_pool as pool, sum(t.amount) as amount
    from pool_transfer as t
    join own_pool as p on p.pool = t.pool
    join window_month as m on m.period = t.period
    group by m.window_id, p.pay_group, t.to_pool
), pay_of_pool as (
    select t.window_id, p.pay_group, t.pool, t.amount as pay_pool_amount, t.amount as pool_amount
    from pool_total as t join own_pool as p on p.pool = t.pool
    union all
    select t.window_id, o.pay_group, t.pool, o.amount as pay_pool_amount, t.amount as pool_amount
    from pool_total as t
    join passed_on as o on o.window_id = t.window_id and o.pool = t.pool
    left join own_pool as p on p.pool = t.pool
    where p.pool is null
), with_pay as (
    select distinct a.activity, a.pool
    from dim_activity as a join pay_of_pool as p on p.pool = a.pool
    where a.step = 'cost_to_serve'
), charged as (
    select m.window_id, f.customer_id, a.pool, sum(f.amount) as amount
    from fct_customer_activity_month as f
    join with_pay as a on a.activity = f.activity
    join window_month as m on m.period = f.period
    group by m.window_id, f.customer_id, a.pool
), pay_in_pool as (
    select
        c.window_id, o.pay_group, c.customer_id,
        half_even(cast(c.amount as hugeint) * o.pay_pool_amount, o.pool_amount) as amount
    from charged as c join pay_of_pool as o on o.window_id = c.window_id and o.pool = c.pool
), from_pay_pools as (
    select window_id, pay_group, customer_id, sum(amount) as amount from pay_in_pool group by window_id, pay_group, customer_id
), pay_in_cost as (
    select c.window_id, p.level, c.pay_group, c.customer_id, half_even(cast(c.amount as hugeint) * p.pay, p.amount) as amount
    from from_pay_pools as c join pay_part as p on c.window_id = p.window_id and c.pay_group = p.pay_group
), colleague as (
    select employee_id, role from employees
    union all
    select e.employee_id, o.role from employees as e join employees as o on o.pair_id = e.pair_id where e.pair_id <> ''
), group_of_member as (
    select distinct m.window_id, m.level, m.key, r.pay_group
    from sales_member as m
    join colleague as c on c.employee_id = m.employee_id
    join group_of_role as r on r.role = c.role
), own_pay as (
    select g.window_id, g.level, g.key, sum(p.amount) as amount
    from group_of_member as g
    join sales_portfolio as q on g.level = q.level and g.key = q.key
    join pay_in_cost as p
        on g.window_id = p.window_id and g.level = p.level and g.pay_group = p.pay_group and q.customer_id = p.customer_id
    group by g.window_id, g.level, g.key
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
        sum(coalesce(o.small, 0)) as small_minutes, sum(coalesce(o.others, 0)) as large_minutes
    from sales_pay as s
    join sales_portfolio as q on q.level = s.level and q.key = s.key
    left join customer_window as c on c.window_id = s.window_id and c.customer_id = q.customer_id
    left join earned as e on e.window_id = s.window_id and e.customer_id = q.customer_id
    left join order_minutes as o on o.window_id = s.window_id and o.customer_id = q.customer_id
    group by s.window_id, s.level, s.key
), portfolios_known as (
    select count(*) as rows, coalesce(min(said_by), 'nothing') as said_by from sales_portfolio
), figures as (
    select
        s.*, d.visits, d.calls, d.quotes, d.quotes_decided, d.quotes_won, k.said_by, k.rows as portfolios, d.visit_minutes, d.event_minutes, d.orders_after, d.revenue_after, d.orders_taken, d.revenue_taken,
        half_even(d.visit_cost, d.charged_visits) as cost_per_visit,
        half_even(s.full_cost, d.visits) as full_cost_per_visit, u.members as without_pool,
        coalesce(p.customers, 0) as customers, coalesce(p.invoice_revenue, 0) as invoice_revenue,
        coalesce(p.gross_margin, 0) as gross_margin, coalesce(p.cost_to_serve, 0) as cost_to_serve,
        coalesce(p.sales_compensation, 0) as sales_compensation,
        coalesce(p.net_before_compensation, 0) as net_before_compensation, coalesce(p.net_profit, 0) as net_profit,
        coalesce(w.amount, 0) as pay_in_cost, coalesce(p.small_minutes, 0) as small_minutes,
        coalesce(p.large_minutes, 0) as large_minutes,
        s.level = 'employee' and r.employee_id is not null as shared_portfolio
    from sales_pay as s
    cross join portfolios_known as k
    join effort as d on d.window_id = s.window_id and d.level = s.level and d.key = s.key
    left join portfolio as p on p.window_id = s.window_id and p.level = s.level and p.key = s.key
    left join own_pay as w on w.window_id = s.window_id and w.level = s.level and w.key = s.key
    left join paired as r on r.window_id = s.window_id and r.employee_id = s.key
    left join without_pool as u on u.window_id = s.window_id and u.level = s.level and u.key = s.key
)
select
    f.window_id,                                 -- text → dim_window: Window of closed months
    f.level,                                    -- text (employee | pair): What the key names
    f.key,                                      -- text: Employee, or pair
    case when f.level = 'pair' then n.name else e.name end as name,                 -- text?: Name; of a pair, its members
    case when f.level = 'employee' then e.role end as role,                         -- text?: field or inside; empty for pairs
    f.said_by as portfolio_said_by,             -- text (customers | orders | nothing): What says whose customers they are: account managers and inside representatives; where no customer names one, who took most of its orders; or nothing, then what they earn is empty
    case when f.portfolios > 0 then f.customers end as customers,                   -- count?, never summed: Active customers of the portfolio
    f.wage,                                     -- money?: Wage with charges, for the months of the window that the data reach; empty if not supplied, of a pair where one isn't
    f.car,                                      -- money?: Car in these months
    f.representation,                           -- money?: Representation in these months
    f.bonus,                                    -- money?: Bonus in these months
    f.full_cost,                                -- money?: Wage, car, representation and bonus; empty without the wage
    case when k.events > 0 then f.visits end as visits,                             -- count?: Visits, to customers and prospects; empty if activities were not supplied
    case when k.events > 0 then f.calls end as calls,                               -- count?: Calls
    case when k.events > 0 then f.quotes end as quotes,                             -- count?: Quotes
    case when k.events > 0 then f.quotes_decided end as quotes_decided,             -- count?: Of which won or lost: their outcome is one of [segment.sales_force] won or lost
    case when k.events > 0 then share(f.quotes_won, f.quotes_decided) end as quote_hit_rate,     -- share?: Quotes that were won ÷ quotes that are decided; empty if none is
    case when k.with_minutes > 0 then f.visit_minutes end as visit_minutes,         -- minutes?: Minutes of visits
    case when k.with_minutes > 0 then f.event_minutes end as event_minutes,         -- minutes?: Minutes of all events
    f.presence_minutes,                         -- minutes?: Minutes of presence in these months
    f.cost_per_visit,                           -- money?, never summed: What the ledger charges customers for visits ÷ these visits; empty if it charges none
    case when k.events > 0 then f.full_cost_per_visit end as full_cost_per_visit,   -- money?, never summed: Full cost ÷ visits: the cost of a visit if visits were the only work
    case when k.events > 0 then coalesce(c.customers, 0) end as visited_customers,  -- count?, never summed: Customers of the portfolio that the employee, or one of the pair, visited
    case when k.events > 0 and o.rows > 0 then f.orders_after end as orders_after_visit,        -- count?: Sales on the day of a visit of the employee and within the days of the configuration after it; each after the last visit before it
    case when k.events > 0 and o.rows > 0 then f.revenue_after end as revenue_after_visit,      -- money?: Their invoice revenue
    v.visited_change,                           -- share?: Change of invoice revenue in the months after a visit against the same months of the window before, of customers that had ordered in the three months before either; of a tier and size with ten unvisited customers; of all where there are none such
    v.unvisited_change,                         -- share?: The same of comparable months: nobody had visited in the twelve months before; same tier and size in the window before, each weighted by the visited customers' revenue before
    coalesce(v.visited_compared, 0) as visited_compared,            -- count, never summed: Visited customers that are compared
    coalesce(v.unvisited_compared, 0) as unvisited_compared,        -- count, never summed: Unvisited customers that they are compared with
    v.visit_uplift,                             -- money?, never summed: (Visited − unvisited change) × the visited customers' revenue in the same months before; empty with fewer than ten customers on either side
    v.visit_uplift_low,                         -- money?, never summed: Lower end of the uplift in nineteen of twenty cases
    v.visit_uplift_high,                        -- money?, never summed: Upper end of the uplift in nineteen of twenty cases
    coalesce(v.visit_finding, 'too few to compare') as visit_finding,       -- text (more than without a visit | less than without a visit | no effect can be seen | too few to compare): What can be said of it
    case when t.rows > 0 then f.orders_taken end as orders_taken,           -- count?: Orders that the employee took; empty if no order has an employee
    case when t.rows > 0 then f.revenue_taken end as revenue_taken,         -- money?: Their invoice revenue
    case when o.rows > 0 then f.small_minutes end as small_order_minutes,   -- minutes?, never summed: Minutes of time-driven activities on small orders of the portfolio: below the size of the configuration, returns and credits among them
    case when o.rows > 0 then f.large_minutes end as large_order_minutes,   -- minutes?, never summed: Minutes on the other orders
    case when f.portfolios > 0 then f.invoice_revenue end as invoice_revenue,       -- money?, never summed: Invoice revenue of the portfolio
    case when f.portfolios > 0 then f.gross_margin end as gross_margin,             -- money?, never summed: Gross margin
    case when f.portfolios > 0 then f.cost_to_serve end as cost_to_serve,           -- money?, never summed: Cost-to-serve
    case when f.portfolios > 0 then f.sales_compensation end as sales_compensation, -- money?, never summed: Part of cost-to-serve that is pay of the sales force
    case when f.portfolios > 0 then f.net_before_compensation end as net_before_compensation,   -- money?, never summed: Net profit plus sales compensation (NBC)
    case when f.portfolios > 0 then f.net_profit end as net_profit,                 -- money?, never summed: Net profit
    case when f.portfolios > 0 then f.pay_in_cost end as pay_in_cost,               -- money?, never summed: Part of cost-to-serve that is pay of the sales force: what comes from the pools of their roles, as far as these hold pay
    f.shared_portfolio,                         -- bool: Whether these customers also belong to the other member of the pair, or to another employee: then their profit is shared
    f.without_pool is null as pay_found,        -- bool: Whether the pools with their pay are known, or no cost is booked at all
    case when f.portfolios > 0 and g.has_profit = 1 and not f.shared_portfolio and f.without_pool is null then f.net_profit + f.pay_in_cost - f.full_cost end
        as added_value                          -- money?, never summed: Net profit of the portfolio before all pay in its cost, less the full cost: the value that the employee or the pair adds; empty for one member of a pair or with shared customers, and if pay can't be separated from other cost or the cost of goods wasn't supplied
from figures as f
join window_known as g on g.window_id = f.window_id
cross join known as k
cross join orders_known as o
cross join takers_known as t
left join employees as e on e.employee_id = f.key
left join pair_name as n on n.window_id = f.window_id and n.key = f.key
left join visited_customers as c on c.window_id = f.window_id and c.level = f.level and c.key = f.key
left join visit_effect as v on v.window_id = f.window_id and v.level = f.level and v.key = f.key

-- audit: One of a pair adds nothing by itself.
select window_id, key, added_value from sales_force where shared_portfolio and added_value is not null

-- audit: No more pay is added back to the pairs than they are paid, but for what rounding each customer may make: so they add no more than there is.
with pairs as (
    select window_id, sum(pay_in_cost) as pay_in_cost, sum(full_cost) as full_cost, count(full_cost) as known, count(*) as pairs
    from sales_force where level = 'pair' group by window_id
), portfolio as (
    select count(*) as customers from sales_portfolio where level = 'pair'
)
select p.window_id, p.pay_in_cost as found, p.full_cost as expected
from pairs as p cross join portfolio as c
where p.known = p.pairs and (p.pay_in_cost - p.full_cost) * 100 > c.customers * amount(1)

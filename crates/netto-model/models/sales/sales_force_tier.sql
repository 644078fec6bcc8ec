-- sales_force_tier: The portfolio and the visits of the sales force by tier of the customers.
-- grain: window × level × key × tier
-- key: window_id, level, key, tier
-- by level: employee → employee_id, pair → pair_id
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- M01   customers  revenue  visits
-- Top   1          60 %     10 %
-- Small 90          8 %     55 %      too many visits where there is little to gain
--
-- Customers and amounts are those of the portfolio, visits are all of the employee's, in the portfolio or not: so each adds up to the employee's
-- row in `sales_force`.
with known as (
    select count(*) as events, count(minutes) as with_minutes from activities
), owned as (
    select
        s.window_id, s.level, s.key, coalesce(c.tier, 'Rest of market') as tier,
        cast(1 as bigint) as customers, cast(0 as bigint) as visits, cast(0 as bigint) as minutes,
        coalesce(c.invoice_revenue, 0) as invoice_revenue, coalesce(c.net_profit, 0) as net_profit
    from sales_pay as s
    join sales_portfolio as p on p.level = s.level and p.key = s.key
    left join customer_window as c on c.window_id = s.window_id and c.customer_id = p.customer_id
), visit as (
    select w.window_id, e.employee_id, e.customer_id, e.prospect_id, e.minutes
    from sales_event as e join window_day as w on w.day = e.occurred_at
    where e.kind = 'visit' and e.employee_id <> ''
), went as (
    select
        v.window_id, m.level, m.key, v.customer_id, v.prospect_id, v.minutes,
        case
            when v.customer_id <> '' then coalesce(c.tier, 'Rest of market')
            when v.prospect_id = '' then 'Rest of market'
            when q.stage = 'suspect' then 'Suspect'
            else 'Prospect'
        end as tier
    from visit as v
    join sales_member as m on m.window_id = v.window_id and m.employee_id = v.employee_id
    left join customer_window as c on c.window_id = v.window_id and c.customer_id = v.customer_id
    left join prospects as q on q.prospect_id = v.prospect_id
), followed as (
    select distinct window_id, level, key, tier, prospect_id from went where customer_id = '' and prospect_id <> ''
), every_row as (
    select * from owned
    union all
    select
        window_id, level, key, tier, cast(0 as bigint) as customers, cast(1 as bigint) as visits, minutes,
        cast(0 as bigint) as invoice_revenue, cast(0 as bigint) as net_profit
    from went
    union all
    select
        window_id, level, key, tier, cast(1 as bigint) as customers, cast(0 as bigint) as visits, cast(0 as bigint) as minutes,
        cast(0 as bigint) as invoice_revenue, cast(0 as bigint) as net_profit
    from followed
), summed as (
    select
        window_id, level, key, tier, sum(customers) as customers, sum(visits) as visits, sum(minutes) as minutes,
        sum(invoice_revenue) as invoice_revenue, sum(net_profit) as net_profit
    from every_row
    group by window_id, level, key, tier
)
select
    s.window_id,                         -- text → dim_window: Window of closed months
    s.level,                            -- text (employee | pair): What the key names
    s.key,                              -- text: Employee, or pair
    s.tier,                             -- text (Top | Large | Medium | Small | Inactive | Prospect | Suspect | Rest of market | (unknown)): Tier; Prospect and Suspect by the prospects that were visited; Rest of market for who never bought, and for visits that name nobody
    s.customers,                        -- count, never summed: Customers of the portfolio in the tier; prospects that were visited
    case when k.events > 0 then s.visits end as visits,                     -- count?: The employee's visits to customers of the tier, of the portfolio or not
    share(s.visits, sum(s.visits) over seller) as visit_share,              -- share?: Share of the employee's visits
    case when k.with_minutes > 0 then s.minutes end as visit_minutes,       -- minutes?: Minutes of visits
    s.invoice_revenue,                                                      -- money, never summed: Invoice revenue
    share(s.invoice_revenue, sum(s.invoice_revenue) over seller) as revenue_share,  -- share?: Share of the employee's invoice revenue
    s.net_profit                                                            -- money, never summed: Net profit
from summed as s cross join known as k
window seller as (partition by s.window_id, s.level, s.key)

-- audit: Visits and revenue by tier are those of the employee.
with by_tier as (
    select window_id, level, key, sum(visits) as visits, sum(invoice_revenue) as invoice_revenue
    from sales_force_tier
    group by window_id, level, key
)
select t.window_id, t.level, t.key, t.visits, f.visits as all_visits, t.invoice_revenue as found, f.invoice_revenue as expected
from by_tier as t join sales_force as f on f.window_id = t.window_id and f.level = t.level and f.key = t.key
where t.visits <> f.visits or t.invoice_revenue <> f.invoice_revenue

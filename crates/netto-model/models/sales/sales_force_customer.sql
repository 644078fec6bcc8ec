-- sales_force_customer: Five lists of five customers for each employee, in the main window: highest and lowest net profit, largest open potential, and largest growth and
-- decline.
-- grain: window × employee × side × rank
-- key: window_id, employee_id, side, rank
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- M01  top          1  C12   18,400
-- M01  top          2  C07   11,900
-- M01  bottom       1  C31   −2,300     the first to talk about
-- M01  opportunity  1  C07    4,000     buys 60,000 of the 100,000 that it could buy, and leaves 10 % of revenue
-- M01  growing      1  C12   22,000     more revenue than in the window before
-- M01  declining    1  C20  −31,000
--
-- Who neither bought nor cost anything in the window is on none of the first two; with fewer than ten customers, some are on both. An opportunity is
-- what a customer would bring if it bought here all that it could: only where its potential is known, and where it earns. Growing and declining need a
-- window to compare with, in which, or after which, the customer bought.
with known as (
    select count(*) as events from activities
), visited as (
    select e.employee_id, e.customer_id, count(*) as visits
    from sales_event as e join window_day as w on w.day = e.occurred_at
    where e.kind = 'visit' and w.window_id = 'main'
    group by e.employee_id, e.customer_id
), earlier as (
    select c.customer_id, c.invoice_revenue, case when c.rank is not null then 1 else 0 end as ordered
    from customer_window as c join dim_window as w on w.previous_window = c.window_id
    where w.window_id = 'main'
), compared as (
    select count(*) as rows from earlier
), portfolio as (
    select
        p.key as employee_id, p.customer_id, c.invoice_revenue, c.net_profit, coalesce(v.visits, 0) as visits,
        case when c.rank is not null or c.net_profit <> 0 then 1 else 0 end as is_served,
        case when c.rank is not null or e.ordered = 1 then c.invoice_revenue - coalesce(e.invoice_revenue, 0) else 0 end as revenue_change,
        case when c.net_profit > 0 and c.invoice_revenue > 0 then half_even(
            cast(greatest(left_to_win, 0) as hugeint) * c.net_profit, c.invoice_revenue
        ) else 0 end as opportunity
    from sales_portfolio as p
    join (
        select
            m.*, coalesce(half_even(cast(k.potential as hugeint) * w.months, 12) - m.invoice_revenue, 0) as left_to_win
        from customer_window as m
        join dim_window as w on w.window_id = m.window_id
        left join customers as k on k.customer_id = m.customer_id
        where m.window_id = 'main'
    ) as c on c.customer_id = p.customer_id
    left join visited as v on v.employee_id = p.key and v.customer_id = p.customer_id
    left join earlier as e on e.customer_id = p.customer_id
    where p.level = 'employee'
), sided as (
    select 'top' as side, portfolio.*, -net_profit as measure from portfolio where is_served = 1
    union all
    select 'bottom' as side, portfolio.*, net_profit as measure from portfolio where is_served = 1
    union all
    select 'opportunity' as side, portfolio.*, -opportunity as measure from portfolio where opportunity > 0
    union all
    select 'growing' as side, portfolio.*, -revenue_change as measure from portfolio cross join compared where compared.rows > 0 and revenue_change > 0
    union all
    select 'declining' as side, portfolio.*, revenue_change as measure from portfolio cross join compared where compared.rows > 0 and revenue_change < 0
), ranked as (
    select *, row_number() over (partition by employee_id, side order by measure, customer_id) as place from sided
)
select
    'main' as window_id,         -- text → dim_window: Window of closed months
    r.employee_id,              -- text → dim_employee: Employee
    r.side,                     -- text (top | bottom | opportunity | growing | declining): Most profitable, most unprofitable, best opportunity, growing or declining
    r.place as rank,            -- count: Position in the list, 1 is first
    r.customer_id,              -- text → dim_customer: Customer
    r.invoice_revenue,          -- money, never summed: Invoice revenue
    r.net_profit,               -- money, never summed: Net profit
    case when c.rows > 0 then r.revenue_change end as revenue_change,           -- money?, never summed: Change of invoice revenue against the window before; zero if it bought in neither; empty if there is none to compare with
    case when r.opportunity > 0 then r.opportunity end as opportunity,          -- money?, never summed: (Potential for these months − invoice revenue) × net profit ÷ invoice revenue; empty if the potential isn't known or reached, or the customer doesn't earn
    case when k.events > 0 then r.visits end as visits                          -- count?, never summed: Visits to the customer
from ranked as r cross join known as k cross join compared as c
where r.place <= 5

-- sales_force_customer: The five customers of each employee that bring most net profit, and the five that bring least, in the main window.
-- grain: window × employee × side × rank
-- key: window, employee_id, side, rank
--
-- M01  top     1  C12   18,400
-- M01  top     2  C07   11,900
-- M01  bottom  1  C31   −2,300     the first to talk about
--
-- Who neither bought nor cost anything in the window is on neither side; with fewer than ten customers, some are on both.
with known as (
    select count(*) as events from activities
), visited as (
    select e.employee_id, e.customer_id, count(*) as visits
    from sales_event as e cross join dim_window as w
    where e.kind = 'visit' and w."window" = 'main' and e.occurred_at between w.first_period and w.last_day
    group by e.employee_id, e.customer_id
), portfolio as (
    select p.key as employee_id, p.customer_id, c.invoice_revenue, c.net_profit, coalesce(v.visits, 0) as visits
    from sales_portfolio as p
    join customer_window as c on c.customer_id = p.customer_id
    left join visited as v on v.employee_id = p.key and v.customer_id = p.customer_id
    where p.level = 'employee' and c."window" = 'main' and (c.rank is not null or c.net_profit <> 0)
), ranked as (
    select
        'top' as side, portfolio.*,
        row_number() over (partition by employee_id order by -net_profit, customer_id) as place
    from portfolio
    union all
    select
        'bottom' as side, portfolio.*,
        row_number() over (partition by employee_id order by net_profit, customer_id) as place
    from portfolio
)
select
    'main' as "window",         -- text → dim_window: Window of closed months
    r.employee_id,              -- text → dim_employee: Employee
    r.side,                     -- text (top | bottom): top or bottom
    r.place as rank,            -- count: 1 is the highest at the top, the lowest at the bottom
    r.customer_id,              -- text → dim_customer: Customer
    r.invoice_revenue,          -- money: Invoice revenue
    r.net_profit,               -- money: Net profit
    case when k.events > 0 then r.visits end as visits      -- count?: Visits to the customer
from ranked as r cross join known as k
where r.place <= 5

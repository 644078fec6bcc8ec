-- sales_member: Who is in the sales force: employees by themselves, and the members of pairs.
-- grain: window × level × key × employee
-- key: window_id, level, key, employee_id
-- published: no
--
-- In it is who has customers (`sales_portfolio`), has the role field or inside, or did a visit in the window.
with named as (
    select key as employee_id from sales_portfolio where level = 'employee'
    union all select employee_id from employees where role in ('field', 'inside')
), everyone as (
    select w.window_id, n.employee_id from dim_window as w cross join named as n
    union all
    select w.window_id, e.employee_id
    from sales_event as e join window_day as w on w.day = e.occurred_at
    where e.kind = 'visit'
), member as (
    select window_id, 'employee' as level, employee_id as key, employee_id from everyone where employee_id <> ''
    union all
    select w.window_id, 'pair' as level, p.pair_id as key, p.employee_id
    from employees as p cross join dim_window as w
    where p.pair_id <> ''
)
select distinct
    window_id,           -- text → dim_window: Window of closed months
    level,              -- text (employee | pair): What the key names
    key,                -- text: Employee, or pair
    employee_id         -- text: The employee, or one of the pair
from member

-- sales_pay: What the sales force is paid for the months of a window that the data reach.
-- grain: window × level × key
-- key: window_id, level, key
-- published: no
--
-- Half a year of orders stands against half a year of wages. Everyone has a wage and is present, so of a pair both must be known; not
-- everyone has a car.
with months as (
    select window_id, count(*) as months from window_month group by window_id
)
select
    m.window_id,                                 -- text → dim_window: Window of closed months
    m.level,                                    -- text (employee | pair): What the key names
    m.key,                                      -- text: Employee, or pair
    max(coalesce(t.months, 0)) * case when count(e.wage) = count(*) then sum(e.wage) end as wage,   -- money?: Wage with charges; of a pair empty if one isn't known
    max(coalesce(t.months, 0)) * case when count(e.car) > 0 then sum(e.car) end as car,             -- money?: Car
    max(coalesce(t.months, 0)) * case when count(e.representation) > 0 then sum(e.representation) end as representation,   -- money?: Representation
    max(coalesce(t.months, 0)) * case when count(e.bonus) > 0 then sum(e.bonus) end as bonus,       -- money?: Bonus
    max(coalesce(t.months, 0)) * case when count(e.wage) = count(*) then sum(e.wage)
        + coalesce(sum(e.car), 0) + coalesce(sum(e.representation), 0) + coalesce(sum(e.bonus), 0) end as full_cost,   -- money?: All of it; empty without the wage
    max(coalesce(t.months, 0)) * case when count(e.minutes_per_month) = count(*) then sum(e.minutes_per_month) end as presence_minutes    -- minutes?: Minutes of presence
from sales_member as m
left join months as t on t.window_id = m.window_id
left join employees as e on e.employee_id = m.employee_id
group by m.window_id, m.level, m.key

-- pair_work: The division of work in a pair: minutes by kind of work and employee, and the inside work that field staff does or field work that inside staff does.
-- grain: window × pair × kind
-- key: window_id, pair_id, kind
-- needs: employees, activities
-- source: Curry & Curry, The Customer Marketing Method (2000): the field visits, the inside staff does what a desk and a telephone can do
--
-- K1: field costs 1.50 a minute, inside 0.75
-- visit      field 900 minutes   inside  60   field work done by inside    60 × (0.75 − 1.50) = −45
-- quote      field 200 minutes   inside 400   inside work done by field   200 × (1.50 − 0.75) = 150
-- (order)    field  30 orders    inside 300   minutes aren't known
--
-- Visits are field work, all else is inside work. Orders are counted by who took them. What it costs more is the difference between a
-- minute of who did it and one of the other half of the pair; below zero it was done by who is cheaper. Where a role isn't field or inside, its
-- minutes stand beside the two.
with mate as (
    select
        m.window_id, m.key as pair_id, m.employee_id,
        case when e.role = 'field' then 'field' when e.role = 'inside' then 'inside' else 'other' end as role,
        p.full_cost, p.presence_minutes
    from sales_member as m
    join employees as e on e.employee_id = m.employee_id
    left join (select * from sales_pay where level = 'employee') as p on p.window_id = m.window_id and p.key = m.employee_id
    where m.level = 'pair'
), minute as (
    select
        window_id, pair_id,
        case when sum(case when role = 'field' then 1 else 0 end) = count(case when role = 'field' then full_cost end)
            then sum(case when role = 'field' then full_cost else 0 end) end as field_cost,
        case when sum(case when role = 'field' then 1 else 0 end) = count(case when role = 'field' then presence_minutes end)
            then sum(case when role = 'field' then presence_minutes else 0 end) end as field_presence,
        case when sum(case when role = 'inside' then 1 else 0 end) = count(case when role = 'inside' then full_cost end)
            then sum(case when role = 'inside' then full_cost else 0 end) end as inside_cost,
        case when sum(case when role = 'inside' then 1 else 0 end) = count(case when role = 'inside' then presence_minutes end)
            then sum(case when role = 'inside' then presence_minutes else 0 end) end as inside_presence
    from mate
    group by window_id, pair_id
), event as (
    select w.window_id, e.employee_id, e.kind, count(*) as events, sum(e.minutes) as minutes
    from sales_event as e join window_day as w on w.day = e.occurred_at
    where e.employee_id <> ''
    group by w.window_id, e.employee_id, e.kind
    union all
    select m.window_id, f.employee_id, '(order)' as kind, sum(f.orders) as events, cast(0 as bigint) as minutes
    from fct_employee_month as f join window_month as m on m.period = f.period
    where f.employee_id <> '' and f.orders > 0
    group by m.window_id, f.employee_id
), done as (
    select
        m.window_id, m.pair_id, e.kind,
        sum(case when m.role = 'field' then e.events else 0 end) as field_events,
        sum(case when m.role = 'field' then e.minutes else 0 end) as field_minutes,
        sum(case when m.role = 'inside' then e.events else 0 end) as inside_events,
        sum(case when m.role = 'inside' then e.minutes else 0 end) as inside_minutes,
        sum(case when m.role = 'other' then e.events else 0 end) as other_events,
        sum(case when m.role = 'other' then e.minutes else 0 end) as other_minutes
    from mate as m join event as e on e.window_id = m.window_id and e.employee_id = m.employee_id
    group by m.window_id, m.pair_id, e.kind
), supplied as (
    select count(minutes) as with_minutes from activities
), judged as (
    select
        d.*, case when d.kind = 'visit' then d.inside_events else d.field_events end as swapped_events,
        case when d.kind = 'visit' then d.inside_minutes else d.field_minutes end as swapped_minutes,
        s.with_minutes > 0 and d.kind <> '(order)' as has_minutes,
        half_even(cast(n.field_cost as hugeint) * case when d.kind = 'visit' then d.inside_minutes else d.field_minutes end, n.field_presence) as as_field,
        half_even(cast(n.inside_cost as hugeint) * case when d.kind = 'visit' then d.inside_minutes else d.field_minutes end, n.inside_presence) as as_inside
    from done as d
    join minute as n on n.window_id = d.window_id and n.pair_id = d.pair_id
    cross join supplied as s
)
select
    window_id,                                          -- text → dim_window: Window of closed months
    pair_id,                                            -- text: Pair
    kind,                                               -- text: visit, call, quote, question, …; (order) for orders that were taken
    case when kind = 'visit' then 'field' else 'inside' end as belongs_to,      -- text (field | inside): Whose work it is
    field_events,                                       -- count: Number of events done by the field
    case when has_minutes then field_minutes end as field_minutes,      -- minutes?: Its minutes; empty for orders, and where the source has none
    inside_events,                                      -- count: Number of events done by the inside staff
    case when has_minutes then inside_minutes end as inside_minutes,    -- minutes?: Its minutes
    other_events,                                       -- count: Number of events done by members of the pair with another role
    case when has_minutes then other_minutes end as other_minutes,      -- minutes?: Their minutes
    swapped_events,                                     -- count: Number of events done by the other half: inside work by field, field work by inside
    case when has_minutes then swapped_minutes end as swapped_minutes,  -- minutes?: Minutes of these events
    share(swapped_events, field_events + inside_events + other_events) as swapped_share,    -- share?: Share of all events of the kind
    case when has_minutes then case when kind = 'visit' then as_inside - as_field else as_field - as_inside end end as swapped_cost   -- money?: Additional cost of these minutes compared with the half whose work it is; empty if pay or presence of the pair isn't known
from judged

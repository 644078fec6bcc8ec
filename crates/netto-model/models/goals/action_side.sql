-- action_side: Which closed months lie before an agreed action, and which after it: as many on either side, twelve at most.
-- grain: start
-- key: started_at
-- published: no
--
-- agreed on 2025-03-10, closed through 2025-06: before 2024-12..2025-02, after 2025-04..2025-06; March is part of both
-- agreed on 2025-03-01                          before 2024-11..2025-02, after 2025-03..2025-06
--
-- The month of the start is after it only from its first day on. There is no row while no month has closed since, or where the data don't
-- reach back.
with month as (
    select period, row_number() over (order by period) as place, lead(period) over (order by period) as next_period from dim_period
), placed as (
    select period, next_period, cast(place as bigint) as place from month
), closed as (
    select p.place as last_place from placed as p join dim_window as w on w.last_period = p.period where w.window_id = 'main'
), start as (
    select distinct started_at from actions
), started as (
    select
        s.started_at, p.place as start_place, closed.last_place,
        case when s.started_at = p.period then p.place else p.place + 1 end as after_place
    from start as s cross join placed as p cross join closed
    where s.started_at >= p.period and (p.next_period is null or s.started_at < p.next_period)
), counted as (
    select *, least(start_place - 1, last_place - after_place + 1, 12) as months from started
), numbered as (
    select
        started_at, months, start_place - months as before_first, start_place - 1 as before_last, after_place as after_first,
        after_place + months - 1 as after_last
    from counted where months > 0
)
select
    n.started_at,                       -- date: From which day
    n.months,                           -- count: Months on either side
    bf.period as before_first,          -- date: First month before
    bl.period as before_last,           -- date: Last month before
    af.period as after_first,           -- date: First month after
    al.period as after_last,            -- date: Last month after
    al.next_period as after_until       -- date?: First day that isn't after it any more; empty if the data end before
from numbered as n
join placed as bf on bf.place = n.before_first
join placed as bl on bl.place = n.before_last
join placed as af on af.place = n.after_first
join placed as al on al.place = n.after_last

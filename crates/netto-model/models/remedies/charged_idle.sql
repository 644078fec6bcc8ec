-- charged_idle: Which part of what a time-driven activity is charged in a month is idle capacity of its pool: with less work it would be as much as with more.
-- grain: month × activity × part of the pool
-- key: period, activity, pool_part
-- published: no
-- source: Kaplan & Anderson, Time-Driven Activity-Based Costing (2007), on the cost of unused capacity
--
-- pool 1,000, practical capacity 1,000 minutes, 100 used   charged for 100 minutes: 1,000   idle 900 of 1,000
--
-- If this work ends, 100 minutes are freed at 1.00 each; the other 900 are paid for all the same. Of a pool that is kept by warehouse each has its own.
with idle as (
    select
        b.pool, b.period, b.warehouse, b.practical_minutes,
        half_even(cast(b.idle_minutes as hugeint) * cast(round(p.fixed_share * 1000000) as bigint), 1000000) as idle_minutes
    from pool_balance as b join dim_pool as p on p.pool = b.pool
    where p.idle = 'charge'
)
select
    w.period,               -- date → dim_period: First day of the calendar month
    a.activity,             -- text → dim_activity: Time-driven activity of a pool that charges idle capacity
    w.warehouse as pool_part,   -- text: The warehouse, for pools kept by warehouse; otherwise empty
    w.idle_minutes,         -- minutes: Idle minutes, as far as they cost the same when nobody works
    w.practical_minutes     -- minutes: Practical capacity of the pool
from idle as w join dim_activity as a on a.pool = w.pool
where a.method = 'time' and w.idle_minutes > 0 and w.practical_minutes > 0

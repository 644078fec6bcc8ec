-- delivery_speed: Promised and actual delivery dates of sales lines that have both.
-- grain: window × level × key
-- key: window_id, level, key
-- by level: tier → tier, delivery → delivery, month → month
-- needs: delivery_month
--
-- lines  promised  late  days late  lead days     late     days late, on average   lead days, on average
-- 10     8         2     7          24            25 %     3.5                     3.0
--
-- A line belongs to the month of its order. What comes back was delivered to nobody. Empty where no line has both days.
with levels (level) as (
    values ('tier'), ('delivery'), ('month')
), known as (
    select sum(lines_promised) as lines from delivery_month
), keyed as (
    select
        w.window_id, levels.level,
        case
            when levels.level = 'tier' then coalesce(c.tier, '')
            when levels.level = 'delivery' then d.delivery
            else p.label
        end as key,
        d.lines, d.lines_promised, d.lines_late, d.days_late, d.lead_days
    from delivery_month as d
    join window_month as w on w.period = d.period
    join dim_period as p on p.period = d.period
    left join customer_window as c on c.window_id = w.window_id and c.customer_id = d.customer_id
    cross join levels cross join known
    where known.lines > 0
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    level,                                              -- text (tier | delivery | month): What the key names
    key,                                                -- text: Tier, stock or direct, or month as 2025-03
    sum(lines) as lines,                                -- count: Lines of sales
    sum(lines_promised) as lines_promised,              -- count: Of which with a promised and an actual delivery date
    sum(lines_late) as lines_late,                      -- count: Lines delivered after the promised date
    share(sum(lines_late), sum(lines_promised)) as late_share,          -- share?: Late ÷ promised
    share(sum(days_late), sum(lines_late)) as average_days_late,        -- days?: Days late of the late lines, on average
    share(sum(lead_days), sum(lines_promised)) as average_lead_days     -- days?: Days from order to delivery, on average
from keyed
group by window_id, level, key

-- audit: Every level is the same lines.
with whole as (
    select window_id, level, sum(lines) as lines, sum(lines_late) as lines_late from delivery_speed group by window_id, level
)
select a.window_id, a.level, a.lines, b.level as other, b.lines as other_lines, a.lines_late, b.lines_late as other_late
from whole as a join whole as b on a.window_id = b.window_id
where a.lines <> b.lines or a.lines_late <> b.lines_late

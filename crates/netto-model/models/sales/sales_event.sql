-- sales_event: Visits, calls and whatever else took time, with the day of the week and the part of the day.
-- grain: event
-- key: activity_id
-- published: no
--
-- 7 March 2025 at 15:30     Friday (5), afternoon
select
    activity_id,                                -- text: Event
    occurred_at,                                -- date: Day
    day_number(occurred_at) as day_number, -- integer: Day since 1970-01-01, a Thursday
    (((day_number(occurred_at) + 3) % 7) + 7) % 7 + 1 as weekday, -- integer: 1 Monday to 7 Sunday
    case
        when occurred_time is null then ''
        when occurred_time < 720 then 'morning'
        when occurred_time < 1080 then 'afternoon'
        else 'evening'
    end as part_of_day,                         -- text (morning | afternoon | evening | ): Until noon, until six, later; empty if nobody said when
    kind,                                       -- text: visit, call, quote, …
    coalesce(employee_id, '') as employee_id,   -- text: Who did it; empty if the event names none
    coalesce(customer_id, '') as customer_id,   -- text: For which customer; empty if it names none
    coalesce(prospect_id, '') as prospect_id,   -- text: Or for which prospect
    coalesce(outcome, '') as outcome,           -- text: What came of it; empty if nobody said
    coalesce(minutes, 0) as minutes             -- minutes: Minutes spent
from activities

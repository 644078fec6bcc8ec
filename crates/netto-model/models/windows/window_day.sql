-- window_day: The days of each window on which anything happened: what has a day is by window through this.
-- grain: window × day
-- key: window_id, day
-- published: no
--
-- There are far fewer days than events: so a day is held against each window, and not every event.
with happened as (
    select distinct occurred_at as day from activities
)
select
    w.window_id,    -- text → dim_window: Window of closed months
    h.day           -- date: A day in it
from dim_window as w cross join happened as h
where h.day between w.first_period and w.last_day

-- window_month: The months of each window: what is by month is by window through this.
-- grain: window × month
-- key: window_id, period
-- published: no
select
    w.window_id,     -- text → dim_window: Window of closed months
    p.period        -- date → dim_period: A month in it
from dim_window as w cross join dim_period as p
where p.period between w.first_period and w.last_period

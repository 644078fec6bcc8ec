-- window_comparable: Windows whose net profit can be compared with that of the window before.
-- grain: window
-- key: window_id
-- published: no
--
-- lines of 2024 and 2025, costs of 2025 only: the costs are no rise, so 2025 isn't compared
select
    w.window_id,                                                    -- text → dim_window: Window of closed months
    w.previous_window                                               -- text → dim_window: The window that it is compared with
from dim_window as w
join window_known as now on w.window_id = now.window_id
join window_known as old on w.previous_window = old.window_id
where now.has_cost = old.has_cost and now.has_profit = old.has_profit

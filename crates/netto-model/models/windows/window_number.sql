-- window_number: Windows with a whole number each, in the order of their names.
-- grain: window
-- key: window_no
-- published: no
select
    cast(row_number() over (order by window_id) as bigint) as window_no,     -- integer: Its number
    window_id,                                                              -- text → dim_window: Window of closed months
    first_period,                                                           -- date: Its first month
    last_period,                                                            -- date: Its last month
    months,                                                                 -- count: Months in it
    previous_window                                                         -- text?: The window that it is compared with
from dim_window

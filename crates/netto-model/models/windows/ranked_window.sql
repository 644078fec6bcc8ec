-- ranked_window: The months over which customers are added up and ranked: those of each window, and those on both sides of an agreed action.
-- grain: first month × last month
-- key: first_period, last_period
-- published: no
with wanted as (
    select first_period, last_period from dim_window
    union all
    select before_first as first_period, before_last as last_period from action_side
    union all
    select after_first as first_period, after_last as last_period from action_side
)
select distinct
    first_period,   -- date: First month
    last_period     -- date: Last month
from wanted

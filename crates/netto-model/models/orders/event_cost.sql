-- event_cost: What each activity and deviation cost: its part of the activities of cost-to-serve that are measured on them.
-- grain: source × event
-- key: source, event_id
-- published: no
--
-- complaint, 10 minutes    of answering 20.00, of credit notes 5.00     25.00
select
    source,                                             -- text: activities or deviations
    event_id,                                           -- text: Event
    period,                                             -- date → dim_period: First day of the calendar month in which it happened
    customer_id,                                        -- text: Customer; empty if a deviation names none: then its cost is unassigned
    sum(cost) as cost                                   -- money: What it cost
from event_work
group by source, event_id, period, customer_id

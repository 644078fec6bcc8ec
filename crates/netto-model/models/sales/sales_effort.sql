-- sales_effort: What each employee did: visits, calls, quotes, and what the ledger charges for the visits.
-- grain: window × employee
-- key: window_id, employee_id
-- published: no
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- A quote is decided where its outcome is one of those that the configuration calls won or lost; what is still followed up is neither.
with charged as (
    select m.window_id, v.employee_id, sum(v.visits) as visits, sum(v.cost) as cost
    from visit_cost as v join window_month as m on m.period = v.period
    where v.cost is not null
    group by m.window_id, v.employee_id
), done as (
    select
        w.window_id, e.employee_id,
        sum(case when e.kind = 'visit' then 1 else 0 end) as visits,
        sum(case when e.kind = 'call' then 1 else 0 end) as calls,
        sum(case when e.kind = 'visit' then e.minutes else 0 end) as visit_minutes, sum(e.minutes) as event_minutes,
        sum(case when e.kind = 'quote' then 1 else 0 end) as quotes,
        sum(case when e.kind = 'quote' and o.result = 'won' then 1 else 0 end) as quotes_won,
        sum(case when e.kind = 'quote' and o.result is not null then 1 else 0 end) as quotes_decided
    from sales_event as e
    left join quote_outcome as o on o.outcome = e.outcome
    join window_day as w on w.day = e.occurred_at
    where e.employee_id <> ''
    group by w.window_id, e.employee_id
)
select
    d.window_id,                                 -- text → dim_window: Window of closed months
    d.employee_id,                              -- text: Employee
    d.visits,                                   -- count: Visits, to customers and prospects
    d.calls,                                    -- count: Calls
    d.visit_minutes,                            -- minutes: Minutes of visits
    d.event_minutes,                            -- minutes: Minutes of all events
    d.quotes,                                   -- count: Quotes
    d.quotes_decided,                           -- count: Of which won or lost
    d.quotes_won,                               -- count: Of which won
    c.visits as charged_visits,                 -- count?: Visits that the ledger charges to customers; empty if there are none
    c.cost as visit_cost,                       -- money?: What it charges for them
    half_even(c.cost, c.visits) as cost_per_visit       -- money?: The same ÷ these visits
from done as d
left join charged as c on c.window_id = d.window_id and c.employee_id = d.employee_id

-- sales_effort: What each employee did: visits, calls, quotes, and what a visit costs: the part of the full cost that visits take, by minutes.
-- grain: window × employee
-- key: window_id, employee_id
-- published: no
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- full cost 85,320   160 visits of 110 minutes   present 115,200 minutes     85,320 × 17,600 ÷ 115,200 ÷ 160 = 81.47
--
-- Where presence isn't known, the minutes of all events stand for it. A quote is decided where its outcome is one of those that the configuration calls
-- won or lost; what is still followed up is neither.
with supplied as (
    select count(minutes) as with_minutes from activities
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
    case when supplied.with_minutes > 0 then half_even(
        cast(p.full_cost as hugeint) * d.visit_minutes, cast(coalesce(p.presence_minutes, d.event_minutes) as hugeint) * d.visits
    ) end as cost_per_visit                     -- money?: Full cost × visit minutes ÷ presence ÷ visits; empty where the cost or the minutes aren't known
from done as d
cross join supplied
left join (select * from sales_pay where level = 'employee') as p on p.window_id = d.window_id and p.key = d.employee_id

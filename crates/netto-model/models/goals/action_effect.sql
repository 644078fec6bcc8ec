-- action_effect: Results per month before and after agreed actions, compared with customers of the same tier and size without an action: equal numbers of
-- closed months before and after the start, at most twelve.
-- grain: customer × remedy × start
-- key: customer_id, remedy, started_at
-- needs: actions
-- source: Card & Krueger, Minimum Wages and Employment, American Economic Review (1994): difference in differences
--
-- net profit per month  −40 → 10   change 50
-- peers, mean                      change 12     ten at least, of the same tier and size, without an action in those months
--
-- One customer proves nothing, so no effect of one action is claimed: action_result.sql looks at all actions of a kind together.
with known as (
    select period, max(case when cost_to_serve_supplied then 1 else 0 end) as is_known from fct_customer_month group by period
), costed_before as (
    select s.started_at, max(k.is_known) as is_known
    from action_side as s cross join known as k where k.period between s.before_first and s.before_last
    group by s.started_at
), costed_after as (
    select s.started_at, max(k.is_known) as is_known
    from action_side as s cross join known as k where k.period between s.after_first and s.after_last
    group by s.started_at
)
select
    a.customer_id,                                  -- text → dim_customer: Customer
    a.remedy,                                       -- text: Kind of action
    a.started_at,                                   -- date: Start date
    a.note,                                         -- text?: Remark
    coalesce(s.months, 0) as months,                -- count, never summed: Months compared on either side; 0 while no month has closed since
    c.revenue_before,                               -- money?: Invoice revenue per month before
    c.revenue_after,                                -- money?: Invoice revenue per month from the start on
    case when b.is_known = 1 and f.is_known = 1 then c.cost_before end as cost_before, -- money?: Cost-to-serve per month before
    case when b.is_known = 1 and f.is_known = 1 then c.cost_after end as cost_after, -- money?: Cost-to-serve per month from the start on
    c.profit_before,                                -- money?: Net profit per month before
    c.profit_after,                                 -- money?: Net profit per month from the start on
    c.change,                                       -- money?: Change of net profit per month
    case when c.tier is not null then coalesce(p.customers, 0) end as peers, -- count?, never summed: Customers of the same tier and size before the start, without any action in the months
    case when p.customers >= 10 then p.peer_change end as peer_change -- money?, never summed: Their mean change of net profit per month; empty with fewer than ten
from actions as a
left join action_side as s on s.started_at = a.started_at
left join costed_before as b on b.started_at = a.started_at
left join costed_after as f on f.started_at = a.started_at
left join action_change as c on c.started_at = a.started_at and c.customer_id = a.customer_id
left join action_peer as p on p.started_at = c.started_at and p.tier = c.tier and p.size = c.size

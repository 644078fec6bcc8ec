-- agreed_remedy: What became of the remedies that were agreed with a customer, each by its last agreement.
-- grain: customer × remedy
-- key: customer_id, remedy
-- published: no
--
-- agreed in March 2025, main window up to December 2025     running: it isn't proposed again
-- agreed in March 2023, net profit 40 a month higher,
-- that of peers 10 higher                                   worked
with main as (
    select 12 * extract(year from last_period) + extract(month from last_period) as last_month from dim_window where window_id = 'main'
), agreed as (
    select e.customer_id, e.remedy, max(e.started_at) as started_at from action_effect as e group by e.customer_id, e.remedy
)
select
    e.customer_id,                                      -- text → dim_customer: Customer
    e.remedy,                                           -- text: Kind of action
    case
        when 12 * extract(year from e.started_at) + extract(month from e.started_at) > main.last_month - 12 then 'running'
        when e.change - coalesce(e.peer_change, 0) <= 0 then 'failed'
        when e.change - coalesce(e.peer_change, 0) > 0 then 'worked'
        else 'unknown'
    end as agreed                                       -- text (running | failed | worked | unknown): What became of it; running for twelve months from the agreement
from action_effect as e
join agreed as a on a.customer_id = e.customer_id and a.remedy = e.remedy and a.started_at = e.started_at
cross join main

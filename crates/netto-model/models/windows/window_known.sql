-- window_known: What is known of each window: where neither cost of goods was supplied nor any other cost booked, nothing is said of who earns and who loses.
-- grain: window
-- key: window_id
-- published: no
--
-- An online shop that has neither has revenue, and no profit: as many customers that earn as customers would be a claim.
with supplied as (
    select
        m.window_id, max(case when f.cogs_supplied then 1 else 0 end) as has_cogs,
        max(case when f.cost_to_serve_supplied or f.freight_cost_supplied then 1 else 0 end) as has_cost
    from fct_customer_month as f join window_month as m on m.period = f.period
    group by m.window_id
)
select
    w.window_id,                                                    -- text → dim_window: Window of closed months
    coalesce(s.has_cost, 0) as has_cost,                            -- integer: 1 where cost-to-serve or freight was booked
    greatest(coalesce(s.has_cogs, 0), coalesce(s.has_cost, 0)) as has_profit    -- integer: 1 where any cost is known, of goods or of serving: without any, revenue would be profit
from dim_window as w left join supplied as s on s.window_id = w.window_id

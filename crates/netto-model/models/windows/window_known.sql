-- window_known: What is known of each window: where no cost of goods was supplied, nothing is said of margins, of who earns and who loses, and from which size an
-- order earns.
-- grain: window
-- key: window_id
-- published: no
--
-- Revenue without the cost of goods is no margin, whatever else is booked: an order of 50 at a cost of 20 would earn 30, and break even at 20. Goods that cost nothing are
-- supplied with a cost of zero.
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
    coalesce(s.has_cogs, 0) as has_profit                           -- integer: 1 where the cost of goods was supplied: without it revenue would be margin and profit
from dim_window as w left join supplied as s on s.window_id = w.window_id

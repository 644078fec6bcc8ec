-- sensitivity: The band of each customer's net profit when minutes and driver quantities are as uncertain as the configuration says.
-- grain: window × customer
-- key: window_id, customer_id
--
-- net profit  low     high    sign certain
-- 120.00      80.00   155.00  true           earns in any case
-- -12.00     -40.00    11.00  false          may earn or lose: no ground for a farewell
--
-- The tier is uncertain only where the pyramid ranks by net profit: then a customer may pass whoever's band overlaps with its own. Surely above is whose
-- low end lies above its high end, possibly above whose high end reaches its low end; hysteresis may hold it in a tier that no such rank has.
with off as (
    select m.window_id, b.customer_id, sum(b.less_amount) as less_amount, sum(b.more_amount) as more_amount
    from cost_band as b join window_month as m on m.period = b.period
    group by m.window_id, b.customer_id
), band as (
    select
        c.window_id, c.customer_id, c.tier, c.cut_tier, c.rank, c.net_profit,
        c.net_profit - coalesce(off.more_amount, 0) as net_profit_low, c.net_profit + coalesce(off.less_amount, 0) as net_profit_high
    from customer_window as c
    join window_known as k on k.window_id = c.window_id
    left join off on off.window_id = c.window_id and off.customer_id = c.customer_id
    where k.has_profit = 1
), ranked as (
    select * from band where rank is not null and $rank_by = 'net_profit'
), ends as (
    -- Customers that are surely above have their low end after this one's high end; those possibly above have a high end that isn't before its low end.
    select window_id, customer_id, 'surely' as how, net_profit_high as value, 1 as side, 0 as counts from ranked
    union all
    select window_id, customer_id, 'surely' as how, net_profit_low as value, 0 as side, 1 as counts from ranked
    union all
    select window_id, customer_id, 'possibly' as how, net_profit_low as value, 0 as side, 0 as counts from ranked
    union all
    select window_id, customer_id, 'possibly' as how, net_profit_high as value, 1 as side, 1 as counts from ranked
), running as (
    select
        window_id, customer_id, how, counts, sum(counts) over (partition by window_id, how) as counted,
        sum(counts) over (partition by window_id, how order by value, side, counts, customer_id) as up_to_here
    from ends
), place as (
    select
        window_id, customer_id,
        max(case when how = 'surely' then counted - up_to_here + 1 end) as best_rank,
        max(case when how = 'possibly' then counted - up_to_here end) as worst_rank
    from running where counts = 0
    group by window_id, customer_id
), reached as (
    select
        b.window_id, b.customer_id, own.tier_order as own_order,
        greatest(own.tier_order, coalesce(low.tier_order, own.tier_order), coalesce(high.tier_order, own.tier_order)) as low_order,
        least(own.tier_order, coalesce(low.tier_order, own.tier_order), coalesce(high.tier_order, own.tier_order)) as high_order
    from band as b
    join dim_tier as own on own.tier = b.tier
    left join place as p on p.window_id = b.window_id and p.customer_id = b.customer_id
    left join ranked as worst on worst.window_id = p.window_id and worst.rank = p.worst_rank
    left join ranked as best on best.window_id = p.window_id and best.rank = p.best_rank
    left join dim_tier as low on low.tier = worst.cut_tier
    left join dim_tier as high on high.tier = best.cut_tier
)
select
    b.window_id,                                -- text → dim_window: Window of closed months
    b.customer_id,                              -- text → dim_customer: Customer
    b.net_profit,                               -- money: Net profit
    b.net_profit_low,                           -- money: Lowest net profit within the ranges
    b.net_profit_high,                          -- money: Highest net profit within the ranges
    b.net_profit_low >= 0 or b.net_profit_high < 0 as sign_certain, -- bool: Whether it earns, or loses, wherever in the band the truth lies
    b.tier,                                     -- text → dim_tier: Tier
    low.tier as tier_low,                       -- text → dim_tier: Lowest tier within the ranges
    high.tier as tier_high,                     -- text → dim_tier: Highest tier within the ranges
    low.tier = high.tier as tier_certain        -- bool: Whether the tier is the same wherever in the bands the truth lies
from band as b
join reached as r on r.window_id = b.window_id and r.customer_id = b.customer_id
join dim_tier as low on low.tier_order = r.low_order
join dim_tier as high on high.tier_order = r.high_order

-- tier_upgrade: The value of moving a customer one tier up (Curry): the difference between the averages of two neighbouring tiers.
-- grain: window × tier
-- key: window_id, tier
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- tier    customers  average profit  of the tier above  upgrade  threshold  near
-- Medium        150           1,200              6,800    5,600     48,000     4      so many lack at most 4,800
--
-- Inactive customers would move up to Small: what it is worth to win one back. The threshold is the lowest measure that rank alone
-- puts into the tier above, so customers that hysteresis holds there don't lower it.
with steps (tier, next_tier) as (
    values ('Large', 'Top'), ('Medium', 'Large'), ('Small', 'Medium'), ('Inactive', 'Small')
), ranked as (
    select *, case when $rank_by = 'net_profit' then net_profit else invoice_revenue end as measure
    from customer_window
), averages as (
    select
        window_id, tier, count(*) as customers,
        half_even(sum(invoice_revenue), count(*)) as average_revenue,
        half_even(sum(net_profit), count(*)) as average_net_profit
    from ranked
    group by window_id, tier
), thresholds as (
    select window_id, cut_tier, min(measure) as threshold from ranked where rank is not null group by window_id, cut_tier
), near as (
    select ranked.window_id, ranked.tier, count(*) as near_customers
    from ranked
    join steps on steps.tier = ranked.tier
    join thresholds on thresholds.window_id = ranked.window_id and thresholds.cut_tier = steps.next_tier
    where rank is not null and cast(threshold - measure as hugeint) * 10 <= abs(threshold)
    group by ranked.window_id, ranked.tier
), every_step as (
    select windows.window_id, steps.tier, steps.next_tier
    from (select distinct window_id from customer_window) as windows cross join steps
)
select
    every_step.window_id,                                -- text → dim_window: Window of closed months
    every_step.tier,                                    -- text → dim_tier: Tier of the customers that would move up
    every_step.next_tier,                               -- text → dim_tier: The tier above it
    coalesce(below.customers, 0) as customers,          -- count: Customers in the tier
    below.average_revenue,                              -- money?, never summed: Invoice revenue per customer of the tier, half-even
    below.average_net_profit,                           -- money?, never summed: Net profit per customer of the tier, half-even
    above.average_revenue - below.average_revenue as upgrade_revenue,     -- money?, never summed: Average invoice revenue of the next tier less that of this tier
    above.average_net_profit - below.average_net_profit as upgrade_value, -- money?, never summed: Average net profit of the next tier less that of this tier: the value of one upgrade
    thresholds.threshold,                               -- money?, never summed: Lowest value of the ranking measure in the next tier: the value that a customer needs for it
    coalesce(near.near_customers, 0) as near_customers  -- count: Customers of the tier that lack at most a tenth of that threshold
from every_step
left join averages as below on below.window_id = every_step.window_id and below.tier = every_step.tier
left join averages as above on above.window_id = every_step.window_id and above.tier = every_step.next_tier
left join thresholds on thresholds.window_id = every_step.window_id and thresholds.cut_tier = every_step.next_tier
left join near on near.window_id = every_step.window_id and near.tier = every_step.tier

-- tier_upgrade: What it is worth to push a customer one tier up (Curry): the difference between the averages of two neighbouring tiers.
-- grain: window × tier
-- key: window, tier
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
        "window", tier, count(*) as customers,
        half_even(sum(invoice_revenue), count(*)) as average_revenue,
        half_even(sum(net_profit), count(*)) as average_net_profit
    from ranked
    group by "window", tier
), thresholds as (
    select "window", cut_tier, min(measure) as threshold from ranked where rank is not null group by "window", cut_tier
), near as (
    select ranked."window", ranked.tier, count(*) as near_customers
    from ranked
    join steps on steps.tier = ranked.tier
    join thresholds on thresholds."window" = ranked."window" and thresholds.cut_tier = steps.next_tier
    where rank is not null and cast(threshold - measure as hugeint) * 10 <= abs(threshold)
    group by ranked."window", ranked.tier
), every_step as (
    select windows."window", steps.tier, steps.next_tier
    from (select distinct "window" from customer_window) as windows cross join steps
)
select
    every_step."window",                                -- text → dim_window: Window of closed months
    every_step.tier,                                    -- text → dim_tier: Tier of the customers that would move up
    every_step.next_tier,                               -- text → dim_tier: The tier above it
    coalesce(below.customers, 0) as customers,          -- count: Customers in the tier
    below.average_revenue,                              -- money?: Invoice revenue per customer of the tier, half-even
    below.average_net_profit,                           -- money?: Net profit per customer of the tier, half-even
    above.average_revenue - below.average_revenue as upgrade_revenue,     -- money?: Average invoice revenue of the next tier less that of this tier
    above.average_net_profit - below.average_net_profit as upgrade_value, -- money?: Average net profit of the next tier less that of this tier: what one upgrade is worth
    thresholds.threshold,                               -- money?: Measure of the pyramid from which a customer stands in the next tier: the lowest in it
    coalesce(near.near_customers, 0) as near_customers  -- count: Customers of the tier that lack at most a tenth of that threshold
from every_step
left join averages as below on below."window" = every_step."window" and below.tier = every_step.tier
left join averages as above on above."window" = every_step."window" and above.tier = every_step.next_tier
left join thresholds on thresholds."window" = every_step."window" and thresholds.cut_tier = every_step.next_tier
left join near on near."window" = every_step."window" and near.tier = every_step.tier

-- tier_migration: Movement in the pyramid from tier to tier, with counts, revenue and profit.
-- grain: window × previous tier × tier
-- key: window_id, previous_tier, tier
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- previous tier  tier      customers
-- Small          Medium    12           moved up
-- Inactive       Small      7           won back
-- New            Small     31           never seen before
-- Small          Inactive  25           lost
--
-- New is who had never ordered by the end of the window that this one is compared with. Who was served, but never ordered, isn't a new customer.
with began as (
    select customer_id, min(period) as period from fct_customer_month where orders > 0 group by customer_id
), compared as (
    select w.window_id, w.previous_window, old.last_period
    from dim_window as w join dim_window as old on w.previous_window = old.window_id
), moves as (
    select
        now.window_id, case when b.period <= w.last_period then coalesce(before.tier, 'New') else 'New' end as previous_tier, now.tier,
        coalesce(before.invoice_revenue, 0) as previous_revenue, now.invoice_revenue,
        coalesce(before.net_profit, 0) as previous_net_profit, now.net_profit
    from customer_window as now
    join compared as w on now.window_id = w.window_id
    left join customer_window as before
        on w.previous_window = before.window_id and now.customer_id = before.customer_id
    left join began as b on now.customer_id = b.customer_id
    where now.tier <> '(unknown)'
), named as (
    select
        moves.*,
        case
            when previous_tier in ('New', 'Inactive') and moves.tier = 'Inactive' then 'inactive'
            when previous_tier = 'New' then 'new'
            when previous_tier = 'Inactive' then 'won back'
            when moves.tier = 'Inactive' then 'lost'
            when new.tier_order = old.tier_order then 'same'
            when new.tier_order < old.tier_order then 'up'
            else 'down'
        end as movement
    from moves
    join dim_tier as new on new.tier = moves.tier
    left join dim_tier as old on old.tier = moves.previous_tier
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    previous_tier,                                      -- text: Tier in the previous window; New if the customer had not ordered before the end of that window
    tier,                                               -- text: Tier in this window
    movement,                                           -- text (up | down | same | new | lost | won back | inactive): What the move is
    count(*) as customers,                              -- count: Customers that made this move
    sum(previous_revenue) as previous_revenue,          -- money: Their invoice revenue in the previous window
    sum(invoice_revenue) as invoice_revenue,            -- money: Their invoice revenue in this window
    sum(previous_net_profit) as previous_net_profit,    -- money: Their net profit in the previous window
    sum(net_profit) as net_profit                       -- money: Their net profit in this window
from named
group by window_id, previous_tier, tier, movement

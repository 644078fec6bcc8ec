-- customer_step_up: Customers that can move up a tier: the revenue that each lacks, whether its potential is large enough, and the expected effect.
-- grain: window × customer
-- key: window_id, customer_id
-- source: Curry & Curry, The Customer Marketing Method (2000): customers are moved up the pyramid one by one, each with a goal
--
-- Medium begins at 48,000      revenue   potential   lacks    margin   net profit    it would bring
-- A  Small                     40,000    90,000      8,000    25 %     10 %          800 to 2,000
-- B  Small                     46,000    not known   2,000    25 %     10 %          200 to 500     at most a tenth is lacking
-- C  Small                     40,000    45,000      8,000                                          it can't buy that much: it isn't listed
--
-- The list has customers whose potential is large enough, or, if no potential is known, that lack at most a tenth. Customers that lose money are not listed:
-- more of the same would increase the loss. The effect is at least net profit per revenue, if all cost grows along, and at most the margin, if no cost
-- does. The goal is in the measure that ranks customers; if that is net profit, the goal itself is the effect. If no cost was booked, only the margin
-- is known, and no net profit is shown.
with supplied as (
    select max(case when f.cost_to_serve_supplied then 1 else 0 end) as has_cost, max(case when f.cogs_supplied then 1 else 0 end) as has_cogs
    from fct_customer_month as f join window_month as m on m.period = f.period
    where m.window_id = 'main'
), standing as (
    select
        c.window_id, c.customer_id, c.tier, u.next_tier, u.threshold, c.invoice_revenue, c.gross_margin, c.net_profit, s.has_cost, s.has_cogs,
        case when $rank_by = 'net_profit' then c.net_profit else c.invoice_revenue end as measure,
        half_even(cast(k.potential as hugeint) * w.months, 12) - c.invoice_revenue as left_to_win
    from customer_window as c
    join dim_window as w on w.window_id = c.window_id
    join tier_upgrade as u on u.window_id = c.window_id and u.tier = c.tier
    left join customers as k on k.customer_id = c.customer_id
    cross join supplied as s
    where c.window_id = 'main' and c.rank is not null and u.tier <> 'Inactive' and u.threshold > 0
        and c.invoice_revenue > 0 and c.gross_margin > 0 and (s.has_cost = 0 or c.net_profit > 0)
), lacking as (
    select *, threshold - measure as lacks from standing where measure < threshold
), needed as (
    select
        *, case when $rank_by = 'net_profit' then half_even(cast(lacks as hugeint) * invoice_revenue, net_profit) else lacks end as needed_revenue
    from lacking
), listed as (
    select
        *, half_even(cast(needed_revenue as hugeint) * gross_margin, invoice_revenue) as extra_margin,
        half_even(cast(needed_revenue as hugeint) * net_profit, invoice_revenue) as extra_profit
    from needed
    where needed_revenue is not null
        and (left_to_win >= needed_revenue or (left_to_win is null and cast(lacks as hugeint) * 10 <= threshold))
)
select
    window_id,                                          -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    tier,                                               -- text → dim_tier: Tier
    next_tier,                                          -- text → dim_tier: The tier that it can reach
    measure as reached_amount,                          -- money: Value today, in the measure that ranks customers: invoice revenue or net profit
    threshold as goal_amount,                           -- money, never summed: Goal: the value at which the next tier begins
    lacks,                                              -- money: Value that it lacks
    needed_revenue,                                     -- money: Invoice revenue needed for it
    share(needed_revenue, invoice_revenue) as growth_share,     -- share?: Needed revenue ÷ invoice revenue
    left_to_win as potential_left,                      -- money?: Further purchases that it could make in as many months; empty if its potential isn't known
    case when has_cogs = 1 then extra_margin end as extra_margin,       -- money?: Effect of the revenue at the customer's own margin, if no cost grows along; empty if no cost of goods was supplied
    case when has_cogs = 1 and has_cost = 1 then extra_profit end as extra_profit       -- money?: Effect of the revenue at the customer's own net profit, if all its cost grows along; empty if no cost was booked
from listed

-- customer_window: Every customer that bought in or before the window, with tier, rank and the totals of the window.
-- grain: window × customer
-- key: window_id, customer_id
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- rank  customer  revenue  cumulative  tier
-- 1     C3        500.00   500.00      Top
-- 2     C1        300.00   800.00      Large
--
-- Where the configuration asks for hysteresis, a customer may be held in the tier of the window before: hysteresis.rs, as each window waits for
-- the one before it.
with total as (
    select w.window_id, t.*
    from customer_total as t
    join dim_window as w on w.first_period = t.first_period and w.last_period = t.last_period
), cumulative as (
    select
        *, sum(invoice_revenue) over (partition by window_id order by place) as cumulative_revenue,
        sum(invoice_revenue) over (partition by window_id) as all_revenue
    from total
)
select
    c.window_id,                                        -- text → dim_window: Window of closed months
    c.customer_id,                                      -- text → dim_customer: Customer
    coalesce(h.tier, c.cut_tier) as tier,               -- text → dim_tier: Tier
    c.cut_tier,                                         -- text → dim_tier: Tier by rank alone; differs from the tier only if hysteresis holds a customer in its tier of the window before
    c.rank,                                             -- count?, never summed: Rank by the measure of the pyramid, 1 is highest; empty when inactive
    c.orders,                                           -- count: Orders
    c.lines,                                            -- count: Order lines
    c.invoice_revenue,                                  -- money: Invoice revenue
    c.gross_margin,                                     -- money: Gross margin
    c.cost_to_serve,                                    -- money: Cost-to-serve
    c.net_profit,                                       -- money: Net profit
    c.minutes,                                          -- minutes: Minutes of time-driven activities
    c.cumulative_revenue,                               -- money, never summed: Revenue of this customer and all customers with a higher rank
    share(c.cumulative_revenue, c.all_revenue) as cumulative_revenue_share, -- share?: Cumulative revenue as share of the total
    case when k.has_profit = 1 then share(c.gross_margin, c.invoice_revenue) end as margin_share -- share?: Gross margin ÷ invoice revenue; empty without the cost of goods
from cumulative as c
join window_known as k on k.window_id = c.window_id
left join held_tier as h on h.window_id = c.window_id and h.customer_id = c.customer_id

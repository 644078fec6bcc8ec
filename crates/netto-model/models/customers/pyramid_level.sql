-- pyramid_level: The tiers of the pyramid with their shares: of the whole company, of each market, and of each region.
-- grain: window × level × key × tier
-- key: window_id, level, key, tier
-- published: no
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- Tiers are those of the whole company, so that markets add up to it; shares are of the company, the market or the region. Share of wallet: 150
-- in half a year, of 1,000 a year, is 30 %. Where nobody has a market, or a region, there is no such level.
with levels as (
    select 'company' as level, '' as key, * from pyramid_member
    union all
    select 'market' as level, market as key, * from pyramid_member
    where window_id in (select window_id from pyramid_member where market <> '')
    union all
    select 'region' as level, region as key, * from pyramid_member
    where window_id in (select window_id from pyramid_member where region <> '')
), tiers as (
    select
        window_id, level, key, tier,
        sum(customers) as customers, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit, sum(loss_customers) as loss_customers,
        sum(minutes) as minutes, sum(potential) as potential, sum(revenue_with_potential) as revenue_with_potential
    from levels
    group by window_id, level, key, tier
)
select
    t.window_id,                                             -- text → dim_window: Window of closed months
    t.level,                                                -- text (company | market | region): What the key names
    t.key,                                                  -- text: Market, or region; empty for customers without one, and for the company
    t.tier,                                                 -- text → dim_tier: Tier
    d.tier_order,                                           -- count: Order of the tiers, 1 is Top
    t.customers,                                            -- count: Customers, prospects or suspects; companies in the rest of the market
    case when d.is_active then share(t.customers, sum(case when d.is_active then t.customers else 0 end) over whole) end
        as customer_share,                                  -- share?: Share of the active customers
    t.invoice_revenue,                                      -- money: Invoice revenue
    share(t.invoice_revenue, sum(t.invoice_revenue) over whole) as revenue_share,   -- share?: Share of invoice revenue
    t.gross_margin,                                         -- money: Gross margin
    case when k.has_profit = 1 then share(t.gross_margin, sum(t.gross_margin) over whole) end as margin_share,  -- share?: Share of gross margin; empty if the total is not above zero, and without the cost of goods
    case when k.has_cost = 1 then t.cost_to_serve end as cost_to_serve, -- money?: Cost-to-serve
    share(t.cost_to_serve, sum(t.cost_to_serve) over whole) as cost_share,          -- share?: Share of cost-to-serve
    case when k.has_profit = 1 then t.net_profit end as net_profit, -- money?: Net profit
    case when k.has_profit = 1 then share(t.net_profit, sum(t.net_profit) over whole) end as profit_share, -- share?: Share of net profit; empty if the total is not above zero
    t.potential,                                            -- money?: Purchases that they could make in a year
    share(half_even(t.revenue_with_potential * 12, w.months), t.potential) as share_of_wallet, -- share?: Invoice revenue per year ÷ potential, of customers with a potential
    t.minutes,                                              -- minutes: Minutes of attention: time-driven activities; of prospects and suspects, the minutes of their events
    share(t.minutes, sum(t.minutes) over whole) as minutes_share,                   -- share?: Share of the minutes of attention
    case when k.has_profit = 1 then t.loss_customers end as loss_customers -- count?: Customers with a negative net profit
from tiers as t
join dim_tier as d on d.tier = t.tier
join dim_window as w on w.window_id = t.window_id
join window_known as k on k.window_id = t.window_id
window whole as (partition by t.window_id, t.level, t.key)

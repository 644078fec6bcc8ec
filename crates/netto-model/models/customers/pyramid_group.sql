-- pyramid_group: The pyramid by market and by region. Tiers are those of the whole company, so that markets add up to `pyramid`; shares are of
-- the market or region. Prospects and the rest of the market have no region.
-- grain: window × level × key × tier
-- key: window_id, level, key, tier
-- by level: market → market, region → region
-- source: Curry & Curry, The Customer Marketing Method (2000)
select
    window_id,                                               -- text → dim_window: Window of closed months
    level,                                                  -- text (market | region): What the key names
    key,                                                    -- text: Market, or region; empty for customers without one
    tier,                                                   -- text → dim_tier: Tier
    tier_order,                                             -- count, never summed: Order of the tiers, 1 is Top
    customers,                                              -- count: Customers, prospects or suspects; companies in the rest of the market
    customer_share,                                         -- share?: Share of the active customers
    invoice_revenue,                                        -- money: Invoice revenue
    revenue_share,                                          -- share?: Share of invoice revenue
    gross_margin,                                           -- money: Gross margin
    margin_share,                                           -- share?: Share of gross margin; empty if the total is not above zero
    cost_to_serve,                                          -- money?: Cost-to-serve; empty if none was booked
    cost_share,                                             -- share?: Share of cost-to-serve
    net_profit,                                             -- money?: Net profit; empty if unknown
    profit_share,                                           -- share?: Share of net profit; empty if the total is not above zero
    potential,                                              -- money?: Purchases that they could make in a year
    share_of_wallet,                                        -- share?: Invoice revenue per year ÷ potential, of customers with a potential
    minutes,                                                -- minutes: Minutes of attention: time-driven activities; of prospects and suspects, the minutes of their events
    minutes_share,                                          -- share?: Share of the minutes of attention
    loss_customers                                          -- count?: Customers with a negative net profit; empty if no net profit is known
from pyramid_level
where level <> 'company'

-- audit: Markets, and regions, add up to the pyramid of the company.
with parts as (
    select
        window_id, level, tier, sum(customers) as customers, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit, sum(minutes) as minutes, sum(potential) as potential
    from pyramid_group
    group by window_id, level, tier
), wanted as (
    select levels.level, p.* from pyramid as p
    join (select distinct window_id, level from pyramid_group) as levels on levels.window_id = p.window_id
)
select
    w.window_id, w.level, w.tier, w.customers, coalesce(parts.customers, 0) as customers_of_parts,
    coalesce(parts.net_profit, 0) as found, w.net_profit as expected
from wanted as w
left join parts on parts.window_id = w.window_id and parts.level = w.level and parts.tier = w.tier
where coalesce(parts.customers, 0) <> w.customers or coalesce(parts.invoice_revenue, 0) <> w.invoice_revenue
    or coalesce(parts.gross_margin, 0) <> w.gross_margin or coalesce(parts.cost_to_serve, 0) <> coalesce(w.cost_to_serve, 0)
    or coalesce(parts.net_profit, 0) <> coalesce(w.net_profit, 0) or coalesce(parts.minutes, 0) <> w.minutes
    or coalesce(parts.potential, 0) <> coalesce(w.potential, 0)

-- pyramid: The customer pyramid (Curry): tiers with their customers, revenue, cost and profit.
-- grain: window × tier
-- key: window_id, tier
-- source: Curry & Curry, The Customer Marketing Method (2000)
--
-- Top 3 · Large 10 · Medium 37 · Small 200, of 250 active customers; below them Inactive, Prospect, Suspect, and the rest of the market
-- if the configuration has its size. Share of wallet: 150 in half a year, of 1,000 a year, is 30 %.
select
    window_id,                                               -- text → dim_window: Window of closed months
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
where level = 'company'

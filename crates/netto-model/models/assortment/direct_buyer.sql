-- direct_buyer: Segments that may prefer to deal with the supplier, by tier and market: the share of their purchases that suppliers deliver directly,
-- the share that comes from one supplier, and the revenue and profit that would be lost with them.
-- grain: window × level × key
-- key: window_id, level, key
-- by level: tier → tier, market → market
-- needs: fct_customer_product_month
-- source: Coughlan, Anderson, Stern & El-Ansary, Marketing Channels (2006): who buys much of few things needs no middleman's assortment
--
-- Large: revenue 10,000, of which 4,000 direct    0.4, a year before 0.3
--   A buys 6,000, of which 5,400 of L1, direct 3,500     ready to go: at least half direct, and nine tenths of one supplier
--   B buys 4,000 of L1 to L4, direct 500
--
-- The more of its purchases one supplier delivers, the less a customer needs the assortment, the stock and the credit of a distributor. A customer is
-- ready to go if at least half of its revenue is delivered directly and at least half comes from one supplier. In a month a product comes from
-- the supplier that it had on the first day. This is a sign, not a proof. If the
-- data don't show how goods are delivered, or who supplies them, nothing is listed.
with levels (level) as (
    values ('tier'), ('market')
), known as (
    select
        max(case when f.delivery <> '' then 1 else 0 end) as says_delivery, max(case when p.supplier_id <> '' then 1 else 0 end) as says_supplier
    from fct_customer_product_month as f left join product_version as p on p.product_id = f.product_id
), bought as (
    select
        m.window_id, f.customer_id, coalesce(p.supplier_id, '') as supplier_id, sum(f.invoice_revenue) as revenue,
        sum(case when f.delivery = 'direct' then f.invoice_revenue else 0 end) as direct
    from fct_customer_product_month as f
    join window_month as m on m.period = f.period
    left join product_version as p on p.product_id = f.product_id
    where p.product_id is null or day_number(f.period) between p.first_day and p.last_day
    group by m.window_id, f.customer_id, coalesce(p.supplier_id, '')
), by_customer as (
    select
        window_id, customer_id, sum(revenue) as revenue, sum(direct) as direct,
        max(case when supplier_id <> '' then revenue else 0 end) as of_first_supplier
    from bought
    group by window_id, customer_id
), active as (
    select
        c.window_id, c.customer_id, c.tier, coalesce(k.market, '') as market, b.revenue, b.direct, b.of_first_supplier,
        c.gross_margin, c.net_profit,
        case when b.revenue > 0 and 2 * b.direct >= b.revenue and 2 * b.of_first_supplier >= b.revenue then 1 else 0 end as is_ready
    from customer_window as c
    join by_customer as b on b.window_id = c.window_id and b.customer_id = c.customer_id
    left join customers as k on k.customer_id = c.customer_id
    cross join known as n
    where c.rank is not null and n.says_delivery = 1 and n.says_supplier = 1
), keyed as (
    select a.*, l.level, case when l.level = 'tier' then a.tier else a.market end as key from active as a cross join levels as l
), summed as (
    select
        window_id, level, key, count(*) as customers, sum(revenue) as revenue, sum(direct) as direct,
        sum(greatest(of_first_supplier, 0)) as of_first_supplier, sum(is_ready) as ready, sum(is_ready * revenue) as ready_revenue,
        sum(is_ready * gross_margin) as ready_margin, sum(is_ready * net_profit) as ready_profit
    from keyed
    group by window_id, level, key
), compared as (
    select
        s.*, share(s.direct, s.revenue) as direct_share, share(b.direct, b.revenue) as earlier_share
    from summed as s
    join dim_window as w on w.window_id = s.window_id
    left join summed as b on b.window_id = w.previous_window and b.level = s.level and b.key = s.key
)
select
    window_id,                                          -- text → dim_window: Window of closed months
    level,                                              -- text (tier | market): What the key names
    key,                                                -- text: Tier or market; empty if unknown
    customers,                                          -- count: Active customers
    revenue as invoice_revenue,                         -- money: Invoice revenue
    direct as direct_revenue,                           -- money: Of which delivered directly by suppliers
    direct_share,                                       -- share?: The same as part of invoice revenue
    direct_share - earlier_share as direct_share_change,        -- share?: Change of that part against the window before; empty if there is none
    share(of_first_supplier, revenue) as first_supplier_share,  -- share?: Purchases of each customer from its largest supplier, added up, ÷ invoice revenue
    ready as ready_customers,                           -- count: Customers of whose revenue at least half is delivered directly and at least half comes from one supplier
    ready_revenue,                                      -- money: Their invoice revenue
    ready_margin,                                       -- money: Their gross margin
    ready_profit                                        -- money: Their net profit, which would be lost with them
from compared

-- audit: Tiers and markets are the same customers and revenue.
with whole as (
    select window_id, level, sum(customers) as customers, sum(invoice_revenue) as invoice_revenue, sum(ready_profit) as ready_profit
    from direct_buyer group by window_id, level
)
select a.window_id, a.level, b.level as other, a.customers, b.customers as other_customers, a.invoice_revenue, b.invoice_revenue as other_revenue
from whole as a join whole as b on b.window_id = a.window_id
where a.customers <> b.customers or a.invoice_revenue <> b.invoice_revenue or a.ready_profit <> b.ready_profit

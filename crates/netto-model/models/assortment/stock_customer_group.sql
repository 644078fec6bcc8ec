-- stock_customer_group: Which group's stock earns its keep: the stock of each product shared out over the customers who buy it from stock, added up by product group and by
-- tier, market and customer. Parts sum to the stock of the product group in `stock_turnover`; stock that nobody bought from stands under `(not sold)`.
-- Level customer is there in the main window only.
-- grain: window × product group × level × key
-- key: window_id, product_group, level, key
-- by level: tier → tier, market → market, customer → customer_id
-- needs: stock, fct_customer_product_month
-- source: Lambert & Stock, Strategic Logistics Management (2001): inventory carrying cost by segment
--
-- margin  order cost  holding  verdict
-- 300     100         120      earns            200 are left after handling the orders, and holding costs 120
-- 100      20         120      stock            100 of margin don't pay for holding it
-- 150     180         120      order handling   loses 30 before any stock is held: less stock would not help
-- -20      10         120      below cost       sold for less than it cost
--
-- Whoever holds stock is asked for margin first: what the order takes is not the fault of the stock.
with sold as (
    select
        m.window_id, f.product_id, f.customer_id,
        sum(f.cogs) as cogs, sum(f.invoice_revenue) as invoice_revenue, sum(f.order_level_cost) as order_level_cost
    from fct_customer_product_month as f join window_month as m on m.period = f.period
    where m.window_id in (select window_id from stock_average) and f.delivery <> 'direct'
    group by m.window_id, f.product_id, f.customer_id
), holding as (
    select
        window_id, product_id, customer_id, average_stock, reserved_stock, holding_cost,
        cast(0 as bigint) as cogs, cast(0 as bigint) as invoice_revenue, cast(0 as bigint) as order_level_cost
    from stock_share
    union all
    select
        window_id, product_id, customer_id, cast(0 as bigint) as average_stock, cast(0 as bigint) as reserved_stock,
        case when $holding_millionths is not null then cast(0 as bigint) end as holding_cost, cogs, invoice_revenue, order_level_cost
    from sold
), of_customer as (
    select
        h.window_id, coalesce(p.product_group, '') as product_group, h.customer_id,
        sum(h.average_stock) as average_stock, sum(h.reserved_stock) as reserved_stock, sum(h.holding_cost) as holding_cost,
        count(h.holding_cost) as with_cost,
        sum(h.cogs) as cogs, sum(h.invoice_revenue) as invoice_revenue, sum(h.order_level_cost) as order_level_cost
    from holding as h left join dim_product as p on p.product_id = h.product_id
    group by h.window_id, p.product_group, h.customer_id
), placed as (
    select
        o.*, w.months,
        case when o.customer_id = '(not sold)' then o.customer_id else coalesce(c.tier, '') end as tier,
        case when o.customer_id = '(not sold)' then o.customer_id else coalesce(k.market, '') end as market
    from of_customer as o
    join dim_window as w on w.window_id = o.window_id
    left join customer_window as c on c.window_id = o.window_id and c.customer_id = o.customer_id
    left join customers as k on k.customer_id = o.customer_id
), keyed as (
    select 'tier' as level, tier as key, * from placed
    union all
    select 'market' as level, market as key, * from placed
    union all
    select 'customer' as level, customer_id as key, * from placed where window_id = 'main'
), summed as (
    select
        window_id, product_group, level, key, months,
        sum(average_stock) as average_stock, sum(reserved_stock) as reserved_stock,
        sum(cogs) as cogs, sum(invoice_revenue) as invoice_revenue, sum(invoice_revenue - cogs) as gross_margin,
        sum(order_level_cost) as order_level_cost, sum(holding_cost) as holding_cost, sum(with_cost) as with_cost
    from keyed group by window_id, product_group, level, key, months
), judged as (
    select
        summed.*,
        gross_margin - order_level_cost - holding_cost as left_over,
        case
            when average_stock <= 0 or with_cost = 0 then null
            when key = '(not sold)' then 'not sold'
            when gross_margin - order_level_cost >= holding_cost then 'earns'
            when gross_margin < 0 then 'below cost'
            when gross_margin < order_level_cost or gross_margin >= holding_cost then 'order handling'
            else 'stock'
        end as verdict
    from summed
)
select
    window_id,           -- text → dim_window: Window of closed months
    product_group,      -- text: Product group; empty for products without one
    level,              -- text (tier | market | customer): What the key names
    key,                -- text: Tier, market, or customer; empty where not known; (not sold) for stock that nobody bought from in twelve months
    average_stock,      -- money: Average stock at cost, its part
    reserved_stock,     -- money: Of which reserved or consigned
    cogs,               -- money: Cost of goods sold from stock
    invoice_revenue,    -- money: Invoice revenue from stock
    gross_margin,       -- money: Product margin of sales from stock: invoice revenue less cost of goods sold
    share(cogs * 12, average_stock * months) as turns,          -- ratio?: Cost of goods sold from stock ÷ average stock, per year; empty without stock
    case when average_stock > 0 then share(average_stock * months * 365, cogs * 12) end as days,     -- days?: 365 ÷ turns
    share(gross_margin * 12, average_stock * months) as gmroi,  -- ratio?: Product margin ÷ average stock, per year
    case when with_cost > 0 then holding_cost end as holding_cost,  -- money?: Holding rate × average stock × months ÷ 12; empty where no holding_rate is configured
    order_level_cost,   -- money: What the orders took: order cost, and freight cost less freight charged
    case when with_cost > 0 then left_over end as net_of_holding,   -- money?: Product margin less what the orders took and what holding the stock costs
    verdict = 'earns' as earns_its_keep,   -- bool?: Whether the margin covers both; empty where no holding_rate is configured, and where there is no stock
    verdict             -- text? (earns | stock | order handling | below cost | not sold): What it is that doesn't earn: the stock, or the handling of the orders, or the price
from judged

-- audit: At every level the parts of a product group's stock, and of its holding cost, are those of stock_turnover.
with parts as (
    select window_id, product_group, level, sum(average_stock) as average_stock, sum(coalesce(holding_cost, 0)) as holding_cost
    from stock_customer_group group by window_id, product_group, level
)
select parts.window_id, parts.product_group, parts.level, parts.average_stock as found, whole.average_stock as expected
from parts
join stock_turnover as whole on whole.window_id = parts.window_id and whole.key = parts.product_group
where whole.level = 'product_group'
    and (whole.average_stock <> parts.average_stock or coalesce(whole.holding_cost, 0) <> parts.holding_cost)

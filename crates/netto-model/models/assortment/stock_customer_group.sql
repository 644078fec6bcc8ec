-- stock_customer_group: Stock that pays for itself, by customer group: the stock of each product is divided over the customers who buy it from stock, and added
-- up by product group and by tier, market and customer. Parts sum to the stock of the product group in `stock_turnover`; stock that no customer bought
-- has the key `(not sold)`. The level customer exists only in the main window. A product counts for its present group.
-- grain: window × product group × level × key
-- key: window_id, product_group, level, key
-- row by row: window_number
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
-- The cost of orders is deducted from the margin before the cost of holding stock, because stock doesn't cause it.
with share_of_group as (
    select
        s.window_no * 1000000000000000 + s.customer_no * 10000000 + p.group_no as part_no, s.average_stock, s.reserved_stock, s.holding_cost
    from stock_share as s
    join window_number as w on w.window_no = s.window_no
    join product_number as p on p.product_no = s.product_no
), held as (
    select
        part_no, sum(average_stock) as average_stock, sum(reserved_stock) as reserved_stock,
        case when count(holding_cost) > 0 then sum(holding_cost) end as holding_cost
    from share_of_group group by part_no
), sold_in_window as (
    select w.window_no * 1000000000000000 + f.pair_no as part_no, f.cogs, f.invoice_revenue, f.order_level_cost
    from window_number as w
    join stock_month as m on m.window_no = w.window_no
    join stock_sale as f on f.period = m.period
), part as (
    select
        part_no, average_stock, reserved_stock, holding_cost,
        cast(0 as bigint) as cogs, cast(0 as bigint) as invoice_revenue, cast(0 as bigint) as order_level_cost
    from held
    union all
    select
        part_no, cast(0 as bigint) as average_stock, cast(0 as bigint) as reserved_stock,
        case when $holding_millionths is not null then cast(0 as bigint) end as holding_cost,
        cogs, invoice_revenue, order_level_cost
    from sold_in_window
), summed_part as (
    select
        part_no, sum(average_stock) as average_stock, sum(reserved_stock) as reserved_stock, sum(holding_cost) as holding_cost,
        count(holding_cost) as with_cost,
        sum(cogs) as cogs, sum(invoice_revenue) as invoice_revenue, sum(order_level_cost) as order_level_cost
    from part group by part_no
), of_customer as (
    select
        *, part_no // 1000000000000000 as window_no, part_no // 10000000 % 100000000 as customer_no, part_no // 10000000 as member_no,
        part_no % 10000000 as group_no
    from summed_part
), known as (
    select n.customer_no, n.customer_id, k.market
    from customer_number as n left join customers as k on k.customer_id = n.customer_id
), product_group as (
    select distinct group_no, product_group from product_number
), placed as (
    select
        o.*, w.window_id, w.months, g.product_group,
        case when o.customer_no = 0 then '(not sold)' else k.customer_id end as customer_id,
        case when o.customer_no = 0 then '(not sold)' else coalesce(c.tier, '') end as tier,
        case when o.customer_no = 0 then '(not sold)' else coalesce(k.market, '') end as market
    from of_customer as o
    join window_number as w on w.window_no = o.window_no
    join product_group as g on g.group_no = o.group_no
    left join window_member as c on c.member_no = o.member_no
    left join known as k on k.customer_no = o.customer_no
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
    key,                -- text: Tier, market, or customer; empty if unknown; (not sold) for stock that nobody bought from in twelve months
    average_stock,      -- money: Average stock at cost, its part
    reserved_stock,     -- money: Of which reserved or consigned
    cogs,               -- money: Cost of goods sold from stock
    invoice_revenue,    -- money: Invoice revenue from stock
    gross_margin,       -- money: Product margin of sales from stock: invoice revenue less cost of goods sold
    share(cogs * 12, average_stock * months) as turns,          -- ratio?: Cost of goods sold from stock ÷ average stock, per year; empty without stock
    case when average_stock > 0 then share(average_stock * months * 365, cogs * 12) end as days,     -- days?: 365 ÷ turns
    share(gross_margin * 12, average_stock * months) as gmroi,  -- ratio?: Product margin ÷ average stock, per year
    case when with_cost > 0 then holding_cost end as holding_cost,  -- money?: Holding rate × average stock × months ÷ 12; empty if no holding_rate is configured
    order_level_cost,   -- money: Cost of the orders: order cost, and freight cost less freight charged
    case when with_cost > 0 then left_over end as net_of_holding,   -- money?: Product margin less the cost of the orders and of holding the stock
    verdict = 'earns' as earns_its_keep,   -- bool?: Whether the margin covers both; empty if no holding_rate is configured, and where there is no stock
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

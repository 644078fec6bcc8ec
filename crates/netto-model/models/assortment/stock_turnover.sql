-- stock_turnover: Return of stock, by product and by product group: turnover, margin, GMROI and holding cost. Cost of goods, revenue and margin are those
-- of sales from stock. Turns, days and GMROI are per year: windows of other lengths are scaled to twelve months. Windows that end before the first
-- count are left out.
-- A product counts for its present group.
-- grain: window × level × key
-- key: window_id, level, key
-- by level: product → product_id, product_group → product_group
-- needs: stock, fct_customer_product_month
-- source: Sweeney, Improving the Profitability of Retail Merchandising Decisions, Journal of Marketing (1973), on GMROI; Silver, Pyke & Thomas (2017)
--
-- GMROI isn't turn-earn: margin is taken on sales, turns on cost, so GMROI = m ÷ (1 − m) × turns.
--
-- average stock  COGS    revenue  turns  margin  turn-earn  GMROI
-- 17,500         70,000  100,000  4      30 %    120        1.71
-- 20,000         40,000  100,000  2      60 %    120        3.00
-- 10,000         30,000   50,000  3      40 %    120        2.00
--
-- Goods of 9,000 that the supplier delivered directly never were in stock: of 500 in stock, 1,000 sold from it turn twice, not twenty times.
with sale as (
    select w.window_no * 10000000 + f.product_no as lot_no, f.cogs, f.invoice_revenue
    from product_sale as f join stock_month as w on w.period = f.period
    where f.from_stock
), sold as (
    select lot_no, sum(cogs) as cogs, sum(invoice_revenue) as invoice_revenue from sale group by lot_no
), moved as (
    select
        window_id, product_id, average_stock, snapshots, last_count,
        cast(0 as bigint) as cogs, cast(0 as bigint) as invoice_revenue
    from stock_average
    union all
    select
        w.window_id, p.product_id, cast(0 as bigint) as average_stock, cast(0 as bigint) as snapshots, cast(null as date) as last_count,
        s.cogs, s.invoice_revenue
    from sold as s
    join window_number as w on w.window_no = s.lot_no // 10000000
    join product_number as p on p.product_no = s.lot_no % 10000000
), product as (
    select
        moved.window_id, moved.product_id, coalesce(p.product_group, '') as product_group, w.months,
        sum(moved.average_stock) as average_stock, max(moved.snapshots) as snapshots, max(moved.last_count) as last_count,
        sum(moved.cogs) as cogs, sum(moved.invoice_revenue) as invoice_revenue
    from moved
    join dim_window as w on w.window_id = moved.window_id
    left join dim_product as p on p.product_id = moved.product_id
    group by moved.window_id, moved.product_id, p.product_group, w.months
), costed as (
    select product.*, half_even(cast(average_stock as hugeint) * $holding_millionths * months, 12000000) as holding_cost
    from product
), keyed as (
    select 'product' as level, product_id as key, * from costed
    union all
    select 'product_group' as level, product_group as key, * from costed
), summed as (
    select
        window_id, level, key, months, max(snapshots) as snapshots, max(last_count) as last_count,
        sum(average_stock) as average_stock, sum(cogs) as cogs, sum(invoice_revenue) as invoice_revenue,
        sum(invoice_revenue - cogs) as gross_margin, sum(holding_cost) as holding_cost, count(holding_cost) as with_cost
    from keyed group by window_id, level, key, months
)
select
    window_id,           -- text → dim_window: Window of closed months
    level,              -- text (product | product_group): What the key names
    key,                -- text: Product, or product group; empty for the products without one
    snapshots,          -- count, never summed: Counts behind the average, of the product and warehouse with most counts; a count before the window is valid until the next one
    last_count,         -- date?: Day of the last one; empty for what was sold, but never counted
    average_stock,      -- money: Value at cost: each product by its own counts, each count for the days until the next
    cogs,               -- money: Cost of goods sold from stock
    invoice_revenue,    -- money: Invoice revenue from stock
    gross_margin,       -- money: Product margin of sales from stock: invoice revenue less cost of goods sold, before rebates, terms and freight
    share(cogs * 12, average_stock * months) as turns,          -- ratio?: Cost of goods sold from stock ÷ average stock, per year; empty without stock
    case when average_stock > 0 then share(average_stock * months * 365, cogs * 12) end as days,     -- days?: 365 ÷ turns: how long stock lies
    share(gross_margin, invoice_revenue) as margin_share,       -- share?: Product margin ÷ invoice revenue
    share(gross_margin * 12, average_stock * months) as gmroi,  -- ratio?: Product margin ÷ average stock, per year
    share(cogs * 12, average_stock * months) * share(gross_margin * 100, invoice_revenue) as turn_earn,  -- ratio?: Turns × margin in percent: 4 turns at 30 % are 120
    case when with_cost > 0 then holding_cost end as holding_cost,                  -- money?: Holding rate × average stock × months ÷ 12; empty if no holding_rate is configured
    case when with_cost > 0 then gross_margin - holding_cost end as net_of_holding  -- money?: Product margin less holding cost
from summed

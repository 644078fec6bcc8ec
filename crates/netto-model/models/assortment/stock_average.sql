-- stock_average: Average stock of each window by product, and by the customer for whom it is kept.
-- grain: window × product × customer
-- key: window_id, product_id, customer_id
-- needs: stock
-- published: no
-- source: Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains (2017)
--
-- counted on   1 Jan 100   1 Jul 300   year of 365 days: (181 × 100 + 184 × 300) ÷ 365 = 200.82
-- first counted on 1 Jul: 300, the average of the days since
--
-- How long each count holds says stock_held.
with whole as (
    select
        window_id, product_id, warehouse, sum(days) as days, count(*) as snapshots, max(snapshot_date) as last_count
    from stock_held group by window_id, product_id, warehouse
), held as (
    select
        known.window_id, known.product_id, known.warehouse, stock.customer_id,
        sum(cast(stock.value as hugeint) * known.days) as value_days
    from stock_held as known
    join stock on stock.product_id = known.product_id and stock.warehouse = known.warehouse
        and stock.snapshot_date = known.snapshot_date
    group by known.window_id, known.product_id, known.warehouse, stock.customer_id
), averaged as (
    select
        held.window_id, held.product_id, held.customer_id, half_even(held.value_days, whole.days) as average_stock,
        whole.snapshots, whole.last_count
    from held
    join whole on whole.window_id = held.window_id and whole.product_id = held.product_id and whole.warehouse = held.warehouse
)
select
    window_id,                               -- text → dim_window: Window of closed months
    product_id,                             -- text → dim_product: Product
    customer_id,                            -- text: Customer for whom it is reserved or consigned; empty for stock that is for all
    sum(average_stock) as average_stock,    -- money: Value at cost, averaged over the days since the first count
    max(snapshots) as snapshots,            -- count: Counts that the average rests on, of the warehouse that was counted most often
    max(last_count) as last_count           -- date: Day of the last one
from averaged
group by window_id, product_id, customer_id

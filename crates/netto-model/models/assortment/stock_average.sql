-- stock_average: Average stock of each window by product, and by the customer for whom it is kept.
-- grain: window × product × customer
-- key: window_id, product_id, customer_id
-- needs: stock
-- published: no
-- source: Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains (2017)
--
-- counted on   1 Jan 100   1 Jul 300   year of 365 days: (181 × 100 + 184 × 300) ÷ 365 = 200.82
-- first counted on 1 Jul: 300, the average of the days since
-- moved: 100 in W1 until 1 Jul, in W2 from then on: 100, as it never was in both
--
-- Each product has its own counts, so that one counted in January and another in April are not half there; how long each count holds in its warehouse
-- says stock_held. Before the first count of the product nothing is known. Counts below zero come from bookings that lag behind: they are deducted from
-- those of other warehouses, but no product has less than nothing in stock.
with in_warehouse as (
    select
        window_id, product_id, warehouse, known_days, count(*) as snapshots, max(snapshot_date) as last_count
    from stock_held group by window_id, product_id, warehouse, known_days
), whole as (
    select
        window_id, product_id, known_days, max(snapshots) as snapshots, max(last_count) as last_count
    from in_warehouse group by window_id, product_id, known_days
), held as (
    select
        known.window_id, known.product_id, stock.customer_id, sum(cast(stock.value as hugeint) * known.days) as value_days
    from stock_held as known
    join stock on stock.product_id = known.product_id and stock.warehouse = known.warehouse
        and stock.snapshot_date = known.snapshot_date
    group by known.window_id, known.product_id, stock.customer_id
), averaged as (
    select
        held.window_id, held.product_id, held.customer_id, half_even(held.value_days, whole.known_days) as average_stock,
        whole.snapshots, whole.last_count
    from held join whole on whole.window_id = held.window_id and whole.product_id = held.product_id
)
select
    window_id,                               -- text → dim_window: Window of closed months
    product_id,                             -- text → dim_product: Product
    customer_id,                            -- text: Customer for whom it is reserved or consigned; empty for stock that is for all
    greatest(average_stock, 0) as average_stock,    -- money: Value at cost, averaged over the days since the first count of the product
    snapshots,                              -- count: Counts that the average rests on, of the warehouse that was counted most often
    last_count                              -- date: Day of the last one
from averaged

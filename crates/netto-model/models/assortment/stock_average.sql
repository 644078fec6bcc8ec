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
-- Each product has its own counts, so that one counted in January and another in April are not half there. A count holds in its warehouse from its day
-- until the next one, also from one window into the next; before the first count of the product nothing is known. What a count of a product does not
-- name any more, such as stock reserved for a customer, is gone. Counts below zero come from bookings that lag behind: they are deducted from those of
-- other warehouses, but no product has less than nothing in stock.
with counted as (
    select product_id, warehouse, snapshot_date, day_number(snapshot_date) as day
    from stock group by product_id, warehouse, snapshot_date
), lasting as (
    select
        product_id, warehouse, snapshot_date, day,
        lead(day) over (partition by product_id, warehouse order by day) as next_day
    from counted
), windows as (
    select
        window_id, day_number(first_period) as first_day,
        day_number(last_day) + 1 as end_day
    from dim_window
), known as (
    select
        w.window_id, l.product_id, l.warehouse, l.snapshot_date, w.end_day, greatest(l.day, w.first_day) as from_day,
        least(coalesce(l.next_day, w.end_day), w.end_day) - greatest(l.day, w.first_day) as days
    from lasting as l cross join windows as w
    where l.day < w.end_day and coalesce(l.next_day, w.end_day) > w.first_day
), in_warehouse as (
    select
        window_id, product_id, warehouse, end_day, min(from_day) as from_day, count(*) as snapshots, max(snapshot_date) as last_count
    from known group by window_id, product_id, warehouse, end_day
), whole as (
    select
        window_id, product_id, max(end_day) - min(from_day) as days, max(snapshots) as snapshots, max(last_count) as last_count
    from in_warehouse group by window_id, product_id
), held as (
    select
        known.window_id, known.product_id, stock.customer_id, sum(cast(stock.value as hugeint) * known.days) as value_days
    from known
    join stock on stock.product_id = known.product_id and stock.warehouse = known.warehouse
        and stock.snapshot_date = known.snapshot_date
    group by known.window_id, known.product_id, stock.customer_id
), averaged as (
    select
        held.window_id, held.product_id, held.customer_id, half_even(held.value_days, whole.days) as average_stock,
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

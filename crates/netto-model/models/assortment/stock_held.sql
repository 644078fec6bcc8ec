-- stock_held: Counts of stock, and for how many days of a window each of them holds.
-- grain: window × product × warehouse × day of the count
-- key: window_id, product_id, warehouse, snapshot_date
-- needs: stock
-- published: no
--
-- counted on   1 Jan 100   1 Jul 300   year of 365 days: 181 days 100, 184 days 300
--
-- A count of a product holds in its warehouse from its day until the next one, also from one window into the next. What a count of a product does not name
-- any more, such as stock reserved for a customer, is gone.
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
)
select
    w.window_id,                            -- text → dim_window: Window of closed months
    l.product_id,                           -- text: Product
    l.warehouse,                            -- text: Warehouse or branch
    l.snapshot_date,                        -- date: Day of the count
    l.day,                                  -- integer: The same, since 1970-01-01
    w.end_day,                              -- integer: Day after the last one of the window
    greatest(l.day, w.first_day) as from_day,   -- integer: First day of the window on which it holds
    least(coalesce(l.next_day, w.end_day), w.end_day) - greatest(l.day, w.first_day) as days,   -- integer: Days of the window on which it holds
    w.end_day - min(greatest(l.day, w.first_day)) over (partition by w.window_id, l.product_id) as known_days   -- integer: Days of the window since the first count of the product in any warehouse: what its average is taken over
from lasting as l cross join windows as w
where l.day < w.end_day and coalesce(l.next_day, w.end_day) > w.first_day

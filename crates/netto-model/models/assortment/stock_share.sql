-- stock_share: Whose stock it is: the average stock of each product shared out over the customers who buy it from stock.
-- grain: window × product × customer
-- key: window_no, product_no, customer_no
-- row by row: window_number
-- needs: stock, fct_customer_product_month
-- published: no
-- source: Lambert & Stock, Strategic Logistics Management (2001)
--
-- a pump holds 1,000 on average, of which 100 for B   customer  COGS from stock  stock              holding cost 20 %
-- the rest, 900, by COGS 600 : 300                    A         600              600                120
--                                                     B         300              300 + 100 = 400     80
--
-- Stock is shared product by product, so who buys what lies for years holds what lies for years. Shares follow the cost of what was sold from
-- stock in the twelve months up to the end of the window: who buys direct holds no stock. Who returned more than it bought counts
-- as nothing. What nobody bought from stock in these months is not sold. Parts add up to the product's stock to the ten-thousandth: each is the
-- difference of two rounded running totals.
-- Rows are grouped by one number: `part_no` is window, customer and product, `lot_no` window and product; customer 0 is nobody.
with last_year as (
    select w.window_no, p.period
    from window_number as w cross join dim_period as p
    where p.period <= w.last_period
        and 12 * extract(year from p.period) + extract(month from p.period)
            > 12 * extract(year from w.last_period) + extract(month from w.last_period) - 12
), held as (
    select
        w.window_no * 10000000 + p.product_no as lot_no, p.product_no, w.window_no, c.customer_no, s.average_stock
    from stock_average as s
    join window_number as w on w.window_id = s.window_id
    join product_number as p on p.product_id = s.product_id
    left join customer_number as c on c.customer_id = s.customer_id
), for_all as (
    select lot_no, window_no, product_no, average_stock from held where customer_no is null
), sold as (
    select t.window_no * 1000000000000000 + f.pair_no as part_no, f.cogs
    from product_sale as f join last_year as t on t.period = f.period
    where f.from_stock
), summed as (
    select part_no, sum(cogs) as cogs from sold group by part_no
), bought as (
    select
        part_no // 1000000000000000 * 10000000 + part_no % 10000000 as lot_no, part_no // 10000000 % 100000000 as customer_no, cogs
    from summed where cogs > 0
), running as (
    select
        a.lot_no, a.window_no, a.product_no, b.customer_no, b.cogs, a.average_stock,
        sum(b.cogs) over (partition by b.lot_no order by b.customer_no) as upto, sum(b.cogs) over (partition by b.lot_no) as whole
    from bought as b join for_all as a on a.lot_no = b.lot_no
), part as (
    select
        window_no * 1000000000000000 + customer_no * 10000000 + product_no as part_no,
        half_even(cast(average_stock as hugeint) * upto, whole) - half_even(cast(average_stock as hugeint) * (upto - cogs), whole)
            as average_stock,
        cast(0 as bigint) as reserved_stock
    from running
    union all
    select
        window_no * 1000000000000000 + customer_no * 10000000 + product_no as part_no, average_stock, average_stock as reserved_stock
    from held where customer_no is not null
    union all
    select a.window_no * 1000000000000000 + a.product_no as part_no, a.average_stock, cast(0 as bigint) as reserved_stock
    from for_all as a
    left join (select distinct lot_no from running) as b on b.lot_no = a.lot_no
    where b.lot_no is null and a.average_stock <> 0
), whole_part as (
    select part_no, sum(average_stock) as average_stock, sum(reserved_stock) as reserved_stock from part group by part_no
), share_of_stock as (
    select
        part_no // 1000000000000000 as window_no, part_no % 10000000 as product_no, part_no // 10000000 % 100000000 as customer_no,
        part_no // 1000000000000000 * 10000000 + part_no % 10000000 as lot_no, average_stock, reserved_stock
    from whole_part
), running_share as (
    select
        s.*, w.months,
        sum(s.average_stock) over (partition by s.lot_no order by s.customer_no) as upto,
        sum(s.average_stock) over (partition by s.lot_no) as whole
    from share_of_stock as s join window_number as w on w.window_no = s.window_no
), costed as (
    select
        running_share.*, half_even(cast(whole as hugeint) * $holding_millionths * months, 12000000) as cost
    from running_share
)
select
    window_no,           -- integer: Window, by its number
    product_no,         -- integer: Product, by its number
    customer_no,        -- integer: Customer, by its number; 0 for stock that nobody bought from
    average_stock,      -- money: Its part of the average stock
    reserved_stock,     -- money: Of which reserved for it or consigned
    case when cost is not null then coalesce(
        half_even(cast(cost as hugeint) * upto, whole) - half_even(cast(cost as hugeint) * (upto - average_stock), whole), 0) end
        as holding_cost -- money?: Its part of what holding the product costs; empty if no holding_rate is configured
from costed

-- audit: The parts of a product's stock add up to it.
with parts as (
    select window_no * 10000000 + product_no as lot_no, sum(average_stock) as average_stock from stock_share
    group by window_no * 10000000 + product_no
), held as (
    select w.window_no * 10000000 + p.product_no as lot_no, w.window_id, p.product_id, sum(s.average_stock) as average_stock
    from stock_average as s
    join window_number as w on w.window_id = s.window_id
    join product_number as p on p.product_id = s.product_id
    join (select distinct window_no from stock_share) as k on k.window_no = w.window_no
    group by w.window_no * 10000000 + p.product_no, w.window_id, p.product_id
)
select held.window_id, held.product_id, held.average_stock as expected, coalesce(parts.average_stock, 0) as found
from held left join parts on parts.lot_no = held.lot_no
where held.average_stock <> coalesce(parts.average_stock, 0)

-- stock_share: Whose stock it is: the average stock of each product shared out over the customers who buy it from stock.
-- grain: window × product × customer
-- key: window_id, product_id, customer_id
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
with last_year as (
    select w.window_id, p.period
    from dim_window as w cross join dim_period as p
    where p.period <= w.last_period
        and 12 * extract(year from p.period) + extract(month from p.period)
            > 12 * extract(year from w.last_period) + extract(month from w.last_period) - 12
), for_all as (
    select window_id, product_id, average_stock from stock_average where customer_id = ''
), bought as (
    select t.window_id, f.product_id, f.customer_id, sum(f.cogs) as cogs
    from fct_customer_product_month as f join last_year as t on t.period = f.period
    where f.delivery <> 'direct'
    group by t.window_id, f.product_id, f.customer_id
), running as (
    select
        bought.window_id, bought.product_id, bought.customer_id, bought.cogs, for_all.average_stock,
        sum(bought.cogs) over (partition by bought.window_id, bought.product_id order by bought.customer_id) as upto,
        sum(bought.cogs) over (partition by bought.window_id, bought.product_id) as whole
    from bought
    join for_all on for_all.window_id = bought.window_id and for_all.product_id = bought.product_id
    where bought.cogs > 0
), part as (
    select
        window_id, product_id, customer_id,
        half_even(cast(average_stock as hugeint) * upto, whole) - half_even(cast(average_stock as hugeint) * (upto - cogs), whole)
            as average_stock,
        cast(0 as bigint) as reserved_stock
    from running
    union all
    select window_id, product_id, customer_id, average_stock, average_stock as reserved_stock
    from stock_average where customer_id <> ''
    union all
    select for_all.window_id, for_all.product_id, '(not sold)' as customer_id, for_all.average_stock, cast(0 as bigint) as reserved_stock
    from for_all
    left join (select distinct window_id, product_id from running) as sold
        on sold.window_id = for_all.window_id and sold.product_id = for_all.product_id
    where sold.product_id is null and for_all.average_stock <> 0
), share_of_stock as (
    select window_id, product_id, customer_id, sum(average_stock) as average_stock, sum(reserved_stock) as reserved_stock
    from part group by window_id, product_id, customer_id
), running_share as (
    select
        s.*, w.months,
        sum(s.average_stock) over (partition by s.window_id, s.product_id order by s.customer_id) as upto,
        sum(s.average_stock) over (partition by s.window_id, s.product_id) as whole
    from share_of_stock as s join dim_window as w on w.window_id = s.window_id
), costed as (
    select
        running_share.*, half_even(cast(whole as hugeint) * $holding_millionths * months, 12000000) as cost
    from running_share
)
select
    window_id,           -- text → dim_window: Window of closed months
    product_id,         -- text → dim_product: Product
    customer_id,        -- text: Customer; (not sold) for stock that nobody bought from
    average_stock,      -- money: Its part of the average stock
    reserved_stock,     -- money: Of which reserved for it or consigned
    case when cost is not null then coalesce(
        half_even(cast(cost as hugeint) * upto, whole) - half_even(cast(cost as hugeint) * (upto - average_stock), whole), 0) end
        as holding_cost -- money?: Its part of what holding the product costs; empty where no holding_rate is configured
from costed

-- audit: The parts of a product's stock add up to it.
with held as (
    select window_id, product_id, sum(average_stock) as average_stock from stock_average
    where window_id in (select window_id from stock_share) group by window_id, product_id
), parts as (
    select window_id, product_id, sum(average_stock) as average_stock from stock_share group by window_id, product_id
)
select held.window_id, held.product_id, held.average_stock as expected, coalesce(parts.average_stock, 0) as found
from held left join parts on parts.window_id = held.window_id and parts.product_id = held.product_id
where held.average_stock <> coalesce(parts.average_stock, 0)

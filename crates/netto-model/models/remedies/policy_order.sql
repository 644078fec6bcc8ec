-- policy_order: How many orders of a customer are below each value that a rule for all customers may set as its limit, in the main window.
-- grain: order value × customer
-- key: order_below, customer_id
-- needs: order_month
-- published: no
--
-- bands of order values up to 100, up to 500, above; an order breaks even at 120: limits of 100 and 500 are worth asking for
with main_month as (
    select period from window_month where window_id = 'main'
), break_even as (
    -- Where no cost was booked, an order has no cost to cover, so there is no reason for a charge.
    select max(b.break_even_order) as order_value
    from order_break_even as b join window_known as k on k.window_id = b.window_id
    where b.level = 'all' and b.window_id = 'main' and k.has_cost = 1
), small as (
    select o.customer_id, o.band, sum(o.orders) as orders
    from order_month as o join main_month as m on m.period = o.period
    where o.is_sale
    group by o.customer_id, o.band
), first_band as (
    select min(band) as band from order_band where band_to > 0
), order_limit as (
    select b.band, b.band_to as order_below
    from order_band as b cross join break_even cross join first_band
    where b.band_to > 0 and break_even.order_value is not null and (b.band = first_band.band or b.band_from < break_even.order_value)
)
select
    l.order_below,                                      -- money: Limit
    s.customer_id,                                      -- text → dim_customer: Customer
    sum(s.orders) as orders                             -- count: Its orders below it
from small as s cross join order_limit as l
where s.band <= l.band
group by l.order_below, s.customer_id
having sum(s.orders) > 0

-- minimum_order: The minimum size of a customer's orders and of its revenue: to cover the cost of an order, and to cover all cost of the customer.
-- grain: window × customer
-- key: window_id, customer_id
-- needs: order_month
-- source: Curry & Curry, The Customer Marketing Method (2000), on the minimum order; Kaplan & Cooper, Cost & Effect (1998)
--
-- One order of 12,500 with a margin of 10 %, 2 % of value, 200 per order and 800 for the customer earns nothing: 8 % of 12,500 are 1,000.
-- Its order breaks even at 200 ÷ 8 % = 2,500; the customer with one order at 12,500, with ten orders that cost 200 together at ten
-- of 1,250.
--
-- Revenue can change while orders and all other cost stay: net profit is zero at revenue − net profit ÷ (margin rate − cost rate per unit of
-- revenue). Of the customers that ordered in the main window. Where no cost was booked, or the cost of goods wasn't supplied, nobody is
-- listed: an order that costs nothing has no size to reach, and without a margin none is enough.
with supplied as (
    select window_id from window_known where window_id = 'main' and has_cost = 1 and has_profit = 1
), rates as (
    select window_id, key as customer_id, orders, revenue, earned, order_level_cost, break_even_order
    from order_break_even
    where level = 'customer' and window_id = 'main'
), joined as (
    select
        r.window_id, r.customer_id, c.tier, r.orders, r.revenue, r.earned, r.order_level_cost, r.break_even_order,
        c.invoice_revenue, c.net_profit,
        case when r.earned > 0 and r.revenue > 0 then
            c.invoice_revenue - half_even(cast(c.net_profit as hugeint) * r.revenue, r.earned)
        end as needed
    from rates as r
    join customer_window as c on c.window_id = r.window_id and c.customer_id = r.customer_id
    join supplied as s on s.window_id = r.window_id
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    orders,                                             -- count: Orders without returns and credits; the sizes below assume this number
    half_even(revenue, orders) as average_order,        -- money?, never summed: Invoice revenue ÷ orders
    half_even(order_level_cost, orders) as cost_per_order,  -- money?, never summed: Order cost and freight that isn't charged, without cost that grows with the value, ÷ orders
    share(earned, revenue) as earning_rate,             -- share?: Margin before freight less cost that grows with the value, ÷ invoice revenue
    break_even_order,                                   -- money?, never summed: Size at which an order covers its own cost; empty if nothing is left per unit of revenue
    case when needed > 0 then needed when needed is not null then 0 end
        as break_even_revenue,                          -- money?: Invoice revenue of the window at which the customer covers all its cost, with the same number of orders
    case when needed > 0 then half_even(needed, orders) when needed is not null then 0 end
        as minimum_order                                -- money?, never summed: That revenue ÷ orders: the necessary average value of an order
from joined

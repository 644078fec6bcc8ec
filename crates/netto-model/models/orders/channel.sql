-- channel: Orders by channel: the cost of an order, and the size from which it is profitable. Figures per order leave out returns and credits.
-- grain: window × channel
-- key: window_id, channel
-- needs: order_month
-- source: Kaplan & Cooper, Cost & Effect (1998), on order-related cost
--
-- order 250, margin 20 %, order-level cost 77.50   →   −27.50; break-even order 77.50 ÷ 20 % = 387.50
--
-- Order-level cost comes with each order: order cost without what grows with the value, and freight that isn't charged. From which size an
-- order earns it says `order_break_even`. An order over the end of a window is whole in the window of its first line, in all that is said of orders;
-- lines, revenue, cost and profit of the channel are those of the window's months.
with electronic as (
    select channel, 1 as yes from electronic_channel
), named as (
    select count(*) as orders from order_month where channel <> ''
), used as (
    select
        w.window_id, m.channel, sum(m.credits) as credits,
        sum(m.lines) as lines, sum(m.minutes) as minutes,
        sum(m.invoice_revenue) as invoice_revenue, sum(m.gross_margin) as gross_margin, sum(m.order_cost) as order_cost,
        sum(m.cost_to_serve) as cost_to_serve, sum(m.net_profit) as net_profit
    from order_part as m join window_month as w on w.period = m.period cross join named
    where named.orders > 0
    group by w.window_id, m.channel
), sold as (
    select
        w.window_id, m.channel, count(distinct m.customer_id) as customers, sum(m.orders) as orders, sum(m.invoice_revenue) as revenue,
        sum(m.gross_margin + m.freight_cost - m.freight_charged) as margin,
        sum(m.order_cost + m.freight_cost - m.freight_charged - m.value_cost - m.freight_value_cost) as order_level_cost,
        sum(m.loss_orders) as loss_orders
    from order_month as m join window_month as w on w.period = m.period
    where m.is_sale
    group by w.window_id, m.channel
), moved as (
    select window_id, channel, sum(cost - cost_there) as saving from channel_move group by window_id, channel
), joined as (
    select
        used.*, coalesce(e.yes, 0) as electronic,
        coalesce(sold.customers, 0) as customers, coalesce(sold.orders, 0) as orders, coalesce(sold.revenue, 0) as sale_revenue,
        coalesce(sold.margin, 0) as sale_margin, coalesce(sold.order_level_cost, 0) as order_level_cost,
        coalesce(sold.loss_orders, 0) as loss_orders, moved.saving, even.break_even_order,
        k.has_cost, k.has_profit
    from used
    join window_known as k on k.window_id = used.window_id
    left join sold on sold.window_id = used.window_id and sold.channel = used.channel
    left join moved on moved.window_id = used.window_id and moved.channel = used.channel
    left join (select * from order_break_even where level = 'channel') as even
        on even.window_id = used.window_id and even.key = used.channel
    left join electronic as e on e.channel = used.channel
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    channel,                                            -- text: Channel; empty if unknown
    electronic = 1 as electronic,                       -- bool: Whether the configuration lists it as electronic
    customers,                                          -- count, never summed: Customers that ordered through it
    orders,                                             -- count: Orders without returns and credits
    credits,                                            -- count: Returns and credits: not counted as orders, but included in the totals that follow
    lines,                                              -- count: Order lines
    minutes,                                            -- minutes: Minutes of time-driven activities
    invoice_revenue,                                    -- money: Invoice revenue
    gross_margin,                                       -- money: Gross margin
    case when has_cost = 1 then order_cost end as order_cost, -- money?: Part of cost-to-serve that is measured on orders and their lines
    case when has_cost = 1 then cost_to_serve end as cost_to_serve, -- money?: Cost-to-serve; this and all columns that need a cost are empty if none was booked
    case when has_profit = 1 then net_profit end as net_profit, -- money?: Net profit
    share(orders, sum(orders) over (partition by window_id)) as order_share, -- share?: Share of the orders of all channels
    sale_revenue,                                       -- money: Invoice revenue of the orders; the following columns also refer to them
    sale_margin,                                        -- money: Gross margin before freight: plus freight cost, less freight charged
    case when has_cost = 1 then order_level_cost end as order_level_cost, -- money?: Order cost without what grows with the value, plus freight cost less freight charged
    case when has_cost = 1 then order_level_cost - saving end as cost_if_electronic, -- money?: Cost of the same number of orders of the same sizes through electronic channels; empty for electronic channels, for unknown channels, and if there are no electronic orders
    half_even(sale_revenue, orders) as average_order,   -- money?, never summed: Invoice revenue ÷ orders
    case when has_cost = 1 then half_even(order_level_cost, orders) end as cost_per_order, -- money?, never summed: Order-level cost ÷ orders
    case when has_profit = 1 then share(sale_margin, sale_revenue) end as margin_share,   -- share?: Margin before freight ÷ invoice revenue
    case when has_cost = 1 then break_even_order end as break_even_order, -- money?, never summed: Order size at which an order just covers its order-level cost; empty if nothing is left per unit of revenue
    case when has_profit = 1 then loss_orders end as loss_orders, -- count?: Orders with a negative net profit
    case when has_profit = 1 then share(loss_orders, orders) end as loss_order_share -- share?: Share of the orders that lose money
from joined

-- audit: The lines and invoice revenue of all channels are those of all customers.
with parts as (
    select window_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue from channel group by window_id
), whole as (
    select window_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue from customer_window group by window_id
)
select
    parts.window_id, parts.lines, whole.lines as lines_of_customers,
    parts.invoice_revenue as found, whole.invoice_revenue as expected
from parts join whole on whole.window_id = parts.window_id
where parts.lines <> whole.lines or parts.invoice_revenue <> whole.invoice_revenue

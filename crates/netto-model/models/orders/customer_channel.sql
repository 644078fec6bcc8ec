-- customer_channel: The electronic share of each customer of the main window, and the saving of moving its other orders, without returns and
-- credits.
-- grain: window × customer
-- key: window_id, customer_id
-- needs: order_month
select
    window_id,                                           -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    orders,                                             -- count: Orders without returns and credits
    electronic_orders,                                  -- count: Of which through electronic channels
    share(electronic_orders, orders) as electronic_share,   -- share?: Electronic orders ÷ orders
    lines,                                              -- count: Lines of these orders
    electronic_lines,                                   -- count: Of which through electronic channels
    share(electronic_lines, lines) as electronic_line_share,    -- share?: Electronic lines ÷ lines
    channel_saving                                      -- money?: Per channel that is known and not electronic: its orders × what an order of the channel costs more than an electronic one of the same size (`channel`: order_level_cost − cost_if_electronic, ÷ orders), where that is above zero; empty without electronic orders to compare with
from electronic_part
where window_id = 'main'

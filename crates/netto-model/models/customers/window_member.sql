-- window_member: Customers in each window by one number of both, for what has many rows of them.
-- grain: window × customer
-- key: member_no
-- published: no
--
-- window_no  customer_no  member_no
-- 3          12           300000012     100,000,000 × window + customer
select
    w.window_no * 100000000 + n.customer_no as member_no,    -- integer: Window and customer, by one number
    c.window_id,                                            -- text → dim_window: Window of closed months
    c.customer_id,                                          -- text → dim_customer: Customer
    c.tier,                                                 -- text: Tier in the window
    c.rank,                                                 -- count?: Rank in the window; empty if inactive
    c.invoice_revenue                                       -- money: Invoice revenue
from customer_window as c
join window_number as w on w.window_id = c.window_id
join customer_number as n on n.customer_id = c.customer_id

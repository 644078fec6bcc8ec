-- buying_group: Groups and buying associations: what their members bring together, and how many of them lose money.
-- grain: window × group
-- key: window_id, parent_id
-- needs: customers
-- source: Kaplan & Cooper, Cost & Effect (1998), on customers that are decided on together
--
-- member     revenue   margin   cost    profit
-- A          1,000     400      10      390
-- B            100     −20      10      −30
-- G of both  1,100     380      20      360      1 of 2 loses; without B it would be 390
--
-- Conditions are agreed with a group, so it is the group that is worth its discounts, or not. Customers without a group aren't there.
with member as (
    select c.window_id, k.parent_id, c.customer_id, c.rank, c.invoice_revenue, c.gross_margin, c.cost_to_serve, c.net_profit
    from customer_window as c join customers as k on k.customer_id = c.customer_id
    where k.parent_id is not null and k.parent_id <> '' and (c.rank is not null or c.net_profit <> 0)
), summed as (
    select
        window_id, parent_id, count(*) as customers, count(rank) as active, sum(invoice_revenue) as invoice_revenue,
        sum(gross_margin) as gross_margin, sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit,
        sum(case when net_profit < 0 then 1 else 0 end) as losing, sum(least(net_profit, 0)) as loss
    from member
    group by window_id, parent_id
), whole as (
    select window_id, sum(invoice_revenue) as invoice_revenue from customer_window group by window_id
)
select
    s.window_id,                                        -- text → dim_window: Window of closed months
    s.parent_id,                                        -- text: Group or buying association
    s.customers,                                        -- count: Members that ordered in the window, or cost something in it
    s.active as active_customers,                       -- count: Members that ordered in it
    s.invoice_revenue,                                  -- money: Invoice revenue
    s.gross_margin,                                     -- money: Gross margin
    s.cost_to_serve,                                    -- money: Cost-to-serve
    s.net_profit,                                       -- money: Net profit
    s.losing as loss_customers,                         -- count: Members with a net profit below zero
    s.loss as loss_amount,                              -- money: What those lose together
    share(s.invoice_revenue, w.invoice_revenue) as revenue_share,   -- share?: Invoice revenue ÷ that of all customers
    share(s.gross_margin, s.invoice_revenue) as margin_share        -- share?: Gross margin ÷ invoice revenue
from summed as s join whole as w on w.window_id = s.window_id

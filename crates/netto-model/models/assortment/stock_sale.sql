-- stock_sale: What customers bought from stock of product groups, month by month, with a number for both.
-- grain: month × customer × product group
-- key: period, pair_no
-- needs: stock, fct_customer_product_month
-- published: no
--
-- customer_no  group_no  pair_no
-- 12           3         120000003     10,000,000 × customer + product group
with sale as (
    select
        f.period, f.pair_no // 10000000 * 10000000 + p.group_no as pair_no, f.cogs, f.invoice_revenue, f.order_level_cost
    from product_sale as f join product_number as p on p.product_no = f.product_no
    where f.from_stock
)
select
    period,                                       -- date → dim_period: First day of the calendar month
    pair_no,                                      -- integer: Customer and product group, by one number
    sum(cogs) as cogs,                            -- money: Cost of goods sold
    sum(invoice_revenue) as invoice_revenue,      -- money: Invoice revenue
    sum(order_level_cost) as order_level_cost     -- money: Their part of order cost, and of freight cost less freight charged
from sale
group by period, pair_no

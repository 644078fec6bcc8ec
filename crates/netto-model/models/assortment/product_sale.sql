-- product_sale: What customers bought of products, month by month, with numbers for who and what: a pair of them is one number.
-- grain: month × customer × product × way of delivery
-- key: period, pair_no, delivery
-- needs: fct_customer_product_month
-- published: no
--
-- customer_no  product_no  pair_no
-- 12           345         120000345     10,000,000 × customer + product
--
-- Sold from stock are goods that the supplier didn't deliver directly; a service isn't, whatever its way of delivery says.
select
    f.period,                                                   -- date → dim_period: First day of the calendar month
    p.product_no,                                               -- integer: Product, by its number
    c.customer_no * 10000000 + p.product_no as pair_no,          -- integer: Customer and product, by one number
    f.delivery,                                                 -- text: How it was delivered; empty if unknown
    f.delivery <> 'direct' and p.is_stocked as from_stock,       -- bool: Whether it was sold from stock
    f.quantity,                                                 -- pieces: Pieces
    f.list_revenue,                                             -- money: Revenue at list price
    f.invoice_revenue,                                          -- money: Invoice revenue
    f.cogs,                                                     -- money: Cost of goods sold
    f.order_level_cost                                          -- money: Their part of order cost, and of freight cost less freight charged
from fct_customer_product_month as f
join customer_number as c on c.customer_id = f.customer_id
join product_number as p on p.product_id = f.product_id

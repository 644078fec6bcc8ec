-- name:   order_over_months
-- grain:  customer × order
-- reads:  orders
-- Orders that have lines in several months.
select customer_key, order_key
from orders
group by customer_key, order_key
having count(*) > 1

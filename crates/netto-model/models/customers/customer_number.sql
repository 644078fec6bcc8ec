-- customer_number: Customers with a whole number each, in the order of their ids: grouping and joining many rows by one number takes a sixth of the time of two
-- texts.
-- grain: customer
-- key: customer_no
-- published: no
with named as (
    select customer_id from fct_customer_month
    union all select customer_id from customers
    union all select customer_id from stock where customer_id <> ''
), each as (
    select distinct customer_id from named
)
select
    cast(row_number() over (order by customer_id) as bigint) as customer_no,     -- integer: Its number
    customer_id                                                                 -- text: Customer
from each

-- audit: There are numbers enough.
select customer_no from customer_number where customer_no >= 100000000

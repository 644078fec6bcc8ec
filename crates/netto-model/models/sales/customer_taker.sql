-- customer_taker: Who took how many of each customer's orders in a month.
-- grain: month × customer × employee
-- key: period, customer_id, employee_id
-- published: no
--
-- Made month by month while orders are split.
select
    period,                     -- date → dim_period: First day of the calendar month
    customer_id,                -- text → dim_customer: Customer
    employee_id,                -- text → dim_employee: Who took them
    sum(orders) as orders       -- count: Orders
from whole_order
where employee_id <> '' and is_sale
group by period, customer_id, employee_id

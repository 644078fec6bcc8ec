-- sales_portfolio: Whose customers are whose: those of a pair are those of its members, each once.
-- grain: level × key × customer
-- key: level, key, customer_id
-- published: no
--
-- account manager M01, inside representative M05, both of pair K1: the customer is M01's, M05's and K1's
with of_employee as (
    select account_manager as employee_id, customer_id from customers where account_manager <> ''
    union all
    select inside_rep as employee_id, customer_id from customers where inside_rep <> ''
), of_seller as (
    select 'employee' as level, employee_id as key, customer_id from of_employee
    union all
    select 'pair' as level, e.pair_id as key, o.customer_id
    from of_employee as o join employees as e on e.employee_id = o.employee_id
    where e.pair_id <> ''
)
select distinct
    level,              -- text (employee | pair): What the key names
    key,                -- text: Employee, or pair
    customer_id         -- text: Customer
from of_seller

-- sales_portfolio: Whose customers are whose; each customer is one pair's at most.
-- grain: level × key × customer
-- key: level, key, customer_id
-- published: no
--
-- Where no customer names an account manager or an inside representative, a customer is theirs who took most of its orders in the main window: who took them
-- years ago has handed it over. Only of who ordered nothing in it do earlier orders say whose customer it is.
--
-- account manager M01, inside representative M05, both of pair K1: the customer is M01's, M05's and K1's
-- account manager M01 of K1, inside representative M06 of K2: the customer is M01's, M06's and K1's
--
-- A customer has one pair, so that pairs add up to no more than there is: that of its account manager, or of its inside representative where the
-- account manager is in none.
with named as (
    select coalesce(sum(case when account_manager <> '' or inside_rep <> '' then 1 else 0 end), 0) as customers from customers
), lately as (
    select t.customer_id, t.employee_id, sum(t.orders) as orders
    from customer_taker as t join window_month as m on t.period = m.period
    where m.window_id = 'main'
    group by t.customer_id, t.employee_id
), ordered as (
    select distinct customer_id from lately where orders > 0
), ever as (
    select customer_id, employee_id, sum(orders) as orders from customer_taker group by customer_id, employee_id
), taker as (
    select customer_id, employee_id, orders from lately
    union all
    select e.customer_id, e.employee_id, e.orders
    from ever as e left join ordered as o on e.customer_id = o.customer_id
    where o.customer_id is null
), mostly as (
    select *, row_number() over (partition by customer_id order by -orders, employee_id) as place from taker where orders > 0
), of_employee as (
    select account_manager as employee_id, customer_id, 'customers' as said_by, 1 as place from customers where account_manager <> ''
    union all
    select inside_rep as employee_id, customer_id, 'customers' as said_by, 2 as place from customers where inside_rep <> ''
    union all
    select t.employee_id, t.customer_id, 'orders' as said_by, 1 as place from mostly as t cross join named as n where t.place = 1 and n.customers = 0
), of_pair as (
    select
        e.pair_id, o.customer_id, o.said_by, row_number() over (partition by o.customer_id order by o.place, e.pair_id) as choice
    from of_employee as o join employees as e on e.employee_id = o.employee_id
    where e.pair_id <> ''
), of_seller as (
    select 'employee' as level, employee_id as key, customer_id, said_by from of_employee
    union all
    select 'pair' as level, pair_id as key, customer_id, said_by from of_pair where choice = 1
)
select distinct
    level,              -- text (employee | pair): What the key names
    key,                -- text: Employee, or pair
    customer_id,        -- text: Customer
    said_by             -- text (customers | orders): What says that it is theirs: its account manager or inside representative, or who took its orders
from of_seller

-- audit: A customer is one pair's.
select customer_id, count(*) as found, cast(1 as bigint) as expected
from sales_portfolio where level = 'pair' group by customer_id having count(*) > 1

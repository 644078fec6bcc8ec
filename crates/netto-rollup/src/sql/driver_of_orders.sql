-- name:   driver_quantity
-- grain:  {grain}
-- reads:  {source}
-- How much of each activity's driver a customer used: one column per activity, in ten-thousandths. In a month an order takes
-- what it has taken by its end less what it had taken before; of minutes never less than none.
select
    period,                                                     -- first day of the month
    customer_key,                                               -- the customer
{warehouse}
{sums}
from (
    select
        period, customer_key, in_warehouse,
{in_month}
    from (
        select
            period, customer_key, order_key, in_warehouse,
{so_far}
        from (
            select
                period, customer_key, order_key, in_warehouse,
{of_parts}
            from {source}
            window part as (partition by customer_key, order_key{, apart} order by period)
        ) as parts
        group by period, customer_key, order_key, in_warehouse
    ) as so_far
    window earlier as (partition by customer_key, order_key order by period rows between unbounded preceding and 1 preceding)
) as months
group by period, customer_key{, warehouse}

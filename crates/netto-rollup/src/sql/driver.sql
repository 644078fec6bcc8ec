-- name:   driver_quantity
-- grain:  {grain}
-- reads:  {source}
-- How much of each activity's driver a customer used: one column per activity, in ten-thousandths.
select
    period,                                                     -- first day of the month
    {customer},                                                 -- the customer
{warehouse}
{quantities}
from {source}
group by period, {customer}{, warehouse}

-- name:   line_audit
-- grain:  month
-- reads:  order_lines
-- What the lines of a month come to: so many as its files hold, and amounts that add up within the range of money.
select
    period,                                                     -- first day of the month
    cast(count(*) as bigint) as lines,                          -- lines
    10000 * greatest(
        sum(abs(cast(quantity as double))),
        sum(abs(cast(net_amount as double))),
        sum(abs(cast(coalesce(list_amount, net_amount) as double))),
        sum(abs(cast(discount_amount as double))),
        sum(abs(cast(cogs_amount as double))),
        sum(abs(cast(freight_charged as double)))
    ) as most                                                   -- ten-thousandths of the largest sum, signs aside
from order_lines
group by period

-- name:   driver_audit
-- grain:  month
-- reads:  {source}
-- Whether a row may take negative minutes, or has no number that an amount can be.
select
    period,                                                                         -- first day of the month
    min(least(cast(0 as bigint), cast(0 as bigint){, minutes})) as lowest,          -- ten-thousandths of minutes of a row
    greatest(cast(0 as double), cast(0 as double){, sums}) as most                  -- ten-thousandths of the largest sum, signs aside
from {source}
group by period

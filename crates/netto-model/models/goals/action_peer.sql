-- action_peer: How net profit changed for customers with whom nothing was agreed, by the tier and size that they had before.
-- grain: start × tier × size
-- key: started_at, tier, size
-- needs: actions
-- published: no
with peer as (
    select
        started_at, tier, size, count(*) as customers, sum(change) as change, sum(cast(change as hugeint) * change) as squared
    from action_change
    where agreed = 0 and tier is not null
    group by started_at, tier, size
)
select
    started_at,                                     -- date: From which day
    tier,                                           -- text: Tier of the months before
    size,                                           -- count: Size by revenue before
    customers,                                      -- count: Customers without an action
    half_even(change, customers) as peer_change,    -- money: Their mean change of net profit per month
    case when customers > 1 then
        greatest((cast(squared as double) - cast(change as double) * cast(change as double) / customers) / (customers - 1), 0.0)
    end as variance                                 -- ratio?: Variance of that change, in squared ten-thousandths
from peer

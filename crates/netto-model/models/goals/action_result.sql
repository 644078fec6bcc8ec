-- action_result: The total effect of all agreed actions of a kind, compared with customers of the same tier and size without an action.
-- grain: remedy
-- key: remedy
-- needs: actions
-- source: Card & Krueger, Minimum Wages and Employment, American Economic Review (1994): difference in differences; Cochran, Sampling
-- Techniques (1977), chapter 5: variance of a mean within strata
--
-- 12 customers with a minimum order: net profit a month + 600 together; their peers' mean change, of each its own, + 10: expected + 120, effect + 480
--
-- Compared is whoever ordered before, has ten peers at least (same start, tier and size) and no other action in the months. Of fewer than ten nothing is
-- claimed. The interval holds the effect in nine of ten cases: the variance of what the compared did beyond their peers, and of the mean of the
-- peers. It isn't proof that the action was the cause: nobody draws lots whom to agree it with.
with agreed as (
    select remedy, count(*) as actions from actions group by remedy
), compared as (
    select
        a.remedy, c.started_at, c.tier, c.size, c.change, p.peer_change, c.change - p.peer_change as beyond,
        p.customers as peers, p.variance
    from actions as a
    join action_change as c on c.started_at = a.started_at and c.customer_id = a.customer_id
    join action_peer as p on p.started_at = c.started_at and p.tier = c.tier and p.size = c.size
    where c.agreed = 1 and p.customers >= 10
), whole as (
    select
        remedy, count(*) as customers, sum(change) as change, sum(peer_change) as peer_change, sum(beyond) as beyond,
        sum(cast(beyond as hugeint) * beyond) as squared
    from compared
    group by remedy
), stratum as (
    select remedy, started_at, tier, size, count(*) as customers, min(peers) as peers, min(variance) as variance
    from compared
    group by remedy, started_at, tier, size
), added as (
    -- Summed in a fixed order, so that the sum is the same to its last bit for any number of threads.
    select
        remedy, sum(1.0 * customers * customers * variance / peers) over running as variance, sum(peers) over running as peers,
        row_number() over running as place, count(*) over (partition by remedy) as places
    from stratum
    window running as (partition by remedy order by started_at, tier, size)
), of_peers as (
    select remedy, variance, peers from added where place = places
), spread as (
    select
        w.remedy, w.customers, p.peers, w.change, w.peer_change, w.beyond,
        p.variance + case when w.customers > 1 then
            1.0 * w.customers / (w.customers - 1)
            * greatest(cast(w.squared as double) - cast(w.beyond as double) * cast(w.beyond as double) / w.customers, 0.0)
        else 0.0 end as variance
    from whole as w join of_peers as p on p.remedy = w.remedy
), claimed as (
    select *, cast(round(1.645 * sqrt(variance)) as bigint) as give_or_take from spread where customers >= 10
)
select
    a.remedy,                                       -- text: Kind of action
    a.actions,                                      -- count: Actions agreed
    coalesce(s.customers, 0) as compared,           -- count: Customers in the comparison
    coalesce(s.peers, 0) as peers,                  -- count, never summed: Customers without an action in the comparison
    s.change,                                       -- money?: Change of net profit per month of the customers in the comparison
    s.peer_change,                                  -- money?: Change that they would have had with the change of their peers
    c.beyond as effect,                             -- money?: The difference, per month; empty if fewer than ten are compared
    c.beyond - c.give_or_take as effect_low,        -- money?, never summed: Lower end in nine of ten cases
    c.beyond + c.give_or_take as effect_high,       -- money?, never summed: Upper end in nine of ten cases
    case
        when c.remedy is null then 'too few to compare'
        when c.beyond - c.give_or_take > 0 then 'more than without it'
        when c.beyond + c.give_or_take < 0 then 'less than without it'
        else 'no effect can be seen'
    end as finding                                  -- text (more than without it | less than without it | no effect can be seen | too few to compare): What can be said of it
from agreed as a
left join spread as s on s.remedy = a.remedy
left join claimed as c on c.remedy = a.remedy

-- remedy: Every remedy for every customer that loses money in the main window: its break-even, its expected effect compared with doing nothing, and whether it is proposed.
-- grain: window × customer × remedy
-- key: window_id, customer_id, remedy
-- source: Nagle & Müller, The Strategy and Tactics of Pricing (2018), on the break-even volume; Bijmolt, van Heerde & Pieters, Journal of Marketing Research (2005), on price elasticity; Kaplan & Narayanan (2001)
--
-- loses 600; 12.50 for each of 48 orders brings 600, 6 % of its revenue. At 2.6 parts for each part asked, 15.6 in 100 leave over it:
--     by what it does         0.844 × 600   = 506.40
--     by leaving              0.156 × −1,220 = −190.32        leaving would cost the company a contribution of 1,220
--     expected change                          316.08         half as many leave: 458; twice as many: 32
--
-- Remedies rank by their effect less the cost of leaving; a *gain* from leaving is shown, but counts only for the farewell. The proposed remedy is the best one above
-- zero that is worth a conversation. A rule for all customers (remedy_policy) is proposed once, not to each customer that it asks something of. Remedies agreed in the last twelve months are
-- running and aren't proposed again; remedies that were tried and brought nothing come last. Customers that bought nothing, or in one month only, have no recurring loss.
with policy as (
    -- The rule that is proposed asks only customers with orders below its limit.
    select p.policy as remedy, o.customer_id, 1 as yes
    from remedy_policy as p join policy_order as o on p.order_below = o.order_below
    where p.proposed
), visited as (
    select sum(visit_cost) as cost, sum(visits) as visits from remedy_case
), visit_price as (
    select half_even(cost, visits) as amount from visited
), option as (
    select
        o.*, cast(1000000 as bigint) as whole, c.window_id, c.net_profit, c.contribution, c.invoice_revenue, c.earning_revenue, c.activity_cost, c.avoidable_cost, c.loss_certain,
        l.place, l.measure, coalesce(t.agreed, '') as agreed, coalesce(p.yes, 0) as in_policy,
        case when o.obstacle = '' and coalesce(t.agreed, '') = 'running' then 'It was agreed in the last twelve months, and runs.' else o.obstacle end as hindrance,
        coalesce($least_effect_units, v.amount, 0) as least,
        least(half_even(cast(o.asked_millionths as hugeint) * l.parts_millionths, 1000000), 1000000) as leaves,
        least(half_even(cast(o.asked_millionths as hugeint) * l.low_millionths, 1000000), 1000000) as leaves_low,
        least(half_even(cast(o.asked_millionths as hugeint) * l.high_millionths, 1000000), 1000000) as leaves_high,
        -- A farewell means that the customer leaves: leaving is its gain, and not an additional risk.
        case when o.remedy = 'farewell' then 0 else 1 end as at_risk
    from remedy_option as o
    join remedy_case as c on c.customer_id = o.customer_id
    join remedy_leaving as l on l.remedy = o.remedy
    left join agreed_remedy as t on o.customer_id = t.customer_id and o.remedy = t.remedy
    left join policy as p on o.customer_id = p.customer_id and o.remedy = p.remedy
    cross join visit_price as v
), risked as (
    select *, leaves * at_risk as p, leaves_low * at_risk as p_low, leaves_high * at_risk as p_high
    from option where hindrance = ''
), weighed as (
    select
        risked.*,
        half_even(cast(1000000 - p as hugeint) * gain, 1000000) as from_remedy,
        half_even(cast(-p as hugeint) * contribution, 1000000) as from_leaving,
        half_even(cast(1000000 - p_low as hugeint) * gain - cast(p_low as hugeint) * contribution, 1000000) as at_low,
        half_even(cast(1000000 - p_high as hugeint) * gain - cast(p_high as hugeint) * contribution, 1000000) as at_high,
        half_even(cast(1000000 - p as hugeint) * cost_gone + cast(p as hugeint) * activity_cost, 1000000) as cost_expected,
        half_even(cast(1000000 - p as hugeint) * cost_avoided + cast(p as hugeint) * avoidable_cost, 1000000) as saved_expected,
        cast(p as double) as p_steep, cast(gain as double) as g, cast(greatest(contribution, 0) as double) as c
    from risked
), scored as (
    select
        weighed.*, from_remedy + least(from_leaving, 0) as score,
        case when agreed = 'failed' then 1 else 0 end as failed
    from weighed
), ranked as (
    select scored.*, row_number() over (partition by customer_id order by failed, -score, place) as rank from scored
), worth as (
    select
        customer_id, remedy,
        row_number() over (partition by customer_id order by rank) as choice
    from ranked where score > 0 and score >= least and in_policy = 0
), proposal as (
    select r.* from ranked as r join worth as w on w.customer_id = r.customer_id and w.remedy = r.remedy where w.choice = 1
), rival as (
    select customer_id, g, p_steep * (g + c) as lost from ranked where in_policy = 0 and failed = 0
), paired as (
    select p.customer_id, p.g, p.p_steep * (p.g + p.c) as lost, rival.g as rival_g, rival.lost as rival_lost
    from proposal as p join rival on rival.customer_id = p.customer_id
), turning as (
    -- The factor f by which leaving may be more likely for all remedies, until another one is as good, (1 − f p) g − f p c being equal, or none is worthwhile.
    select
        customer_id,
        min(case when lost > rival_lost then (g - rival_g) * 1000000.0 / (lost - rival_lost) end) as times,
        min(case when lost > 0.0 then g * 1000000.0 / lost end) as times_to_nothing
    from paired group by customer_id
)
select
    o.window_id,                                         -- text → dim_window: Window of closed months
    o.customer_id,                                      -- text → dim_customer: Customer
    o.remedy,                                           -- text (minimum_annual_revenue | discount_change | price_change | minimum_order_size | order_charge | channel_shift | visit_frequency | farewell): Remedy
    o.hindrance = '' as applicable,                     -- bool: Whether it can be applied
    o.hindrance as obstacle,                            -- text: Why it can't be applied; empty if it can
    o.agreed,                                           -- text: Earlier agreement on it: running (in the last twelve months), failed, worked, unknown; empty if there was none
    p.remedy is not null as proposed,                   -- bool: Whether it is the best remedy worth a conversation; at most one per customer
    o.in_policy = 1 and o.hindrance = '' as in_policy,  -- bool: Whether it is proposed as a rule for all customers instead, and the customer has orders below its limit
    r.rank,                                             -- count?, never summed: Rank by effect less the cost of leaving, 1 is best; empty if not applicable
    o.net_profit,                                       -- money, never summed: Net profit at full cost if nothing is done: the baseline
    o.contribution,                                     -- money, never summed: What the company would lose if the customer left: gross margin before freight and payment terms, less the avoidable cost of all activities; if negative, the company would save
    o.measure,                                          -- text: Measure of the break-even and the values
    o.break_even,                                       -- driver?: Value at which net profit is zero; empty if there is none
    o.current_value,                                    -- driver?: The value today
    case when o.hindrance = '' then o.proposed_value end as proposed_value,     -- driver?: Value whose effect is shown: the break-even, within the limits of the configuration
    o.occasions,                                        -- count?, never summed: Number of orders or visits concerned
    o.each_amount,                                      -- money?, never summed: Cost of or amount lacking on each of them; for revenue, the profit of a further 100; for a price, the amount that it is compared with
    ratio(r.asked_millionths, r.whole) as asked_share,  -- share?: Change that is asked, as a share of revenue, orders or visits
    ratio(r.leaves, r.whole) as leaving_probability,         -- share?: Probability that the customer leaves because of it, depending on the change asked; 1 for a farewell
    case when r.remedy <> 'farewell' then r.gain end as gain_if_stays,          -- money?, never summed: Change of the company's result if the customer stays: higher payments, or cost that is really saved; empty for a farewell
    -o.contribution as loss_if_leaves,                  -- money, never summed: Change of the company's result if the customer leaves: the contribution with the opposite sign
    r.from_remedy,                                      -- money?, never summed: (1 − probability) × gain if it stays: the effect of the remedy; for a farewell the effect of leaving
    r.from_leaving,                                     -- money?, never summed: Probability × change if it leaves; a gain from leaving doesn't count for the rank
    r.from_remedy + r.from_leaving as expected_change,  -- money?, never summed: Expected change of the company's result: the sum of both
    least(r.at_low, r.at_high) as expected_low,         -- money?, never summed: Expected change at the less favourable end of the range of leaving
    greatest(r.at_low, r.at_high) as expected_high,     -- money?, never summed: Expected change at the more favourable end
    case when p.remedy is not null then least(coalesce(case when t.times > 1.0 then t.times end, t.times_to_nothing), t.times_to_nothing) end
        as turning_factor,                              -- ratio?: Factor on the probability of leaving, the same for all remedies, from which another remedy or none is better than the proposed one
    half_even(cast(r.leaves as hugeint) * greatest(r.invoice_revenue, 0), 1000000) as volume_lost,   -- money?, never summed: Invoice revenue × probability of leaving
    case when r.remedy <> 'farewell' and r.gain > 0 and r.contribution > 0 then share(r.gain, r.contribution + r.gain) end
        as break_even_volume_loss,                      -- share?: Gain ÷ (contribution + gain): the share of the customer's volume that may be lost before the remedy has no gain; empty if losing it costs nothing
    r.earning_revenue as revenue_elsewhere,             -- money?, never summed: Its revenue in product groups that are profitable before customer-level cost: the revenue at stake; empty if customers aren't known by product group
    half_even(cast(r.leaves as hugeint) * r.earning_revenue, 1000000) as revenue_lost_elsewhere,     -- money?, never summed: Of which is expected to be lost
    r.saved_expected as cost_saved,                     -- money?, never summed: Expected avoidable cost that is really saved; negative if more revenue brings more cost
    r.cost_expected - r.saved_expected as capacity_freed,   -- money?, never summed: Expected other cost: capacity that is only freed; negative if more revenue uses existing capacity
    o.loss_certain                                      -- bool: Whether the customer loses money at every value in the range of its net profit
from option as o
left join ranked as r on r.customer_id = o.customer_id and r.remedy = o.remedy
left join proposal as p on p.customer_id = o.customer_id and p.remedy = o.remedy
left join turning as t on t.customer_id = o.customer_id

-- audit: A customer has one proposed remedy at most, and it can be applied.
select customer_id, count(*) as found, cast(1 as bigint) as expected
from remedy where proposed group by customer_id having count(*) > 1 or min(case when applicable then 1 else 0 end) = 0

-- attention: Attention in the main window: a customer's share of minutes and cost, compared with its share of revenue and potential. Over-served customers
-- get far more attention for their value than customers of the same size; under-served customers get far less.
-- grain: window × customer
-- key: window_id, customer_id
-- source: Curry & Curry, The Customer Marketing Method (2000): attention goes where the business is, or may come from
--
-- minutes  cost   revenue  potential   index
--  6 %      4 %     2 %       1 %      (6 + 4) ÷ 2 ÷ max(2, 1) = 2.5     over-served
--  1 %      1 %     2 %       5 %      1 ÷ 5 = 0.2                       under-served
--
-- An order takes about the same work whatever its value, so nearly every small customer has an index above 1, and every large one below 1: this is an
-- effect of size, not of behaviour. So an index is compared with the median of customers of about the same size (`peer_group`), or with 1 if there are none.
--
-- six of 100 a year, indices 5.6 5.6 5.6 5.6 5.6 16.7    median 5.6    the last one has 3 times that: over-served, the others are in balance
--
-- Where a potential is known, every share of the index is one among the customers whose potential is known: one customer of a hundred
-- with a known potential isn't all the potential there is. Where no minutes, or no cost, are known at all, the other one counts alone; without either no customer is shown. Attention for a customer with neither revenue nor potential is over-serving, whatever the index.
with everyone as (
    select c.*, known.potential, known.potential is not null as is_known, w.months
    from customer_window as c
    join dim_window as w on w.window_id = c.window_id
    left join customers as known on known.customer_id = c.customer_id
    where c.window_id = 'main' and c.tier <> '(unknown)'
), shared as (
    select
        *,
        share(minutes, sum(minutes) over ()) as minutes_share,
        share(cost_to_serve, sum(cost_to_serve) over ()) as cost_share,
        share(invoice_revenue, sum(invoice_revenue) over ()) as revenue_share,
        case when is_known then share(potential, sum(potential) over ()) end as potential_share,
        case when is_known then share(minutes, sum(case when is_known then minutes else 0 end) over ()) end as known_minutes,
        case when is_known then share(cost_to_serve, sum(case when is_known then cost_to_serve else 0 end) over ()) end as known_cost,
        case when is_known then share(invoice_revenue, sum(case when is_known then invoice_revenue else 0 end) over ()) end as known_revenue
    from everyone
), compared as (
    select
        *,
        case when is_known
            then coalesce((known_minutes + known_cost) / 2, known_minutes, known_cost, 0)
            else coalesce((minutes_share + cost_share) / 2, minutes_share, cost_share, 0) end as attention,
        case when is_known
            then greatest(coalesce(known_revenue, 0), coalesce(potential_share, 0))
            else coalesce(revenue_share, 0) end as value
    from shared
    where minutes_share is not null or cost_share is not null
), indexed as (
    select
        compared.*, case when value > 0 then attention / value end as attention_index, coalesce(g.peer_group, '') as peer_group
    from compared left join peer_group as g on g.customer_id = compared.customer_id
), of_peers as (
    select peer_group, median(attention_index) as peer_index from indexed where peer_group <> '' and attention_index is not null group by peer_group
), judged as (
    select
        indexed.*, p.peer_index,
        case when p.peer_index > 0 then attention_index / p.peer_index else attention_index end as against_peers
    from indexed left join of_peers as p on p.peer_group = indexed.peer_group
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    tier,                                               -- text → dim_tier: Tier
    minutes,                                            -- minutes: Minutes of attention: time-driven activities
    minutes_share,                                      -- share?: Share of all minutes
    cost_to_serve,                                      -- money: Cost-to-serve
    cost_share,                                         -- share?: Share of all cost-to-serve
    invoice_revenue,                                    -- money: Invoice revenue
    revenue_share,                                      -- share?: Share of all invoice revenue
    potential,                                          -- money?: Purchases that it could make in a year; empty if not supplied
    potential_share,                                    -- share?: Share of all potentials that were supplied
    share(half_even(invoice_revenue * 12, months), potential) as share_of_wallet, -- share?: Invoice revenue per year ÷ potential
    attention_index,                                    -- ratio?: Share of attention ÷ share of value: the mean of the minutes' and the cost's share ÷ the larger of the revenue's and the potential's share; among the customers with a known potential where its own is known
    peer_index as peer_attention_index,                 -- ratio?: Median index of the customers of about the same size, this one included; empty for customers without peers
    case
        when against_peers > $attention_over then 'over-served'
        when against_peers < $attention_under then 'under-served'
        when attention_index is null and attention > 0 then 'over-served'
        else 'in balance'
    end as attention_status                             -- text (over-served | in balance | under-served): By the index ÷ that of its peers; by the index itself where it has none
from judged

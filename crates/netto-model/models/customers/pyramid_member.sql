-- pyramid_member: Who stands in the pyramid: customers, prospects, suspects, and the rest of each market; added up by tier, market and region.
-- grain: window × tier × market × region
-- key: window_id, tier, market, region
-- published: no
--
-- Bouw: 1,200 companies of 50 M − 144 customers of 3.4 M − 16 prospects and suspects of 0.8 M  →  1,040 of 45.8 M
--
-- Who became a customer is one; nobody is a prospect of a window before it was known. A market that is said to be smaller than what
-- is known of it has no rest.
with customer as (
    select
        c.window_id, c.tier, coalesce(known.market, '') as market, coalesce(known.region, '') as region,
        1 as customers, c.invoice_revenue, c.gross_margin, c.cost_to_serve, c.net_profit,
        case when c.tier <> '(unknown)' and c.net_profit < 0 then 1 else 0 end as loss_customers,
        c.minutes, known.potential,
        case when known.potential is not null then c.invoice_revenue else 0 end as revenue_with_potential
    from customer_window as c
    left join customers as known on known.customer_id = c.customer_id
), attention as (
    select w.window_id, a.prospect_id, sum(a.minutes) as minutes
    from activities as a join window_day as w on w.day = a.occurred_at
    where a.prospect_id is not null
    group by w.window_id, a.prospect_id
), prospect as (
    select
        w.window_id, case when p.stage = 'prospect' then 'Prospect' else 'Suspect' end as tier,
        coalesce(p.market, '') as market, '' as region,
        1 as customers, 0 as invoice_revenue, 0 as gross_margin, 0 as cost_to_serve, 0 as net_profit,
        0 as loss_customers, coalesce(attention.minutes, 0) as minutes, p.potential, 0 as revenue_with_potential
    from prospects as p
    cross join dim_window as w
    left join attention on attention.window_id = w.window_id and attention.prospect_id = p.prospect_id
    where p.became_customer_id is null and (p.since is null or p.since <= w.last_day)
), known as (
    select * from customer union all select * from prospect
), in_market as (
    select window_id, market, sum(customers) as customers, sum(potential) as potential
    from known group by window_id, market
), rest as (
    select
        w.window_id, 'Rest of market' as tier, size.market, '' as region,
        greatest(size.companies - coalesce(in_market.customers, 0), 0) as customers,
        0 as invoice_revenue, 0 as gross_margin, 0 as cost_to_serve, 0 as net_profit, 0 as loss_customers, 0 as minutes,
        case when size.potential is not null
            then greatest(size.potential - coalesce(in_market.potential, 0), 0) end as potential,
        0 as revenue_with_potential
    from market_size as size
    cross join dim_window as w
    left join in_market on in_market.window_id = w.window_id and in_market.market = size.market
), member as (
    select * from known union all select * from rest
)
select
    window_id,                                               -- text → dim_window: Window of closed months
    tier,                                                   -- text → dim_tier: Tier
    market,                                                 -- text: Market; empty if unknown
    region,                                                 -- text: Region; empty if unknown, and for who isn't a customer
    sum(customers) as customers,                            -- count: Customers, prospects or suspects; companies in the rest of the market
    sum(invoice_revenue) as invoice_revenue,                -- money: Invoice revenue
    sum(gross_margin) as gross_margin,                      -- money: Gross margin
    sum(cost_to_serve) as cost_to_serve,                    -- money: Cost-to-serve
    sum(net_profit) as net_profit,                          -- money: Net profit
    sum(loss_customers) as loss_customers,                  -- count: Customers with a negative net profit
    sum(minutes) as minutes,                                -- minutes: Time-driven activities; of prospects and suspects, the minutes of their events
    sum(potential) as potential,                            -- money?: Purchases that they could make in a year; empty if it was supplied for none of them
    sum(revenue_with_potential) as revenue_with_potential   -- money: Invoice revenue of those with a potential
from member
group by window_id, tier, market, region

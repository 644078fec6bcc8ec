-- delta: Change of net profit against the window before, ranked, and split into effects that add up to the change exactly.
-- grain: window × customer
-- key: window_id, customer_id
-- row by row: window_number
-- source: Marn, Roegner & Zawada, The Price Advantage (2004), on price, volume and mix
--
--          before             now                    effects on a change of 96
-- pumps    10 × (100 − 60)    15 × (98 − 62)         volume      (20 ÷ 20 − 1) × 500 = 0
-- pipes    10 × (30 − 20)      5 × (32 − 20)         price       15 × −2 + 5 × 2 = −20
-- served   50                  54                    mix         15 × 40 + 5 × 10 − 500 = 150
-- profit   450                 546                   COGS        15 × −2 + 5 × 0 = −30     cost-to-serve  −4
--
-- Prices and costs are compared product by product, in products that were bought in both windows. Where others came in their place, product groups are
-- compared by what a list euro brought: only where list amounts were supplied, for a piece of one pump and one of another have no price to compare.
-- Volume is list revenue at the list prices of the window before. Where list amounts are missing it is pieces, of the product groups (products, where they
-- have none) that were bought in both windows; and where a piece of one cost more than ten times a piece of another, pieces at the prices of before:
-- machines and screws aren't added up. A group that is new or gone is mix. What scales with volume
-- is volume: rebates, payment terms and freight are a price only as far as they are another part of revenue than before. Who bought nothing in one
-- of the windows, or whose products aren't known, has no price and no mix: what isn't cost-to-serve is volume.
-- Costs that were booked, or costs of goods that were supplied, for only one of the two windows are no change: then there is nothing to compare.
--
-- Many rows are grouped by one number: customer in a window (`member_no`), product in a window (`lot_no`), and both (`part_no`).
with compared as (
    select w.window_no, w.window_id, w.previous_window
    from window_number as w join window_comparable as k on w.window_id = k.window_id
), side as (
    select c.window_no, m.period, cast(1 as bigint) as now, cast(0 as bigint) as old
    from compared as c join window_month as m on m.window_id = c.window_id
    union all
    select c.window_no, m.period, cast(0 as bigint) as now, cast(1 as bigint) as old
    from compared as c join window_month as m on m.window_id = c.previous_window
), account as (
    select
        s.window_no * 100000000 + n.customer_no as member_no,
        sum(s.now * f.invoice_revenue) as revenue, sum(s.old * f.invoice_revenue) as old_revenue,
        sum(s.now * f.cogs) as cogs, sum(s.old * f.cogs) as old_cogs,
        sum(s.now * (f.freight_charged - f.freight_cost - f.rebates_given - f.payment_terms)) as terms,
        sum(s.old * (f.freight_charged - f.freight_cost - f.rebates_given - f.payment_terms)) as old_terms,
        sum(s.now * f.rebates_received) as received, sum(s.old * f.rebates_received) as old_received,
        sum((s.old - s.now) * f.cost_to_serve) as cost_to_serve_effect,
        sum(s.now * f.net_profit) as profit, sum(s.old * f.net_profit) as old_profit,
        min(case when f.list_supplied then 1 else 0 end) as listed
    from fct_customer_month as f
    join customer_number as n on n.customer_id = f.customer_id
    join side as s on s.period = f.period
    group by s.window_no * 100000000 + n.customer_no
), moved as (
    select
        s.window_no * 1000000000000000 + f.pair_no as part_no,
        s.now * f.quantity as pieces, s.old * f.quantity as old_pieces, s.now * f.list_revenue as list, s.old * f.list_revenue as old_list,
        s.now * f.invoice_revenue as revenue, s.old * f.invoice_revenue as old_revenue, s.now * f.cogs as cogs, s.old * f.cogs as old_cogs
    from product_sale as f join side as s on s.period = f.period
), summed as (
    select
        part_no, sum(pieces) as pieces, sum(old_pieces) as old_pieces, sum(list) as list, sum(old_list) as old_list,
        sum(revenue) as revenue, sum(old_revenue) as old_revenue, sum(cogs) as cogs, sum(old_cogs) as old_cogs
    from moved group by part_no
), sold as (
    select
        *, part_no // 10000000 as member_no, part_no // 1000000000000000 * 10000000 + part_no % 10000000 as lot_no,
        part_no % 10000000 as product_no
    from summed
), list_price as (
    select lot_no, sum(pieces) as pieces, sum(old_pieces) as old_pieces, sum(list) as list, sum(old_list) as old_list
    from sold group by lot_no
), placed as (
    select
        sold.*, a.listed, p.group_no, p.product_group,
        case when sold.pieces > 0 and sold.old_pieces > 0 then 1 else 0 end as in_both,
        case
            when a.listed = 0 then null
            when sold.pieces > 0 and sold.old_pieces > 0 and sold.old_list > 0 then sold.old_list
            when l.pieces > 0 and l.list > 0 and l.old_pieces > 0 and l.old_list > 0 then l.old_list
        end as price_list,
        case when sold.pieces > 0 and sold.old_pieces > 0 and sold.old_list > 0 then sold.old_pieces else l.old_pieces end as price_pieces
    from sold
    join account as a on a.member_no = sold.member_no
    join list_price as l on l.lot_no = sold.lot_no
    join product_number as p on p.product_no = sold.product_no
), valued as (
    select
        placed.*,
        case when listed = 1 then old_list else old_pieces end as old_volume,
        case
            when price_list is not null then half_even(cast(pieces as hugeint) * price_list, price_pieces)
            when listed = 1 then list
            else pieces
        end as volume,
        case when product_group = '' then -(member_no * 10000000 + product_no) else member_no * 10000000 + group_no end as kind_no
    from placed
), kind as (
    select
        min(member_no) as member_no, sum(pieces) as pieces, sum(old_pieces) as old_pieces, sum(old_revenue) as old_revenue, sum(old_cogs) as old_cogs
    from valued where listed = 0
    group by kind_no
), kept_kind as (
    select *, half_even(cast(old_revenue as hugeint) * 10000, old_pieces) as old_price from kind where pieces > 0 and old_pieces > 0
), alike as (
    select member_no, case when min(old_price) > 0 and max(old_price) <= 10 * min(old_price) then 1 else 0 end as is_alike
    from kept_kind group by member_no
), weighed as (
    select
        k.member_no, k.old_revenue, k.old_cogs,
        case when a.is_alike = 1 then k.pieces else half_even(cast(k.pieces as hugeint) * k.old_revenue, k.old_pieces) end as volume,
        case when a.is_alike = 1 then k.old_pieces else k.old_revenue end as old_volume
    from kept_kind as k join alike as a on a.member_no = k.member_no
), kept as (
    select
        member_no, sum(volume) as volume, sum(old_volume) as old_volume, sum(old_revenue) as old_revenue, sum(old_cogs) as old_cogs
    from weighed group by member_no
), whole as (
    select member_no, sum(volume) as volume, sum(old_volume) as old_volume, count(*) as products
    from valued group by member_no
), cell as (
    select member_no, pieces as volume, old_pieces as old_volume, revenue, old_revenue, cogs, old_cogs
    from valued where in_both = 1
    union all
    select
        min(member_no) as member_no, sum(volume) as volume, sum(old_volume) as old_volume,
        sum(revenue) as revenue, sum(old_revenue) as old_revenue, sum(cogs) as cogs, sum(old_cogs) as old_cogs
    from valued where in_both = 0 and listed = 1 and product_group <> ''
    group by member_no * 10000000 + group_no
), priced as (
    select
        member_no, revenue,
        revenue - half_even(cast(volume as hugeint) * old_revenue, old_volume) as price,
        half_even(cast(volume as hugeint) * old_cogs, old_volume) - cogs as cost
    from cell where volume > 0 and old_volume > 0
), effect as (
    select member_no, sum(revenue) as compared_revenue, sum(price) as price, sum(cost) as cost
    from priced group by member_no
), joined as (
    select
        c.window_id, c.customer_id,
        coalesce(a.revenue, 0) as revenue, coalesce(a.old_revenue, 0) as old_revenue,
        coalesce(a.profit, 0) as profit, coalesce(a.old_profit, 0) as old_profit,
        coalesce(a.profit, 0) - coalesce(a.old_profit, 0) as change,
        coalesce(a.cost_to_serve_effect, 0) as cost_to_serve_effect,
        a.old_cogs, a.terms, a.old_terms, a.received, a.old_received,
        a.old_revenue - a.old_cogs + a.old_terms + a.old_received as old_margin,
        a.revenue - coalesce(e.price, 0) as revenue_at_old_prices, a.cogs + coalesce(e.cost, 0) as cogs_at_old_costs,
        coalesce(e.price, 0) as price, coalesce(e.cost, 0) as cost, coalesce(e.compared_revenue, 0) as compared_revenue,
        case when whole.volume > 0 and whole.old_volume > 0 then 1 else 0 end as in_both, a.listed,
        case when a.listed = 1 then whole.volume else kept.volume end as volume,
        case when a.listed = 1 then whole.old_volume else kept.old_volume end as old_volume, whole.products,
        kept.old_revenue as kept_revenue, kept.old_cogs as kept_cogs
    from window_member as c
    join compared on compared.window_id = c.window_id
    left join account as a on a.member_no = c.member_no
    left join whole on whole.member_no = c.member_no
    left join kept on kept.member_no = c.member_no
    left join effect as e on e.member_no = c.member_no
), based as (
    -- The margin that the volume brought before: of all purchases, or of the product groups that were bought in both windows.
    select
        joined.*,
        case when listed = 1 then old_margin else kept_revenue - kept_cogs
            + coalesce(half_even(cast(old_terms as hugeint) * kept_revenue, old_revenue), 0)
            + coalesce(half_even(cast(old_received as hugeint) * kept_cogs, old_cogs), 0) end as base_margin
    from joined
), found as (
    select
        based.*,
        case when in_both = 0 then 0
            else price + terms - coalesce(half_even(cast(old_terms as hugeint) * revenue_at_old_prices, greatest(old_revenue, 0)), old_terms)
        end as price_effect,
        case when in_both = 0 then 0
            else cost + received - coalesce(half_even(cast(old_received as hugeint) * cogs_at_old_costs, greatest(old_cogs, 0)), old_received)
        end as cogs_effect,
        case when in_both = 1 and products > 1
            then coalesce(half_even(cast(volume - old_volume as hugeint) * base_margin, old_volume), 0) end as volume_of_several
    from based
), split as (
    select found.*, change - cost_to_serve_effect - price_effect - cogs_effect as rest from found
)
select
    window_id,                                               -- text → dim_window: Window of closed months
    customer_id,                                            -- text → dim_customer: Customer
    row_number() over (partition by window_id order by -change, customer_id) as rank, -- count, never summed: By change of net profit, 1 is the largest gain; ties by id
    old_revenue as previous_revenue,                        -- money: Invoice revenue in the window before
    revenue as invoice_revenue,                             -- money: Invoice revenue in this window
    old_profit as previous_net_profit,                      -- money: Net profit in the window before
    profit as net_profit,                                   -- money: Net profit in this window
    change,                                                 -- money: Net profit less that of the window before
    coalesce(volume_of_several, rest) as volume_effect,     -- money: More or less was bought, at the old mix, prices, terms and costs: (volume ÷ volume before − 1) × margin before, of product groups that were bought in both windows where list amounts are missing; all but cost-to-serve of customers that are new or lost
    price_effect,                                           -- money: Pieces × (price − price before), by product, and what rebates given, payment terms and freight are more or less of revenue
    rest - coalesce(volume_of_several, rest) as mix_effect, -- money: Other products than before, and products that are new or gone: what the other effects leave of the change
    cogs_effect,                                            -- money: Pieces × (cost before − cost), by product, and what rebates received are more or less of it
    cost_to_serve_effect,                                   -- money: Cost-to-serve before less cost-to-serve
    case when in_both = 1 then compared_revenue else 0 end
        as compared_revenue                                 -- money: Part of this window's revenue whose prices could be compared
from split

-- audit: The effects of a customer add up to its change.
select window_id, customer_id, change as expected,
    volume_effect + price_effect + mix_effect + cogs_effect + cost_to_serve_effect as found
from delta
where volume_effect + price_effect + mix_effect + cogs_effect + cost_to_serve_effect <> change

-- audit: The changes of all customers add up to that of the company.
with now as (
    select window_id, sum(net_profit) as profit from customer_window group by window_id
), changed as (
    select window_id, sum(change) as change from delta group by window_id
)
select w.window_id, now.profit - old.profit as expected, changed.change as found
from dim_window as w
join now on now.window_id = w.window_id
join now as old on old.window_id = w.previous_window
join changed on changed.window_id = w.window_id
where now.profit - old.profit <> changed.change

-- remedy_option: Every remedy for every customer that loses money: the value that ends the loss, the value that may be asked, and what it does if the customer stays.
-- grain: customer × remedy
-- key: customer_id, remedy
-- published: no
-- source: Kaplan & Narayanan, Measuring and Managing Customer Profitability (2001); Curry & Curry, The Customer Marketing Method (2000), on minimum orders
--
-- A remedy is a part of this text, with its rule above it. What a remedy brings is a change of the company's result: what the customer pays more counts in
-- full, work that goes away only by its avoidable part; the rest is capacity that is freed for others. An obstacle is why it can't be applied.
with loser as (
    select *, -net_profit as loss from remedy_case where net_profit < 0
), growing as (
    -- Minimum revenue per year: the customer must buy so much that the margin covers the cost. More revenue means more orders of the present size, so
    -- cost that is measured on orders grows with it, as do freight and payment terms. Visits, campaigns and the like stay as they are.
    --     revenue 10,000, margin 2,000, cost-to-serve 2,600 of which 1,000 grows with orders:
    --     each further 100 leaves 20 − 10 = 10, and 1,600 must be covered: 16,000
    -- The proposal exceeds neither the limit nor what the customer could buy.
    select
        *,
        gross_margin - order_cost as leaves,
        case when gross_margin > order_cost
            then half_even(cast(invoice_revenue as hugeint) * (cost_to_serve - order_cost), gross_margin - order_cost) end as break_even,
        least(
            half_even(cast(invoice_revenue as hugeint) * (1000000 + $max_revenue_growth_millionths), 1000000),
            coalesce(potential, 9223372036854775807)
        ) as most,
        order_cost + in_margin as grows, order_cost_avoidable + in_margin_avoidable as grows_avoidable
    from loser
), grown as (
    select *, least(coalesce(break_even, most), most) as aim, least(coalesce(break_even, most), most) - invoice_revenue as growth from growing
), minimum_annual_revenue as (
    select
        customer_id, 'minimum_annual_revenue' as remedy,
        case
            when leaves <= 0 then 'More of the same would increase the loss: its margin doesn''t cover the cost of its orders.'
            when most <= invoice_revenue then 'It buys all that it could already.'
            else ''
        end as obstacle,
        break_even, invoice_revenue as current_value, aim as proposed_value,
        half_even(cast(growth as hugeint) * 1000000, invoice_revenue) as asked_millionths,
        half_even(cast(margin_before_activities - grows_avoidable as hugeint) * growth, invoice_revenue) as gain,
        -half_even(cast(grows as hugeint) * growth, invoice_revenue) as cost_gone,
        -half_even(cast(grows_avoidable as hugeint) * growth, invoice_revenue) as cost_avoided,
        cast(null as bigint) as occasions, half_even(cast(leaves as hugeint) * 1000000, invoice_revenue) as each_amount
    from grown
), discounted as (
    -- Less discount: the discount at which the customer breaks even. If rebates are given on the price, a part of a higher price is lost to them:
    -- extra revenue = loss ÷ (1 − rebates ÷ revenue).
    --     list 12,500, invoiced 10,000: a discount of 20 %. It loses 600: (2,500 − 600) ÷ 12,500 = 15.2 %
    --     its peers get 5 %: far less, so the price is the cause, and 15 points are asked: 1,875
    -- A discount isn't cut below zero, nor by more than the limit, unless the discount of peers is even lower: then it is cut to theirs. A customer that
    -- gets no more than its peers doesn't lose money because of its discount, and no discount is cut below that of peers.
    select
        l.*, l.list_revenue - l.invoice_revenue as discount, l.invoice_revenue - l.rebates_given as kept,
        half_even(cast(l.loss as hugeint) * l.invoice_revenue, l.invoice_revenue - l.rebates_given) as needed,
        least(
            half_even(cast(l.list_revenue as hugeint) * $max_discount_cut_millionths, 1000000), l.list_revenue - l.invoice_revenue
        ) as usual_cut,
        case when p.discount_gain is not null then least(p.discount_gain, l.list_revenue - l.invoice_revenue) end as peer_cut
    from loser as l left join peer as p on p.window_id = l.window_id and p.customer_id = l.customer_id
), cut as (
    select
        *, case when peer_cut > usual_cut then peer_cut else least(needed, usual_cut, coalesce(peer_cut, usual_cut)) end as extra
    from discounted
), discount_change as (
    select
        customer_id, 'discount_change' as remedy,
        case
            when list_revenue is null then 'List amounts weren''t supplied for every line, so its discount isn''t known.'
            when invoice_revenue <= 0 or list_revenue <= 0 or kept <= 0 then 'It bought nothing, so it has no discount.'
            when discount <= 0 then 'It pays the list price already.'
            when peer_cut <= 0 then 'Its discount is no larger than that of its peers: the price isn''t the cause of its loss.'
            else ''
        end as obstacle,
        case when discount > 0 then half_even(cast(discount - needed as hugeint) * 1000000, list_revenue) end as break_even,
        half_even(cast(discount as hugeint) * 1000000, list_revenue) as current_value,
        half_even(cast(discount - extra as hugeint) * 1000000, list_revenue) as proposed_value,
        half_even(cast(extra as hugeint) * 1000000, invoice_revenue) as asked_millionths,
        case when extra = needed then loss else half_even(cast(extra as hugeint) * kept, invoice_revenue) end as gain,
        cast(0 as bigint) as cost_gone, cast(0 as bigint) as cost_avoided,
        cast(null as bigint) as occasions, list_revenue as each_amount
    from cut
), peer_price as (
    -- Higher prices: where no list price is known, net prices are compared with what peers pay for the same products (price_dispersion).
    --     pays 8,500 for what peers pay 10,000 for: 85 %. 1,500 more is the peers' price
    select customer_id, sum(invoice_revenue) as paid, sum(revenue_at_peer_price) as usual
    from price_dispersion group by customer_id
), underpaid as (
    select
        l.*, p.paid, p.usual, p.usual - p.paid as extra, l.invoice_revenue - l.rebates_given as kept,
        half_even(cast(l.loss as hugeint) * l.invoice_revenue, l.invoice_revenue - l.rebates_given) as needed
    from loser as l left join peer_price as p on p.customer_id = l.customer_id
), price_change as (
    select
        customer_id, 'price_change' as remedy,
        case
            when list_revenue is not null then 'List prices are known: its discount shows what it pays.'
            when invoice_revenue <= 0 or kept <= 0 then 'It bought nothing, so no price can be asked.'
            when usual is null then 'Too few peers buy the same products to know what is usual.'
            when extra <= 0 then 'It pays what its peers pay for the same products.'
            else ''
        end as obstacle,
        half_even(cast(paid + needed as hugeint) * 1000000, usual) as break_even,
        half_even(cast(paid as hugeint) * 1000000, usual) as current_value,
        cast(1000000 as bigint) as proposed_value,
        half_even(cast(extra as hugeint) * 1000000, invoice_revenue) as asked_millionths,
        half_even(cast(extra as hugeint) * kept, invoice_revenue) as gain,
        cast(0 as bigint) as cost_gone, cast(0 as bigint) as cost_avoided,
        cast(null as bigint) as occasions, usual as each_amount
    from underpaid
), combined as (
    -- Minimum order size: the same goods in fewer, larger orders. Each order less saves the cost of an order that doesn't depend on its lines (order_cost),
    -- as these move to another order. Freight charged on it is lost. Only whole orders are saved, and one always remains.
    --     48 orders of 10,000 together, 208.33 on average; an order costs 25.00 besides its lines, 1,200 in all
    --     loses 600 → 24 orders fewer → 10,000 ÷ 24 = 416.67
    select
        *,
        least(
            case when fixed_cost > 0 then (cast(loss as hugeint) * orders + fixed_cost - amount(0.0001)) // fixed_cost else 0 end,
            cast(orders as hugeint) * $max_fewer_orders_millionths // 1000000, orders - 1
        ) as saved
    from loser
), minimum_order_size as (
    select
        customer_id, 'minimum_order_size' as remedy,
        case
            when not orders_made then 'Orders are not available: the configuration switches `fct_order` off.'
            when orders < 2 or order_revenue <= 0 then 'It places too few orders to combine them.'
            when fixed_cost <= 0 then 'Fewer orders save nothing: their cost depends on their lines, or freight is charged on them.'
            when saved <= 0 then 'Its orders are so few that none is saved.'
            else ''
        end as obstacle,
        case when fixed_cost > 0 and cast(orders as hugeint) * (fixed_cost - loss) >= fixed_cost
            then half_even(cast(order_revenue as hugeint) * fixed_cost, cast(orders as hugeint) * (fixed_cost - loss)) end as break_even,
        half_even(order_revenue, orders) as current_value,
        half_even(order_revenue, orders - saved) as proposed_value,
        half_even(cast(saved as hugeint) * 1000000, orders) as asked_millionths,
        half_even(cast(fixed_cost_avoidable as hugeint) * saved, orders) as gain,
        half_even(cast(fixed_cost as hugeint) * saved, orders) as cost_gone,
        half_even(cast(fixed_cost_avoidable as hugeint) * saved, orders) as cost_avoided,
        orders as occasions, half_even(fixed_cost, orders) as each_amount
    from combined
), charged as (
    -- Charge per order: an amount on every order; returns and credits aren't charged.
    --     loses 600 on 48 orders: 12.50 an order. At most 10.00 is asked: 480 of it
    select *, half_even(loss, orders) as break_even from loser
), order_charge as (
    select
        customer_id, 'order_charge' as remedy,
        case when orders = 0 then 'It places no orders, so nothing can be charged for them.' else '' end as obstacle,
        break_even, cast(0 as bigint) as current_value, least(break_even, amount($max_order_charge)) as proposed_value,
        half_even(cast(least(loss, amount($max_order_charge) * orders) as hugeint) * 1000000, greatest(invoice_revenue, 0)) as asked_millionths,
        least(loss, amount($max_order_charge) * orders) as gain,
        cast(0 as bigint) as cost_gone, cast(0 as bigint) as cost_avoided, orders as occasions, break_even as each_amount
    from charged
), moving as (
    -- Order electronically: electronic_part gives the saving, as the cost of orders of the channel and size, less that of electronic ones of that size.
    -- Only whole orders are moved, as many as cover the loss. Really saved is what of each activity's work is avoidable.
    --     40 of 48 orders by phone cost 1,400, electronically they would cost 600: 20.00 less each
    --     loses 600 → 30 more: 38 electronic orders
    select
        l.*, e.orders as known, e.electronic_orders, e.movable_orders, e.cost_now - e.cost_there as all_saved,
        e.avoidable_now - e.avoidable_there as all_avoided, e.channel_saving,
        case when e.cost_now > e.cost_there then least(
            (cast(l.loss as hugeint) * e.movable_orders + e.cost_now - e.cost_there - amount(0.0001)) // (e.cost_now - e.cost_there),
            cast(e.movable_orders as hugeint) * $max_channel_shift_millionths // 1000000
        ) else 0 end as moved
    from loser as l left join electronic_part as e on e.window_id = l.window_id and e.customer_id = l.customer_id
), shifted as (
    select
        *, half_even(cast(all_saved as hugeint) * moved, movable_orders) as cost_less,
        half_even(cast(all_avoided as hugeint) * moved, movable_orders) as avoided
    from moving
), channel_shift as (
    select
        customer_id, 'channel_shift' as remedy,
        case
            when not orders_made then 'Orders are not available: the configuration switches `fct_order` off.'
            when orders = 0 then 'It placed no orders.'
            when coalesce(electronic_orders + movable_orders, 0) = 0 then 'It isn''t known by which channel its orders come in.'
            when movable_orders = 0 then 'All of its orders are electronic already.'
            when channel_saving is null then 'Nobody orders electronically, so it isn''t known what that would cost.'
            when all_saved <= 0 then 'Its other orders cost no more than electronic ones would.'
            when moved <= 0 then 'So few of its orders are not electronic that none is moved.'
            else ''
        end as obstacle,
        case when loss <= all_saved
            then electronic_orders * 10000 + half_even(cast(loss as hugeint) * movable_orders * 10000, all_saved) end as break_even,
        electronic_orders * 10000 as current_value, (electronic_orders + cast(moved as bigint)) * 10000 as proposed_value,
        half_even(cast(moved as hugeint) * 1000000, known) as asked_millionths,
        avoided as gain, cost_less as cost_gone, avoided as cost_avoided, movable_orders as occasions, half_even(all_saved, movable_orders) as each_amount
    from shifted
), visited as (
    -- Fewer visits: cost per visit = cost of the visit activities ÷ visits. Only whole visits are dropped, as many as cover the loss.
    --     12 visits cost 900, 75.00 each; loses 600 → 8 visits fewer, 4 remain
    -- Some customers buy because they are visited, and would buy less otherwise: the probability of leaving accounts for that.
    select
        *,
        case when visit_cost > 0 then least(
            (cast(loss as hugeint) * visits + visit_cost - amount(0.0001)) // visit_cost, cast(visits as hugeint) * $max_fewer_visits_millionths // 1000000
        ) else 0 end as dropped
    from loser
), dropped as (
    select *, half_even(cast(visit_cost as hugeint) * dropped, visits) as cost_less from visited
), visit_frequency as (
    select
        customer_id, 'visit_frequency' as remedy,
        case
            when visits is null then 'Visits weren''t supplied.'
            when visits <= 0 then 'It isn''t visited.'
            when visit_cost <= 0 then 'Its visits cost nothing: no activity is measured on them.'
            when dropped <= 0 then 'It is visited so little that no visit is dropped.'
            else ''
        end as obstacle,
        case when loss <= visit_cost then half_even(cast(visits as hugeint) * 10000 * (visit_cost - loss), visit_cost) end as break_even,
        visits * 10000 as current_value, (visits - cast(dropped as bigint)) * 10000 as proposed_value,
        half_even(cast(dropped as hugeint) * 1000000, visits) as asked_millionths,
        half_even(cast(visit_cost_avoidable as hugeint) * cost_less, visit_cost) as gain, cost_less as cost_gone,
        half_even(cast(visit_cost_avoidable as hugeint) * cost_less, visit_cost) as cost_avoided,
        visits as occasions, half_even(visit_cost, visits) as each_amount
    from dropped
), farewell as (
    -- Farewell: the customer leaves, and the company is better off. It applies only if the avoidable cost of all activities exceeds the margin before them, so
    -- that the contribution is negative. A loss at full cost is no reason: most of that cost is people and buildings that stay, and the margin helps pay it.
    --     margin  cost    avoidable   at full cost   leaving
    --     2,000   3,200   1,200       −1,200         costs 800       no farewell
    --     2,000   3,200   2,300       −1,200         brings 300      farewell
    select
        customer_id, 'farewell' as remedy,
        case
            when contribution < 0 then ''
            when avoidable_known then 'Leaving would cost the company more than it would save: its margin exceeds the cost that would really be saved.'
            else 'It isn''t known which cost would be saved: no pool has `avoidable`.'
        end as obstacle,
        cast(null as bigint) as break_even, cast(null as bigint) as current_value, cast(null as bigint) as proposed_value,
        cast(1000000 as bigint) as asked_millionths, -contribution as gain, activity_cost as cost_gone, avoidable_cost as cost_avoided,
        cast(null as bigint) as occasions, margin_before_activities as each_amount
    from loser
), every_option as (
    select * from minimum_annual_revenue
    union all select * from discount_change
    union all select * from price_change
    union all select * from minimum_order_size
    union all select * from order_charge
    union all select * from channel_shift
    union all select * from visit_frequency
    union all select * from farewell
)
select
    o.customer_id,                                      -- text → dim_customer: Customer
    o.remedy,                                           -- text: Remedy
    case
        when c.sale_months < 2 then 'It bought in one month only: a loss that may not come back.'
        when c.recent_months = 0 then 'It ordered nothing in the second half of the window: a loss that may not come back.'
        else o.obstacle
    end
        as obstacle,                                    -- text: Why it can't be applied; empty if it can
    o.break_even,                                       -- driver?: The value that makes net profit zero; empty if none does
    o.current_value,                                    -- driver?: The value today
    o.proposed_value,                                   -- driver?: The value that is asked for
    o.asked_millionths,                                 -- count?: What is asked, in millionths of revenue, orders or visits
    o.gain,                                             -- money?: Change of the company's result if the customer stays; of a farewell, if it goes
    o.cost_gone,                                        -- money?: Cost that goes away; below zero if more comes
    o.cost_avoided,                                     -- money?: Of which avoidable
    o.occasions,                                        -- count?: Orders or visits that it is about
    o.each_amount                                       -- money?: What each of them costs or lacks; of revenue: what a further 100 leaves; of a price: what it is compared with
from every_option as o join remedy_case as c on c.customer_id = o.customer_id

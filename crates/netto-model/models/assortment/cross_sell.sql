-- cross_sell: Product groups that at least half of a customer's peers buy and it doesn't, in the main window, with their expected net profit
-- at the share of peers that buy. Each customer has a short list, highest expected profit first; customers that lose money come last.
-- grain: window × customer × product group
-- key: window_id, customer_id, product_group
-- needs: fct_customer_product_group_month
-- source: Kamakura, Ramaswami & Srivastava, Applying latent trait analysis in the evaluation of prospects for cross-selling, IJRM (1991)
--
-- peers of Z: A and B buy pumps for 20 and 10 % of their revenue, C and D don't: the median of the buyers is 15 %, half of the peers buy
-- Z buys for 1,000: 150 if it buys as they do, 75 at the share that does; of 40 of revenue pumps leave the buyers 10 of net profit: 18.75
--
-- A group that isn't profitable with these peers at full cost is not proposed. Nothing is proposed if the cost of goods wasn't supplied. Buyers
-- are customers whose invoice revenue in the group, after returns, is above zero.
with bought as (
    select
        f.customer_id, f.product_group, sum(f.invoice_revenue) as invoice_revenue,
        sum(f.gross_margin) as gross_margin, sum(f.net_profit) as net_profit
    from fct_customer_product_group_month as f
    join window_month as m on m.period = f.period
    join window_known as k on k.window_id = m.window_id
    where m.window_id = 'main' and f.product_group <> '' and k.has_profit = 1
    group by f.customer_id, f.product_group
), purchase as (
    select * from bought where invoice_revenue > 0
), member as (
    select
        c.window_id, c.customer_id, c.invoice_revenue, c.net_profit, g.peer_group,
        count(*) over (partition by g.peer_group) - 1 as peers
    from peer_group as g join customer_window as c on c.customer_id = g.customer_id
    where c.window_id = 'main' and g.peer_group <> ''
), part as (
    select
        m.peer_group, m.peers, p.product_group, p.invoice_revenue, p.gross_margin, p.net_profit,
        half_even(cast(p.invoice_revenue as hugeint) * 1000000, m.invoice_revenue) as part
    from purchase as p join member as m on m.customer_id = p.customer_id
), usual as (
    select
        peer_group, peers, product_group, count(*) as buying_peers, half_even(cast(2 * median(part) as bigint), 2) as part,
        sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin, sum(net_profit) as net_profit
    from part group by peer_group, peers, product_group
), worth_offering as (
    select * from usual
    where net_profit > 0 and gross_margin > 0 and peers > 0 and cast(buying_peers as bigint) * 1000000 >= cast(peers as bigint) * $cross_sell_share_millionths
), offer as (
    select
        m.window_id, m.customer_id, m.net_profit < 0 as loses, w.product_group, w.peer_group, w.peers, w.buying_peers, w.part,
        half_even(cast(m.invoice_revenue as hugeint) * w.part, 1000000) as revenue_if_bought,
        w.invoice_revenue, w.gross_margin, w.net_profit
    from worth_offering as w
    join member as m on m.peer_group = w.peer_group
    left join purchase as p on p.customer_id = m.customer_id and p.product_group = w.product_group
    where p.customer_id is null
), hoped as (
    select offer.*, half_even(cast(revenue_if_bought as hugeint) * buying_peers, peers) as expected_revenue
    from offer
), expected as (
    select
        hoped.*,
        half_even(cast(expected_revenue as hugeint) * gross_margin, invoice_revenue) as expected_margin,
        half_even(cast(expected_revenue as hugeint) * net_profit, invoice_revenue) as expected_profit
    from hoped
), ranked as (
    select expected.*, row_number() over (partition by customer_id order by -expected_profit, product_group) as rank
    from expected where expected_profit > 0
), listed as (
    select
        ranked.*, case when loses then 1 else 0 end as last_of_all
    from ranked where rank <= $cross_sell_limit
)
select
    window_id,                                       -- text → dim_window: Window of closed months
    customer_id,                                    -- text → dim_customer: Customer
    product_group,                                  -- text: Product group that it doesn't buy
    rank,                                           -- count, never summed: Position in the customer's list: 1 has the highest expected profit
    row_number() over (order by last_of_all, -expected_profit, customer_id, product_group) as place,   -- count, never summed: Position in the list of all: customers that lose money come last
    loses as loses_money,                           -- bool: Whether the customer loses money: more of the same may not help
    peer_group,                                     -- text: Market and revenue per year, or revenue per year
    peers,                                          -- count, never summed: Other customers in the group
    buying_peers,                                   -- count, never summed: Of which buy from the product group
    share(buying_peers, peers) as peer_share,       -- share: Buying peers ÷ peers
    share(part, 1000000) as revenue_part,           -- share: Median part of the group in the revenue of the buying peers, to the millionth
    expected_revenue,                               -- money: Revenue part × the customer's invoice revenue × peer share
    expected_margin,                                -- money: Expected revenue × the group's margin share with the buying peers
    expected_profit                                 -- money: Expected revenue × what the group leaves of revenue with the buying peers, at full cost
from listed

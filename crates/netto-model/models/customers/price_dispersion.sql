-- price_dispersion: Net prices that customers pay for the same product, compared with peers of about the same size, and the amount up to the median.
-- grain: window × customer × product
-- key: window_id, customer_id, product_id
-- needs: fct_customer_product_month
-- source: Marn, Roegner & Zawada, The Price Advantage (2004), on the price band
--
-- five peers pay 8, 9, 10, 10 and 11 for a bolt: the median is 10. Who pays 8 for 500 of them: 500 × (10 − 8) = 1,000 up to the median.
--
-- Net prices: invoice revenue ÷ pieces, credits taken off. Peers are those of `peer_group` who bought the product, five at least, so a price isn't low
-- because the customer is large. Of the main window; products that a customer sent back on balance have no price.
with bought as (
    select f.customer_id, f.product_id, sum(f.quantity) as pieces, sum(f.invoice_revenue) as revenue
    from fct_customer_product_month as f join window_month as m on m.period = f.period
    where m.window_id = 'main'
    group by f.customer_id, f.product_id
), priced as (
    select b.*, g.peer_group, half_even(cast(b.revenue as hugeint) * 10000, b.pieces) as price
    from bought as b join peer_group as g on g.customer_id = b.customer_id
    where b.pieces > 0 and b.revenue > 0 and g.peer_group <> ''
), usual as (
    select peer_group, product_id, half_even(cast(2 * median(price) as bigint), 2) as price, count(*) as buyers
    from priced group by peer_group, product_id
), compared as (
    select p.*, u.buyers, u.price as peer_price, half_even(cast(u.price as hugeint) * p.pieces, 10000) as at_peer_price
    from priced as p join usual as u on u.peer_group = p.peer_group and u.product_id = p.product_id
    where u.buyers >= 5
)
select
    'main' as window_id,                                 -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    product_id,                                         -- text → dim_product: Product
    peer_group,                                         -- text: Market and revenue per year, or revenue per year
    buyers,                                             -- count, never summed: Peers that bought it, including this customer
    pieces,                                             -- pieces: Pieces
    revenue as invoice_revenue,                         -- money, never summed: Invoice revenue
    price as net_price,                                 -- money, never summed: Invoice revenue ÷ pieces
    peer_price as peer_net_price,                       -- money, never summed: Median of the peers
    at_peer_price as revenue_at_peer_price,             -- money: Revenue of the pieces at the median price
    greatest(at_peer_price - revenue, 0) as gap_to_median   -- money: Additional revenue at the median price; 0 for customers that pay the median or more
from compared

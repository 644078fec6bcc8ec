-- market: Product group × market (PMC): sales, share of the market's customers that buy, and profit.
-- grain: window × market × product group
-- key: window_id, market, product_group
-- needs: fct_customer_product_group_month
-- source: Ansoff, Corporate Strategy (1965): product-market combinations
--
-- market  product group  customers  of  penetration  revenue  net profit
-- Bouw    Pumps          30         40  75 %         90,000   12,000
-- Bouw    Filters         4         40  10 %          3,000     -200
-- Zorg    Pumps           2         20  10 %          5,000      900      room to grow
--
-- Cost without an order has the empty product group, so the amounts of a window are those of the waterfall.
with sold as (
    select
        m.window_id, f.customer_id, f.product_group,
        sum(f.invoice_revenue) as invoice_revenue, sum(f.gross_margin) as gross_margin,
        sum(f.cost_to_serve) as cost_to_serve, sum(f.customer_cost) as customer_cost,
        sum(f.net_before_customer_cost) as net_before_customer_cost, sum(f.net_profit) as net_profit
    from fct_customer_product_group_month as f join window_month as m on m.period = f.period
    group by m.window_id, f.customer_id, f.product_group
), cell as (
    select
        s.window_id, coalesce(k.market, '') as market, s.product_group,
        sum(case when s.invoice_revenue > 0 and c.rank is not null then 1 else 0 end) as customers,
        sum(s.invoice_revenue) as invoice_revenue, sum(s.gross_margin) as gross_margin,
        sum(s.cost_to_serve) as cost_to_serve, sum(s.customer_cost) as customer_cost,
        sum(s.net_before_customer_cost) as net_before_customer_cost, sum(s.net_profit) as net_profit
    from sold as s
    left join customers as k on s.customer_id = k.customer_id
    left join customer_window as c on s.window_id = c.window_id and s.customer_id = c.customer_id
    group by s.window_id, k.market, s.product_group
), active as (
    select c.window_id, coalesce(k.market, '') as market, count(*) as customers
    from customer_window as c left join customers as k on k.customer_id = c.customer_id
    where c.rank is not null
    group by c.window_id, k.market
)
select
    cell.window_id,                                      -- text → dim_window: Window of closed months
    cell.market,                                        -- text: Market; empty for customers without one
    cell.product_group,                                 -- text: Product group; empty if the product has none, and for cost without an order
    cell.customers,                                     -- count, never summed: Active customers of the market that bought from the group: their invoice revenue in it is above zero
    coalesce(active.customers, 0) as market_customers,  -- count, never summed: Active customers of the market
    case when cell.product_group <> '' then share(cell.customers, active.customers) end
        as penetration,                                 -- share?: Customers ÷ market customers; empty for the empty product group, which is none to buy from
    cell.invoice_revenue,                               -- money: Invoice revenue
    share(cell.invoice_revenue, sum(cell.invoice_revenue) over (partition by cell.window_id)) as revenue_share,    -- share?: Share of all invoice revenue
    cell.gross_margin,                                  -- money: Gross margin
    case when k.has_profit = 1 then share(cell.gross_margin, cell.invoice_revenue) end as margin_share, -- share?: Gross margin ÷ invoice revenue; empty without the cost of goods
    cell.cost_to_serve,                                 -- money: Cost-to-serve
    cell.net_before_customer_cost,                           -- money: Net profit before customer cost that doesn\'t depend on orders: the measure for product groups
    cell.customer_cost,                                 -- money: Customer cost that doesn't depend on orders: visits, campaigns, contracts, spread over all lines of the customer
    cell.net_profit                                     -- money: Net profit
from cell
join window_known as k on k.window_id = cell.window_id
left join active on active.window_id = cell.window_id and active.market = cell.market

-- audit: The amounts of a window are those of all customers.
with parts as (
    select
        window_id, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from market group by window_id
), whole as (
    select
        window_id, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from customer_window group by window_id
)
select parts.window_id, parts.net_profit as found, whole.net_profit as expected
from parts join whole on whole.window_id = parts.window_id
where parts.invoice_revenue <> whole.invoice_revenue or parts.gross_margin <> whole.gross_margin
    or parts.cost_to_serve <> whole.cost_to_serve or parts.net_profit <> whole.net_profit

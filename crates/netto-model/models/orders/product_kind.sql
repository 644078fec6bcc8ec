-- product_kind: Revenue, cost and profit of goods, services and assemblies, from stock and direct from suppliers. Cost without an order has the empty
-- kind.
-- grain: window × kind × delivery
-- key: window_id, kind, delivery
-- needs: fct_customer_kind_month
--
-- kind      delivery   revenue   margin   cost   net profit
-- goods     direct     400       40       10      30
-- goods     stock      600       150      130     20
-- service              100       60       15      45
--
-- A service has no stock and little freight; direct deliveries never see the warehouse. Averages over all of them hide both. Empty where
-- nobody says what products are or how they are delivered.
with known as (
    select count(*) as rows_known from fct_customer_kind_month where kind <> '' or delivery <> ''
), bought as (
    select
        w.window_id, m.kind, m.delivery, m.customer_id, sum(m.lines) as lines, sum(m.minutes) as minutes,
        sum(m.invoice_revenue) as invoice_revenue, sum(m.gross_margin) as gross_margin,
        sum(m.cost_to_serve) as cost_to_serve, sum(m.customer_cost) as customer_cost,
        sum(m.net_before_customer_cost) as net_before_customer_cost, sum(m.net_profit) as net_profit
    from fct_customer_kind_month as m join window_month as w on w.period = m.period cross join known
    where known.rows_known > 0
    group by w.window_id, m.kind, m.delivery, m.customer_id
), kinds as (
    select
        window_id, kind, delivery, sum(case when lines > 0 then 1 else 0 end) as customers,
        sum(lines) as lines, sum(minutes) as minutes, sum(invoice_revenue) as invoice_revenue,
        sum(gross_margin) as gross_margin, sum(cost_to_serve) as cost_to_serve, sum(customer_cost) as customer_cost,
        sum(net_before_customer_cost) as net_before_customer_cost, sum(net_profit) as net_profit
    from bought
    group by window_id, kind, delivery
)
select
    kinds.window_id,                                     -- text → dim_window: Window of closed months
    kind,                                               -- text: goods, service or assembly; empty if unknown
    delivery,                                           -- text: stock or direct; empty if unknown
    customers,                                          -- count, never summed: Customers that bought it
    lines,                                              -- count: Order lines
    minutes,                                            -- minutes: Minutes of time-driven activities
    invoice_revenue,                                    -- money: Invoice revenue
    share(invoice_revenue, sum(invoice_revenue) over (partition by kinds.window_id)) as revenue_share, -- share?: Share of invoice revenue
    gross_margin,                                       -- money: Gross margin
    case when k.has_profit = 1 then share(gross_margin, invoice_revenue) end as margin_share,   -- share?: Gross margin ÷ invoice revenue; empty without the cost of goods
    cost_to_serve,                                      -- money: Cost-to-serve
    net_before_customer_cost,                           -- money: Net profit before customer cost that doesn\'t depend on orders: the measure for products
    customer_cost,                                      -- money: Customer cost that doesn't depend on orders: visits, campaigns, contracts, spread over all lines of the customer
    net_profit                                          -- money: Net profit
from kinds join window_known as k on k.window_id = kinds.window_id

-- audit: All kinds together are what the customers brought: lines, invoice revenue, cost-to-serve and net profit.
with parts as (
    select
        window_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from product_kind
    group by window_id
), whole as (
    select
        window_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from customer_window
    group by window_id
)
select
    parts.window_id, parts.lines, whole.lines as expected_lines, parts.invoice_revenue, whole.invoice_revenue as expected_revenue,
    parts.cost_to_serve, whole.cost_to_serve as expected_cost, parts.net_profit, whole.net_profit as expected_profit
from parts join whole on whole.window_id = parts.window_id
where parts.lines <> whole.lines or parts.invoice_revenue <> whole.invoice_revenue
    or parts.cost_to_serve <> whole.cost_to_serve or parts.net_profit <> whole.net_profit

-- kind_buyer: Customers that buy services and assemblies beside goods, by tier, market and customer, in the main window.
-- grain: window × level × key × kind
-- key: window_id, level, key, kind
-- by level: tier → tier, market → market, customer → customer_id
-- needs: fct_customer_kind_month
-- source: Anderson & Narus, Capturing the Value of Supplementary Services, Harvard Business Review (1995): services that are given to all are asked for by few
--
-- Bouw        customers  revenue  of it   net profit
-- assembly    3          600      0.06    90
-- goods       40         9,000    0.90    700
-- service     5          400      0.04    −20        five of forty buy it, and it loses
--
-- Cost without an order stands under the empty kind. Customers without a tier or market stand under the empty one. Nothing is listed where no product
-- says what it is.
with levels (level) as (
    values ('tier'), ('market'), ('customer')
), known as (
    select count(*) as rows from fct_customer_kind_month where kind <> ''
), bought as (
    select
        f.customer_id, f.kind, sum(f.lines) as lines, sum(f.minutes) as minutes, sum(f.invoice_revenue) as invoice_revenue,
        sum(f.gross_margin) as gross_margin, sum(f.cost_to_serve) as cost_to_serve, sum(f.customer_cost) as customer_cost,
        sum(f.net_before_customer_cost) as net_before_customer_cost, sum(f.net_profit) as net_profit
    from fct_customer_kind_month as f
    join window_month as m on m.period = f.period
    cross join known
    where m.window_id = 'main' and known.rows > 0
    group by f.customer_id, f.kind
), keyed as (
    select
        l.level,
        case
            when l.level = 'tier' then coalesce(c.tier, '')
            when l.level = 'market' then coalesce(k.market, '')
            else b.customer_id
        end as key,
        b.*
    from bought as b
    left join (select customer_id, tier from customer_window where window_id = 'main') as c on c.customer_id = b.customer_id
    left join customers as k on k.customer_id = b.customer_id
    cross join levels as l
), summed as (
    select
        level, key, kind, sum(case when lines > 0 then 1 else 0 end) as customers, sum(lines) as lines, sum(minutes) as minutes,
        sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin, sum(cost_to_serve) as cost_to_serve,
        sum(customer_cost) as customer_cost,
        sum(net_before_customer_cost) as net_before_customer_cost, sum(net_profit) as net_profit
    from keyed
    group by level, key, kind
)
select
    'main' as window_id,                                -- text → dim_window: Window of closed months
    level,                                              -- text (tier | market | customer): What the key names
    key,                                                -- text: Tier, market or customer; empty if unknown
    kind,                                               -- text: goods, service or assembly; empty if unknown, and for cost without an order
    customers,                                          -- count, never summed: Customers that bought it
    lines,                                              -- count: Order lines
    minutes,                                            -- minutes: Minutes of time-driven activities
    invoice_revenue,                                    -- money: Invoice revenue
    share(invoice_revenue, sum(invoice_revenue) over (partition by level, key)) as revenue_share,   -- share?: Share of the invoice revenue of the tier, market or customer
    gross_margin,                                       -- money: Gross margin
    case when k.has_profit = 1 then share(gross_margin, invoice_revenue) end as margin_share,   -- share?: Gross margin ÷ invoice revenue; empty without the cost of goods
    cost_to_serve,                                      -- money: Cost-to-serve
    net_before_customer_cost,                           -- money: Net profit before customer cost that doesn\'t depend on orders: the measure for products
    customer_cost,                                      -- money: Customer cost that doesn't depend on orders: visits, campaigns, contracts, spread over all lines of the customer
    net_profit                                          -- money: Net profit
from summed cross join (select has_profit from window_known where window_id = 'main') as k

-- audit: Every level is the same revenue, cost-to-serve and net profit.
with whole as (
    select level, sum(invoice_revenue) as invoice_revenue, sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from kind_buyer group by level
)
select a.level, b.level as other, a.invoice_revenue, b.invoice_revenue as other_revenue, a.net_profit, b.net_profit as other_profit
from whole as a cross join whole as b
where a.invoice_revenue <> b.invoice_revenue or a.cost_to_serve <> b.cost_to_serve or a.net_profit <> b.net_profit

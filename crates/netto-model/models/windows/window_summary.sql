-- window_summary: The key figures of a window, from revenue to the result that ties to the general ledger.
-- grain: window
-- key: window_id
-- source: Kaplan & Narayanan, Measuring and Managing Customer Profitability (2001); Gini, Variabilità e mutabilità (1912)
--
-- invoiced 100 − rebates given 5 + freight charged 0 − COGS 40 + rebates received 0 − all pools 30 − imputed 1 = result 24
--
-- Imputed is the financing of receivables at a yearly rate: customers pay it, but no pool of the general ledger books it. Where an activity
-- carries payment terms they come out of a pool, and none are imputed. The tail are the customers that bring the last 20 % of revenue: those
-- above them bring 80 % already. Gini: 2 Σ i·xᵢ ÷ (n Σ xᵢ) − (n + 1) ÷ n, with revenue x ascending; 0 when all buy the same, near 1 when one
-- buys all, and empty if some revenue is negative.
with everyone as (
    select
        window_id, sum(orders) as orders, sum(lines) as lines,
        sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from customer_window
    group by window_id
), known as (
    select
        window_id, sum(net_profit) as net_profit,
        sum(abs(net_profit)) as turned_over,
        sum(greatest(net_profit, 0)) as peak_profit,
        sum(case when net_profit > 0 then 1 else 0 end) as peak_customers,
        sum(case when net_profit < 0 then 1 else 0 end) as loss_customers,
        sum(least(net_profit, 0)) as loss_amount
    from customer_window
    where tier <> '(unknown)'
    group by window_id
), related as (
    select
        m.window_id, f.customer_id,
        sum(f.cost_to_serve + f.freight_cost + f.payment_terms + f.rebates_given) as related_cost
    from fct_customer_month as f join window_month as m on m.period = f.period
    group by m.window_id, f.customer_id
), with_related as (
    select c.*, coalesce(related.related_cost, 0) as related_cost
    from customer_window as c
    left join related on related.window_id = c.window_id and related.customer_id = c.customer_id
), ranked as (
    select
        window_id, invoice_revenue, cost_to_serve, related_cost,
        sum(invoice_revenue) over first - invoice_revenue as above,
        sum(invoice_revenue) over whole as all_revenue,
        row_number() over (partition by window_id order by invoice_revenue, customer_id) as place
    from with_related
    where rank is not null
    window whole as (partition by window_id), first as (partition by window_id order by -invoice_revenue, customer_id)
), active as (
    select
        window_id, count(*) as customers, sum(cost_to_serve) as cost_to_serve, sum(related_cost) as related_cost,
        sum(case when cast(above as hugeint) * 100 >= cast(all_revenue as hugeint) * 80 then related_cost else 0 end) as tail_related,
        sum(invoice_revenue) as invoice_revenue, min(invoice_revenue) as least_revenue,
        sum(cast(place as hugeint) * invoice_revenue) as weighted,
        sum(case when cast(above as hugeint) * 100 >= cast(all_revenue as hugeint) * 80 then 1 else 0 end) as tail_customers,
        sum(case when cast(above as hugeint) * 100 >= cast(all_revenue as hugeint) * 80 then cost_to_serve else 0 end) as tail_cost
    from ranked
    group by window_id
), pools as (
    select
        m.window_id, sum(b.own_amount) as own_amount,
        sum(b.idle_amount) as idle_amount, sum(b.unassigned_amount) as unassigned_amount
    from pool_balance as b join window_month as m on m.period = b.period
    group by m.window_id
), terms as (
    select m.window_id, sum(f.payment_terms) as payment_terms
    from fct_customer_month as f join window_month as m on m.period = f.period
    where 'payment_terms' not in (select step from dim_activity)
    group by m.window_id
), figures as (
    select
        w.window_id,
        coalesce(active.customers, 0) as customers,
        coalesce(everyone.orders, 0) as orders,
        coalesce(everyone.lines, 0) as lines,
        coalesce(everyone.invoice_revenue, 0) as invoice_revenue,
        coalesce(everyone.gross_margin, 0) as gross_margin,
        coalesce(everyone.cost_to_serve, 0) as cost_to_serve,
        coalesce(everyone.net_profit, 0) as net_profit,
        coalesce(pools.idle_amount, 0) as idle_amount,
        coalesce(pools.unassigned_amount, 0) as unassigned_amount,
        coalesce(terms.payment_terms, 0) as imputed_amount,
        coalesce(pools.own_amount, 0) as ledger_amount,
        first.revenue_share, first.margin_share, first.cost_share, first.profit_share,
        coalesce(active.tail_customers, 0) as tail_customers,
        active.tail_cost, active.cost_to_serve as active_cost, active.tail_related, active.related_cost,
        coalesce(known.peak_profit, 0) as peak_profit,
        coalesce(known.peak_customers, 0) as peak_customers,
        known.net_profit as known_profit, known.turned_over,
        coalesce(known.loss_customers, 0) as loss_customers,
        coalesce(known.loss_amount, 0) as loss_amount,
        active.weighted, active.invoice_revenue as active_revenue, active.least_revenue, k.has_profit = 1 as is_known
    from dim_window as w
    join window_known as k on k.window_id = w.window_id
    left join everyone on everyone.window_id = w.window_id
    left join known on known.window_id = w.window_id
    left join active on active.window_id = w.window_id
    left join pools on pools.window_id = w.window_id
    left join terms on terms.window_id = w.window_id
    left join (select * from concentration where percentile = 20) as first on first.window_id = w.window_id
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    customers,                                          -- count: Active customers
    orders,                                             -- count: Orders
    lines,                                              -- count: Order lines
    invoice_revenue,                                    -- money: Invoice revenue
    gross_margin,                                       -- money: Gross margin
    cost_to_serve,                                      -- money: Cost-to-serve
    net_profit,                                         -- money: Net profit of all customers
    idle_amount,                                        -- money: Idle capacity, not charged to customers
    unassigned_amount,                                  -- money: Cost that no activity took
    case when is_known then net_profit - idle_amount - unassigned_amount end as result, -- money?: Net profit − idle − unassigned: what the general ledger shows, less the imputed amount; this, the peak and the losses are empty if no cost is known
    imputed_amount,                                     -- money: Payment terms at the yearly rate of the configuration: a cost in net profit that no pool books; 0 where an activity carries it
    ledger_amount,                                      -- money: All cost pools of the window, from the general ledger
    revenue_share as top_revenue_share,                 -- share?: Share of revenue of the top 20 % of customers by revenue
    margin_share as top_margin_share,                   -- share?: Share of gross margin of the top 20 %
    cost_share as top_cost_share,                       -- share?: Share of cost-to-serve of the top 20 %
    case when is_known and cast(known_profit as hugeint) * 100 > turned_over then profit_share end
        as top_profit_share,                            -- share?: Share of net profit of the top 20 %; empty if the total is near or below zero
    tail_customers,                                     -- count: Customers that bring the last 20 % of revenue
    share(tail_cost, active_cost) as tail_cost_share,   -- share?: Their share of cost-to-serve
    share(tail_related, related_cost) as tail_related_cost_share, -- share?: Share of all customer-related cost: cost-to-serve, freight, payment terms and rebates given
    case when is_known then peak_profit end as peak_profit, -- money?: Peak of the whale curve: profit of all profitable customers
    case when is_known then peak_customers end as peak_customers, -- count?: Profitable customers
    case when is_known and cast(known_profit as hugeint) * 100 > turned_over then share(peak_profit, known_profit) end
        as peak_to_total,                               -- share?: Peak ÷ total; empty if the total is near or below zero
    case when is_known then share(known_profit, peak_profit) end as retention, -- share?: Total ÷ peak: the part of the peak profit that remains
    case when is_known then loss_customers end as loss_customers, -- count?: Customers with a negative net profit
    case when is_known then loss_amount end as loss_amount, -- money?: Sum of their losses
    case when active_revenue > 0 and least_revenue >= 0 then
        2 * cast(weighted as double) / (customers * cast(active_revenue as double)) - (customers + 1) / cast(customers as double)
    end as gini                                         -- share?: Gini coefficient of invoice revenue, 0 equal to 1 all with one; empty if some revenue is negative
from figures

-- audit: The result is what customers pay less what goods cost, less every pool of the general ledger and what is imputed.
with paid as (
    select
        m.window_id,
        sum(f.invoice_revenue - f.rebates_given + f.freight_charged - f.cogs + f.rebates_received) as amount
    from fct_customer_month as f join window_month as m on m.period = f.period
    group by m.window_id
)
select s.window_id, s.result as found, coalesce(paid.amount, 0) - s.ledger_amount - s.imputed_amount as expected
from window_summary as s left join paid on paid.window_id = s.window_id
where s.result is not null and s.result <> coalesce(paid.amount, 0) - s.ledger_amount - s.imputed_amount

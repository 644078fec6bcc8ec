-- profit_curve: Whale curves of products, product groups, suppliers, employees who take orders, and branches: net profit before customer cost, descending
-- and cumulated, with net profit at full cost, and compared with the window before.
-- grain: window × level × key
-- key: window_id, level, key
-- by level: product → product_id, product_group → product_group, supplier → supplier_id, employee → employee_id, warehouse → warehouse
-- source: Kaplan & Narayanan, Measuring and Managing Customer Profitability, Journal of Cost Management (2001); Cooper & Kaplan, Profit Priorities from
-- Activity-Based Costing, Harvard Business Review (1991), on the hierarchy of cost
--
-- profit      30   10   −5          before  25   10   5        change  5   0   −10
-- cumulative  30   40   35          peak 40; of the peak 75 %, 100 %, 87.5 %
--
-- A visit depends on the customer, not on its purchases. Spread over the lines, it would make any product of an often visited customer unprofitable. So
-- profit is ranked before that cost. At full cost each entry also has its part of it, and each level adds up. Cost without an order, and orders without an
-- employee, have an empty key, so that every level adds up to the net profit of all customers. A level exists if its facts are switched on ([facts]).
with fact as (
    select 'product' as level, period, product_id as key, invoice_revenue, gross_margin, cost_to_serve, customer_cost, net_before_customer_cost, net_profit
    from fct_product_month
    union all
    select 'product_group' as level, period, product_group as key, invoice_revenue, gross_margin, cost_to_serve, customer_cost, net_before_customer_cost, net_profit
    from fct_customer_product_group_month
    union all
    select 'supplier' as level, period, supplier_id as key, invoice_revenue, gross_margin, cost_to_serve, customer_cost, net_before_customer_cost, net_profit
    from fct_supplier_month
    union all
    select 'employee' as level, period, employee_id as key, invoice_revenue, gross_margin, cost_to_serve, customer_cost, net_before_customer_cost, net_profit
    from fct_employee_month
    union all
    select 'warehouse' as level, period, warehouse as key, invoice_revenue, gross_margin, cost_to_serve, customer_cost, net_before_customer_cost, net_profit
    from fct_warehouse_month
), summed as (
    select
        m.window_id, f.level, f.key, sum(f.invoice_revenue) as invoice_revenue, sum(f.gross_margin) as gross_margin,
        sum(f.cost_to_serve) as cost_to_serve, sum(f.customer_cost) as customer_cost,
        sum(f.net_before_customer_cost) as net_before_customer_cost, sum(f.net_profit) as net_profit
    from fact as f
    join window_month as m on m.period = f.period
    join window_known as k on k.window_id = m.window_id
    where k.has_profit = 1
    group by m.window_id, f.level, f.key
), curve as (
    select
        *,
        row_number() over best_first as place,
        row_number() over (partition by window_id, level order by -net_profit, key) as full_cost_place,
        sum(net_before_customer_cost) over best_first as cumulative_profit,
        count(*) over whole as members,
        sum(greatest(net_before_customer_cost, 0)) over whole as peak
    from summed
    window whole as (partition by window_id, level), best_first as (partition by window_id, level order by -net_before_customer_cost, key)
), before as (
    select c.window_id, s.level, s.key, s.net_profit
    from window_comparable as c join summed as s on s.window_id = c.previous_window
)
select
    c.window_id,                                            -- text → dim_window: Window of closed months
    c.level,                                                -- text (product | product_group | supplier | employee | warehouse): What the key names
    c.key,                                                  -- text: Product, product group, supplier, who took the order, or branch; empty if none is named
    c.place as rank,                                        -- count, never summed: Rank by net profit before customer cost, 1 is highest; ties by id
    c.invoice_revenue,                                      -- money: Invoice revenue
    c.gross_margin,                                         -- money: Gross margin
    c.cost_to_serve,                                        -- money: Cost-to-serve, at full cost
    c.net_before_customer_cost,                             -- money: Net profit before customer cost that doesn't depend on orders
    c.customer_cost,                                        -- money: Customer cost that doesn't depend on orders: visits, campaigns, contracts, spread over all lines of the customer
    c.net_profit,                                           -- money: Net profit at full cost
    c.full_cost_place as full_cost_rank,                    -- count, never summed: Rank by net profit at full cost
    case when w.window_id is not null then coalesce(b.net_profit, 0) end as previous_net_profit, -- money?: Net profit of the window before; empty if none is compared, or if costs are known for only one of the two
    case when w.window_id is not null then c.net_profit - coalesce(b.net_profit, 0) end as profit_change, -- money?: Net profit less that of the window before
    c.cumulative_profit,                                    -- money, never summed: Net profit before customer cost, of this one and all before
    share(c.place, c.members) as cumulative_member_share,   -- share?: Rank ÷ how many there are
    share(c.cumulative_profit, c.peak) as cumulative_peak_share -- share?: Cumulative profit ÷ peak; empty if none earns
from curve as c
left join window_comparable as w on w.window_id = c.window_id
left join before as b on b.window_id = c.window_id and b.level = c.level and b.key = c.key

-- audit: Every level adds up to the net profit of all customers.
with level as (
    select window_id, level, sum(net_profit) as net_profit from profit_curve group by window_id, level
), whole as (
    select m.window_id, sum(f.net_profit) as net_profit
    from fct_customer_month as f join window_month as m on m.period = f.period
    group by m.window_id
)
select l.window_id, l.level, l.net_profit, w.net_profit as net_profit_of_all
from level as l join whole as w on w.window_id = l.window_id
where l.net_profit <> w.net_profit

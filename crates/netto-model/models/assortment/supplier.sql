-- supplier: Suppliers of the products sold, and the takeover scenario: the cost that the supplier would take over, the part that is really saved, and the
-- margin that may be given away for it.
-- grain: window × supplier
-- key: window_id, supplier_id
-- needs: fct_supplier_month
-- source: Curry & Curry, The Customer Marketing Method (2000); Coughlan, Anderson, Stern & El-Ansary, Marketing Channels (2006): functional discounts
--
-- gross margin 10,000   average stock 5,000 at 20 %: holding cost 1,000
-- taken over      buying and storage 600, holding cost 1,000, questions 300, support 100        2,000
-- really saved    30 % of the pools' 1,000, and the holding cost                                1,300
-- it pays         as long as less than 1,300 ÷ 10,000 of the margin is asked for                 13 %
-- asked for 5 %   10,000 × 5 % = 500 are given away                                   result      800
--
-- Only cost that really goes away is saved; other work that is taken over only frees capacity. The configuration sets what the supplier asks
-- (`margin_asked`); without it there is no result. Stock moves to the supplier only with the tasks of stock and order.
--
-- A line is of the supplier that its product had on the date of the order, and stock of the supplier that it had on the day of the count.
--
-- Questions, after-care and other events go to the supplier that they are about (`event_supplier`), deviations that name no customer too; events that name none, and
-- whatever isn't measured on events, go by the lines of the customer.
--
-- The cost of correcting a supplier's deviations is shown beside its profit (`supplier_deviation`). Customers bear that cost, or it is unassigned, so it is not
-- in the profit before customer cost.
with of_count as (
    select h.window_id, h.product_id, h.warehouse, h.snapshot_date, h.days, h.known_days, coalesce(v.supplier_id, '') as supplier_id
    from stock_held as h left join product_version as v on v.product_id = h.product_id
    where v.product_id is null or h.day between v.first_day and v.last_day
), lain as (
    select
        c.window_id, c.product_id, s.customer_id, c.supplier_id, c.known_days, sum(cast(s.value as hugeint) * c.days) as value_days
    from of_count as c
    join stock as s on s.product_id = c.product_id and s.warehouse = c.warehouse and s.snapshot_date = c.snapshot_date
    group by c.window_id, c.product_id, s.customer_id, c.supplier_id, c.known_days
), running as (
    select
        window_id, supplier_id, value_days, known_days,
        sum(value_days) over (partition by window_id, product_id, customer_id order by supplier_id) as upto
    from lain
), stocked as (
    select
        window_id, supplier_id,
        half_even(greatest(upto, 0), known_days) - half_even(greatest(upto - value_days, 0), known_days) as average_stock
    from running
), sold as (
    select
        m.window_id, f.supplier_id, sum(f.lines) as lines, sum(f.invoice_revenue) as invoice_revenue,
        sum(f.rebates_received) as rebates_received, sum(f.gross_margin) as gross_margin,
        sum(f.cost_to_serve) as cost_to_serve, sum(f.customer_cost) as customer_cost,
        sum(f.net_before_customer_cost) as net_before_customer_cost, sum(f.net_profit) as net_profit, cast(0 as bigint) as average_stock
    from fct_supplier_month as f join window_month as m on m.period = f.period
    group by m.window_id, f.supplier_id
    union all
    select
        window_id, supplier_id, cast(0 as bigint) as lines, cast(0 as bigint) as invoice_revenue,
        cast(0 as bigint) as rebates_received, cast(0 as bigint) as gross_margin, cast(0 as bigint) as cost_to_serve,
        cast(0 as bigint) as customer_cost,
        cast(0 as bigint) as net_before_customer_cost, cast(0 as bigint) as net_profit, average_stock
    from stocked
    union all
    select
        window_id, supplier_id, cast(0 as bigint) as lines, cast(0 as bigint) as invoice_revenue,
        cast(0 as bigint) as rebates_received, cast(0 as bigint) as gross_margin, cast(0 as bigint) as cost_to_serve,
        cast(0 as bigint) as customer_cost,
        cast(0 as bigint) as net_before_customer_cost, cast(0 as bigint) as net_profit, cast(0 as bigint) as average_stock
    from supplier_deviation where deviations > 0
), summed as (
    select
        window_id, supplier_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue,
        sum(rebates_received) as rebates_received, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(customer_cost) as customer_cost,
        sum(net_before_customer_cost) as net_before_customer_cost, sum(net_profit) as net_profit, sum(average_stock) as average_stock
    from sold group by window_id, supplier_id
), counted as (
    select window_id, count(*) as counted from stock_average group by window_id
), held as (
    select
        s.window_id, s.supplier_id, s.lines, s.invoice_revenue, s.rebates_received, s.gross_margin, s.cost_to_serve, s.customer_cost,
        s.net_before_customer_cost, s.net_profit,
        case when c.counted > 0 then s.average_stock end as average_stock,
        half_even(cast(case when c.counted > 0 then s.average_stock end as hugeint) * $holding_millionths * w.months, 12000000)
            as holding_cost
    from summed as s
    join dim_window as w on w.window_id = s.window_id
    left join counted as c on c.window_id = s.window_id
), timed as (
    select activity, case when method = 'time' then 1 else 0 end as is_time from dim_activity
), known_lines as (
    select count(*) as rows from fct_customer_product_month
), told as (
    select
        w.period, w.activity, w.customer_id, e.supplier_id, sum(w.quantity * d.is_time) as minutes, sum(w.cost) as amount
    from event_work as w
    join takeover_task as t on w.activity = t.activity
    join timed as d on w.activity = d.activity
    join event_supplier as e on w.source = e.source and w.event_id = e.event_id
    cross join known_lines as k
    where e.attribution = 'known' and k.rows > 0
    group by w.period, w.activity, w.customer_id, e.supplier_id
), told_of_customer as (
    select period, activity, customer_id, sum(minutes) as minutes, sum(amount) as amount
    from told where customer_id <> '' group by period, activity, customer_id
), telling as (
    select distinct period, customer_id from told_of_customer
), bought as (
    select f.period, f.customer_id, coalesce(v.supplier_id, '') as supplier_id, sum(f.lines) as lines
    from fct_customer_product_month as f
    join telling as t on f.period = t.period and f.customer_id = t.customer_id
    left join product_version as v on f.product_id = v.product_id
    where v.product_id is null or day_number(f.period) between v.first_day and v.last_day
    group by f.period, f.customer_id, coalesce(v.supplier_id, '')
), shared as (
    select
        *, sum(lines) over (partition by period, customer_id order by supplier_id) as upto,
        sum(lines) over (partition by period, customer_id) as whole
    from bought
), by_line as (
    -- What the ledger's split gave to all lines of the customer, although the event names its supplier.
    select
        t.period, t.activity, coalesce(s.supplier_id, '') as supplier_id,
        coalesce(half_even(cast(t.minutes as hugeint) * s.upto, s.whole) - half_even(cast(t.minutes as hugeint) * (s.upto - s.lines), s.whole), t.minutes)
            as minutes,
        coalesce(half_even(cast(t.amount as hugeint) * s.upto, s.whole) - half_even(cast(t.amount as hugeint) * (s.upto - s.lines), s.whole), t.amount)
            as amount
    from told_of_customer as t left join shared as s on t.period = s.period and t.customer_id = s.customer_id
), worked as (
    select f.period, f.supplier_id, f.activity, f.minutes, f.amount
    from fct_supplier_activity_month as f join takeover_task as t on f.activity = t.activity
    union all
    select period, supplier_id, activity, minutes, amount from told
    union all
    select period, supplier_id, activity, -minutes as minutes, -amount as amount from by_line
), of_month as (
    select m.window_id, f.supplier_id, f.activity, f.period, sum(f.minutes) as minutes, sum(f.amount) as amount
    from worked as f join window_month as m on m.period = f.period
    group by m.window_id, f.supplier_id, f.activity, f.period
), idle_part as (
    select
        m.period, m.activity, m.assigned_amount + m.unassigned_amount as amount,
        coalesce(half_even(cast(m.assigned_amount + m.unassigned_amount as hugeint) * i.idle_minutes, i.practical_minutes), 0) as idle_amount
    from activity_month as m
    left join charged_idle as i on m.period = i.period and m.activity = i.activity and m.pool_part = i.pool_part
), idle as (
    -- Of a pool that is kept by warehouse, all warehouses together: a supplier's work isn't known by warehouse.
    select period, activity, sum(amount) as amount, sum(idle_amount) as idle_amount from idle_part group by period, activity
), freed as (
    select
        o.window_id, o.supplier_id, o.activity, o.minutes, o.amount,
        without_idle(o.amount, i.idle_amount, i.amount) as freed
    from of_month as o left join idle as i on o.period = i.period and o.activity = i.activity
), done as (
    select window_id, supplier_id, activity, sum(minutes) as minutes, sum(amount) as amount, sum(freed) as freed
    from freed group by window_id, supplier_id, activity
), saved as (
    select
        d.window_id, d.supplier_id, t.task, d.minutes, d.amount,
        half_even(cast(d.freed as hugeint) * cast(round(coalesce(p.avoidable_share, 0.0) * 1000000) as bigint), 1000000) as avoidable
    from done as d
    join takeover_task as t on t.activity = d.activity
    left join dim_activity as a on a.activity = d.activity
    left join dim_pool as p on p.pool = a.pool
), tasked as (
    select
        window_id, supplier_id,
        sum(case when task = 'stock_and_order' then amount else 0 end) as stock_and_order_cost,
        sum(case when task = 'questions' then minutes else 0 end) as question_minutes,
        sum(case when task = 'questions' then amount else 0 end) as question_cost,
        sum(case when task = 'support' then minutes else 0 end) as support_minutes,
        sum(case when task = 'support' then amount else 0 end) as support_cost,
        sum(amount) as amount, sum(avoidable) as avoidable
    from saved group by window_id, supplier_id
), named as (
    select
        coalesce(sum(case when task = 'stock_and_order' then 1 else 0 end), 0) as stock_and_order,
        coalesce(sum(case when task = 'questions' then 1 else 0 end), 0) as questions,
        coalesce(sum(case when task = 'support' then 1 else 0 end), 0) as support
    from takeover_task
), known as (
    select count(*) as rows from fct_supplier_activity_month
), with_supplier as (
    select count(*) as products from product_version where supplier_id <> ''
), care as (
    select
        window_id, supplier_id, sum(deviations) as deviations, sum(coalesce(after_care_cost, 0)) as after_care_cost,
        sum(coalesce(after_care_unassigned, 0)) as after_care_unassigned
    from supplier_deviation group by window_id, supplier_id
), cared as (
    select count(*) as deviations from deviations
), measured as (
    select count(*) as activities from dim_activity where source = 'deviations'
), figures as (
    select
        h.*, case when cared.deviations > 0 then coalesce(care.deviations, 0) end as deviations,
        case when cared.deviations > 0 and measured.activities > 0 then coalesce(care.after_care_cost, 0) end as after_care_cost,
        case when cared.deviations > 0 and measured.activities > 0 then coalesce(care.after_care_unassigned, 0) end as after_care_unassigned, named.stock_and_order, named.questions, named.support,
        case when known.rows > 0 then coalesce(t.stock_and_order_cost, 0) end as stock_and_order_cost,
        case when known.rows > 0 then coalesce(t.question_minutes, 0) end as question_minutes,
        case when known.rows > 0 then coalesce(t.question_cost, 0) end as question_cost,
        case when known.rows > 0 then coalesce(t.support_minutes, 0) end as support_minutes,
        case when known.rows > 0 then coalesce(t.support_cost, 0) end as support_cost,
        case when known.rows > 0 and h.supplier_id <> '' and named.stock_and_order + named.questions + named.support > 0
            then coalesce(t.amount, 0) + case when named.stock_and_order > 0 then coalesce(h.holding_cost, 0) else 0 end end
            as takeover_saving,
        case when known.rows > 0 and h.supplier_id <> '' and named.stock_and_order + named.questions + named.support > 0
            then coalesce(t.avoidable, 0) + case when named.stock_and_order > 0 then coalesce(h.holding_cost, 0) else 0 end end
            as avoidable_saving
    from held as h
    cross join named
    cross join known
    cross join with_supplier
    cross join cared
    cross join measured
    left join care on care.window_id = h.window_id and care.supplier_id = h.supplier_id
    left join tasked as t on t.window_id = h.window_id and t.supplier_id = h.supplier_id
    where with_supplier.products > 0
), priced as (
    select
        figures.*, k.has_profit,
        case when takeover_saving is not null and k.has_profit = 1
            then half_even(cast(greatest(gross_margin, 0) as hugeint) * $margin_asked_millionths, 1000000) end as given_away
    from figures join window_known as k on k.window_id = figures.window_id
)
select
    window_id,                                                           -- text → dim_window: Window of closed months
    supplier_id,                                                        -- text: Supplier; empty if the product has none, and for cost without an order
    lines,                                                              -- count: Order lines
    invoice_revenue,                                                    -- money: Invoice revenue
    rebates_received,                                                   -- money: Rebates received
    gross_margin,                                                       -- money: Gross margin
    case when has_profit = 1 then share(gross_margin, invoice_revenue) end as margin_share,     -- share?: Gross margin ÷ invoice revenue; empty without the cost of goods
    cost_to_serve,                                                      -- money: Cost-to-serve
    net_before_customer_cost,                           -- money: Net profit before customer cost that doesn\'t depend on orders: the measure for suppliers
    customer_cost,                                                      -- money: Customer cost that doesn't depend on orders: visits, campaigns, contracts, spread over all lines of the customer
    net_profit,                                                         -- money: Net profit
    deviations,                                                         -- count?: Deviations caused by the supplier, as in `supplier_deviation`; the empty supplier has deviations with an unknown supplier; empty if none were supplied
    after_care_cost,                                                    -- money?: Cost of correcting them; empty if no activity is measured on deviations
    after_care_unassigned,                                              -- money?: Of which for deviations without a customer: charged to no customer
    case when has_profit = 1 then share(after_care_cost, gross_margin) end as after_care_share,     -- share?: After-care ÷ gross margin: the part of the margin that corrections cost; empty without margin
    average_stock,                                                      -- money?: Average stock of products that were its own when they were counted; empty if stock was not supplied
    holding_cost,                                                       -- money?: Holding rate × average stock × months ÷ 12
    case when stock_and_order > 0 then stock_and_order_cost end as stock_and_order_cost,   -- money?: Cost of the activities that vendor-managed inventory would take over; this and the columns that follow are empty if [segment.takeover] names no activities for them
    case when questions > 0 then question_minutes end as question_minutes,  -- minutes?: Minutes of the activities for standard questions
    case when questions > 0 then question_cost end as question_cost,        -- money?: Their cost
    case when support > 0 then support_minutes end as support_minutes,      -- minutes?: Minutes of the activities for support
    case when support > 0 then support_cost end as support_cost,            -- money?: Their cost
    takeover_saving,                                                    -- money?: Cost that the supplier would take over: stock and order cost with the holding cost, questions and support; empty for the empty supplier
    avoidable_saving,                                                   -- money?: Of which really saved: the avoidable share of each pool, and the holding cost; the rest only frees capacity
    case when takeover_saving is not null and has_profit = 1 then share(avoidable_saving, gross_margin) end as break_even_share,   -- share?: Avoidable saving ÷ gross margin: the takeover pays off as long as a smaller part of the gross margin is given away; empty without margin
    given_away as value_added_given_away,                               -- money?: Gross margin × margin_asked: the margin that the supplier asks for the tasks; zero if there is no margin, empty if no margin_asked is configured
    avoidable_saving - given_away as takeover_result                    -- money?: Avoidable saving less value added given away
from priced

-- audit: The amounts of a window are those of all customers.
with parts as (
    select
        window_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from supplier group by window_id
), whole as (
    select
        window_id, sum(lines) as lines, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
        sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit
    from customer_window group by window_id
)
select parts.window_id, parts.net_profit as found, whole.net_profit as expected
from parts join whole on whole.window_id = parts.window_id
where parts.lines <> whole.lines or parts.invoice_revenue <> whole.invoice_revenue or parts.gross_margin <> whole.gross_margin
    or parts.cost_to_serve <> whole.cost_to_serve or parts.net_profit <> whole.net_profit

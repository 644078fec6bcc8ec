-- remedy_case: What a remedy for a customer starts from: what it earns and costs in the main window, and what of that would go away with it.
-- grain: window × customer
-- key: window_id, customer_id
-- published: no
-- source: Kaplan & Narayanan, Measuring and Managing Customer Profitability (2001)
--
-- gross margin                        1,850
-- + freight 100 + payment terms 50    2,000      margin before activities
-- − avoidable: freight 60 % =    60
--              payment terms     50
--              orders      30 % = 690   800
-- contribution                        1,200      what leaving would cost
--
-- Avoidable cost is what would really be saved without the customer: the amount of an activity, less idle capacity that it is charged (`charged_idle`),
-- × the avoidable part of its pool. Freight and payment terms are activities too, but stand in the gross margin already: so they are put back first, and
-- then what is avoidable of all activities is taken off. Payment terms that are imputed at a yearly rate are avoidable in full: what isn't owed needn't be borrowed.
with main as (
    select * from dim_window where window_id = 'main'
), main_month as (
    select period from window_month where window_id = 'main'
), kind_of_cost as (
    select
        a.activity, a.step,
        cast(round(coalesce(p.avoidable_share, 0) * 1000000) as bigint) as avoidable_millionths,
        case when v.activity is not null then 1 else 0 end as is_visit,
        case when a.source in ('orders', 'order_lines') and not a.standing then 1 else 0 end as is_order
    from dim_activity as a
    join dim_pool as p on p.pool = a.pool
    left join visit_work as v on v.activity = a.activity
), of_month as (
    select
        f.customer_id, f.activity, f.amount, without_idle(f.amount, i.idle_minutes, i.practical_minutes) as freed
    from fct_customer_activity_month as f
    join main_month as m on m.period = f.period
    left join charged_idle as i on f.period = i.period and f.activity = i.activity and f.pool_part = i.pool_part
), booked as (
    select customer_id, activity, sum(amount) as amount, sum(freed) as freed from of_month group by customer_id, activity
), cost as (
    select
        b.customer_id, k.step, k.is_visit, k.is_order, b.amount,
        half_even(cast(b.freed as hugeint) * k.avoidable_millionths, 1000000) as avoidable
    from booked as b join kind_of_cost as k on k.activity = b.activity
), costs as (
    select
        customer_id,
        sum(case when step = 'freight_cost' then amount else 0 end) as freight,
        sum(case when step = 'freight_cost' then avoidable else 0 end) as freight_avoidable,
        sum(case when step = 'payment_terms' then amount else 0 end) as terms,
        sum(case when step = 'payment_terms' then avoidable else 0 end) as terms_avoidable,
        sum(case when step = 'cost_to_serve' then amount else 0 end) as served,
        sum(case when step = 'cost_to_serve' then avoidable else 0 end) as served_avoidable,
        sum(case when step = 'cost_to_serve' then is_order * amount else 0 end) as order_cost,
        sum(case when step = 'cost_to_serve' then is_order * avoidable else 0 end) as order_cost_avoidable,
        sum(case when step = 'cost_to_serve' then is_visit * amount else 0 end) as visit_work_cost,
        sum(case when step = 'cost_to_serve' then is_visit * avoidable else 0 end) as visit_work_avoidable
    from cost group by customer_id
), account as (
    select
        f.customer_id,
        sum(f.list_revenue) as list_revenue, sum(f.rebates_given) as rebates_given, sum(f.payment_terms) as payment_terms,
        sum(case when f.orders > 0 then 1 else 0 end) as sale_months,
        sum(case when f.list_supplied or f.lines = 0 then 0 else 1 end) as months_without_list
    from fct_customer_month as f join main_month as m on m.period = f.period
    group by f.customer_id
), sold_month as (
    select f.period, row_number() over (order by f.period) as place
    from (select distinct period from fct_customer_month where orders > 0) as f join main_month as m on m.period = f.period
), later_month as (
    select s.period from sold_month as s cross join (select count(*) as months from sold_month) as n where 2 * s.place > n.months
), recent as (
    select f.customer_id, count(*) as months
    from fct_customer_month as f join later_month as m on m.period = f.period
    where f.orders > 0
    group by f.customer_id
), ordered as (
    select
        o.customer_id, sum(o.orders) as orders, sum(o.invoice_revenue) as revenue, sum(o.freight_charged) as freight_charged,
        sum(o.order_cost - o.value_cost) as order_cost, sum(o.avoidable_order_cost) as order_cost_avoidable, sum(o.freight_cost - o.freight_value_cost) as freight,
        sum(o.orders * coalesce(c.per_order, 0)) as fixed_order_cost,
        sum(o.orders * coalesce(c.avoidable_per_order, 0)) as fixed_order_avoidable, sum(o.orders * coalesce(c.freight_per_order, 0)) as fixed_freight
    from order_month as o
    join main_month as m on m.period = o.period
    left join order_cost as c on c.channel = o.channel
    where o.is_sale
    group by o.customer_id
), visit as (
    select a.customer_id, count(*) as visits
    from activities as a join window_day as d on d.day = a.occurred_at
    where d.window_id = 'main' and a.kind = 'visit' and a.customer_id <> ''
    group by a.customer_id
), visited as (
    select v.customer_id, sum(v.cost) as cost
    from visit_cost as v join main_month as m on m.period = v.period
    group by v.customer_id
), supplied as (
    select e.events, o.order_months, g.group_months, p.avoidable_shares
    from (select count(*) as events from activities) as e
    cross join (select count(*) as order_months from order_month) as o
    cross join (select count(*) as group_months from fct_customer_product_group_month) as g
    cross join (select count(avoidable_share) as avoidable_shares from dim_pool) as p
), goods as (
    -- Without the cost of goods it isn't known which customers lose money.
    select max(case when f.cogs_supplied then 1 else 0 end) as supplied
    from fct_customer_month as f join main_month as m on m.period = f.period
), product_group as (
    select f.customer_id, f.product_group, sum(f.invoice_revenue) as revenue, sum(f.net_before_customer_cost) as profit
    from fct_customer_product_group_month as f join main_month as m on m.period = f.period
    group by f.customer_id, f.product_group
), earning as (
    select customer_id, sum(revenue) as revenue from product_group where profit > 0 group by customer_id
), joined as (
    select
        c.window_id, c.customer_id, c.invoice_revenue, c.gross_margin, c.net_profit, main.months,
        coalesce(a.sale_months, 0) as sale_months, coalesce(n.months, 0) as recent_months, coalesce(a.rebates_given, 0) as rebates_given,
        case when a.months_without_list = 0 then a.list_revenue end as list_revenue,
        half_even(known.potential * main.months, 12) as potential,
        coalesce(a.payment_terms, 0) - coalesce(s.terms, 0) as imputed_terms,
        coalesce(s.terms, 0) as terms, coalesce(s.terms_avoidable, 0) as terms_avoidable,
        coalesce(s.freight, 0) as freight, coalesce(s.freight_avoidable, 0) as freight_avoidable,
        coalesce(s.served, 0) as served, coalesce(s.served_avoidable, 0) as served_avoidable,
        coalesce(s.order_cost, 0) as order_cost, coalesce(s.order_cost_avoidable, 0) as order_cost_avoidable,
        coalesce(s.visit_work_cost, 0) as visit_work_cost, coalesce(s.visit_work_avoidable, 0) as visit_work_avoidable,
        coalesce(w.cost, 0) as visit_cost,
        case when supplied.events > 0 then coalesce(v.visits, 0) end as visits,
        case when supplied.order_months > 0 then coalesce(o.orders, 0) else c.orders end as orders,
        supplied.order_months > 0 as orders_made,
        coalesce(o.revenue, 0) as order_revenue, coalesce(o.freight_charged, 0) as freight_charged,
        least(coalesce(o.fixed_order_cost, 0), coalesce(o.order_cost, 0)) as fixed_order_cost,
        least(coalesce(o.fixed_order_avoidable, 0), coalesce(o.order_cost_avoidable, 0)) as fixed_order_avoidable,
        least(coalesce(o.fixed_freight, 0), coalesce(o.freight, 0)) as fixed_freight,
        case when supplied.group_months > 0 then coalesce(e.revenue, 0) end as earning_revenue,
        supplied.avoidable_shares > 0 as avoidable_known,
        band.net_profit_high < 0 as loss_certain
    from customer_window as c
    cross join main
    cross join supplied
    cross join goods
    left join account as a on a.customer_id = c.customer_id
    left join recent as n on c.customer_id = n.customer_id
    left join costs as s on s.customer_id = c.customer_id
    left join ordered as o on o.customer_id = c.customer_id
    left join visit as v on v.customer_id = c.customer_id
    left join visited as w on w.customer_id = c.customer_id
    left join earning as e on e.customer_id = c.customer_id
    left join customers as known on known.customer_id = c.customer_id
    left join sensitivity as band on band.window_id = c.window_id and band.customer_id = c.customer_id
    where c.window_id = 'main' and c.rank is not null and goods.supplied = 1
), fixed as (
    select
        joined.*,
        imputed_terms + terms + freight as in_margin, imputed_terms + terms_avoidable + freight_avoidable as in_margin_avoidable,
        coalesce(half_even(cast(freight_avoidable as hugeint) * fixed_freight, freight), 0) as fixed_freight_avoidable,
        coalesce(half_even(cast(visit_work_avoidable as hugeint) * visit_cost, visit_work_cost), 0) as visit_cost_avoidable
    from joined
)
select
    window_id,                                           -- text → dim_window: Window of closed months
    customer_id,                                        -- text → dim_customer: Customer
    months,                                             -- count: Months of the window
    sale_months,                                        -- count: Months with an order; a loss in one month alone may not come back
    recent_months,                                      -- count: Of which in the second half of the months in which anybody ordered; a loss of who has stopped ordering doesn't come back
    invoice_revenue,                                    -- money: Invoice revenue
    list_revenue,                                       -- money?: Revenue at list price; empty if it wasn't supplied for every line
    rebates_given,                                      -- money: Rebates given
    potential,                                          -- money?: What it could buy in as many months
    gross_margin,                                       -- money: Gross margin
    gross_margin + in_margin as margin_before_activities,   -- money: Gross margin with freight and payment terms put back
    in_margin,                                          -- money: Freight and payment terms, which stand in the gross margin
    in_margin_avoidable,                                -- money: Of which avoidable
    served as cost_to_serve,                            -- money: Cost-to-serve
    in_margin + served as activity_cost,                -- money: Cost of all activities, wherever it stands in the waterfall
    in_margin_avoidable + served_avoidable as avoidable_cost,   -- money: Of which avoidable: what goes away with the customer
    order_cost,                                         -- money: Part of cost-to-serve that is measured on orders and their lines
    order_cost_avoidable,                               -- money: Of which avoidable
    visit_cost,                                         -- money: Part of cost-to-serve that is visits (`visit_cost`)
    visit_cost_avoidable,                               -- money: Of which avoidable
    visits,                                             -- count?: Visits; empty if none of any customer are known
    orders,                                             -- count: Orders without returns and credits
    orders_made,                                        -- bool: Whether what they cost is known, order by order
    order_revenue,                                      -- money: Invoice revenue of these orders
    fixed_order_cost + fixed_freight - freight_charged as fixed_cost,   -- money: What these orders cost whatever is in them, less the freight charged
    fixed_order_avoidable + fixed_freight_avoidable - freight_charged as fixed_cost_avoidable,  -- money: Of which avoidable
    net_profit,                                         -- money: Net profit at full cost
    gross_margin + in_margin - in_margin_avoidable - served_avoidable as contribution,  -- money: What the company would lose if the customer left; below zero it would save
    earning_revenue,                                    -- money?: Revenue in product groups that earn before customer-level cost; empty if groups aren't known
    avoidable_known,                                    -- bool: Whether any pool says what of it is avoidable
    coalesce(loss_certain, false) as loss_certain       -- bool: Whether the customer loses money at every value in the range of its net profit
from fixed

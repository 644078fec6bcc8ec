-- From the extracts of the generated distributor to published tables, as a good analyst writes it for DuckDB: costs in doubles, no checks, a
-- rate per activity and month instead of exact parts. Paths are relative to a folder that holds `extracts`, `lake` and `marts`.
-- A line `--: name` begins a stage.

--: ingest
set preserve_insertion_order = false;

copy (
    select
        Ordernr as order_id, Regel as line_no, Orderdatum as order_date, cast(date_trunc('month', Orderdatum) as date) as period,
        lpad(Debiteur, cast(greatest(length(Debiteur), 6) as integer), '0') as customer_id, Artikel as product_id, Aantal as quantity, Bruto as list_amount,
        Netto as net_amount, cast(Aantal * Kostprijs as decimal(18, 4)) as cogs_amount, Vracht as freight_charged,
        case Kanaal when 'WEB' then 'web' when 'EDI' then 'edi' when 'TEL' then 'phone' when 'BALIE' then 'counter' when 'VTW' then 'rep' end as channel,
        Medewerker as employee_id, Magazijn as warehouse, case Soort when 'V' then 'sale' when 'R' then 'return' else 'credit' end as order_kind,
        Beloofd as promised_date, Geleverd as delivered_date, case Levering when 'D' then 'direct' else 'stock' end as delivery
    from read_csv('extracts/orderregels*.csv', delim = ';', header = true, decimal_separator = ',', dateformat = '%d-%m-%Y', columns = {
        'Ordernr': 'varchar', 'Regel': 'bigint', 'Orderdatum': 'date', 'Debiteur': 'varchar', 'Artikel': 'varchar', 'Aantal': 'decimal(18,4)',
        'Bruto': 'decimal(18,4)', 'Korting': 'decimal(18,4)', 'Netto': 'decimal(18,4)', 'Kostprijs': 'decimal(18,4)', 'Kanaal': 'varchar',
        'Medewerker': 'varchar', 'Magazijn': 'varchar', 'Soort': 'varchar', 'Beloofd': 'date', 'Geleverd': 'date', 'Levering': 'varchar',
        'Vracht': 'decimal(18,4)', 'Herkomst': 'varchar'})
) to 'lake/order_lines' (format parquet, partition_by (period));
copy (
    select Debiteur as customer_id, Naam as name, nullif(Concern, '') as parent_id, Markt as market, Regio as region, Land as country,
        Vertegenwoordiger as account_manager, Binnendienst as inside_rep
    from read_csv('extracts/debiteuren*.csv', delim = ';', header = true, encoding = 'latin-1', all_varchar = true)
) to 'lake/customers.parquet';
copy (
    select Artikel as product_id, Omschrijving as name, Groep as product_group, Leverancier as supplier_id,
        case Type when 'G' then 'goods' when 'D' then 'service' when 'S' then 'assembly' end as kind
    from read_csv('extracts/artikelen*.csv', delim = ';', header = true, encoding = 'latin-1', all_varchar = true)
) to 'lake/products.parquet';
copy (
    select cast(date_trunc('month', strptime(Datum, '%d-%m-%Y')) as date) as period, Soort as kind, Debiteur as customer_id, cast(Minuten as double) as minutes
    from read_csv('extracts/activiteiten*.csv', delim = ';', header = true, encoding = 'latin-1', all_varchar = true)
    where Debiteur is not null and Debiteur <> ''
) to 'lake/activities.parquet';
copy (
    select cast(date_trunc('month', strptime(Datum, '%d-%m-%Y')) as date) as period, Debiteur as customer_id, cast(Minuten as double) as minutes
    from read_csv('extracts/afwijkingen*.csv', delim = ';', header = true, encoding = 'latin-1', all_varchar = true)
) to 'lake/deviations.parquet';
copy (
    select cast(date_trunc('month', strptime(Factuurdatum, '%d-%m-%Y')) as date) as period, Debiteur as customer_id,
        cast(replace(Bedrag, ',', '.') as double) as amount
    from read_csv('extracts/facturen*.csv', delim = ';', header = true, encoding = 'latin-1', all_varchar = true)
) to 'lake/receivables.parquet';
copy (
    select Afdeling as pool, cast(strptime(Periode, '%d-%m-%Y') as date) as period, nullif(Debiteur, '') as customer_id,
        cast(replace(replace(Bedrag, '.', ''), ',', '.') as double) as amount, cast(nullif(Capaciteit, '') as double) as practical_minutes
    from read_csv('extracts/kosten*.csv', delim = ';', header = true, encoding = 'latin-1', all_varchar = true)
) to 'lake/cost_pools.parquet';

--: rollup
create table orders as
select
    period, customer_id, order_id, min(order_date) as order_date, count(*) as lines, sum(quantity) as quantity, sum(net_amount) as net_amount,
    sum(list_amount) as list_amount, sum(cogs_amount) as cogs_amount, sum(freight_charged) as freight_charged,
    cast(sum(case when net_amount < cogs_amount then 1 else 0 end) as bigint) as lines_below_cost,
    min(channel) as channel, min(employee_id) as employee_id, min(warehouse) as warehouse, max(order_kind) as order_kind, min(delivery) as delivery
from read_parquet('lake/order_lines/*/*.parquet', hive_partitioning = true)
group by period, customer_id, order_id;
-- What each order takes of the activities that are measured on orders.
create view order_use as
select
    *, order_kind = 'sale' as counted,
    case when order_kind <> 'sale' then 0 when channel in ('web', 'edi') then 4 + lines when channel = 'counter' then 14 + 3 * lines
        when channel = 'rep' then 10 + 3 * lines else 16 + 4 * lines end as order_entry,
    case when order_kind = 'sale' and delivery = 'stock' then 9 + 7 * lines + case when channel = 'counter' then 4 else 0 end else 0 end as order_picking,
    case when order_kind = 'return' then 15 + 10 * lines else 0 end as returns,
    case when order_kind = 'sale' and delivery = 'stock' and channel <> 'counter' then 1 + 0.25 * lines else 0 end as delivery_stop,
    case when order_kind = 'sale' then lines else 0 end as buying,
    case when order_kind = 'sale' and delivery = 'stock' then cast(cogs_amount as double) else 0 end as storage,
    case when order_kind = 'sale' and channel in ('web', 'edi') then 1 else 0 end as electronic_orders,
    case when order_kind = 'sale' then 1 else 0 end as campaigns, 1 as order_administration
from orders;
create table customer_use as
select
    period, customer_id, sum(lines) as lines, sum(quantity) as quantity, sum(net_amount) as net_amount, sum(list_amount) as list_amount,
    sum(cogs_amount) as cogs_amount, sum(freight_charged) as freight_charged, sum(lines_below_cost) as lines_below_cost,
    count(*) filter (counted) as orders, sum(order_entry) as order_entry, sum(order_picking) as order_picking, sum(returns) as returns,
    sum(delivery_stop) as delivery, sum(buying) as buying, sum(storage) as storage, sum(electronic_orders) as electronic_orders,
    sum(campaigns) as campaigns, sum(order_administration) as order_administration
from order_use group by period, customer_id;
create table event_use as
select period, customer_id, sum(visits) as visits, sum(quotes) as quotes_and_questions, sum(after_care) as after_care, sum(invoicing) as invoicing,
    sum(receivables) as receivables, sum(events) as customer_events
from (
    select period, customer_id, case when kind = 'bezoek' then minutes else 0 end as visits, case when kind <> 'bezoek' then minutes else 0 end as quotes,
        0 as after_care, 0 as invoicing, 0 as receivables, 0 as events from 'lake/activities.parquet'
    union all select period, customer_id, 0, 0, minutes, 0, 0, 0 from 'lake/deviations.parquet'
    union all select period, customer_id, 0, 0, 0, 1, greatest(amount, 0), 0 from 'lake/receivables.parquet'
    union all select period, customer_id, 0, 0, 0, 0, 0, amount from 'lake/cost_pools.parquet' where customer_id is not null
) group by period, customer_id;

--: profit
-- Housing and administration serve each other: two equations, solved by hand.
create table pools as
with own as (
    select period, pool, sum(amount) filter (customer_id is null) as amount, sum(practical_minutes) as practical from 'lake/cost_pools.parquet' group by period, pool
), wide as (
    select
        period, max(amount) filter (pool = 'BUITENDIENST') as field, max(amount) filter (pool = 'BINNENDIENST') as inside,
        max(amount) filter (pool = 'MAGAZIJN') as warehouse, max(amount) filter (pool = 'TRANSPORT') as transport,
        max(amount) filter (pool = 'INKOOP') as purchasing, max(amount) filter (pool = 'ECOMMERCE') as ecommerce,
        max(amount) filter (pool = 'MARKETING') as marketing, max(amount) filter (pool = 'FINANCIERING') as financing,
        max(amount) filter (pool = 'HUISVESTING') as h, max(amount) filter (pool = 'ADMINISTRATIE') as a,
        max(practical) filter (pool = 'BUITENDIENST') as field_minutes, max(practical) filter (pool = 'BINNENDIENST') as inside_minutes,
        max(practical) filter (pool = 'MAGAZIJN') as warehouse_minutes
    from own group by period
), solved as (
    select *, (a + 0.1 * h) / (1 - 0.1 * 0.02) as admin, h + 0.02 * (a + 0.1 * h) / (1 - 0.1 * 0.02) as house from wide
)
select
    period, field + 0.05 * admin as field, inside + 0.1 * house + 0.06 * admin as inside, warehouse + 0.35 * house + 0.08 * admin as warehouse,
    transport, purchasing + 0.05 * house as purchasing, ecommerce, marketing, financing, 0.4 * house as housing, 0.79 * admin as administration,
    field_minutes, inside_minutes, warehouse_minutes
from solved;
create table rates as
with used as (
    select period, sum(order_entry) as order_entry, sum(order_picking) as order_picking, sum(returns) as returns, sum(delivery) as delivery,
        sum(buying) as buying, sum(storage) as storage, sum(electronic_orders) as electronic_orders, sum(campaigns) as campaigns,
        sum(order_administration) as order_administration
    from customer_use group by period
), events as (
    select period, sum(visits) as visits, sum(quotes_and_questions) as quotes, sum(after_care) as after_care, sum(invoicing) as invoicing,
        sum(receivables) as receivables
    from event_use group by period
)
select
    p.period,
    field / greatest(field_minutes, visits) as of_field,
    inside / greatest(inside_minutes, order_entry + quotes + after_care) as of_inside,
    (warehouse - 0.75 * warehouse * greatest(0, 1 - (order_picking + returns) / warehouse_minutes)) / nullif(order_picking + returns, 0) as of_warehouse,
    transport / nullif(delivery, 0) as of_delivery, purchasing / nullif(buying, 0) as of_buying, housing / nullif(storage, 0) as of_storage,
    ecommerce / nullif(electronic_orders, 0) as of_electronic_orders, marketing / nullif(campaigns, 0) as of_campaigns,
    0.4 * administration / nullif(order_administration, 0) as of_order_administration, 0.6 * administration / nullif(invoicing, 0) as of_invoicing,
    financing / nullif(receivables, 0) as of_receivables
from pools as p join used using (period) join events using (period);
create table customer_cost as
select
    period, customer_id, coalesce(u.lines, 0) as lines, coalesce(u.quantity, 0) as quantity, coalesce(net_amount, 0) as net_amount,
    coalesce(list_amount, 0) as list_amount, coalesce(cogs_amount, 0) as cogs_amount, coalesce(freight_charged, 0) as freight_charged,
    coalesce(lines_below_cost, 0) as lines_below_cost, coalesce(orders, 0) as orders,
    coalesce(order_entry * of_inside, 0) as order_entry, coalesce(order_picking * of_warehouse, 0) as order_picking,
    coalesce(returns * of_warehouse, 0) as returns, coalesce(delivery * of_delivery, 0) as delivery, coalesce(buying * of_buying, 0) as buying,
    coalesce(storage * of_storage, 0) as storage, coalesce(electronic_orders * of_electronic_orders, 0) as electronic_orders,
    coalesce(campaigns * of_campaigns, 0) as campaigns, coalesce(order_administration * of_order_administration, 0) as order_administration,
    coalesce(visits * of_field, 0) as visits, coalesce(quotes_and_questions * of_inside, 0) as quotes_and_questions,
    coalesce(after_care * of_inside, 0) as after_care, coalesce(invoicing * of_invoicing, 0) as invoicing,
    coalesce(receivables * of_receivables, 0) as receivables, coalesce(customer_events, 0) as customer_events,
    coalesce(order_entry, 0) + coalesce(order_picking, 0) + coalesce(returns, 0) as order_minutes,
    coalesce(visits, 0) + coalesce(quotes_and_questions, 0) + coalesce(after_care, 0) as event_minutes
from customer_use as u full join event_use as e using (period, customer_id) join rates using (period);
create table fct_customer_activity_month as
unpivot (
    select period, customer_id, order_entry, order_picking, returns, delivery, buying, storage, electronic_orders, campaigns, order_administration,
        visits, quotes_and_questions, after_care, invoicing, receivables, customer_events from customer_cost
) on columns(* exclude (period, customer_id)) into name activity value amount;
delete from fct_customer_activity_month where amount = 0;
create table fct_customer_month as
with costs as (
    select *, order_entry + order_picking + returns + buying + storage + electronic_orders + campaigns + order_administration + visits
        + quotes_and_questions + after_care + invoicing + customer_events as cost_to_serve
    from customer_cost
)
select
    period, customer_id, orders, lines, lines_below_cost, quantity, order_minutes + event_minutes as minutes, list_amount as list_revenue,
    list_amount - net_amount as invoice_discount, net_amount as invoice_revenue, receivables as payment_terms, freight_charged,
    delivery as freight_cost, net_amount - receivables + freight_charged - delivery as pocket_revenue, cogs_amount as cogs,
    net_amount - receivables + freight_charged - delivery - cogs_amount as gross_margin, cost_to_serve,
    net_amount - receivables + freight_charged - delivery - cogs_amount - cost_to_serve as net_profit, visits as sales_compensation
from costs;

--: split
create table order_cost as
select
    o.*, coalesce(order_entry * of_inside, 0) + coalesce((order_picking + returns) * of_warehouse, 0) + coalesce(buying * of_buying, 0)
        + coalesce(storage * of_storage, 0) + coalesce(electronic_orders * of_electronic_orders, 0) + coalesce(campaigns * of_campaigns, 0)
        + coalesce(order_administration * of_order_administration, 0) as order_cost,
    coalesce(delivery_stop * of_delivery, 0) as freight_cost, order_entry + order_picking + returns as minutes
from order_use as o join rates using (period);
-- What customers cost beside their orders, for each of their lines; who bought nothing has a row without a line.
create view per_line as
select period, customer_id, lines, (visits + quotes_and_questions + after_care + invoicing + customer_events) / greatest(lines, 1) as customer_cost,
    receivables / greatest(lines, 1) as payment_terms, event_minutes / greatest(lines, 1) as minutes, visits / greatest(lines, 1) as compensation
from customer_cost;
create table fct_order as
select
    o.period, o.customer_id, order_id, order_date, channel, employee_id, warehouse, order_kind, delivery, case when counted then 1 else 0 end as orders,
    o.lines, o.quantity, o.minutes + o.lines * c.minutes as minutes, list_amount as list_revenue, net_amount as invoice_revenue,
    o.lines * c.payment_terms as payment_terms, freight_charged, freight_cost, cogs_amount as cogs, order_cost, o.lines * c.customer_cost as customer_cost,
    order_cost + o.lines * c.customer_cost as cost_to_serve, o.lines * c.compensation as sales_compensation
from order_cost as o join per_line as c using (period, customer_id);
insert into fct_order
select period, customer_id, '', null, null, null, null, null, null, 0, 0, 0, minutes, 0, 0, payment_terms, 0, 0, 0, 0, customer_cost, customer_cost, compensation
from per_line where lines = 0 and (customer_cost <> 0 or payment_terms <> 0 or minutes <> 0);
create table fct_line as
select
    l.period, l.customer_id, l.order_id, l.product_id, p.product_group, p.supplier_id, p.kind, l.channel, l.employee_id, l.warehouse, l.delivery, counted,
    l.quantity, l.list_amount, l.net_amount, l.freight_charged, l.cogs_amount, o.minutes / o.lines + c.minutes as minutes,
    o.order_cost / o.lines as order_cost, o.freight_cost / o.lines as freight_cost, c.customer_cost, c.payment_terms, c.compensation,
    l.promised_date, l.delivered_date, l.order_date, l.order_kind, true as is_line
from read_parquet('lake/order_lines/*/*.parquet', hive_partitioning = true) as l
join order_cost as o on o.period = l.period and o.customer_id = l.customer_id and o.order_id = l.order_id
join per_line as c on c.period = l.period and c.customer_id = l.customer_id
left join 'lake/products.parquet' as p on p.product_id = l.product_id
union all
select period, customer_id, null, '', '', '', '', null, null, null, null, false, 0, 0, 0, 0, 0, minutes, 0, 0, customer_cost, payment_terms, compensation,
    null, null, null, null, false
from per_line where lines = 0 and (customer_cost <> 0 or payment_terms <> 0 or minutes <> 0);
{facts}
create table fct_customer_product_month as
select period, customer_id, product_id, delivery, count(*) as lines, sum(quantity) as quantity, sum(list_amount) as list_revenue,
    sum(net_amount) as invoice_revenue, sum(cogs_amount) as cogs, sum(order_cost) + sum(freight_cost) - sum(freight_charged) as order_level_cost
from fct_line where is_line group by period, customer_id, product_id, delivery;
create table fct_supplier_activity_month as
with by_order as (
    select l.period, l.supplier_id, l.order_id, l.customer_id, count(*) as lines from fct_line as l
    group by l.period, l.supplier_id, l.order_id, l.customer_id
)
unpivot (
    select
        b.period, b.supplier_id, sum(b.lines * o.order_entry * of_inside / o.lines) as order_entry,
        sum(b.lines * o.order_picking * of_warehouse / o.lines) as order_picking, sum(b.lines * o.returns * of_warehouse / o.lines) as returns,
        sum(b.lines * o.delivery_stop * of_delivery / o.lines) as delivery, sum(b.lines * o.buying * of_buying / o.lines) as buying,
        sum(b.lines * o.storage * of_storage / o.lines) as storage,
        sum(b.lines * o.electronic_orders * of_electronic_orders / o.lines) as electronic_orders,
        sum(b.lines * o.campaigns * of_campaigns / o.lines) as campaigns,
        sum(b.lines * o.order_administration * of_order_administration / o.lines) as order_administration,
        sum(b.lines * c.visits / greatest(c.lines, 1)) as visits, sum(b.lines * c.quotes_and_questions / greatest(c.lines, 1)) as quotes_and_questions,
        sum(b.lines * c.after_care / greatest(c.lines, 1)) as after_care, sum(b.lines * c.invoicing / greatest(c.lines, 1)) as invoicing,
        sum(b.lines * c.receivables / greatest(c.lines, 1)) as receivables, sum(b.lines * c.customer_events / greatest(c.lines, 1)) as customer_events
    from by_order as b join rates using (period)
    join customer_cost as c on c.period = b.period and c.customer_id = b.customer_id
    left join order_cost as o on o.period = b.period and o.customer_id = b.customer_id and o.order_id = b.order_id
    group by b.period, b.supplier_id
) on columns(* exclude (period, supplier_id)) into name activity value amount;
delete from fct_supplier_activity_month where amount = 0;
create table delivery_month as
select period, customer_id, delivery, count(*) as lines, count(promised_date) as lines_promised,
    count(*) filter (delivered_date > promised_date) as lines_late, sum(greatest(delivered_date - promised_date, 0)) as days_late,
    sum(delivered_date - order_date) as lead_days
from fct_line where is_line and order_kind = 'sale' group by period, customer_id, delivery;

--: segment
create table dim_window (window_id varchar, first_period date, last_period date, previous_window varchar);
insert into dim_window values
    ('2022', '2022-01-01', '2022-12-01', null), ('2023', '2023-01-01', '2023-12-01', null), ('2024', '2024-01-01', '2024-12-01', '2023'),
    ('2024 to 06', '2024-01-01', '2024-06-01', null), ('2025', '2025-01-01', '2025-06-01', '2024 to 06'),
    ('main', '2024-07-01', '2025-06-01', 'previous'), ('previous', '2023-07-01', '2024-06-01', null);
create table customer_window as
with since as (
    select customer_id, min(period) as first_period from fct_customer_month group by customer_id
), total as (
    select
        w.window_id, s.customer_id, coalesce(sum(f.orders), 0) as orders, coalesce(sum(f.lines), 0) as lines,
        coalesce(sum(f.invoice_revenue), 0) as invoice_revenue, coalesce(sum(f.gross_margin), 0) as gross_margin,
        coalesce(sum(f.cost_to_serve), 0) as cost_to_serve, coalesce(sum(f.net_profit), 0) as net_profit, coalesce(sum(f.minutes), 0) as minutes
    from dim_window as w join since as s on s.first_period <= w.last_period
    left join fct_customer_month as f on f.customer_id = s.customer_id and f.period between w.first_period and w.last_period
    group by w.window_id, s.customer_id
), ranked as (
    select
        *, row_number() over (partition by window_id order by orders = 0, case when orders = 0 then 0 else -invoice_revenue end, customer_id) as place,
        count(*) filter (orders > 0) over (partition by window_id) as active
    from total
)
select
    window_id, customer_id,
    case when orders = 0 then 'Inactive' when (place - 1) < active * 0.01 then 'Top' when (place - 1) < active * 0.05 then 'Large'
        when (place - 1) < active * 0.2 then 'Medium' else 'Small' end as tier,
    case when orders > 0 then place end as rank, orders, lines, invoice_revenue, gross_margin, cost_to_serve, net_profit, minutes,
    sum(invoice_revenue) over (partition by window_id order by place) as cumulative_revenue
from ranked;
create table pyramid as
select window_id, tier, count(*) as customers, sum(invoice_revenue) as invoice_revenue, sum(gross_margin) as gross_margin,
    sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit, sum(minutes) as minutes, count(*) filter (net_profit < 0) as loss_customers
from customer_window group by window_id, tier;
create table whale_curve as
select window_id, row_number() over best_first as rank, customer_id, invoice_revenue, net_profit, sum(net_profit) over best_first as cumulative_profit
from customer_window where rank is not null or net_profit <> 0
window best_first as (partition by window_id order by -net_profit, customer_id);
create table tier_migration as
select n.window_id, coalesce(b.tier, 'New') as previous_tier, n.tier, count(*) as customers, sum(coalesce(b.net_profit, 0)) as previous_net_profit,
    sum(n.net_profit) as net_profit
from customer_window as n join dim_window as w on w.window_id = n.window_id and w.previous_window is not null
left join customer_window as b on b.window_id = w.previous_window and b.customer_id = n.customer_id
group by n.window_id, previous_tier, n.tier;

--: publish
{publish}

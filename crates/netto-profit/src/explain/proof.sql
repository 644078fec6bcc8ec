-- {title}
--
-- computed anew from what was used, what was to be spread, and what was invoiced. Run it from anywhere:
--     duckdb -box < proof.sql
--
-- It reads the tables of the last run:
--     fct_customer_activity_month.quantity    who used how much of each activity; of bookings that name a customer, the amount
--     activity_month.unnamed_quantity         what was used for no customer: its part stays unassigned
--     pool_balance                            own, received, passed on; practical minutes
--     dim_pool, dim_activity                  the rules
--     fct_customer_month                      what was invoiced, its cost of goods, rebates
-- Amounts that netto assigned stand in the column `published`, to be compared with, and are used for nothing else.
-- Every amount and quantity is an integer of ten-thousandths.

-- ── Who is asked for: another customer, or several, go here ──────────────────────────────────────────────────────
create or replace temp table asked as select {customer} as customer_id;

-- ── The tables of the last run, in the months of the window ──────────────────────────────────────────────────────
create or replace temp view ledger as
select * from read_parquet({ledger}) where period between date {first} and date {last};
create or replace temp view activity_months as
select * from read_parquet({activity_months}) where period between date {first} and date {last};
create or replace temp view balance as
select * from read_parquet({balance}) where period between date {first} and date {last};
create or replace temp view months as
select * from read_parquet({waterfall}) where period between date {first} and date {last};
create or replace temp view dim_pool as select * from read_parquet({pools});
create or replace temp view dim_activity as select * from read_parquet({activities});

-- ── Rules of netto.toml: parts of one, in millionths ─────────────────────────────────────────────────────────────
-- Which part of its pool an activity of method driver or share takes.
create or replace temp table takes(activity varchar, millionths hugeint);
{takes}
-- Of method share: which part each group gets. The part without a group is given to nobody.
create or replace temp table given(activity varchar, place integer, pool_part varchar, millionths hugeint);
{given}
-- ── Integer arithmetic ───────────────────────────────────────────────────────────────────────────────────────────
create or replace temp macro units(amount) as cast(cast(amount as decimal(38, 4)) * 10000 as hugeint);
create or replace temp macro money(units) as cast(cast(units as decimal(28, 0)) * 0.0001 as decimal(28, 4));
-- Division that rounds down, whatever the sign, and its remainder.
create or replace temp macro remainder(n, d) as ((n % d) + d) % d;
create or replace temp macro floored(n, d) as (n - remainder(n, d)) // d;
-- Division that rounds to the nearest, halves to the even one.
create or replace temp macro half_even(n, d) as floored(n, d) + case
    when 2 * remainder(n, d) > d or (2 * remainder(n, d) = d and remainder(floored(n, d), 2) = 1) then 1 else 0 end;

-- ── What was used: every customer's quantities in the window ─────────────────────────────────────────────────────
create or replace temp table used as
select customer_id, period, activity, pool_part, pool, method, step, compensation,
    -- A part is the group of a fixed share, or else the warehouse. All time-driven activities of a pool go together.
    case when method = 'share' then '' else pool_part end as warehouse,
    case when method = 'share' then pool_part else '' end as spread_part,
    case when method = 'time' then '' else activity end as spread_by,
    units(quantity) as quantity,
    case when method = 'direct' then units(amount) end as booked
from (
    select customer_id, period, activity, pool_part, quantity, amount from ledger
    union all
    select '', period, activity, pool_part, unnamed_quantity, 0 from activity_months where unnamed_quantity <> 0
) join dim_activity using (activity);

-- ── What pools had: own + received − passed on, bookings that name a customer aside ──────────────────────────────
create or replace temp table pools as
select pool, period, warehouse, idle, cast(round(fixed_share * 1e6) as hugeint) as fixed_millionths,
    units(practical_minutes) as practical,
    units(own_amount) + units(received_amount) - units(passed_on_amount) - coalesce(booked, 0) as amount
from balance join dim_pool using (pool)
left join (
    select pool, period, warehouse, sum(booked) as booked from used where method = 'direct' group by all
) using (pool, period, warehouse);

-- ── Driver and share take their part of the pool first ───────────────────────────────────────────────────────────
create or replace temp table taken as
select pool, period, warehouse, activity, method, half_even(amount * millionths, 1000000) as amount
from pools join dim_activity using (pool) join takes using (activity);

-- Fixed shares: the part of each group, by largest remainder.
create or replace temp table of_groups as
with floors as (
    select pool, period, activity, place, given.pool_part, amount,
        floored(amount * millionths, 1000000) as part, remainder(amount * millionths, 1000000) as rest
    from taken join given using (activity)
)
select *, part + case when row_number() over (partition by activity, period order by rest desc, place)
    <= amount - sum(part) over (partition by activity, period) then 1 else 0 end as group_amount
from floors;

-- ── Time pays for practical minutes: idle ones cost the fixed part of the amount, the others bear what is left ────
create or replace temp table clocks as
with rests as (
    select pool, period, warehouse, any_value(idle) as idle, any_value(fixed_millionths) as fixed_millionths,
        any_value(practical) as practical, any_value(pools.amount) - coalesce(sum(taken.amount), 0) as amount
    from pools left join taken using (pool, period, warehouse)
    where pool in (select pool from dim_activity where method = 'time') group by all
), minutes as (
    select pool, period, warehouse, sum(quantity) as minutes from used where method = 'time' group by all
)
select *, amount - case when idle = 'report'
    then half_even(half_even(amount * fixed_millionths, 1000000) * greatest(practical - minutes, 0), practical)
    else 0 end as charged
from rests join minutes using (pool, period, warehouse);

-- ── What is spread, and over whom. All time-driven activities of a pool are spread together ──────────────────────
create or replace temp table spread as
select pool, period, warehouse, '' as spread_by, '' as spread_part, charged as amount from clocks
union all
select pool, period, warehouse, activity, '', amount from taken where method = 'driver'
union all
select pool, period, '', activity, pool_part, group_amount from of_groups where pool_part is not null;

-- ── The largest remainder: everyone's part rounded down, and what is left to the largest remainders, ties by id ──
create or replace temp table assigned as
with shares as (
    select used.*, spread.amount, sum(quantity) over (partition by {slice}) as total
    from used left join spread using (pool, period, warehouse, spread_by, spread_part)
), floors as (
    select *, floored(amount * quantity * sign(total), abs(total)) as part,
        remainder(amount * quantity * sign(total), abs(total)) as rest
    from shares
), ranked as (
    select *, amount - sum(part) over (partition by {slice}) as left_over,
        row_number() over (partition by {slice} order by rest desc, activity, customer_id) as place
    from floors
)
select customer_id, period, activity, pool_part, method, step, compensation, coalesce(case
        when method = 'direct' then booked
        when total = 0 then 0
        else part + case when place <= left_over then 1 else 0 end
    end, 0) as recomputed
from ranked;

-- ── The waterfall, from what was invoiced to net profit ──────────────────────────────────────────────────────────
create or replace temp table waterfall as
with invoiced as (
    select customer_id, sum(units(list_revenue)) as list_revenue, sum(units(invoice_discount)) as invoice_discount,
        sum(units(rebates_given)) as rebates_given, sum(units(freight_charged)) as freight_charged,
        sum(units(cogs)) as cogs, sum(units(rebates_received)) as rebates_received,
        -- Without an activity for it, financing is imputed at a yearly rate, and no pool pays for it.
        case when 'payment_terms' in (select step from dim_activity)
            then 0 else sum(units(payment_terms)) end as imputed
    from months group by all
), costs as (
    select customer_id, coalesce(sum(recomputed) filter (step = 'payment_terms'), 0) as terms,
        coalesce(sum(recomputed) filter (step = 'freight_cost'), 0) as freight_cost,
        coalesce(sum(recomputed) filter (step = 'cost_to_serve'), 0) as cost_to_serve,
        coalesce(sum(recomputed) filter (compensation), 0) as sales_compensation
    from assigned group by all
)
select customer_id, list_revenue, invoice_discount, rebates_given, freight_charged, cogs, rebates_received,
    imputed + coalesce(terms, 0) as payment_terms, coalesce(freight_cost, 0) as freight_cost,
    coalesce(cost_to_serve, 0) as cost_to_serve, coalesce(sales_compensation, 0) as sales_compensation,
    list_revenue - invoice_discount as invoice_revenue,
    list_revenue - invoice_discount - rebates_given - imputed - coalesce(terms, 0) + freight_charged
        - coalesce(freight_cost, 0) as pocket_revenue,
    pocket_revenue - cogs + rebates_received as gross_margin,
    gross_margin - coalesce(cost_to_serve, 0) as net_profit,
    net_profit + coalesce(sales_compensation, 0) as net_before_compensation
from invoiced left join costs using (customer_id);

-- ── Step by step, and activity by activity: recomputed, published, and the difference, which is zero ─────────────
with steps as (
    unpivot (select * from waterfall) on columns(* exclude customer_id) into name name value recomputed
), published_steps as (
    unpivot (
        select customer_id, {step_sums}
        from months group by all
    ) on columns(* exclude customer_id) into name name value published
), told as (
    select customer_id, list_position([{step_names}], name) as place, '' as month, name, recomputed, published
    from steps full join published_steps using (customer_id, name)
    union all
    select customer_id, 100, strftime(period, '%Y-%m'), activity || ' ' || strftime(period, '%Y-%m')
            || case when pool_part = '' then '' else ' ' || pool_part end
            || case when method = 'direct' then ' (as booked)' else '' end,
        recomputed, units(amount)
    from assigned full join (select customer_id, period, activity, pool_part, amount from ledger)
        using (customer_id, period, activity, pool_part)
)
select customer_id, name, money(coalesce(recomputed, 0)) as recomputed, money(coalesce(published, 0)) as published,
    money(coalesce(recomputed, 0) - coalesce(published, 0)) as difference
from told where customer_id in (select customer_id from asked)
order by customer_id, place, name;

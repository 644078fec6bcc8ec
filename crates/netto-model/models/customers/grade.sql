-- grade: Grades A to F in the main window: the weighted mean of the positions of a customer among the active customers, from 0 (last) to 1 (first), by the
-- columns in the configuration. The table is empty if no weights are configured.
-- grain: window × customer
-- key: window_id, customer_id
--
-- weights      net_profit 0.5   invoice_revenue 0.3   cost_share −0.2        score
-- C7           2nd of 5: 0.75   1st: 1                lowest but one: 0.75   (0.375 + 0.3 + 0.15) ÷ 1 = 0.825    A
--
-- Equals share the mean of their places. Who has no value, because there is no revenue or no margin to divide, stands last. A score is a quotient of
-- whole numbers, so that one of just 0.8 is 0.8.
with active as (
    select *, share(cost_to_serve, invoice_revenue) as cost_share from customer_window where window_id = 'main' and rank is not null
), valued as (
    select customer_id, 'rank' as measure, cast(rank as double) as value from active
    union all select customer_id, 'orders' as measure, cast(orders as double) as value from active
    union all select customer_id, 'lines' as measure, cast(lines as double) as value from active
    union all select customer_id, 'invoice_revenue' as measure, cast(invoice_revenue as double) as value from active
    union all select customer_id, 'gross_margin' as measure, cast(gross_margin as double) as value from active
    union all select customer_id, 'cost_to_serve' as measure, cast(cost_to_serve as double) as value from active
    union all select customer_id, 'net_profit' as measure, cast(net_profit as double) as value from active
    union all select customer_id, 'minutes' as measure, cast(minutes as double) as value from active
    union all select customer_id, 'cumulative_revenue' as measure, cast(cumulative_revenue as double) as value from active
    union all select customer_id, 'cumulative_revenue_share' as measure, cumulative_revenue_share as value from active
    union all select customer_id, 'margin_share' as measure, margin_share as value from active
    union all select customer_id, 'cost_share' as measure, cost_share as value from active
), weighted as (
    select
        v.customer_id, v.measure, abs(w.weight_millionths) as weight, case when v.value is null then 0 else 1 end as is_known,
        case when v.value is null then 0.0 when w.weight_millionths < 0 then -v.value else v.value end as value
    from valued as v join grade_weight as w on w.measure = v.measure
), ranked as (
    select
        *, rank() over (partition by measure order by is_known, value) as first_place,
        count(*) over (partition by measure, is_known, value) as equals, count(*) over (partition by measure) as customers
    from weighted
), placed as (
    select
        customer_id, weight, case when customers = 1 then 1 else 2 * (cast(first_place as bigint) - 1) + cast(equals as bigint) - 1 end as place,
        case when customers = 1 then 1 else 2 * (cast(customers as bigint) - 1) end as most
    from ranked
), scored as (
    select customer_id, sum(cast(weight as hugeint) * place) as reached, sum(cast(weight as hugeint) * most) as most from placed group by customer_id
), graded as (
    select s.customer_id, min(b.grade) as grade
    from scored as s cross join grade_bound as b
    where s.reached * 1000000 >= s.most * b.bound_millionths
    group by s.customer_id
)
select
    'main' as window_id,                        -- text → dim_window: Window of closed months
    s.customer_id,                              -- text → dim_customer: Customer
    cast(s.reached as double) / cast(s.most as double) as score, -- share: Weighted mean of the positions, from 0 (lowest) to 1 (best)
    coalesce(g.grade, 'F') as grade             -- text (A | B | C | D | E | F): A is best
from scored as s
left join graded as g on g.customer_id = s.customer_id

-- visit_effect: What visits bring: the change of revenue of visited customers against comparable customers that nobody visited.
-- grain: window × level × key
-- key: window_id, level, key
-- needs: activities
-- published: no
-- source: Card & Krueger, Minimum Wages and Employment, American Economic Review (1994): difference in differences; Cochran, Sampling
-- Techniques (1977), chapter 6: variance of a ratio within strata
--
-- Comparable is who stood in the same tier in the window before, bought about as much (revenue between two powers of four: up to 1,000, to 4,000,
-- to 16,000, …), and ordered in both: nobody visits a customer that has left, so with those that left every visit would look good. The unvisited of
-- each tier and size grew by a share; weighted as the visited are over them, by revenue before, that is what the visited would have done
-- without a visit.
--
-- tier    size   visited         unvisited             expected of the visited
-- Medium  4,000  10,000 → 13,000   40,000 → 44,000  + 10 %   11,000
-- Small   1,000   5,000 →  4,500   20,000 → 18,000  − 10 %    4,500
--                15,000 → 17,500  + 16.7 %          +  3.3 %  15,500     uplift 2,000
--
-- Only where ten unvisited customers are comparable do a tier and size count, on both sides, and nothing is claimed of fewer than ten visited ones. The
-- interval holds the uplift in nine of ten cases: the variance of the visited around what was expected of them, and of the growth
-- that was expected. It isn't proof that the visit was the cause, as nobody draws lots whom to visit.
with visit as (
    select distinct w.window_id, e.employee_id, e.customer_id
    from sales_event as e cross join dim_window as w
    where e.kind = 'visit' and e.customer_id <> '' and e.occurred_at between w.first_period and w.last_day
), visited as (
    select distinct window_id, customer_id from visit
), visited_of as (
    select distinct m.window_id, m.level, m.key, v.customer_id
    from visit as v
    join sales_member as m on m.window_id = v.window_id and m.employee_id = v.employee_id
    join sales_portfolio as p on p.level = m.level and p.key = m.key and p.customer_id = v.customer_id
), both_windows as (
    select
        n.window_id, n.customer_id, b.tier, b.invoice_revenue as earlier, n.invoice_revenue as later,
        case
            when b.invoice_revenue < amount(1000) then 1
            when b.invoice_revenue < amount(4000) then 2
            when b.invoice_revenue < amount(16000) then 3
            when b.invoice_revenue < amount(64000) then 4
            when b.invoice_revenue < amount(256000) then 5
            when b.invoice_revenue < amount(1024000) then 6
            when b.invoice_revenue < amount(4096000) then 7
            else 8
        end as size,
        case when v.customer_id is null then 0 else 1 end as is_visited
    from customer_window as n
    join dim_window as w on w.window_id = n.window_id
    join customer_window as b on b.window_id = w.previous_window and b.customer_id = n.customer_id
    left join visited as v on v.window_id = n.window_id and v.customer_id = n.customer_id
    where n.rank is not null and b.rank is not null
), unvisited_group as (
    select
        window_id, tier, size, count(*) as customers, sum(earlier) as earlier, sum(later) as later,
        sum(cast(earlier as hugeint) * earlier) as earlier_squared, sum(cast(later as hugeint) * later) as later_squared,
        sum(cast(earlier as hugeint) * later) as product
    from both_windows
    where is_visited = 0
    group by window_id, tier, size
), visited_group as (
    select
        o.window_id, o.level, o.key, b.tier, b.size, count(*) as customers, sum(b.earlier) as earlier, sum(b.later) as later,
        sum(cast(b.earlier as hugeint) * b.earlier) as earlier_squared, sum(cast(b.later as hugeint) * b.later) as later_squared,
        sum(cast(b.earlier as hugeint) * b.later) as product
    from visited_of as o join both_windows as b on b.window_id = o.window_id and b.customer_id = o.customer_id
    group by o.window_id, o.level, o.key, b.tier, b.size
), matched as (
    select
        v.*, u.customers as others, u.earlier as others_earlier, u.later as others_later,
        u.earlier_squared as others_earlier_squared, u.later_squared as others_later_squared, u.product as others_product,
        case when u.customers is null then 0 else 1 end as is_comparable, ratio(u.later, u.earlier) as growth,
        half_even(cast(v.earlier as hugeint) * u.later, u.earlier) as expected
    from visited_group as v
    left join (select * from unvisited_group where customers >= 10 and earlier > 0) as u
        on u.window_id = v.window_id and u.tier = v.tier and u.size = v.size
), spread as (
    select
        window_id, level, key, tier, size, customers, others, earlier, later, others_earlier, others_later, is_comparable, expected,
        1.0 * earlier * (others_later - others_earlier) / others_earlier as grown,
        case when customers > 1 then 1.0 * customers / (customers - 1) * greatest(
            later_squared - 2.0 * growth * product + growth * growth * earlier_squared
                - (later - growth * earlier) * (later - growth * earlier) / customers, 0.0
        ) else 0.0 end
        + (1.0 * earlier / others_earlier) * (1.0 * earlier / others_earlier) * others / (others - 1) * greatest(
            others_later_squared - 2.0 * growth * others_product + growth * growth * others_earlier_squared, 0.0
        ) as variance
    from matched
), added as (
    -- One after another: so that the sums of ratios are the same to their last bit whatever the number of threads.
    select
        *, sum(coalesce(grown, 0.0)) over running as grown_so_far, sum(coalesce(variance, 0.0)) over running as variance_so_far,
        row_number() over running as place, count(*) over (partition by window_id, level, key) as places
    from spread
    window running as (partition by window_id, level, key order by tier, size)
), whole as (
    select
        window_id, level, key, sum(earlier) as earlier, sum(later) as later,
        sum(customers * is_comparable) as customers, sum(coalesce(others, 0)) as others,
        sum(earlier * is_comparable) as compared_earlier, sum(later * is_comparable) as compared_later,
        sum(coalesce(expected, 0)) as expected,
        max(case when place = places then grown_so_far end) as grown, max(case when place = places then variance_so_far end) as variance
    from added
    group by window_id, level, key
), claimed as (
    select
        *, customers >= 10 as is_enough, customers >= 10 and compared_earlier > 0 as is_claimed,
        cast(round(1.645 * sqrt(variance)) as bigint) as give_or_take
    from whole
)
select
    window_id,                           -- text → dim_window: Window of closed months
    level,                              -- text (employee | pair): What the key names
    key,                                -- text: Employee, or pair
    case when is_enough then share(compared_later - compared_earlier, compared_earlier) else share(later - earlier, earlier) end
        as visited_change,              -- share?: Change of invoice revenue of the visited
    case when is_claimed then grown / compared_earlier end as unvisited_change,                     -- share?: The same of those that they are compared with
    customers as visited_compared,      -- count: Visited customers that are compared
    others as unvisited_compared,       -- count: Unvisited customers that they are compared with
    case when is_claimed then compared_later - expected end as visit_uplift,                        -- money?: Revenue above what the visited would have brought unvisited
    case when is_claimed then compared_later - expected - give_or_take end as visit_uplift_low,     -- money?: The lowest that it is in nine of ten cases
    case when is_claimed then compared_later - expected + give_or_take end as visit_uplift_high,    -- money?: The highest that it is in nine of ten cases
    case
        when not is_claimed then 'too few to compare'
        when compared_later - expected - give_or_take > 0 then 'more than without a visit'
        when compared_later - expected + give_or_take < 0 then 'less than without a visit'
        else 'no effect can be seen'
    end as visit_finding                -- text (more than without a visit | less than without a visit | no effect can be seen | too few to compare): What can be said of it
from claimed

-- visit_effect: What visits bring: the change of revenue in the months after a visit, against customers that nobody had visited and that had
-- ordered just as recently.
-- grain: window × level × key
-- key: window_id, level, key
-- needs: activities
-- published: no
-- source: Suissa, Immortal time bias in pharmaco-epidemiology, American Journal of Epidemiology (2008): who is visited must have stayed until then;
-- Card & Krueger, Minimum Wages and Employment, American Economic Review (1994): difference in differences; Cochran, Sampling
-- Techniques (1977), chapter 6: variance of a ratio within strata
--
-- Nobody visits a customer that has left, so of customers as a whole the visited always look good. Hence months of customers are compared, knowing only
-- what was known when each began: a month is a visited one where a visit fell in the twelve months before it, whatever came later. It counts
-- where the customer had ordered in the three months before it, and in the three before the same month of the window before, so that neither side
-- holds who left or was new. Comparable are customers that stood in the same tier in the window before and bought about as much
-- (revenue between two powers of four: up to 1,000, to 4,000, to 16,000, …). What visits do to keep a customer isn't seen here.
--
-- tier    size   visited months    unvisited months      expected of the visited
-- Medium  4,000  10,000 → 13,000   40,000 → 44,000  + 10 %   11,000
-- Small   1,000   5,000 →  4,500   20,000 → 18,000  − 10 %    4,500
--                15,000 → 17,500  + 16.7 %          +  3.3 %  15,500     uplift 2,000
--
-- Only where ten unvisited customers are comparable do a tier and size count, and nothing is claimed of fewer than ten visited ones. A month is
-- unvisited only where the records of visits reach twelve months back. The interval is meant to hold the uplift in nineteen of twenty cases,
-- as several reps are looked at: the variance of the visited customers around what was expected of them, and of the growth that was expected.
-- Where the generator knows the effect it held it in 75 to 92 of 100, as a few large customers weigh most. It isn't proof that the visit was
-- the cause, as nobody draws lots whom to visit.
--
-- Months of customers are many, so they are joined by one number: `customer_month` is 100,000 × the customer's number + the month, counted in months.
with span as (
    select
        w.window_no, w.window_id, o.window_no as previous_no,
        extract(year from w.first_period) * 12 + extract(month from w.first_period) as first_month,
        extract(year from w.last_period) * 12 + extract(month from w.last_period) as last_month,
        (extract(year from w.first_period) - extract(year from o.first_period)) * 12
            + extract(month from w.first_period) - extract(month from o.first_period) as apart
    from window_number as w join window_number as o on o.window_id = w.previous_window
), sold as (
    select
        n.customer_no * 100000 + extract(year from f.period) * 12 + extract(month from f.period) as customer_month, n.customer_no,
        extract(year from f.period) * 12 + extract(month from f.period) as month, f.orders, f.invoice_revenue
    from fct_customer_month as f join customer_number as n on n.customer_id = f.customer_id
), months_after as (
    select 1 as later union all select 2 union all select 3 union all select 4 union all select 5 union all select 6
    union all select 7 union all select 8 union all select 9 union all select 10 union all select 11 union all select 12
), recent as (
    select s.customer_month + l.later as customer_month, min(s.customer_no) as customer_no, min(s.month + l.later) as month
    from sold as s cross join months_after as l
    where s.orders > 0 and l.later <= 3
    group by s.customer_month + l.later
), went as (
    select employee_id, customer_id, extract(year from occurred_at) * 12 + extract(month from occurred_at) as month
    from sales_event
    where kind = 'visit' and customer_id <> ''
), visit as (
    select distinct w.employee_id, n.customer_no * 100000 + w.month as customer_month
    from went as w join customer_number as n on n.customer_id = w.customer_id
), visited as (
    select distinct v.customer_month + l.later as customer_month, 1 as is_visited
    from (select distinct customer_month from visit) as v cross join months_after as l
), recorded as (
    select min(month) + 12 as first_month from went
), span_month as (
    select s.*, m.month, case when m.month >= k.first_month then 1 else 0 end as is_recorded
    from span as s cross join (select distinct month from recent) as m cross join recorded as k
    where m.month between s.first_month and s.last_month
), begun as (
    select
        s.window_id, s.window_no, s.is_recorded, r.customer_no, r.customer_month, r.customer_month - s.apart as earlier_month,
        s.previous_no * 100000000 + r.customer_no as member_no
    from recent as r join span_month as s on s.month = r.month
), member as (
    select member_no, tier, size_of(invoice_revenue) as size from window_member where rank is not null
), compared as (
    select
        r.window_id, r.window_no, r.customer_no, r.customer_month, c.tier, c.size,
        coalesce(b.invoice_revenue, 0) as earlier, coalesce(n.invoice_revenue, 0) as later,
        coalesce(v.is_visited, 0) as is_visited, r.is_recorded
    from begun as r
    join recent as rb on rb.customer_month = r.earlier_month
    join member as c on c.member_no = r.member_no
    left join sold as b on b.customer_month = r.earlier_month
    left join sold as n on n.customer_month = r.customer_month
    left join visited as v on v.customer_month = r.customer_month
), unvisited_customer as (
    select
        min(window_id) as window_id, min(tier) as tier, min(size) as size, sum(earlier) as earlier, sum(later) as later
    from compared
    where is_visited = 0 and is_recorded = 1
    group by window_no * 100000000 + customer_no
), seller as (
    select level, key, cast(row_number() over (order by level, key) as bigint) as seller_no
    from (select distinct level, key from sales_portfolio) as named
), served as (
    select s.seller_no * 100000000 + n.customer_no as served_no
    from sales_portfolio as p
    join seller as s on s.level = p.level and s.key = p.key
    join customer_number as n on n.customer_id = p.customer_id
), visited_by as (
    select distinct c.window_id, v.employee_id, c.customer_no, c.customer_month, c.tier, c.size, c.earlier, c.later
    from visit as v cross join months_after as l
    join (select * from compared where is_visited = 1) as c on c.customer_month = v.customer_month + l.later
), of_seller as (
    select v.*, s.seller_no, s.level, s.key, s.seller_no * 100000000 + v.customer_no as served_no
    from visited_by as v
    join sales_member as m on m.window_id = v.window_id and m.employee_id = v.employee_id
    join seller as s on s.level = m.level and s.key = m.key
), visited_month as (
    select distinct o.window_id, o.level, o.key, o.served_no, o.customer_month, o.tier, o.size, o.earlier, o.later
    from of_seller as o join served as p on p.served_no = o.served_no
), visited_customer as (
    select window_id, level, key, tier, size, served_no, sum(earlier) as earlier, sum(later) as later
    from visited_month
    group by window_id, level, key, tier, size, served_no
), unvisited_group as (
    select
        window_id, tier, size, count(*) as customers, sum(earlier) as earlier, sum(later) as later,
        sum(cast(earlier as hugeint) * earlier) as earlier_squared, sum(cast(later as hugeint) * later) as later_squared,
        sum(cast(earlier as hugeint) * later) as product
    from unvisited_customer
    group by window_id, tier, size
), visited_group as (
    select
        window_id, level, key, tier, size, count(*) as customers, sum(earlier) as earlier, sum(later) as later,
        sum(cast(earlier as hugeint) * earlier) as earlier_squared, sum(cast(later as hugeint) * later) as later_squared,
        sum(cast(earlier as hugeint) * later) as product
    from visited_customer
    group by window_id, level, key, tier, size
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
    -- Summed in a fixed order, so that the sums of ratios are the same to their last bit for any number of threads.
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
        cast(round(1.96 * sqrt(variance)) as bigint) as give_or_take
    from whole
)
select
    window_id,                           -- text → dim_window: Window of closed months
    level,                              -- text (employee | pair): What the key names
    key,                                -- text: Employee, or pair
    case when is_enough then share(compared_later - compared_earlier, compared_earlier) else share(later - earlier, earlier) end
        as visited_change,              -- share?: Change of invoice revenue in visited months
    case when is_claimed then grown / compared_earlier end as unvisited_change,                     -- share?: The same of the unvisited months that they are compared with
    customers as visited_compared,      -- count: Visited customers that are compared
    others as unvisited_compared,       -- count: Unvisited customers that they are compared with
    case when is_claimed then compared_later - expected end as visit_uplift,                        -- money?: Revenue above what the visited would have brought unvisited
    case when is_claimed then compared_later - expected - give_or_take end as visit_uplift_low,     -- money?: The lowest that it is in nineteen of twenty cases
    case when is_claimed then compared_later - expected + give_or_take end as visit_uplift_high,    -- money?: The highest that it is in nineteen of twenty cases
    case
        when not is_claimed then 'too few to compare'
        when compared_later - expected - give_or_take > 0 then 'more than without a visit'
        when compared_later - expected + give_or_take < 0 then 'less than without a visit'
        else 'no effect can be seen'
    end as visit_finding                -- text (more than without a visit | less than without a visit | no effect can be seen | too few to compare): What can be said of it
from claimed

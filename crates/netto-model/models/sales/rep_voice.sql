-- rep_voice: Reactions of customers to a rep: outcomes of visits, accepted quotes, and complaints, compared with the other reps.
-- grain: window × employee
-- key: window_id, employee_id
-- needs: activities
-- source: Fleiss, Statistical Methods for Rates and Proportions (1981): two shares; Cochran, Sampling Techniques (1977), chapter 6: variance of a ratio
--
--      visits with an outcome   won   quotes decided   won    complaints of its customers   orders   for 100 orders   the others'
-- M01  100                      40    50               30     12                            400      3                1, so 4 were to be expected
-- all others                          150              60     16                            1,600
--
-- hit rate 60 % against 40 %: + 20 points, give or take 1.645 × √(0.45 × 0.55 × (1 ÷ 50 + 1 ÷ 150)) = 13.4: more than the others
-- complaints 12 − 4 = 8, more than the others' where that is beyond what customers differ from one another
--
-- Complaints are those of the customers of the employee, whoever wrote them down: both halves of a pair hear the same ones. The interval holds the
-- difference in nine of ten cases where there is none. One customer that always complains is no fault of its rep: the interval of complaints comes from
-- how much customers differ, and not from their number. Nothing is said of fewer than ten quotes that were decided, or of fewer than ten customers that
-- ordered or complained, on either side.
with orders_known as (
    select count(*) as rows from order_month
), span as (
    select w.window_id, min(m.period) as first_period, max(w.last_day) as last_day
    from dim_window as w join window_month as m on m.window_id = w.window_id
    group by w.window_id
), span_day as (
    select s.window_id, d.day from window_day as d join span as s on s.window_id = d.window_id where d.day >= s.first_period
), event as (
    select s.window_id, e.employee_id, e.customer_id, e.kind, e.outcome, o.result
    from sales_event as e
    left join quote_outcome as o on o.outcome = e.outcome
    join span_day as s on s.day = e.occurred_at
), done as (
    select
        window_id, employee_id,
        sum(case when kind = 'visit' then 1 else 0 end) as visits,
        sum(case when kind = 'visit' and outcome <> '' then 1 else 0 end) as visits_told,
        sum(case when kind = 'visit' and result = 'won' then 1 else 0 end) as visits_won,
        sum(case when kind = 'visit' and result = 'lost' then 1 else 0 end) as visits_lost,
        sum(case when kind = 'quote' then 1 else 0 end) as quotes,
        sum(case when kind = 'quote' and result is not null then 1 else 0 end) as decided,
        sum(case when kind = 'quote' and result = 'won' then 1 else 0 end) as won
    from event
    where employee_id <> ''
    group by window_id, employee_id
), complained as (
    select window_id, customer_id, sum(case when kind = 'complaint' then 1 else 0 end) as complaints,
        sum(case when kind = 'question' then 1 else 0 end) as questions
    from event
    where customer_id <> '' and kind in ('complaint', 'question')
    group by window_id, customer_id
), bought as (
    select m.window_id, o.customer_id, sum(o.orders) as orders
    from order_month as o join window_month as m on m.period = o.period
    where o.is_sale
    group by m.window_id, o.customer_id
), told as (
    select s.window_id, s.customer_id, coalesce(c.complaints, 0) as complaints, coalesce(c.questions, 0) as questions, coalesce(b.orders, 0) as orders
    from customer_window as s
    left join complained as c on c.window_id = s.window_id and c.customer_id = s.customer_id
    left join bought as b on b.window_id = s.window_id and b.customer_id = s.customer_id
    where c.complaints > 0 or c.questions > 0 or b.orders > 0
), told_of_all as (
    select
        window_id, count(*) as voices, sum(complaints) as complaints, sum(orders) as orders, sum(complaints * complaints) as complaints_squared,
        sum(orders * orders) as orders_squared, sum(complaints * orders) as product
    from told
    group by window_id
), heard as (
    select
        t.window_id, p.key as employee_id, sum(case when t.orders > 0 then 1 else 0 end) as customers, count(*) as voices,
        sum(t.complaints) as complaints, sum(t.questions) as questions, sum(t.orders) as orders,
        sum(t.complaints * t.complaints) as complaints_squared, sum(t.orders * t.orders) as orders_squared, sum(t.complaints * t.orders) as product
    from sales_portfolio as p join told as t on t.customer_id = p.customer_id
    where p.level = 'employee'
    group by t.window_id, p.key
), done_of_all as (
    select window_id, sum(decided) as decided, sum(won) as won from done group by window_id
), figures as (
    select
        m.window_id, m.employee_id, coalesce(d.visits, 0) as visits, coalesce(d.visits_told, 0) as visits_told, coalesce(d.visits_won, 0) as visits_won,
        coalesce(d.visits_lost, 0) as visits_lost, coalesce(d.quotes, 0) as quotes, coalesce(d.decided, 0) as decided, coalesce(d.won, 0) as won,
        coalesce(h.customers, 0) as customers, coalesce(h.complaints, 0) as complaints, coalesce(h.questions, 0) as questions, coalesce(h.orders, 0) as orders,
        coalesce(a.decided, 0) - coalesce(d.decided, 0) as others_decided, coalesce(a.won, 0) - coalesce(d.won, 0) as others_won,
        coalesce(h.voices, 0) as voices, coalesce(h.complaints_squared, 0) as complaints_squared, coalesce(h.orders_squared, 0) as orders_squared,
        coalesce(h.product, 0) as product, coalesce(t.voices, 0) - coalesce(h.voices, 0) as others_voices,
        coalesce(t.complaints, 0) - coalesce(h.complaints, 0) as others_complaints, coalesce(t.orders, 0) - coalesce(h.orders, 0) as others_orders,
        coalesce(t.complaints_squared, 0) - coalesce(h.complaints_squared, 0) as others_complaints_squared,
        coalesce(t.orders_squared, 0) - coalesce(h.orders_squared, 0) as others_orders_squared,
        coalesce(t.product, 0) - coalesce(h.product, 0) as others_product
    from (select window_id, employee_id from sales_member where level = 'employee') as m
    left join told_of_all as t on t.window_id = m.window_id
    left join done as d on d.window_id = m.window_id and d.employee_id = m.employee_id
    left join heard as h on h.window_id = m.window_id and h.employee_id = m.employee_id
    left join done_of_all as a on a.window_id = m.window_id
), compared as (
    select
        *, share(won, decided) as hit_rate, share(others_won, others_decided) as others_hit_rate,
        decided >= 10 and others_decided >= 10 as is_enough_quotes,
        ratio(won + others_won, decided + others_decided) as both_rate,
        ratio(others_complaints * orders, others_orders) as expected_complaints, ratio(others_complaints, others_orders) as others_rate,
        voices >= 10 and others_voices >= 10 and orders > 0 and others_orders > 0 as is_enough_complaints
    from figures
), spread as (
    select
        *,
        case when is_enough_quotes then 1.645 * sqrt(both_rate * (1 - both_rate) * (ratio(1, decided) + ratio(1, others_decided))) end as quotes_give_or_take,
        case when is_enough_complaints then 1.645 * sqrt(
            1.0 * voices / (voices - 1) * greatest(
                complaints_squared - 2.0 * others_rate * product + others_rate * others_rate * orders_squared
                    - (complaints - expected_complaints) * (complaints - expected_complaints) / voices, 0.0
            )
            + (1.0 * orders / others_orders) * (1.0 * orders / others_orders) * others_voices / (others_voices - 1) * greatest(
                others_complaints_squared - 2.0 * others_rate * others_product + others_rate * others_rate * others_orders_squared, 0.0
            )
        ) end as complaints_give_or_take
    from compared
)
select
    s.window_id,                                        -- text → dim_window: Window of closed months
    s.employee_id,                                      -- text → dim_employee: Employee
    s.visits,                                           -- count: Visits
    s.visits_told,                                      -- count: Of which with a recorded outcome
    s.visits_won,                                       -- count: Of which won: the outcome is one of [segment.sales_force] won
    s.visits_lost,                                      -- count: Of which lost
    s.quotes,                                           -- count: Quotes
    s.decided as quotes_decided,                        -- count: Of which won or lost
    s.won as quotes_won,                                -- count: Of which won
    s.hit_rate as quote_hit_rate,                       -- share?: Quotes won ÷ decided; empty if none is
    case when s.is_enough_quotes then s.others_hit_rate end as others_hit_rate,         -- share?: The same of all other employees; empty with fewer than ten decided on either side
    case when s.is_enough_quotes then s.hit_rate - s.others_hit_rate - s.quotes_give_or_take end as hit_rate_more_low,      -- share?: Lower end of the difference in nine of ten cases
    case when s.is_enough_quotes then s.hit_rate - s.others_hit_rate + s.quotes_give_or_take end as hit_rate_more_high,     -- share?: Upper end in nine of ten cases
    case
        when not s.is_enough_quotes then 'too few to compare'
        when s.hit_rate - s.others_hit_rate - s.quotes_give_or_take > 0 then 'more than the others'
        when s.hit_rate - s.others_hit_rate + s.quotes_give_or_take < 0 then 'less than the others'
        else 'no difference can be seen'
    end as quote_finding,                               -- text (more than the others | less than the others | no difference can be seen | too few to compare): What can be said of its quotes
    s.customers,                                        -- count, never summed: Active customers of the employee
    s.questions,                                        -- count, never summed: Their questions
    s.complaints,                                       -- count, never summed: Their complaints
    case when o.rows > 0 then s.orders end as orders,   -- count?, never summed: Their orders; empty if orders aren't made
    share(100 * s.complaints, s.orders) as complaints_per_100_orders,      -- ratio?: Complaints for a hundred orders
    case when s.is_enough_complaints then s.expected_complaints end as expected_complaints,     -- ratio?: Complaints that the same number of orders of all other customers would have
    case when s.is_enough_complaints then s.complaints - s.expected_complaints - s.complaints_give_or_take end as complaints_more_low,      -- ratio?: Lower end of the difference in nine of ten cases
    case when s.is_enough_complaints then s.complaints - s.expected_complaints + s.complaints_give_or_take end as complaints_more_high,     -- ratio?: Upper end in nine of ten cases
    case
        when not s.is_enough_complaints then 'too few to compare'
        when s.complaints - s.expected_complaints - s.complaints_give_or_take > 0 then 'more than the others'
        when s.complaints - s.expected_complaints + s.complaints_give_or_take < 0 then 'less than the others'
        else 'no difference can be seen'
    end as complaint_finding                            -- text (more than the others | less than the others | no difference can be seen | too few to compare): What can be said of complaints
from spread as s cross join orders_known as o

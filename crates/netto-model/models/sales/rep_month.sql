-- rep_month: The monthly sheet of each rep: events at each customer in the last closed month, changes of revenue and margin, and the next step.
-- grain: month × employee × customer
-- key: period, employee_id, customer_id
-- source: Curry & Curry, The Customer Marketing Method (2000): the monthly review of a rep's customers
--
-- April           visits  quotes  revenue   a year before   average of January to March   next
-- M01  A          1       2       500       400   + 100     600   − 100                    slipping away, then the proposed remedy, then a tier to win
--
-- Events are all that happened at the customer, whoever did them. A month before the data begin is empty, and not zero. Customers at which nothing
-- happened, nothing changed and nothing is to do aren't listed.
with now as (
    select last_period, last_day, 12 * cast(extract(year from last_period) as bigint) + cast(extract(month from last_period) as bigint) as number
    from dim_window
    where window_id = 'main'
), back as (
    select p.period, now.number - (12 * p.year + p.month) as months_ago from dim_period as p cross join now
), reached as (
    select
        max(case when months_ago = 12 then 1 else 0 end) as a_year, sum(case when months_ago between 1 and 3 then 1 else 0 end) as three_months
    from back
), sold as (
    select
        f.customer_id,
        sum(case when b.months_ago = 0 then f.orders else 0 end) as orders,
        sum(case when b.months_ago = 12 then f.orders else 0 end) as orders_a_year_ago,
        sum(case when b.months_ago between 1 and 3 then f.orders else 0 end) as orders_of_three,
        sum(case when b.months_ago = 0 then f.invoice_revenue else 0 end) as revenue,
        sum(case when b.months_ago = 0 then f.gross_margin else 0 end) as margin,
        sum(case when b.months_ago = 12 then f.invoice_revenue else 0 end) as revenue_a_year_ago,
        sum(case when b.months_ago = 12 then f.gross_margin else 0 end) as margin_a_year_ago,
        sum(case when b.months_ago between 1 and 3 then f.invoice_revenue else 0 end) as revenue_of_three,
        sum(case when b.months_ago between 1 and 3 then f.gross_margin else 0 end) as margin_of_three
    from fct_customer_month as f join back as b on b.period = f.period
    where b.months_ago in (0, 1, 2, 3, 12)
    group by f.customer_id
), month_day as (
    select d.day from window_day as d cross join now where d.window_id = 'main' and d.day >= now.last_period
), happened as (
    select
        e.customer_id, count(*) as events,
        sum(case when e.kind = 'visit' then 1 else 0 end) as visits, sum(case when e.kind = 'call' then 1 else 0 end) as calls,
        sum(case when e.kind = 'quote' then 1 else 0 end) as quotes,
        sum(case when e.kind = 'quote' and o.result = 'won' then 1 else 0 end) as quotes_won,
        sum(case when e.kind = 'quote' and o.result = 'lost' then 1 else 0 end) as quotes_lost,
        sum(case when e.kind = 'question' then 1 else 0 end) as questions,
        sum(case when e.kind = 'complaint' then 1 else 0 end) as complaints
    from sales_event as e
    left join quote_outcome as o on o.outcome = e.outcome
    join month_day as d on d.day = e.occurred_at
    where e.customer_id <> ''
    group by e.customer_id
), events_known as (
    select count(*) as rows from activities
), invoices_known as (
    select count(*) as rows from receivables
), owed as (
    select customer_id, overdue_amount as amount from days_sales_outstanding where window_id = 'main'
), rising as (
    select customer_id, next_tier, lacks from customer_step_up where cast(lacks as hugeint) * 10 <= goal_amount
), slipping as (
    select customer_id, silent_months from slipping_customer where profit_at_stake is null or profit_at_stake > 0
), proposed as (
    select customer_id, remedy from remedy where proposed
), sheet as (
    select
        now.last_period as period, p.key as employee_id, p.customer_id, r.a_year, r.three_months,
        coalesce(s.orders, 0) as orders, coalesce(s.orders_a_year_ago, 0) as orders_a_year_ago, coalesce(s.orders_of_three, 0) as orders_of_three,
        coalesce(s.revenue, 0) as revenue, coalesce(s.margin, 0) as margin,
        coalesce(s.revenue_a_year_ago, 0) as revenue_a_year_ago, coalesce(s.margin_a_year_ago, 0) as margin_a_year_ago,
        coalesce(s.revenue_of_three, 0) as revenue_of_three, coalesce(s.margin_of_three, 0) as margin_of_three,
        coalesce(h.events, 0) as events, coalesce(h.visits, 0) as visits, coalesce(h.calls, 0) as calls, coalesce(h.quotes, 0) as quotes,
        coalesce(h.quotes_won, 0) as quotes_won, coalesce(h.quotes_lost, 0) as quotes_lost, coalesce(h.questions, 0) as questions,
        coalesce(h.complaints, 0) as complaints, coalesce(o.amount, 0) as overdue, k.rows as events_known, i.rows as invoices_known,
        l.silent_months, m.remedy, u.next_tier, u.lacks
    from sales_portfolio as p
    cross join now
    cross join reached as r
    cross join events_known as k
    cross join invoices_known as i
    left join sold as s on s.customer_id = p.customer_id
    left join happened as h on h.customer_id = p.customer_id
    left join owed as o on o.customer_id = p.customer_id
    left join slipping as l on l.customer_id = p.customer_id
    left join proposed as m on m.customer_id = p.customer_id
    left join rising as u on u.customer_id = p.customer_id
    where p.level = 'employee'
)
select
    period,                                     -- date → dim_period: The last closed month
    employee_id,                                -- text → dim_employee: Account manager, or inside representative
    customer_id,                                -- text → dim_customer: Customer
    case when events_known > 0 then visits end as visits,               -- count?, summed within employee_id: Visits in the month; this and what follows are empty if activities were not supplied
    case when events_known > 0 then calls end as calls,                 -- count?, summed within employee_id: Calls
    case when events_known > 0 then quotes end as quotes,               -- count?, summed within employee_id: Quotes
    case when events_known > 0 then quotes_won end as quotes_won,       -- count?, summed within employee_id: Of which won
    case when events_known > 0 then quotes_lost end as quotes_lost,     -- count?, summed within employee_id: Of which lost; the others are followed up
    case when events_known > 0 then questions end as questions,         -- count?, summed within employee_id: Questions
    case when events_known > 0 then complaints end as complaints,       -- count?, summed within employee_id: Complaints
    orders,                                     -- count, summed within employee_id: Orders of the month
    case when a_year = 1 then orders - orders_a_year_ago end as orders_against_year_before,         -- integer?: Less those of the same month a year before; empty if the data don't reach it
    case when three_months = 3 then ratio(3 * orders - orders_of_three, 3) end as orders_against_three_months,      -- ratio?: Less the average of the three months before
    revenue as invoice_revenue,                 -- money, summed within employee_id: Invoice revenue of the month
    case when a_year = 1 then revenue - revenue_a_year_ago end as revenue_against_year_before,      -- money?, summed within employee_id: Less that of the same month a year before; empty if the data don't reach it
    case when three_months = 3 then revenue - half_even(revenue_of_three, 3) end as revenue_against_three_months,      -- money?, summed within employee_id: Less the average of the three months before
    margin as gross_margin,                     -- money, summed within employee_id: Gross margin of the month
    case when a_year = 1 then margin - margin_a_year_ago end as margin_against_year_before,         -- money?, summed within employee_id: Less that of the same month a year before
    case when three_months = 3 then margin - half_even(margin_of_three, 3) end as margin_against_three_months,         -- money?, summed within employee_id: Less the average of the three months before
    case when invoices_known > 0 then overdue end as overdue_amount,    -- money?, summed within employee_id: Invoices that were due before the last day of the month and not paid by then, as in `days_sales_outstanding`; empty if receivables were not supplied
    silent_months,                              -- count?, never summed: Months without an order, if that is longer than ever before and there is profit to win back (`slipping_customer`)
    remedy as proposed_remedy,                  -- text?: Proposed remedy (`remedy`), if the customer loses money
    next_tier,                                  -- text?: Tier that the customer can reach (`customer_step_up`): it lacks at most a tenth of the threshold, earns, and could buy as much
    case when next_tier is not null then greatest(lacks, 0) end as lacks_to_next_tier,     -- money?, summed within employee_id: Amount that it lacks for that tier, in the measure that ranks customers
    case
        when silent_months is not null then 'win back'
        when complaints > 0 then 'settle complaints'
        when remedy is not null then 'propose remedy'
        when quotes > quotes_won + quotes_lost then 'follow up quotes'
        when next_tier is not null then 'move up'
        when overdue > 0 then 'collect'
        else ''
    end as next_step                            -- text (win back | settle complaints | propose remedy | follow up quotes | move up | collect | ): What to do next: the first of these that applies; empty if none does
from sheet
where events > 0 or revenue <> 0 or margin <> 0 or revenue_a_year_ago <> 0 or revenue_of_three <> 0 or overdue <> 0 or silent_months is not null
    or remedy is not null or next_tier is not null

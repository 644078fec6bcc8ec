-- action_change: What every customer brought a month before and after the start of an agreed action, whoever it was agreed with.
-- grain: start × customer
-- key: started_at, customer_id
-- needs: actions
-- published: no
--
-- Who was served only after the start brought nothing before it, and that is a fact. Size is revenue before, as of a year, between two powers of
-- four: up to 1,000, to 4,000, to 16,000, …
with before as (
    select s.started_at, s.months, t.*
    from action_side as s join customer_total as t on t.first_period = s.before_first and t.last_period = s.before_last
), after as (
    select s.started_at, s.months, t.*
    from action_side as s join customer_total as t on t.first_period = s.after_first and t.last_period = s.after_last
), agreed as (
    select s.started_at, o.customer_id
    from action_side as s cross join actions as o
    where o.started_at >= s.before_first and (s.after_until is null or o.started_at < s.after_until)
), busy as (
    select started_at, customer_id, count(*) as agreed from agreed group by started_at, customer_id
), joined as (
    select
        a.started_at, a.customer_id, b.cut_tier, b.rank, coalesce(busy.agreed, 0) as agreed,
        half_even(coalesce(b.invoice_revenue, 0) * 12, a.months) as yearly,
        half_even(coalesce(b.invoice_revenue, 0), a.months) as revenue_before, half_even(a.invoice_revenue, a.months) as revenue_after,
        half_even(coalesce(b.cost_to_serve, 0), a.months) as cost_before, half_even(a.cost_to_serve, a.months) as cost_after,
        half_even(coalesce(b.net_profit, 0), a.months) as profit_before, half_even(a.net_profit, a.months) as profit_after
    from after as a
    left join before as b on b.started_at = a.started_at and b.customer_id = a.customer_id
    left join busy on busy.started_at = a.started_at and busy.customer_id = a.customer_id
)
select
    started_at,                                 -- date: From which day
    customer_id,                                -- text → dim_customer: Customer
    case when rank is null then null else cut_tier end as tier, -- text?: Tier of the months before; empty if it ordered nothing in them
    size_of(yearly) as size,                    -- count: Size by revenue before, 1 smallest
    agreed,                                     -- count: Actions that were agreed with it in these months
    revenue_before,                             -- money: Invoice revenue per month before
    revenue_after,                              -- money: Invoice revenue per month after
    cost_before,                                -- money: Cost-to-serve per month before
    cost_after,                                 -- money: Cost-to-serve per month after
    profit_before,                              -- money: Net profit per month before
    profit_after,                               -- money: Net profit per month after
    profit_after - profit_before as change      -- money: Change of net profit per month
from joined

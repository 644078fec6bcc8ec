-- buying_group: Groups and buying associations: the total result of their members, and the number of members that lose money.
-- grain: window × group
-- key: window_id, parent_id
-- needs: customers
-- source: Kaplan & Cooper, Cost & Effect (1998), on customers that are decided on together
--
-- member     revenue   margin   cost    profit
-- A          1,000     400      10      390
-- B            100     −20      10      −30
-- G of both  1,100     380      20      360      1 of 2 loses; without B it would be 390
--
-- Conditions are agreed with a group, so discounts should be judged by the result of the whole group. Its tier is the one that it would have as one
-- customer: the highest tier whose smallest customer it reaches. Remedies are those of its members (`remedy`), in the main window. If the id of
-- the group is that of a customer, this customer is one of its members, whatever group it belongs to itself: the head office buys, too. Customers without a group are not listed.
with in_group as (
    select customer_id, parent_id from customers where parent_id is not null and parent_id <> ''
), headed as (
    select distinct parent_id from in_group
), of_group as (
    select customer_id, parent_id from in_group
    union all
    select k.customer_id, k.customer_id as parent_id
    from customers as k join headed as h on h.parent_id = k.customer_id
    where k.parent_id is null or k.parent_id <> k.customer_id
), member as (
    select
        c.window_id, k.parent_id, c.customer_id, c.rank, case when $rank_by = 'net_profit' then c.net_profit else c.invoice_revenue end as measure,
        c.invoice_revenue, c.gross_margin, c.cost_to_serve, c.net_profit
    from customer_window as c join of_group as k on k.customer_id = c.customer_id
    where c.rank is not null or c.net_profit <> 0
), summed as (
    select
        window_id, parent_id, count(*) as customers, count(rank) as active, sum(measure) as measure, sum(invoice_revenue) as invoice_revenue,
        sum(gross_margin) as gross_margin, sum(cost_to_serve) as cost_to_serve, sum(net_profit) as net_profit,
        sum(case when net_profit < 0 then 1 else 0 end) as losing, sum(least(net_profit, 0)) as loss
    from member
    group by window_id, parent_id
), bound as (
    select
        c.window_id, d.tier_order, min(case when $rank_by = 'net_profit' then c.net_profit else c.invoice_revenue end) as least
    from customer_window as c join dim_tier as d on d.tier = c.tier
    where c.rank is not null
    group by c.window_id, d.tier_order
), placed as (
    select s.window_id, s.parent_id, min(b.tier_order) as tier_order
    from summed as s join bound as b on b.window_id = s.window_id
    where s.active > 0 and s.measure >= b.least
    group by s.window_id, s.parent_id
), proposed as (
    select r.window_id, k.parent_id, count(*) as remedies, sum(r.expected_change) as expected_change
    from remedy as r join of_group as k on k.customer_id = r.customer_id
    where r.proposed
    group by r.window_id, k.parent_id
), whole as (
    select window_id, sum(invoice_revenue) as invoice_revenue from customer_window group by window_id
)
select
    s.window_id,                                        -- text → dim_window: Window of closed months
    s.parent_id,                                        -- text: Group or buying association
    s.customers,                                        -- count: Members that ordered in the window, or cost something in it
    s.active as active_customers,                       -- count: Members that ordered in it
    coalesce(d.tier, case when s.active > 0 then 'Small' else 'Inactive' end) as tier,      -- text → dim_tier: Tier that the group would have as one customer
    s.invoice_revenue,                                  -- money: Invoice revenue
    s.gross_margin,                                     -- money: Gross margin
    s.cost_to_serve,                                    -- money: Cost-to-serve
    s.net_profit,                                       -- money: Net profit
    case when k.has_profit = 1 then s.losing end as loss_customers,     -- count?: Members with a negative net profit
    case when k.has_profit = 1 then s.loss end as loss_amount,          -- money?: Sum of their losses
    share(s.invoice_revenue, w.invoice_revenue) as revenue_share,   -- share?: Invoice revenue ÷ that of all customers
    case when k.has_profit = 1 then share(s.gross_margin, s.invoice_revenue) end as margin_share,   -- share?: Gross margin ÷ invoice revenue; empty without the cost of goods
    case when s.window_id = 'main' then coalesce(r.remedies, 0) end as proposed_remedies,   -- count?: Members with a proposed remedy; of the main window
    case when s.window_id = 'main' then coalesce(r.expected_change, 0) end as expected_change   -- money?: Expected effect of these remedies
from summed as s
join whole as w on w.window_id = s.window_id
join window_known as k on k.window_id = s.window_id
left join placed as p on p.window_id = s.window_id and p.parent_id = s.parent_id
left join dim_tier as d on d.tier_order = p.tier_order
left join proposed as r on r.window_id = s.window_id and r.parent_id = s.parent_id

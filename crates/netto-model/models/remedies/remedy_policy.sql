-- remedy_policy: Rules for all customers: a charge on small orders or a minimum order. For each limit the effect on the company's result, the customers that would pay, and those that may leave.
-- grain: policy × order value
-- key: policy, order_below
-- needs: order_month
-- source: Curry & Curry, The Customer Marketing Method (2000), on minimum orders and order charges
--
-- orders below 100: 300 of 40 customers, an order breaks even at 130     15.00 on each brings 4,500 if all stay; 3 in 100 of these customers leave
--                                                                        over it and take a contribution of 260 with them: 4,105
--
-- A rule is for everyone, also for those who earn: so it is one proposal, of the limit that brings most, where enough customers have such orders. Limits are the
-- bands of order values, up to the one in which an order breaks even: above it an order earns its cost, and a charge would be a price. Each customer
-- may leave by as much as the rule asks of its revenue, or of its orders (`[segment.remedy]`); whose leaving would bring something adds nothing. Customers
-- with whom it was agreed in the last twelve months pay already and aren't counted.
with of_customer as (
    select
        a.order_below, a.customer_id, a.orders, c.invoice_revenue, c.contribution, c.net_profit, c.orders as all_orders,
        c.fixed_cost, c.fixed_cost_avoidable, cast(a.orders as hugeint) * $max_fewer_orders_millionths // 1000000 as fewer_orders
    from policy_order as a join remedy_case as c on c.customer_id = a.customer_id
), ruled as (
    select
        'order_charge' as policy, order_below, amount($max_order_charge) as charge, customer_id, orders, invoice_revenue, contribution, net_profit,
        amount($max_order_charge) * orders as gain,
        half_even(cast(amount($max_order_charge) as hugeint) * orders * 1000000, greatest(invoice_revenue, 0)) as asked
    from of_customer
    union all
    select
        'minimum_order_size' as policy, order_below, order_below as charge, customer_id, orders, invoice_revenue, contribution, net_profit,
        half_even(cast(fixed_cost_avoidable as hugeint) * fewer_orders, all_orders) as gain,
        half_even(cast(fewer_orders as hugeint) * 1000000, all_orders) as asked
    from of_customer where fixed_cost > 0 and fixed_cost_avoidable >= 0
), leaving as (
    select
        r.*, cast(1000000 as bigint) as whole,
        least(half_even(cast(coalesce(r.asked, 1000000) as hugeint) * l.parts_millionths, 1000000), 1000000) as p,
        least(half_even(cast(coalesce(r.asked, 1000000) as hugeint) * l.low_millionths, 1000000), 1000000) as p_low,
        least(half_even(cast(coalesce(r.asked, 1000000) as hugeint) * l.high_millionths, 1000000), 1000000) as p_high
    from ruled as r
    join remedy_leaving as l on r.policy = l.remedy
    left join agreed_remedy as t on r.customer_id = t.customer_id and r.policy = t.remedy
    where coalesce(t.agreed, '') <> 'running'
), expected as (
    select
        *,
        half_even(cast(1000000 - p as hugeint) * gain, 1000000) as from_remedy, half_even(cast(-p as hugeint) * contribution, 1000000) as from_leaving,
        half_even(cast(1000000 - p_low as hugeint) * gain - cast(p_low as hugeint) * greatest(contribution, 0), 1000000) as at_low,
        half_even(cast(1000000 - p_high as hugeint) * gain - cast(p_high as hugeint) * greatest(contribution, 0), 1000000) as at_high
    from leaving
), summed as (
    select
        policy, order_below, max(charge) as charge, count(*) as customers, sum(case when net_profit < 0 then 1 else 0 end) as loss_customers,
        sum(orders) as orders, sum(gain) as gain, sum(from_remedy) as from_remedy, sum(least(from_leaving, 0)) as from_leaving,
        sum(p) as p, max(whole) as whole, sum(at_low) as at_low, sum(at_high) as at_high,
        sum(invoice_revenue) as revenue, sum(half_even(cast(p as hugeint) * greatest(invoice_revenue, 0), 1000000)) as volume_lost
    from expected group by policy, order_below
), ranked as (
    select *, row_number() over (order by -(from_remedy + from_leaving), policy, order_below) as rank from summed
)
select
    policy,                                             -- text (order_charge | minimum_order_size): What is asked of every such order
    order_below,                                        -- money: Orders below this value
    charge as policy_value,                             -- money, never summed: The charge on each, or the minimum
    customers,                                          -- count, never summed: Customers with such orders with whom it isn't agreed already
    loss_customers,                                     -- count, never summed: Of which lose money
    orders,                                             -- count, never summed: Such orders in the main window
    gain as gain_if_all_stay,                           -- money, never summed: Higher payments or cost that is really saved, if no customer leaves
    from_remedy,                                        -- money, never summed: The same for the customers that are expected to stay
    from_leaving,                                       -- money, never summed: Loss from the customers that are expected to leave
    from_remedy + from_leaving as expected_change,      -- money, never summed: Expected change of the company's result
    least(at_low, at_high) as expected_low,             -- money, never summed: Expected change at the less favourable end of the range of leaving
    greatest(at_low, at_high) as expected_high,         -- money, never summed: Expected change at the more favourable end
    ratio(p, whole) as leaving_customers,             -- ratio?: Customers that are expected to leave
    revenue as revenue_at_stake,                        -- money, never summed: Invoice revenue of all customers with such orders
    volume_lost,                                        -- money, never summed: Of which is expected to be lost
    rank = 1 and from_remedy + from_leaving > 0 and customers >= $policy_customers
        as proposed                                     -- bool: Whether it is the best limit: its effect is positive and enough customers have such orders
from ranked

-- whale_curve: Customers by net profit, descending, with cumulative profit (Kaplan & Narayanan).
-- grain: window × rank
-- key: window_id, rank
-- source: Kaplan & Narayanan, Measuring and Managing Customer Profitability, Journal of Cost Management (2001)
--
-- profit      40  30  10  −5  −15
-- cumulative  40  70  80  75   60      peak 80, total 60, peak ÷ total 133.3 %, retention 75 %
--
-- Where no cost is known at all there is no curve. On it is whoever ordered in the window, or cost something in it. Shares of a total mean something where it is above 1 % of
-- what is earned and lost together.
with earning as (
    select c.window_id, c.customer_id, c.invoice_revenue, c.net_profit
    from customer_window as c join window_known as k on k.window_id = c.window_id
    where c.tier <> '(unknown)' and (c.rank is not null or c.net_profit <> 0) and k.has_profit = 1
), curve as (
    select
        window_id, customer_id, invoice_revenue, net_profit,
        row_number() over best_first as place,
        sum(net_profit) over best_first as cumulative_profit,
        count(*) over whole as customers,
        sum(net_profit) over whole as total,
        sum(greatest(net_profit, 0)) over whole as peak,
        sum(abs(net_profit)) over whole as turned_over
    from earning
    window whole as (partition by window_id), best_first as (partition by window_id order by -net_profit, customer_id)
)
select
    window_id,                                                       -- text → dim_window: Window of closed months
    place as rank,                                                  -- count: Rank by net profit, 1 is highest; ties by id
    customer_id,                                                    -- text → dim_customer: Customer
    invoice_revenue,                                                -- money: Invoice revenue
    net_profit,                                                     -- money: Net profit
    cumulative_profit,                                              -- money, never summed: Net profit of this customer and all customers with a higher rank
    share(place, customers) as cumulative_customer_share,           -- share?: Rank ÷ customers
    case when cast(total as hugeint) * 100 > turned_over then share(cumulative_profit, total) end
        as cumulative_profit_share,                                 -- share?: Cumulative profit ÷ total; empty if the total is near or below zero
    share(cumulative_profit, peak) as cumulative_peak_share         -- share?: Cumulative profit ÷ peak; empty if no customer is profitable
from curve

-- NAME: What the table shows, in a sentence or two.
-- grain: tier
-- key: tier
-- source: Source of the definition: a book, a paper, or the person who decided it.
--
-- A model is one SELECT over the tables of netto (`netto schema` lists them) and of other models. Its last SELECT declares for each
-- column its type and meaning; the published table, its description and its checks follow from that.
--
-- types       text, date, bool, integer, count, money, minutes, pieces, kilograms, driver, share, ratio, days, whole days
-- money?      the ? means that it may be empty
-- text → dim_tier         the column refers to that table
-- text (a | b)            only these texts are allowed
-- Internally amounts are whole ten-thousandths, so that sums are exact: compare them with amount(100), never with 100.
-- share(a, b) and ratio(a, b) divide as ratios, half_even(a, b) as amounts; each is empty if it can't divide.
-- day_number(a) - day_number(b) is the number of days from b to a.
-- Windows overlap: choose one, such as 'main', or keep window_id among the columns and the key.
select
    tier,                                                           -- text → dim_tier: Tier
    count(*) as customers,                                          -- count: Customers
    sum(net_profit) as net_profit,                                  -- money: Their net profit
    half_even(sum(net_profit), count(*)) as profit_per_customer,    -- money?: Net profit ÷ customers, half-even
    share(sum(cost_to_serve), sum(gross_margin)) as cost_share      -- share?: Cost-to-serve ÷ gross margin; empty without margin
from customer_window
where window_id = 'main' and (orders > 0 or net_profit < amount(-100))
group by tier

-- audit: The customers of all tiers are those of the window. (If an audit returns rows, the run stops; delete it, or write your own.)
select tier, customers from NAME where customers <= 0

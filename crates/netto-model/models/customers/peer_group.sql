-- peer_group: Who is compared with whom in the main window: active customers of about the same size.
-- grain: customer
-- key: customer_id
-- published: no
--
-- Bouw, 8,000 to 16,000     A B C D E F     six peers of one market, none more than twice as large as another
-- Zorg, 8,000 to 16,000     G               one: so all of 8,000 to 16,000, A to G, of every market
-- 8,000 to 16,000           H               fewer than five in all: 8,000 to 32,000, at most four times as large
--
-- What large customers have and small ones don't, a lower price and a lower cost per euro, is no behaviour: in a group this narrow size explains
-- next to nothing. Five customers make a group; who has no such group has no peers, and nothing is said. Revenue is that of a year.
with yearly as (
    select
        c.customer_id, coalesce(known.market, '') as market,
        half_even(c.invoice_revenue * 12, w.months) as revenue
    from customer_window as c
    join dim_window as w on w.window_id = c.window_id
    left join customers as known on known.customer_id = c.customer_id
    where c.window_id = 'main' and c.rank is not null and c.invoice_revenue > 0
), limits (band, wide_band, label, wide_label, least, below) as (
    values
        (1, 1, 'below 250', 'below 500', 0, 250),
        (2, 1, '250 to 500', 'below 500', 250, 500),
        (3, 2, '500 to 1,000', '500 to 2,000', 500, 1000),
        (4, 2, '1,000 to 2,000', '500 to 2,000', 1000, 2000),
        (5, 3, '2,000 to 4,000', '2,000 to 8,000', 2000, 4000),
        (6, 3, '4,000 to 8,000', '2,000 to 8,000', 4000, 8000),
        (7, 4, '8,000 to 16,000', '8,000 to 32,000', 8000, 16000),
        (8, 4, '16,000 to 32,000', '8,000 to 32,000', 16000, 32000),
        (9, 5, '32,000 to 64,000', '32,000 to 128,000', 32000, 64000),
        (10, 5, '64,000 to 128,000', '32,000 to 128,000', 64000, 128000),
        (11, 6, '128,000 to 256,000', '128,000 to 512,000', 128000, 256000),
        (12, 6, '256,000 to 512,000', '128,000 to 512,000', 256000, 512000),
        (13, 7, '512,000 to 1,024,000', '512,000 to 2,048,000', 512000, 1024000),
        (14, 7, '1,024,000 to 2,048,000', '512,000 to 2,048,000', 1024000, 2048000),
        (15, 8, '2,048,000 to 4,096,000', '2,048,000 to 8,192,000', 2048000, 4096000),
        (16, 8, '4,096,000 to 8,192,000', '2,048,000 to 8,192,000', 4096000, 8192000),
        (17, 9, '8,192,000 to 16,384,000', '8,192,000 to 32,768,000', 8192000, 16384000),
        (18, 9, '16,384,000 to 32,768,000', '8,192,000 to 32,768,000', 16384000, 32768000),
        (19, 10, '32,768,000 to 65,536,000', '32,768,000 to 131,072,000', 32768000, 65536000),
        (20, 10, '65,536,000 to 131,072,000', '32,768,000 to 131,072,000', 65536000, 131072000),
        (21, 11, '131,072,000 to 262,144,000', '131,072,000 to 524,288,000', 131072000, 262144000),
        (22, 11, '262,144,000 to 524,288,000', '131,072,000 to 524,288,000', 262144000, 524288000),
        (23, 12, '524,288,000 to 1,048,576,000', '524,288,000 to 2,097,152,000', 524288000, 1048576000),
        (24, 12, '1,048,576,000 to 2,097,152,000', '524,288,000 to 2,097,152,000', 1048576000, 2097152000),
        (25, 13, '2,097,152,000 and more', '2,097,152,000 and more', 2097152000, null)
), placed as (
    select yearly.*, limits.band, limits.wide_band, limits.label, limits.wide_label
    from yearly cross join limits
    where revenue >= amount(1) * cast(limits.least as bigint)
        and (limits.below is null or revenue < amount(1) * cast(limits.below as bigint))
), counted as (
    select
        placed.*,
        count(*) over (partition by market, band) as of_market,
        count(*) over (partition by band) as of_band,
        count(*) over (partition by wide_band) as of_wide_band
    from placed
)
select
    customer_id,                                        -- text → dim_customer: Customer
    case
        when of_market >= 5 and market <> '' then market || ', ' || label
        when of_band >= 5 then label
        when of_wide_band >= 5 then wide_label
        else ''
    end as peer_group                                   -- text: Market and revenue per year, or revenue per year; empty for customers without peers
from counted

-- stock_month: The months of each window that knows of stock, by the window's number: sales from stock are added up over them.
-- grain: window × month
-- key: window_no, period
-- needs: stock
-- published: no
select
    w.window_no,     -- integer: Window, by its number
    m.period        -- date → dim_period: A month in it
from window_month as m
join window_number as w on w.window_id = m.window_id
join (select distinct window_id from stock_average) as s on s.window_id = m.window_id

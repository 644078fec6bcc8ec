-- days_sales_outstanding: How fast customers pay: open and overdue amounts at the end of a window, days sales outstanding, and days from invoice to payment.
-- grain: window × customer
-- key: window_id, customer_id
-- needs: receivables
-- source: Berry & Jarvis, Accounting in a Business Context (2006), on debtor days
--
-- invoiced  open  of which overdue    days sales outstanding       days to pay    days late
-- 1,750     750   250                 750 ÷ 1,750 × 365 = 156.4    40             10
--
-- Open is what was invoiced up to the last day of the window, whenever, and not paid by then; overdue is what of it was due before that day.
-- Where the invoices begin within the window, its days are counted from the month in which they do. Days to pay and days late are of the invoices of the window that were paid by its end, weighted by their amounts; negative means early.
with invoice as (
    select
        customer_id, amount,
        day_number(invoice_date) as invoice_day,
        day_number(due_date) as due_day,
        day_number(paid_date) as paid_day
    from receivables
), known as (
    select min(invoice_date) as first_date from receivables
), span as (
    select
        w.window_id,
        greatest(day_number(w.first_period), day_number(k.first_date) + 1 - cast(extract(day from k.first_date) as bigint)) as first_day,
        day_number(w.last_day) as last_day
    from dim_window as w cross join known as k
), seen as (
    select
        s.window_id, i.customer_id, s.last_day - s.first_day + 1 as days,
        case when i.invoice_day >= s.first_day then 1 else 0 end as inside,
        case when i.invoice_day >= s.first_day then i.amount else 0 end as invoiced,
        case when i.paid_day is null or i.paid_day > s.last_day then i.amount else 0 end as open_amount,
        case when (i.paid_day is null or i.paid_day > s.last_day) and i.due_day < s.last_day then i.amount else 0 end as overdue,
        case when i.invoice_day >= s.first_day and i.paid_day <= s.last_day then i.amount else 0 end as paid,
        coalesce(i.paid_day - i.invoice_day, 0) as to_pay, coalesce(i.paid_day - i.due_day, 0) as late
    from invoice as i cross join span as s
    where i.invoice_day <= s.last_day
        and (i.invoice_day >= s.first_day or i.paid_day is null or i.paid_day > s.last_day)
), summed as (
    select
        window_id, customer_id, max(days) as days, sum(inside) as invoices, sum(invoiced) as invoiced, sum(open_amount) as open_amount,
        sum(overdue) as overdue, sum(paid) as paid, sum(cast(paid as hugeint) * to_pay) as paid_days,
        sum(cast(paid as hugeint) * late) as late_days
    from seen
    group by window_id, customer_id
)
select
    window_id,                                              -- text → dim_window: Window of closed months
    customer_id,                                            -- text → dim_customer: Customer
    invoices,                                               -- count: Invoices and credit notes of the window
    invoiced as invoiced_amount,                            -- money: Their amount
    open_amount,                                            -- money: Invoiced up to the end of the window and not paid by then
    overdue as overdue_amount,                              -- money: Of which due before the last day of the window
    share(overdue, open_amount) as overdue_share,           -- share?: Overdue ÷ open; empty if nothing is open
    share(cast(open_amount as hugeint) * days, invoiced) as days_outstanding, -- days?: Open ÷ invoiced × days of the window that the invoices reach; empty if nothing was invoiced
    share(paid_days, paid) as days_to_pay,                  -- days?: From invoice to payment, weighted by amount; empty if nothing was paid
    share(late_days, paid) as days_late                     -- days?: From due date to payment, weighted by amount; negative means early
from summed

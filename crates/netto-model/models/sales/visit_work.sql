-- visit_work: The activities that are visits: those that the configuration names; else those that are measured on visits alone; else all that are measured
-- on what was done for customers.
-- grain: activity
-- key: activity
-- published: no
with named as (
    select a.activity, 1 as choice from dim_activity as a join visit_activity as v on v.activity = a.activity where a.step = 'cost_to_serve'
    union all
    select activity, 2 as choice from dim_activity where step = 'cost_to_serve' and source = 'activities' and description like '%kind = ''visit''%'
    union all
    select activity, 3 as choice from dim_activity where step = 'cost_to_serve' and source = 'activities'
), chosen as (
    select min(choice) as choice from named
)
select
    n.activity,                         -- text → dim_activity: Activity
    n.choice < 3 as only_visits         -- bool: Whether visits are all that it is measured on
from named as n join chosen as c on c.choice = n.choice

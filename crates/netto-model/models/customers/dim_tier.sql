-- dim_tier: The tiers of the customer pyramid (Curry), highest first; below them prospects and suspects, unknown customers, and a member for stock that
-- no customer bought.
-- grain: tier
-- key: tier
-- source: Curry & Curry, The Customer Marketing Method (2000)
with tiers (tier, tier_order, is_customer, is_active) as (
    values
        ('Top', 1, true, true),
        ('Large', 2, true, true),
        ('Medium', 3, true, true),
        ('Small', 4, true, true),
        ('Inactive', 5, true, false),
        ('Prospect', 6, false, false),
        ('Suspect', 7, false, false),
        ('Rest of market', 8, false, false),
        ('(unknown)', 9, true, false),
        ('(not sold)', 10, false, false)
)
select
    tier,           -- text: Tier
    tier_order,     -- count, never summed: Order of the tiers, 1 is Top
    is_customer,    -- bool: Whether its members are customers that bought or were served
    is_active       -- bool: Whether its members ordered in the window
from tiers

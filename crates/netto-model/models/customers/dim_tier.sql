-- dim_tier: The tiers of the customer pyramid (Curry), highest first; below them who doesn't buy yet, customers that nobody knows,
-- and a member for stock that nobody bought from.
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
    is_customer,    -- bool: Whether who is in it has bought or was served
    is_active       -- bool: Whether who is in it ordered in the window
from tiers

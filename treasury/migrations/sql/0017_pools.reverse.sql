DROP FUNCTION treasury_pool_paid_as_wanted();

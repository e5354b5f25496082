DROP FUNCTION treasury_transit_as_wanted();
DROP FUNCTION treasury_transit_wanted();

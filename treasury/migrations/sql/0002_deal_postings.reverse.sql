DROP FUNCTION treasury_dealposting_edge();

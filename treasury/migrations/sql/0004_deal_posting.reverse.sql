DROP TRIGGER treasury_dealposting_edges ON treasury_dealposting;
DROP FUNCTION treasury_dealposting_edge();

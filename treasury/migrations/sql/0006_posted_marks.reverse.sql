DROP FUNCTION treasury_postedmark_edge();

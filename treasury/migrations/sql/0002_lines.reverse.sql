DROP FUNCTION treasury_line_added();

DROP FUNCTION treasury_line_booked();
DROP FUNCTION treasury_line_mirror();
DROP FUNCTION treasury_line_sums();
DROP FUNCTION treasury_line_account();
DROP FUNCTION treasury_line_entry();

DROP FUNCTION treasury_holds_of(bigint[]);
DROP FUNCTION treasury_hold_counted();
DROP FUNCTION treasury_hold_taken();
DROP FUNCTION treasury_hold_guard();

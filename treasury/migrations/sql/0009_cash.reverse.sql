DROP FUNCTION treasury_cash_keep(integer);
DROP FUNCTION treasury_cash_places(bigint, bigint, bigint, bigint);
DROP FUNCTION treasury_cash_write(json, bigint, bigint);
DROP FUNCTION treasury_cash_folded(integer, treasury_cash_due[]);
DROP FUNCTION treasury_cash_width(integer);
DROP FUNCTION treasury_cash_beside(bigint, bigint, timestamptz);
DROP FUNCTION treasury_cash_of_positions(json, timestamptz);
DROP FUNCTION treasury_cash_touched(bigint, bigint);

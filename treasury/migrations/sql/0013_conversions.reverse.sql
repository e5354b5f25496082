DROP FUNCTION treasury_entry_converts();
DROP FUNCTION treasury_conversion_booked();
DROP FUNCTION treasury_conversion_priced();
DROP FUNCTION treasury_conversion_edge();
DROP FUNCTION treasury_conversion_birth();
DROP FUNCTION treasury_coin_digits(text);

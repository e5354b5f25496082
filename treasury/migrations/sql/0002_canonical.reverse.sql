DROP FUNCTION treasury_microseconds(timestamptz);
DROP FUNCTION treasury_field(text);

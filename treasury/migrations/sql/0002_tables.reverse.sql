ALTER TABLE treasury_line DROP CONSTRAINT treasury_line_is_number;

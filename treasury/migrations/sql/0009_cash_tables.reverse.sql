DROP VIEW treasury_cashpart;
DROP TYPE treasury_cash_due;

DROP VIEW treasury_sealable;

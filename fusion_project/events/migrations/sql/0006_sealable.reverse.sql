DROP VIEW events_sealable;

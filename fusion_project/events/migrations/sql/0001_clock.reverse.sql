DROP FUNCTION events_refuse_change();
DROP FUNCTION events_now();

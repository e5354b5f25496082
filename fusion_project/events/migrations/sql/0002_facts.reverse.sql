DROP FUNCTION events_refuse_change();

DROP FUNCTION events_now();

DROP FUNCTION events_handling_guard();

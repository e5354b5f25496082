DROP TRIGGER events_handling_keeps_table ON events_handling;
DROP TRIGGER events_handling_keeps_rows ON events_handling;
DROP TRIGGER events_handling_moves_forward ON events_handling;
DROP FUNCTION events_handling_guard();
DROP FUNCTION events_record(text, text, text, text, text, text[]);

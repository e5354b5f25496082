DROP FUNCTION events_record(text, text, text, text, text, text[]);

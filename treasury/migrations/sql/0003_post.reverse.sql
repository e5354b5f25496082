DROP FUNCTION treasury_post(text, text, text[]);
DROP TYPE treasury_draft_line;
DROP TYPE treasury_draft;
DROP FUNCTION treasury_request_bytes(text, text, text, timestamptz, text, text, text, text, json);

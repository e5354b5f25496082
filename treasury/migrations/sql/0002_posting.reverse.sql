DROP FUNCTION treasury_post(text, text, text[]);
DROP FUNCTION treasury_request_bytes(
    text, text, text, timestamptz, text, text, text, text, json);

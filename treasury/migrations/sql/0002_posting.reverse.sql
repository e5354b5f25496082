DROP FUNCTION treasury_post(text, text, text[]);
DROP FUNCTION treasury_write_lines(treasury_draft[], treasury_draft_line[], bigint[]);
DROP FUNCTION treasury_check_known(treasury_draft[], bigint[]);
DROP FUNCTION treasury_write_reversals(treasury_draft[]);
DROP FUNCTION treasury_write_entries(treasury_draft[]);
DROP FUNCTION treasury_check_drafts(treasury_draft[], treasury_draft_line[]);
DROP FUNCTION treasury_drafts(json);
DROP FUNCTION treasury_draft_lines(json);
DROP FUNCTION treasury_request_bytes(
    text, text, text, timestamptz, text, text, text, text, json);

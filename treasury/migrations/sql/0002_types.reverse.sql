DROP TYPE treasury_draft_line;
DROP TYPE treasury_draft;

-- The log's own functions stand for these (fusion_project/events/sql/seal.sql).
DROP FUNCTION treasury_cluster();
DROP FUNCTION treasury_microseconds(timestamptz);
DROP FUNCTION treasury_field(text);

-- Canonical fields (treasury/rules/canonical.py): <octets>:<text>, a null is "-". Both functions
-- have no SET clause and only stable parts, so that the planner inlines them: dozens an entry.
CREATE OR REPLACE FUNCTION treasury_field(p_value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT coalesce(octet_length(p_value)::text || ':' || p_value, '-') $$;

CREATE OR REPLACE FUNCTION treasury_microseconds(p_at timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT trunc(extract(epoch FROM p_at) * 1000000)::bigint::text $$;

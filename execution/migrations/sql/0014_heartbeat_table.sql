-- Every heartbeat, a row: how an account and its terminal did over time. Telemetry, no evidence:
-- whole months go by a setting.
CREATE SEQUENCE execution_heartbeat_id_seq;
CREATE TABLE execution_heartbeat (
    id bigint NOT NULL DEFAULT nextval('execution_heartbeat_id_seq'),
    at timestamptz NOT NULL,
    account_id bigint NOT NULL
        CONSTRAINT execution_heartbeat_account REFERENCES execution_brokeraccount (id),
    instance varchar(64) NOT NULL,
    number bigint,
    told_at timestamptz,
    balance numeric(38, 18) NOT NULL,
    equity numeric(38, 18) NOT NULL,
    margin numeric(38, 18) NOT NULL,
    margin_free numeric(38, 18),
    credit numeric(38, 18),
    floating numeric(38, 18),
    positions integer NOT NULL,
    pendings integer,
    ping_ms integer,
    skew_ms integer,
    outbox_depth integer,
    may_trade boolean,
    entries_blocked varchar(1100) NOT NULL,
    latch varchar(64) NOT NULL,
    -- {instrument: [bid, ask, milliseconds since 1970 in UTC]} of the instruments in force.
    quotes text NOT NULL,
    CONSTRAINT execution_heartbeat_pkey PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE execution_heartbeat_id_seq OWNED BY execution_heartbeat.id;
CREATE INDEX execution_heartbeat_account_at ON execution_heartbeat (account_id, at DESC);

CREATE TRIGGER execution_heartbeat_keeps_rows BEFORE UPDATE OR DELETE ON execution_heartbeat
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER execution_heartbeat_keeps_table BEFORE TRUNCATE ON execution_heartbeat
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
ALTER TABLE execution_heartbeat ENABLE ALWAYS TRIGGER execution_heartbeat_keeps_rows;
ALTER TABLE execution_heartbeat ENABLE ALWAYS TRIGGER execution_heartbeat_keeps_table;

CREATE TABLE execution_heartbeat_default PARTITION OF execution_heartbeat DEFAULT;
SELECT events_partition_protect('execution_heartbeat', 'execution_heartbeat_default');
SELECT execution_heartbeat_partitions(2);

-- Deliveries: every authenticated HTTP try. Whole months go by detaching a partition, never by
-- DELETE.
CREATE SEQUENCE signals_delivery_id_seq;
CREATE TABLE signals_delivery (
    id bigint NOT NULL DEFAULT nextval('signals_delivery_id_seq'),
    received_at timestamptz NOT NULL,
    strategy_id bigint NOT NULL
        CONSTRAINT signals_delivery_strategy REFERENCES signals_strategy (id),
    secret_id bigint,
    body bytea NOT NULL,
    body_sha256 varchar(64) NOT NULL,
    content_type varchar(120) NOT NULL,
    peer varchar(64) NOT NULL,
    sent_at timestamptz,
    grade varchar(1) NOT NULL DEFAULT 'D',
    provenance varchar(80) NOT NULL DEFAULT '',
    -- The instrument asked for last, or the chart symbol of a bar: which alert it was that fired.
    fired_by varchar(64) NOT NULL DEFAULT '',
    verdict varchar(12) NOT NULL,
    rule varchar(40) NOT NULL,
    detail varchar(300) NOT NULL,
    alert_id bigint,
    CONSTRAINT signals_delivery_pkey PRIMARY KEY (id, received_at),
    CONSTRAINT signals_delivery_verdict_known
        CHECK (verdict = ANY('{accepted,duplicate,refused,unreadable}')),
    CONSTRAINT signals_delivery_grade_known CHECK (grade = ANY('{A,B,C,D}')),
    CONSTRAINT signals_delivery_body_is_sha256 CHECK (body_sha256 ~ '^[0-9a-f]{64}$')
) PARTITION BY RANGE (received_at);
ALTER SEQUENCE signals_delivery_id_seq OWNED BY signals_delivery.id;
CREATE INDEX signals_delivery_strategy_at ON signals_delivery (strategy_id, received_at DESC);

CREATE TRIGGER signals_delivery_keeps_rows BEFORE UPDATE OR DELETE ON signals_delivery
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER signals_delivery_keeps_table BEFORE TRUNCATE ON signals_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
ALTER TABLE signals_delivery ENABLE ALWAYS TRIGGER signals_delivery_keeps_rows;
ALTER TABLE signals_delivery ENABLE ALWAYS TRIGGER signals_delivery_keeps_table;

CREATE TABLE signals_delivery_default PARTITION OF signals_delivery DEFAULT;
SELECT signals_delivery_protect('signals_delivery_default');
SELECT signals_delivery_partitions(2);

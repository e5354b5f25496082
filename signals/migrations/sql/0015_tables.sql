-- Bars: whole months go by detaching a partition, never by DELETE.
CREATE SEQUENCE signals_bar_id_seq;
CREATE TABLE signals_bar (
    id bigint NOT NULL DEFAULT nextval('signals_bar_id_seq'),
    feed varchar(96) NOT NULL,
    symbol varchar(64) NOT NULL,
    timeframe_seconds integer NOT NULL,
    open_at timestamptz NOT NULL,
    revision integer NOT NULL,
    close_at timestamptz NOT NULL,
    open numeric(38, 12) NOT NULL,
    high numeric(38, 12) NOT NULL,
    low numeric(38, 12) NOT NULL,
    close numeric(38, 12) NOT NULL,
    volume numeric(38, 12),
    recorded_at timestamptz NOT NULL,
    CONSTRAINT signals_bar_pkey
        PRIMARY KEY (feed, symbol, timeframe_seconds, open_at, revision),
    CONSTRAINT signals_bar_feed_form
        CHECK (feed ~ '^(alert|csv|executor):[A-Za-z0-9_.\-]{1,80}$'),
    CONSTRAINT signals_bar_numbers_positive
        CHECK (timeframe_seconds >= 1 AND revision >= 1 AND low > 0 AND volume >= 0),
    CONSTRAINT signals_bar_prices_fit
        CHECK (low <= least(open, close) AND high >= greatest(open, close)),
    CONSTRAINT signals_bar_closes_after_it_opens CHECK (close_at > open_at)
) PARTITION BY RANGE (open_at);
ALTER SEQUENCE signals_bar_id_seq OWNED BY signals_bar.id;
CREATE INDEX signals_bar_id ON signals_bar (id);

CREATE TRIGGER signals_bar_born BEFORE INSERT ON signals_bar
    FOR EACH ROW EXECUTE FUNCTION signals_bar_birth();
CREATE TRIGGER signals_bar_keeps_rows BEFORE UPDATE OR DELETE ON signals_bar
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER signals_bar_keeps_table BEFORE TRUNCATE ON signals_bar
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
ALTER TABLE signals_bar ENABLE ALWAYS TRIGGER signals_bar_born;
ALTER TABLE signals_bar ENABLE ALWAYS TRIGGER signals_bar_keeps_rows;
ALTER TABLE signals_bar ENABLE ALWAYS TRIGGER signals_bar_keeps_table;

CREATE TABLE signals_bar_default PARTITION OF signals_bar DEFAULT;
SELECT events_partition_protect('signals_bar', 'signals_bar_default');
SELECT signals_bar_partitions(2);

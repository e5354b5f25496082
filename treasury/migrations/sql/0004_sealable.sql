-- What the seal reads of the ledger. An entry without a leaf stays: the seal refuses it aloud.
CREATE VIEW treasury_sealable WITH (security_invoker = true) AS
    SELECT e.id, e.recorded_at AS at, e.xid::text::bigint AS xid, e.cluster,
        decode(leaf.sha256, 'hex') AS leaf
    FROM treasury_entry AS e LEFT JOIN treasury_leaf AS leaf ON leaf.entry_id = e.id;

-- What the seal reads of the log; a leaf is hashed only where it is asked for.
CREATE VIEW events_sealable WITH (security_invoker = true) AS
    SELECT e.id, e.at, e.xid, e.cluster, sha256(events_leaf_bytes(e)) AS leaf
    FROM events_event AS e;

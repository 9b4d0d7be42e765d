INSERT INTO members_pipeline AS pipeline (id, identity, seen_at, held_before, held_reason)
VALUES (1, members_database_identity(), statement_timestamp(), statement_timestamp(), %(reason)s)
ON CONFLICT (id) DO UPDATE SET
    identity = excluded.identity,
    seen_at = excluded.seen_at,
    held_before = excluded.held_before,
    held_reason = excluded.held_reason

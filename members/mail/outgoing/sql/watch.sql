INSERT INTO members_pipeline AS pipeline (id, identity, seen_at)
VALUES (1, members_database_identity(), statement_timestamp())
ON CONFLICT (id) DO UPDATE SET
    identity = excluded.identity,
    seen_at = excluded.seen_at,
    held_before = CASE WHEN $restored THEN excluded.seen_at ELSE pipeline.held_before END,
    held_reason = CASE WHEN $restored THEN %(reason)s ELSE pipeline.held_reason END
RETURNING held_before IS NOT DISTINCT FROM seen_at

-- What saying going comes to, for an answer of a call that is locked: since when they are in line, and whether a seat is
-- theirs. One that is offered is; else one that is free, when nobody waits who came before, or the call is about to begin.
WITH mine AS (
    SELECT
        CASE WHEN edition = %(edition)s AND (
            response IN ($accepted, $waiting) OR answered_at > clock_timestamp() - %(kept)s::interval
        ) THEN in_line_since END AS kept,
        edition = %(edition)s AND (
            response = $accepted OR (response = $waiting AND coalesce(offered_until > clock_timestamp(), false))
        ) AS has_one
    FROM events_rsvp WHERE id = %(rsvp)s
),
line AS (SELECT has_one, coalesce(kept, clock_timestamp()) AS since FROM mine),
taken AS (
    SELECT (
        SELECT count(*) FROM events_rsvp
        WHERE meeting_id = %(meeting)s AND edition = %(edition)s AND response = $accepted
    ) + (
        SELECT count(*) FROM events_rsvp
        WHERE meeting_id = %(meeting)s AND edition = %(edition)s AND response = $waiting
            AND offered_until > clock_timestamp()
    ) AS seats
)
SELECT since, CASE
    WHEN has_one THEN true
    WHEN (SELECT seats FROM taken) >= %(limit)s THEN false
    WHEN %(starts_at)s < clock_timestamp() + %(last_offers)s::interval THEN true
    ELSE NOT EXISTS (
        SELECT FROM events_rsvp
        WHERE meeting_id = %(meeting)s AND edition = %(edition)s AND response = $waiting
            AND (offered_until IS NULL OR offered_until <= clock_timestamp())
            AND in_line_since < since AND id <> %(rsvp)s
    )
END
FROM line

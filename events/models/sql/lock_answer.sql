-- The row of an answer, made when missing and locked either way, and how many seats its call has. Where there is a number
-- the call is locked, before the row.
WITH call AS MATERIALIZED (
    SELECT seats FROM events_meeting WHERE id = %(meeting)s AND seats IS NOT NULL FOR NO KEY UPDATE
)
INSERT INTO events_rsvp (meeting_id, user_id, edition, response, note, version, seen)
SELECT %(meeting)s, %(user)s, %(edition)s, $needs_action, '', 0, 0 FROM (SELECT) AS one LEFT JOIN call ON true
ON CONFLICT (meeting_id, user_id) DO UPDATE SET user_id = excluded.user_id
RETURNING *, (SELECT seats FROM call) AS limit

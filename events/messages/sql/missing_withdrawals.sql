-- The number in `dedupe_key` grows with each entry a person was sent and each time they left, so a message that became void
-- can come again.
WITH held (committee_id, person_id) AS NOT MATERIALIZED (
    $held
), past AS MATERIALIZED (
    -- few beside those who are on a committee: only they are asked which calls they know
    SELECT membership.committee_id, membership.user_id AS person_id, membership.ended_on
    FROM committees_membership AS membership
    WHERE NOT EXISTS (
        SELECT FROM held WHERE held.person_id = membership.user_id AND held.committee_id = membership.committee_id
    )
), ended AS (
    SELECT DISTINCT meeting.id, meeting.edition, meeting.committee_id, meeting.series_id, meeting.ends_at, person.id AS person_id
    FROM past
    JOIN events_meeting AS meeting ON meeting.committee_id = past.committee_id
        AND (past.ended_on IS NULL OR past.ended_on >= (meeting.created_at AT TIME ZONE %(zone)s)::date)
    JOIN members_user AS person ON person.id = past.person_id AND person.is_active
    WHERE meeting.ends_at > statement_timestamp()
        AND NOT EXISTS (
            SELECT FROM events_rsvp AS answer
            WHERE answer.meeting_id = meeting.id AND answer.user_id = person.id AND answer.edition = meeting.edition
                AND answer.response = $declined
        )
), told AS (
    SELECT ended.*, request.requests, request.last_at
    FROM ended LEFT JOIN events_calendarfeed AS calendar ON calendar.user_id = ended.person_id
    CROSS JOIN LATERAL (
        -- those that brought an entry
        SELECT count(*) AS requests, max(sent_at) AS last_at FROM members_delivery
        WHERE recipient_id = ended.person_id AND about = 'meeting:' || ended.id AND state = $sent AND kind = ANY(%(kinds)s)
            AND (calendar.entries_ended_at IS NULL OR sent_at < calendar.entries_ended_at)
    ) AS request
    WHERE request.requests > 0
        AND NOT EXISTS (
            -- what brought the whole series is taken off as a whole
            SELECT FROM members_delivery
            WHERE recipient_id = ended.person_id AND about = 'series:' || ended.series_id AND state = $sent
                AND kind = ANY(%(series_kinds)s)
                AND (calendar.entries_ended_at IS NULL OR sent_at < calendar.entries_ended_at)
        )
), due AS (
    SELECT told.*, requests + (
        SELECT count(*) FROM committees_membershipevent AS leaving
        WHERE leaving.user_id = person_id AND leaving.committee_id = told.committee_id AND leaving.ended_on IS NOT NULL
    ) AS round
    FROM told
    WHERE NOT EXISTS (
        SELECT FROM members_delivery AS went
        WHERE went.recipient_id = person_id AND went.kind = ANY(%(off)s) AND went.about = 'meeting:' || told.id
            AND (went.state = $sent AND went.sent_at >= last_at OR went.state IN ($open))
    )
)
SELECT person_id, 'meeting:' || id AS about, round AS number, 0 AS minutes, 'committee:' || committee_id AS scope,
    statement_timestamp() + %(undo)s::interval AS due_at, ends_at AS useless_after
FROM due
WHERE NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = person_id AND planned.kind = %(kind)s AND planned.about = 'meeting:' || due.id
        AND planned.dedupe_key = %(kind)s || ':' || round
)
ORDER BY person_id, id

$past, ended AS (
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
), $due

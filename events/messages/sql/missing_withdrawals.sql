$past, gone AS (
    SELECT beside.meeting_id, beside.committee_id, past.person_id, past.ended_on
    FROM past
    JOIN (
        SELECT id AS meeting_id, committee_id FROM events_meeting
        UNION ALL SELECT meeting_id, committee_id FROM events_jointcommittee
    ) AS beside ON beside.committee_id = past.committee_id
    UNION ALL
    -- their committee shares the call no more
    SELECT joint.meeting_id, joint.committee_id, held.person_id, NULL
    FROM events_jointcommittee AS joint JOIN held ON held.committee_id = joint.committee_id
    WHERE NOT EXISTS (
        SELECT FROM events_callcommittee AS beside
        WHERE beside.meeting_id = joint.meeting_id AND beside.committee_id = joint.committee_id
    )
), ended AS (
    SELECT DISTINCT ON (meeting.id, person.id)
        meeting.id, meeting.edition, gone.committee_id, meeting.series_id, meeting.ends_at, person.id AS person_id
    FROM gone
    JOIN events_meeting AS meeting ON meeting.id = gone.meeting_id
        AND (gone.ended_on IS NULL OR gone.ended_on >= (meeting.created_at AT TIME ZONE %(zone)s)::date)
    JOIN members_user AS person ON person.id = gone.person_id AND person.is_active
    WHERE meeting.ends_at > statement_timestamp()
        AND (
            NOT EXISTS (SELECT FROM events_jointcommittee AS joint WHERE joint.meeting_id = meeting.id)
            -- they may be on it through another committee
            OR NOT EXISTS (
                SELECT FROM events_callcommittee AS beside JOIN held ON held.committee_id = beside.committee_id
                WHERE beside.meeting_id = meeting.id AND held.person_id = person.id
            )
        )
        AND NOT EXISTS (
            SELECT FROM events_rsvp AS answer
            WHERE answer.meeting_id = meeting.id AND answer.user_id = person.id AND answer.edition = meeting.edition
                AND answer.response = $declined
        )
    ORDER BY meeting.id, person.id, gone.committee_id
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

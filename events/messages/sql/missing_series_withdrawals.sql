-- As missing_withdrawals, of whole series. Mails about one date count with those about the series: what they brought is taken
-- off with the rest.
$past, ended AS (
    SELECT DISTINCT series.id, series.committee_id, person.id AS person_id, greatest(series.paused_at, series.ended_at) AS stopped_at,
        (SELECT max(ends_at) FROM events_meeting WHERE series_id = series.id) AS ends_at
    FROM past
    JOIN events_meetingseries AS series ON series.committee_id = past.committee_id
        AND (past.ended_on IS NULL OR past.ended_on >= (series.created_at AT TIME ZONE %(zone)s)::date)
    JOIN members_user AS person ON person.id = past.person_id AND person.is_active
    WHERE EXISTS (
        SELECT FROM events_meeting AS meeting
        WHERE meeting.series_id = series.id AND meeting.ends_at > statement_timestamp()
            AND NOT EXISTS (
                SELECT FROM events_rsvp AS answer
                WHERE answer.meeting_id = meeting.id AND answer.user_id = person.id AND answer.edition = meeting.edition
                    AND answer.response = $declined
            )
    )
), told AS (
    SELECT ended.*, request.requests, request.last_at
    FROM ended LEFT JOIN events_calendarfeed AS calendar ON calendar.user_id = ended.person_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS requests, max(sent_at) AS last_at, bool_or(kind = ANY(%(series_kinds)s)) AS is_whole
        FROM members_delivery
        WHERE recipient_id = ended.person_id AND state = $sent
            AND (
                about = 'series:' || ended.id AND kind = ANY(%(series_kinds)s)
                OR kind = ANY(%(kinds)s)
                AND about IN (SELECT 'meeting:' || id FROM events_meeting WHERE series_id = ended.id)
            )
            AND (calendar.entries_ended_at IS NULL OR sent_at < calendar.entries_ended_at)
    ) AS request
    -- the mail that says that a series is paused or over takes it off already
    WHERE request.is_whole AND (stopped_at IS NULL OR request.last_at < stopped_at)
), $due

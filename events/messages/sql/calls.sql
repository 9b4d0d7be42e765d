SELECT meeting.id, meeting.edition, meeting.committee_id, meeting.starts_at,
    coalesce(meeting.reminder_offsets, committee.reminder_offsets) AS offsets,
    coalesce(
        (
            SELECT moved_at FROM events_meetingmove AS move
            WHERE move.meeting_id = meeting.id AND move.edition = meeting.edition
        ),
        meeting.told_at
    ) AS announced_at,
    CASE
        WHEN meeting.reminder_offsets IS NULL THEN greatest(meeting.reminders_set_at, committee.reminders_set_at)
        ELSE meeting.reminders_set_at
    END AS set_at
FROM events_meeting AS meeting
JOIN committees_committee AS committee ON committee.id = meeting.committee_id

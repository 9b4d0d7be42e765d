-- When a person came to know of a call at this time, over a call and a membership; null as long as they do not. `joined_at` is when
-- they came onto the committee, at the earliest with the mail that welcomed them. `call_at` is when the invitation or the
-- move reached them: sent, by itself or in a summary; without a mail (turned off, say) the moment from which the pages showed
-- it; one on its way or taken back tells nothing. Without a row of theirs it is when the call was announced, and whoever
-- answered knows of it.
LATERAL (
    SELECT CASE
            WHEN bool_or(welcome.state IN ($open)) THEN NULL
            ELSE greatest(membership.seated_at, max(welcome.sent_at))
        END AS joined_at
    FROM members_delivery AS welcome
    WHERE welcome.recipient_id = membership.person_id AND welcome.kind = ANY(%(welcoming)s)
        AND welcome.scope = 'committee:' || call.committee_id
) AS welcomed CROSS JOIN LATERAL (
    SELECT least(
        CASE WHEN count(*) = 0 THEN call.announced_at ELSE min(CASE
            WHEN telling.state = $sent THEN telling.sent_at
            WHEN telling.state IN ($open, $digested) THEN NULL
            WHEN telling.state = $suppressed AND EXISTS (
                SELECT FROM members_sending AS sending
                WHERE sending.kind = telling.kind AND sending.about = telling.about
                    AND sending.dedupe_key = telling.dedupe_key AND sending.stopped_at IS NOT NULL
            ) THEN NULL
            ELSE greatest(telling.due_at, telling.ready_at)
        END) END,
        (
            SELECT answered_at FROM events_rsvp AS answer
            WHERE answer.meeting_id = call.id AND answer.user_id = membership.person_id AND answer.edition = call.edition
                AND answer.response <> $needs_action
        )
    ) AS call_at
    FROM members_delivery AS telling
    WHERE telling.recipient_id = membership.person_id AND telling.kind = ANY(%(telling)s)
        AND telling.about = 'meeting:' || call.id AND telling.dedupe_number = call.edition
) AS told

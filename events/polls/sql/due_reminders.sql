SELECT held.person_id, 'poll:' || poll.id AS about, poll.closings AS number, 0 AS minutes,
    'committee:' || poll.committee_id AS scope,
    greatest(poll.closes_at - %(before)s::interval, poll.told_at + %(after)s::interval) AS due_at,
    poll.closes_at AS useless_after
FROM events_poll AS poll
JOIN ($held) AS held (committee_id, person_id) ON held.committee_id = poll.committee_id
WHERE poll.closed_at IS NULL
    AND poll.closes_at > statement_timestamp()
    AND poll.closes_at <= statement_timestamp() + %(before)s::interval
    AND poll.told_at <= statement_timestamp() - %(after)s::interval
    AND NOT EXISTS (
        SELECT FROM events_pollvote AS vote
        JOIN events_pollslot AS slot ON slot.id = vote.slot_id
        WHERE slot.poll_id = poll.id AND vote.user_id = held.person_id
    )

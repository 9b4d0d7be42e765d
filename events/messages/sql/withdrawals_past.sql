-- Who was on a committee and is not today: few beside those who are, so only they are asked what they know.
WITH held (committee_id, person_id) AS NOT MATERIALIZED (
    $held
), past AS MATERIALIZED (
    SELECT membership.committee_id, membership.user_id AS person_id, membership.ended_on
    FROM committees_membership AS membership
    WHERE NOT EXISTS (
        SELECT FROM held WHERE held.person_id = membership.user_id AND held.committee_id = membership.committee_id
    )
)

SELECT held.committee_id, held.person_id, held.timezone,
    greatest(held.seated_at, held.started_on::timestamp AT TIME ZONE %(zone)s) AS seated_at
FROM ($held) AS held (committee_id, person_id, timezone, seated_at, started_on)

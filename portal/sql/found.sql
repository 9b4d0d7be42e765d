-- The first few things of each kind among those that say what was typed, each with its facts and where it says so.
-- $found is asked once; each piece of $each takes from it what the person may open.
WITH found AS MATERIALIZED (
  $found
), few AS (
  $each
)
SELECT few.kind, few.key, few.title, few.rank, few.facts,
  ts_headline('members_english', left(f.body, $letters), websearch_to_tsquery('members_english', %s), '$marking'),
  left(f.body, $opening)
FROM few JOIN members_findable f ON f.id = few.id
ORDER BY few.rank DESC, few.at DESC NULLS LAST, few.title, few.key

(SELECT f.id, f.kind, f.key, f.title, f.at, f.rank, may_open.facts
FROM ($found) f JOIN ($may_open) may_open ON may_open.thing = f.key
WHERE f.kind = $kind
ORDER BY f.rank DESC, f.at DESC NULLS LAST, f.title, f.key
LIMIT %s OFFSET %s)

-- The queries of the measures.

-- name: rollups
-- The rollups of one grain in a stretch of buckets.
SELECT bucket, kind, status, agent, model, provider, tool, spans, errors, duration, cost, usage, quantiles, sessions
FROM rollup WHERE project = :project AND grain = :grain AND bucket >= :since AND bucket < :until AND :family

-- name: rollups_of_family
-- The same where a family is a part of the key: each bucket is gone to, for what is between costs more to pass over.
WITH RECURSIVE stretch (number) AS (
  SELECT min(bucket) FROM rollup WHERE project = :project AND grain = :grain AND bucket >= :since
  UNION ALL
  SELECT (SELECT min(bucket) FROM rollup WHERE project = :project AND grain = :grain AND bucket > number)
  FROM stretch WHERE number < :until
)
SELECT bucket, kind, status, agent, model, provider, tool, spans, errors, duration, cost, usage, quantiles, sessions
FROM stretch CROSS JOIN rollup
WHERE number < :until AND project = :project AND grain = :grain AND bucket = number AND :family

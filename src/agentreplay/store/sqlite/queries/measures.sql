-- The query of the measures.

-- name: rollups
-- The rollups of one grain in a stretch of buckets.
SELECT bucket, kind, status, agent, model, provider, tool, spans, errors, duration, cost, usage, quantiles, sessions
FROM rollup WHERE project = ? AND grain = ? AND bucket >= ? AND bucket < ? AND :family

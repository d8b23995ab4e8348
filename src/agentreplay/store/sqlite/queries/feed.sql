-- The queries of the change feed.

-- name: spans
-- The spans that were stored or changed after a position.
SELECT id, project, session, trace, span_id FROM span WHERE id > ? ORDER BY id LIMIT ?

-- name: sessions
-- The sessions that were told or changed after a position.
SELECT position, project, key FROM session WHERE position > ? ORDER BY position LIMIT ?

-- name: deletions
-- What was deleted after a position.
SELECT position, tenant, project, session FROM deletion WHERE position > ? ORDER BY position LIMIT ?

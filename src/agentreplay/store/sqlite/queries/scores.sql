-- The queries of what sessions and spans are scored.

-- name: add
-- Index a score.
INSERT INTO score (state, key, project, session, trace, span, name, value)
SELECT id, ?, project, agent, ?, ?, ?, ? FROM state WHERE id = ?

-- name: drop
-- Take a score out of the index.
DELETE FROM score WHERE state = ? AND key = ?

-- name: drop_all
-- Take all scores of a session out of the index.
DELETE FROM score WHERE state = ?

-- name: all_states
-- The states whose facts are scores.
SELECT id FROM state WHERE namespace = char(30)

-- name: keys
-- The keys of a state that hold a score.
SELECT key FROM fact WHERE state = ? AND deleted = 0

-- The queries of deletion. Everything here runs inside one write transaction.

-- name: find_project
-- The number of a project.
SELECT id FROM project WHERE tenant = ? AND name = ?

-- name: find_session
-- The number of a session.
SELECT id FROM session WHERE project = ? AND key = ?

-- name: find_trace
-- The number of a trace.
SELECT id FROM trace WHERE project = ? AND key = ?

-- name: sessions_of_project
-- All sessions of a project.
SELECT id FROM session WHERE project = ?

-- name: session_names
-- What names a session.
SELECT project.tenant, project.name, session.key
FROM session JOIN project ON project.id = session.project WHERE session.id = ?

-- name: spans
-- The spans that go, in the order of arrival.
SELECT span.id, body.data, bag.data, span.project, span.session, span.trace, span.span_id, span.parent, span.told_seq, span.start,
  span.end, span.status, span.kind, span.name, span.agent, span.model, span.provider, span.tool, span.iteration,
  span.cost, span.usage, span.resource, span.scope, span.shape, span.context, span.held
FROM span JOIN body ON body.id = span.id LEFT JOIN bag ON bag.id = span.shape WHERE :conditions ORDER BY span.id

-- name: drop_body
-- Remove the body of a span.
DELETE FROM body WHERE id = ?

-- name: drop_span
-- Remove a span.
DELETE FROM span WHERE id = ?

-- name: drop_waiting
-- Forget that a span waits for a link.
DELETE FROM waiting WHERE session = ? AND trace = ? AND span = ?

-- name: drop_empty_trace
-- Remove a trace that has no span any more.
DELETE FROM trace WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM span AS s WHERE s.trace = ?1)

-- name: renew_home
-- Let a trace name the session that what is left of it does.
UPDATE trace SET home = (SELECT session.id FROM span JOIN session ON session.id = span.session
  WHERE span.trace = trace.id AND NOT span.follows ORDER BY session.key LIMIT 1) WHERE id = ?

-- name: move_body
-- Write the body of a span anew, at a new position.
UPDATE body SET id = ?, data = ? WHERE id = ?

-- name: move_span
-- Move a span that lost its context to a new position.
UPDATE span SET id = ?, context = NULL, held = ? WHERE id = ?

-- name: index_attributes
-- Let a span be found by its attributes.
INSERT INTO attribute_text (rowid, text) VALUES (?, ?)

-- name: forget_attributes
-- Let it be found so no longer.
INSERT INTO attribute_text (attribute_text, rowid, text) VALUES ('delete', ?, ?)

-- name: is_left
-- Whether a session has a span, or somebody told of it.
SELECT 1 FROM session WHERE id = ?1 AND (told IS NOT NULL OR EXISTS (SELECT 1 FROM span WHERE span.session = ?1))

-- name: drop_holdings
-- Note that a session does not hold a content any more.
DELETE FROM holding WHERE content = ? AND session = ?

-- name: add_deletion
-- Tell the change feed of a deletion.
INSERT INTO deletion (position, tenant, project, session) VALUES (?, ?, ?, ?)

-- name: touch_session
-- Tell the change feed that a session changed.
UPDATE session SET position = ? WHERE id = ?

-- name: is_link_held
-- Whether a link goes on from this one, or a span's context ends with it.
SELECT 1 WHERE EXISTS (SELECT 1 FROM link WHERE previous = ?) OR EXISTS (SELECT 1 FROM span WHERE context = ?)

-- name: loose_links
-- The links that no span saw yet; there are hardly ever any.
SELECT link FROM loose

-- name: take_link
-- Remove a link.
DELETE FROM link WHERE id = ? RETURNING previous, message

-- name: is_held
-- Whether anybody holds a content, or will.
SELECT 1 WHERE EXISTS (SELECT 1 FROM holding WHERE content = ?) OR EXISTS (SELECT 1 FROM orphan WHERE content = ?)

-- name: content
-- A content with what is needed to read it.
SELECT content.hash, content.media, word.text, content.block, block.codec, block.data, content.start, content.size
FROM content LEFT JOIN word ON word.id = content.media LEFT JOIN block ON block.id = content.block WHERE content.id = ?

-- name: forget_text
-- Take a text out of the full text; it must be the one that was indexed.
INSERT INTO content_text (content_text, rowid, text) VALUES ('delete', ?, ?)

-- name: drop_content
-- Remove a content.
DELETE FROM content WHERE id = ?

-- The queries of upkeep.

-- name: count_texts
-- How many contents can be searched.
SELECT count(*) FROM content WHERE block IS NOT NULL

-- name: count_names
-- How many names can be searched.
SELECT count(*) FROM word WHERE named

-- name: count_spans
-- How many spans there are.
SELECT count(*) FROM span

-- name: count_sessions
-- How many sessions there are.
SELECT count(*) FROM session

-- name: forget_derived
-- Remove all that can be derived from the rest.
INSERT INTO content_text (content_text) VALUES ('delete-all');
INSERT INTO name_text (name_text) VALUES ('delete-all');
INSERT INTO attribute_text (attribute_text) VALUES ('delete-all');
DELETE FROM rollup;
DELETE FROM holding;
DELETE FROM waiting;
DELETE FROM session_facet

-- name: texts
-- All contents with what is needed to read them.
SELECT content.id, content.hash, word.text, block.codec, block.data, content.start, content.size
FROM content JOIN word ON word.id = content.media JOIN block ON block.id = content.block ORDER BY content.id

-- name: names
-- All names.
SELECT id, text FROM word WHERE named

-- name: spans
-- A stretch of spans, as rows to be measured.
SELECT span.id, body.data, bag.data, span.project, span.session, span.trace, span.span_id, span.parent, span.told_seq, span.start,
  span.end, span.status, span.kind, span.name, span.agent, span.model, span.provider, span.tool, span.iteration,
  span.cost, span.usage, span.resource, span.scope, span.shape, project.tenant, project.name, session.key
FROM span JOIN body ON body.id = span.id JOIN session ON session.id = span.session JOIN project ON project.id = span.project
  LEFT JOIN bag ON bag.id = span.shape
WHERE span.id > ? ORDER BY span.id LIMIT ?

-- name: sessions
-- All sessions.
SELECT id FROM session

-- name: index_content
-- Make a content searchable.
INSERT INTO content_text (rowid, text) VALUES (?, ?)

-- name: index_name
-- Make a name searchable.
INSERT INTO name_text (rowid, text) VALUES (?, ?)

-- name: index_attributes
-- Let a span be found by its attributes.
INSERT INTO attribute_text (rowid, text) VALUES (?, ?)

-- name: words
-- All words.
SELECT id FROM word

-- name: bags
-- All bags.
SELECT id FROM bag

-- name: mark
-- How far a renewal came.
SELECT value FROM meta WHERE key = ?

-- name: put_mark
-- Note how far it is.
INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)

-- name: drop_mark
-- It is done.
DELETE FROM meta WHERE key = ?

-- name: count_in_traces
-- How many spans there are in a stretch of traces.
SELECT count(*) FROM span WHERE trace > ? AND trace <= ?

-- name: traces
-- The traces of a stretch.
SELECT id FROM trace WHERE id > ? AND id <= ? ORDER BY id

-- name: whole_spans
-- All of each span of a trace, in the order of arrival.
SELECT span.told_seq, span.follows, span.repeats, :columns, span.resource, span.scope, span.shape, span.held, span.context, link.key, body.data
FROM span JOIN body ON body.id = span.id LEFT JOIN link ON link.id = span.context WHERE span.trace = ? ORDER BY span.id

-- name: sessions_of_trace
-- The sessions in which spans of a trace are.
SELECT DISTINCT session FROM span WHERE trace = ?

-- name: empty_session
-- What is told of a session, if nothing is in it.
SELECT told FROM session WHERE id = ?1 AND told IS NOT NULL AND NOT EXISTS (SELECT 1 FROM span WHERE span.session = ?1)

-- name: count_states
-- How many states there are to picture.
SELECT count(*) FROM state

-- name: states
-- Their numbers.
SELECT id FROM state

-- The queries of the indexer. Everything here runs inside one write transaction.

-- name: find_word
-- The number of a text.
SELECT id, named FROM word WHERE text = ?

-- name: read_word
-- The text with a number.
SELECT text FROM word WHERE id = ?

-- name: add_word
-- Give a text its number.
INSERT INTO word (id, text) VALUES (?, ?)

-- name: name_word
-- Note that a word is the name of a span, and can be searched.
UPDATE word SET named = 1 WHERE id = ?

-- name: index_name
-- Make a name searchable.
INSERT INTO name_text (rowid, text) VALUES (?, ?)

-- name: find_bag
-- The number of a list or a map.
SELECT id FROM bag WHERE checksum = ? AND shape IS ? AND data = ?

-- name: add_bag
-- Give a list or a map its number.
INSERT INTO bag (id, shape, checksum, data) VALUES (?, ?, ?, ?)

-- name: find_project
-- The number of a project.
SELECT id FROM project WHERE tenant = ? AND name = ?

-- name: add_project
-- Give a project its number.
INSERT INTO project (tenant, name) VALUES (?, ?) RETURNING id

-- name: find_session
-- The number of a session.
SELECT id FROM session WHERE project = ? AND key = ?

-- name: load_session
-- A session as it stands.
SELECT told, summary, started, position FROM session WHERE id = ?

-- name: find_trace
-- The number of a trace.
SELECT id FROM trace WHERE project = ? AND key = ?

-- name: add_trace
-- Give a trace its number.
INSERT INTO trace (id, project, key) VALUES (?, ?, ?)

-- name: put_session
-- Write a session anew.
UPDATE session SET position = ?, started = ?, status = ?, cost = ?, tokens = ?, duration = ?, spans = ?, told = ?,
  summary = ? WHERE id = ?

-- name: add_session
-- Write a session for the first time.
INSERT INTO session
  (id, project, key, position, started, status, cost, tokens, duration, spans, told, summary)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: drop_session
-- Remove a session.
DELETE FROM session WHERE id = ?

-- name: add_facet
-- Let a session be found by a facet.
INSERT OR IGNORE INTO session_facet (project, facet, word, started, session) VALUES (?, ?, ?, ?, ?)

-- name: drop_facet
-- Let it be found so no longer.
DELETE FROM session_facet WHERE project = ? AND facet = ? AND word = ? AND started = ? AND session = ?

-- name: find_contents
-- The contents whose hashes begin with these prefixes.
SELECT id, tenant, hash, block IS NULL FROM carray(?) AS wanted CROSS JOIN content ON prefix = wanted.value

-- name: add_content
-- Store a content, or only its hash.
INSERT INTO content (id, tenant, prefix, hash, media, size, block, start) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: fill_content
-- Store the bytes of a content of which only the hash was known.
UPDATE content SET media = ?, size = ?, block = ?, start = ? WHERE id = ?

-- name: index_content
-- Make a content searchable.
INSERT INTO content_text (rowid, text) VALUES (?, ?)

-- name: index_contents
-- Make contents searchable whose numbers follow one another, but for those without a text.
INSERT INTO content_text (rowid, text) SELECT carray.rowid + ?, CAST(value AS TEXT) FROM carray(?) WHERE length(value)

-- name: add_orphan
-- Remember a content that nobody holds yet.
INSERT OR IGNORE INTO orphan (content)
SELECT content.id FROM content WHERE content.id = ? AND NOT EXISTS (SELECT 1 FROM holding AS h WHERE h.content = content.id)

-- name: any_orphan
-- Whether there is one.
SELECT 1 FROM orphan LIMIT 1

-- name: drop_orphan
-- Somebody holds it now.
DELETE FROM orphan WHERE content = ?

-- name: read_hash
-- The hash of a content.
SELECT hash FROM content WHERE id = ?

-- name: read_link_key
-- The id of a context.
SELECT key FROM link WHERE id = ?

-- name: add_loose
-- Remember a link that no span saw yet.
INSERT OR IGNORE INTO loose (link) VALUES (?)

-- name: any_loose
-- Whether there is one.
SELECT 1 FROM loose LIMIT 1

-- name: drop_loose
-- A span saw it now.
DELETE FROM loose WHERE link = ?

-- name: find_links
-- The links whose ids begin with these prefixes.
SELECT id, tenant, key, message IS NULL FROM carray(?) AS wanted CROSS JOIN link ON prefix = wanted.value

-- name: add_link
-- Store a link, or only its id.
INSERT INTO link (id, tenant, prefix, key, previous, message) VALUES (?, ?, ?, ?, ?, ?)

-- name: fill_link
-- Store what a link says of which only the id was known.
UPDATE link SET previous = ?, message = ? WHERE id = ?

-- name: read_link
-- The link before, and the message.
SELECT previous, message FROM link WHERE id = ?

-- name: add_holding
-- Note who holds a content.
INSERT OR IGNORE INTO holding (content, session, trace, span) VALUES (?, ?, ?, ?)

-- name: is_held
-- Whether the session holds the content already.
SELECT 1 FROM holding WHERE content = ? AND session = ? LIMIT 1

-- name: add_waiting
-- Remember a span whose context is not complete yet.
INSERT OR IGNORE INTO waiting (link, session, trace, span) VALUES (?, ?, ?, ?)

-- name: stop_waiting
-- Forget the spans of a session that wait; those that still do are noted anew.
DELETE FROM waiting WHERE session = ?

-- name: take_waiting
-- The spans that waited for a link, which is here now.
DELETE FROM waiting WHERE link = ? RETURNING session, trace, span

-- name: find_known_spans
-- Which of these spans of a trace are stored, with all that is in their rows.
SELECT s.id, s.span_id, s.session, s.told_seq, s.parent, s.start, s.end, s.status, s.kind, s.name, s.agent,
  s.model, s.provider, s.tool, s.iteration, s.cost, s.usage, s.resource, s.scope, s.shape, s.context, s.held, b.data, bag.data, s.follows, s.repeats
FROM carray(?) AS wanted CROSS JOIN span AS s ON s.trace = ? AND s.span_id = wanted.value JOIN body AS b ON b.id = s.id
  LEFT JOIN bag ON bag.id = s.shape

-- name: add_span
-- Store the row of a span.
INSERT INTO span
  (id, project, session, trace, span_id, seq, told_seq, parent, start, end, status, kind, name, agent, model,
   provider, tool, iteration, cost, usage, resource, scope, shape, context, held, follows, repeats)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: drop_span
-- Remove the row of a span.
DELETE FROM span WHERE id = ?

-- name: add_body
-- Store the body of a span.
INSERT INTO body (id, data) VALUES (?, ?)

-- name: drop_body
-- Remove the body of a span.
DELETE FROM body WHERE id = ?

-- name: index_attributes
-- Let a span be found by its attributes.
INSERT INTO attribute_text (rowid, text) VALUES (?, ?)

-- name: forget_attributes
-- Let it be found so no longer; the text must be the one that was indexed.
INSERT INTO attribute_text (attribute_text, rowid, text) VALUES ('delete', ?, ?)

-- name: last_place
-- The last place of a session.
SELECT seq, start, told_seq, trace.key, span_id FROM span JOIN trace ON trace.id = span.trace
WHERE session = ? ORDER BY seq DESC LIMIT 1

-- name: places_backwards
-- The spans of a session from the last place on.
SELECT span.id, seq, start, told_seq, trace.key, span_id FROM span JOIN trace ON trace.id = span.trace
WHERE session = ? ORDER BY seq DESC

-- name: move_span
-- Give a span another place in its session.
UPDATE span SET seq = ? WHERE id = ?

-- name: find_rollup
-- One rollup as it stands.
SELECT spans, errors, duration, cost, usage, quantiles, sessions FROM rollup
WHERE project = ? AND grain = ? AND bucket = ? AND kind = ? AND status = ? AND agent = ? AND model = ?
  AND provider = ? AND tool = ?

-- name: any_rollup
-- Whether there is one of a project, a grain and a bucket.
SELECT 1 FROM rollup WHERE project = ? AND grain = ? AND bucket = ? LIMIT 1

-- name: put_rollup
-- Write one rollup anew.
UPDATE rollup SET spans = ?, errors = ?, duration = ?, cost = ?, usage = ?, quantiles = ?, sessions = ?
WHERE project = ? AND grain = ? AND bucket = ? AND kind = ? AND status = ? AND agent = ? AND model = ?
  AND provider = ? AND tool = ?

-- name: add_rollup
-- Write one rollup for the first time.
INSERT INTO rollup
  (project, grain, bucket, kind, status, agent, model, provider, tool, spans, errors, duration, cost, usage,
   quantiles, sessions)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: drop_rollup
-- Remove a rollup that counts nothing any more.
DELETE FROM rollup
WHERE project = ? AND grain = ? AND bucket = ? AND kind = ? AND status = ? AND agent = ? AND model = ?
  AND provider = ? AND tool = ?

-- name: find_messages
-- The messages of a context and of all before it.
WITH RECURSIVE chain (previous, message) AS (
  SELECT previous, message FROM link WHERE id = ?
  UNION ALL SELECT link.previous, link.message FROM chain JOIN link ON link.id = chain.previous
)
SELECT message FROM chain WHERE message IS NOT NULL

-- name: drop_session_holdings
-- Note that a session does not hold a content any more.
DELETE FROM holding WHERE content = ? AND session = ?

-- name: session_spans
-- All spans of a session and what they hold, in the order in which they arrived.
SELECT s.id, s.trace, s.span_id, s.told_seq, s.start, s.seq, s.context, trace.key, s.held
FROM span AS s JOIN trace ON trace.id = s.trace WHERE s.session = ? ORDER BY s.id

-- name: home
-- The session that a trace names.
SELECT session.id, session.key FROM trace JOIN session ON session.id = trace.home WHERE trace.id = ?

-- name: put_home
-- Note which session a trace names.
UPDATE trace SET home = ? WHERE id = ?

-- name: has_home
-- Whether a trace names a session.
SELECT 1 FROM trace WHERE project = ? AND key = ? AND home IS NOT NULL

-- name: named_sessions
-- The sessions that the spans of a trace name.
SELECT DISTINCT session.id, session.key, span.id FROM span JOIN session ON session.id = span.session
WHERE span.trace = ? AND NOT span.follows

-- name: key_of_session
-- The id of a session.
SELECT key FROM session WHERE id = ?

-- name: settled_spans
-- Spans to bring to another session, or to count otherwise, in the order of arrival.
SELECT span.id, body.data, bag.data, span.project, span.session, span.trace, span.span_id, span.parent, span.told_seq, span.start,
  span.end, span.status, span.kind, span.name, span.agent, span.model, span.provider, span.tool, span.iteration,
  span.cost, span.usage, span.resource, span.scope, span.shape, span.context, span.held, span.follows, span.repeats
FROM span JOIN body ON body.id = span.id LEFT JOIN bag ON bag.id = span.shape
WHERE :conditions ORDER BY span.id

-- name: call
-- A finished span of a trace, as far as it may tell again what others tell.
SELECT id, span_id, parent, kind, model, usage IS NOT NULL, cost IS NOT NULL, repeats FROM span
WHERE trace = ? AND span_id = ? AND end IS NOT NULL

-- name: calls_below
-- The finished children of a span of a trace, likewise.
SELECT id, span_id, parent, kind, model, usage IS NOT NULL, cost IS NOT NULL, repeats FROM span
WHERE trace = ? AND parent = ? AND end IS NOT NULL

-- name: is_any_witness
-- Whether any span has one of these words.
SELECT 1 FROM attribute_text WHERE attribute_text MATCH ? LIMIT 1

-- name: witnessed
-- The finished spans with one of these words, as witnesses tell of a call.
SELECT s.id, s.project, s.kind, s.model, s.usage IS NOT NULL, s.cost IS NOT NULL, s.repeats, s.end, bag.data, body.data
FROM span AS s JOIN body ON body.id = s.id JOIN bag ON bag.id = s.shape
WHERE s.id IN (SELECT rowid FROM attribute_text WHERE attribute_text MATCH ?) AND s.end IS NOT NULL

-- name: bring_body
-- Let the body of a span have another position.
UPDATE body SET id = ? WHERE id = ?

-- name: bring_span
-- Bring a span to another session, or count it otherwise, at another position.
UPDATE span SET id = ?, session = ?, cost = ?, usage = ?, repeats = ? WHERE id = ?

-- name: untell_session
-- Forget what was told of the session that bears the id of a trace.
UPDATE session SET told = NULL WHERE project = ? AND key = ? AND told IS NOT NULL RETURNING id

-- name: add_deletion
-- Tell the change feed of a session that is gone.
INSERT INTO deletion (position, tenant, project, session) VALUES (?, ?, ?, ?)

-- name: put_offset
-- Note how far a journal is drained.
INSERT OR REPLACE INTO journal (name, offset) VALUES (?, ?)

-- name: sessions_in_minute
-- The sessions with finished spans of one combination of dimensions in a stretch of time.
SELECT DISTINCT project.tenant, project.name, session.key
FROM span JOIN session ON session.id = span.session JOIN project ON project.id = span.project
WHERE span.project = ? AND span.start >= ? AND span.start < ? AND span.end IS NOT NULL AND span.kind = ?
  AND span.status = ? AND span.agent IS ? AND span.model IS ? AND span.provider IS ? AND span.tool IS ?

-- name: finer_sessions
-- The sketches of unique sessions of the next finer grain.
SELECT sessions FROM rollup WHERE project = ? AND grain = ? AND bucket >= ? AND bucket < ? AND kind = ? AND status = ?
  AND agent = ? AND model = ? AND provider = ? AND tool = ?

-- name: matching_sessions
-- The same, where -1 stands for any value of a dimension.
SELECT sessions FROM rollup WHERE project = ? AND grain = ? AND bucket >= ? AND bucket < ? AND (? = -1 OR kind = ?)
  AND (? = -1 OR status = ?) AND (? = -1 OR agent = ?) AND (? = -1 OR model = ?) AND (? = -1 OR provider = ?)
  AND (? = -1 OR tool = ?)

-- name: offsets
-- How far each journal is drained.
SELECT name, offset FROM journal

-- name: add_loss
-- Note what of a journal could not be read.
INSERT OR REPLACE INTO loss (name, offset, bytes, problem) VALUES (?, ?, ?, ?)

-- name: losses
-- What of the journals could not be read.
SELECT name, offset, bytes, problem FROM loss ORDER BY name

-- name: drop_offset
-- Forget a journal that is drained and gone.
DELETE FROM journal WHERE name = ?

-- name: read_counter
-- A number of the store as a whole.
SELECT value FROM meta WHERE key = ?

-- name: put_counter
-- Set a number of the store as a whole.
INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)

-- name: session_key
-- What names a session.
SELECT project.id, project.tenant, project.name, session.key
FROM session JOIN project ON project.id = session.project WHERE session.id = ?

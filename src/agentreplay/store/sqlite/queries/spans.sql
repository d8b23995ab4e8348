-- The queries of the port Spans. `:columns` stands for the columns of a light span.

-- name: get
-- One span with all it holds.
SELECT :columns, span.resource, span.scope, span.shape, span.held, span.context, link.key, body.data, session.key
FROM trace CROSS JOIN span ON span.trace = trace.id CROSS JOIN body ON body.id = span.id
  CROSS JOIN session ON session.id = span.session LEFT JOIN link ON link.id = span.context
WHERE trace.project = ? AND trace.key = ? AND span.span_id = ?

-- name: row
-- One light span.
SELECT :columns FROM trace CROSS JOIN span ON span.trace = trace.id
WHERE trace.project = ? AND trace.key = ? AND span.span_id = ?

-- name: read
-- The spans of a session from a place on.
SELECT :columns FROM span WHERE session = ? AND seq >= ? ORDER BY seq LIMIT ?

-- name: columns
-- What makes columns of the spans of a session from a place on.
SELECT span_id, parent, start, end, status, iteration, cost, usage, trace, kind, name, agent, model, provider, tool
FROM span WHERE session = ? AND seq >= ? ORDER BY seq LIMIT ?

-- name: children
-- The spans below one, one level down, behind a place.
SELECT :columns, span.told_seq FROM span
WHERE span.trace = $trace AND span.parent = $span AND span.start >= $start
  AND ($first OR (span.start, span.told_seq, span.span_id < 0, span.span_id) > ($start, $told_seq, $after < 0, $after))
ORDER BY span.start, span.told_seq, span.span_id < 0, span.span_id LIMIT $limit

-- name: descendants
-- The spans below one on all levels, behind a place. UNION ends the walk in a circle.
WITH RECURSIVE below (id) AS (
  SELECT span_id FROM span WHERE trace = $trace AND parent = $span
  UNION SELECT s.span_id FROM below JOIN span AS s ON s.trace = $trace AND s.parent = below.id
)
SELECT :columns, span.told_seq FROM below CROSS JOIN span ON span.trace = $trace AND span.span_id = below.id
WHERE below.id <> $span AND ($first OR (span.start, span.told_seq, span.span_id < 0, span.span_id) > ($start, $told_seq, $after < 0, $after))
ORDER BY span.start, span.told_seq, span.span_id < 0, span.span_id LIMIT $limit

-- name: ancestors
-- The spans above one, the nearest first. UNION ends the walk in a circle.
WITH RECURSIVE above (id) AS (
  SELECT parent FROM span WHERE trace = $trace AND span_id = $span AND parent IS NOT NULL
  UNION SELECT s.parent FROM above JOIN span AS s ON s.trace = $trace AND s.span_id = above.id
  WHERE s.parent IS NOT NULL
)
SELECT :columns FROM above CROSS JOIN span ON span.trace = $trace AND span.span_id = above.id WHERE above.id <> $span

-- name: with_attribute
-- The newest spans that may have an attribute.
SELECT rowid FROM attribute_text WHERE attribute_text MATCH ? ORDER BY rowid DESC LIMIT ?

-- name: body
-- The body of a span, the shape of its attributes, and what it holds and saw.
SELECT body.data, span.shape, span.held, span.context FROM body CROSS JOIN span ON span.id = body.id WHERE body.id = ?

-- The queries of full text. `:columns` stands for the columns of a light span.

-- name: texts
-- A window of texts, from the newest back.
SELECT c.id, c.tenant, c.hash, word.text, block.codec, block.data, c.start, c.size
FROM (SELECT rowid AS id FROM content_text WHERE content_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?) AS found
CROSS JOIN content AS c ON c.id = found.id JOIN word ON word.id = c.media JOIN block ON block.id = c.block
ORDER BY c.id DESC

-- name: window_end_texts
-- The last text of a window.
SELECT rowid FROM content_text WHERE content_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT 1 OFFSET ?

-- name: names
-- A window of names.
SELECT found.id, word.text
FROM (SELECT rowid AS id FROM name_text WHERE name_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?) AS found
CROSS JOIN word ON word.id = found.id

-- name: window_end_names
-- The last name of a window.
SELECT rowid FROM name_text WHERE name_text MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT 1 OFFSET ?

-- name: holders
-- The spans that hold a content.
SELECT :columns, body.data, span.shape, span.held, span.context
FROM holding CROSS JOIN span ON span.trace = holding.trace AND span.span_id = holding.span JOIN body ON body.id = span.id
WHERE holding.content = ? AND span.project = ? AND :conditions

-- name: named
-- The spans with a name.
SELECT :columns, body.data, span.shape, span.held, span.context FROM span JOIN body ON body.id = span.id
WHERE span.name = ? AND span.project = ? AND :conditions ORDER BY span.start DESC, span.span_id DESC

-- name: first_seen
-- The messages of a context that its session saw first through this very span.
WITH RECURSIVE chain (previous, message) AS (
  SELECT previous, message FROM link WHERE id = ?
  UNION ALL SELECT link.previous, link.message FROM chain JOIN link ON link.id = chain.previous
)
SELECT chain.message FROM chain CROSS JOIN holding ON holding.content = chain.message
WHERE holding.session = ? AND holding.trace = ? AND holding.span = ?

-- name: text
-- A content with what is needed to read it.
SELECT content.hash, word.text, block.codec, block.data, content.start, content.size
FROM content JOIN word ON word.id = content.media JOIN block ON block.id = content.block WHERE content.id = ?

-- name: texts_of_session
-- The texts with these words that a session holds.
SELECT content.hash, word.text, block.codec, block.data, content.start, content.size
FROM content_text CROSS JOIN holding ON holding.content = content_text.rowid AND holding.session = ?
JOIN content ON content.id = holding.content JOIN word ON word.id = content.media
JOIN block ON block.id = content.block WHERE content_text MATCH ?

-- name: names_of_session
-- The names with these words that spans of a session have.
SELECT DISTINCT word.text FROM name_text CROSS JOIN word ON word.id = name_text.rowid
WHERE name_text.rowid IN (SELECT name FROM span WHERE session = ?) AND name_text MATCH ?

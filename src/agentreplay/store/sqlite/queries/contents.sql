-- The queries of the ports Contents and Contexts.

-- name: content
-- One content of a tenant.
SELECT media.text, block.codec, block.data, content.start, content.size
FROM content JOIN block ON block.id = content.block
JOIN word AS owner ON owner.id = content.tenant JOIN word AS media ON media.id = content.media
WHERE content.prefix = ? AND owner.text = ? AND content.hash = ?

-- name: place
-- Where a content lies.
SELECT block, start, size FROM content WHERE id = ?

-- name: block
-- The contents of a block, as one.
SELECT codec, data FROM block WHERE id = ?

-- name: messages
-- Where the messages of a context lie, from the last back.
WITH RECURSIVE chain (previous, message, place) AS (
  SELECT previous, message, 0 FROM link WHERE id = ?
  UNION ALL SELECT link.previous, link.message, place + 1 FROM chain JOIN link ON link.id = chain.previous
)
SELECT content.block, content.start, content.size, chain.previous
FROM chain LEFT JOIN content ON content.id = chain.message ORDER BY place

-- name: context
-- The links of a context from the last message back.
WITH RECURSIVE chain (key, message, previous) AS (
  SELECT link.key, link.message, link.previous FROM link JOIN word ON word.id = link.tenant
  WHERE link.prefix = ? AND word.text = ? AND link.key = ?
  UNION ALL SELECT link.key, link.message, link.previous FROM chain JOIN link ON link.id = chain.previous
)
SELECT chain.key, content.hash, chain.previous FROM chain LEFT JOIN content ON content.id = chain.message

-- The queries of blocks. Everything here runs inside one write transaction.

-- name: open_block
-- The block that the next contents are added to.
SELECT id, contents, codec, data FROM block ORDER BY id DESC LIMIT 1

-- name: read_owner
-- Whose a content is, and how long.
SELECT tenant, size FROM content WHERE id = ?

-- name: read_block
-- What a block holds.
SELECT contents, codec, data FROM block WHERE id = ?

-- name: add_block
-- Store a block.
INSERT INTO block (id, contents, codec, data) VALUES (?, ?, ?, ?)

-- name: put_block
-- Write a block anew.
UPDATE block SET contents = ?, codec = ?, data = ? WHERE id = ?

-- name: drop_block
-- Remove a block.
DELETE FROM block WHERE id = ?

-- name: read_places
-- Where contents lie in their block.
SELECT content.id, content.start, content.size FROM carray(?) AS wanted CROSS JOIN content ON content.id = wanted.value

-- name: move_content
-- Note that a content lies at another place of its block.
UPDATE content SET start = ? WHERE id = ?

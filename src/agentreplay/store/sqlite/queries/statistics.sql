-- The queries of the store's own statistics.

-- name: sessions
-- How many sessions there are.
SELECT count(*) FROM session

-- name: spans
-- How many spans there are.
SELECT count(*) FROM span

-- name: contents
-- How many contents there are, and their bytes as they came; texts of failures are none.
SELECT count(*), sum(size) FROM content
WHERE block IS NOT NULL AND media IS NOT (SELECT id FROM word WHERE text = ?)

-- name: blocks
-- The bytes of all contents as they lie here, with those of the texts of failures.
SELECT sum(length(data)) FROM block

-- name: links
-- How many links of contexts there are.
SELECT count(*) FROM link WHERE message IS NOT NULL

-- name: tables
-- The bytes of each table and index.
SELECT name, sum(pgsize) FROM dbstat GROUP BY name

-- name: held
-- The bytes of all contents, counted once for each holder.
SELECT sum(content.size) FROM holding CROSS JOIN content ON content.id = holding.content
WHERE content.media IS NOT (SELECT id FROM word WHERE text = ?)

-- name: oldest
-- The earliest start.
SELECT min(first) FROM (SELECT (SELECT min(start) FROM span WHERE span.project = project.id) AS first FROM project)

-- name: newest
-- The latest start.
SELECT max(last) FROM (SELECT (SELECT max(start) FROM span WHERE span.project = project.id) AS last FROM project)

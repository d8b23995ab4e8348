-- The queries that find out which words and bags nothing uses any more, and remove those.

-- name: words_in_indexes
-- Of these words, those by which a span or a session is found, and the names of tenants.
SELECT wanted.value FROM carray(?1) AS wanted
WHERE EXISTS (SELECT 1 FROM project AS p CROSS JOIN span AS s INDEXED BY span_by_kind
    ON s.project = p.id AND s.kind = wanted.value)
  OR EXISTS (SELECT 1 FROM project AS p CROSS JOIN span AS s INDEXED BY span_by_name
    ON s.project = p.id AND s.name = wanted.value)
  OR EXISTS (SELECT 1 FROM project AS p CROSS JOIN span AS s INDEXED BY span_by_agent
    ON s.project = p.id AND s.agent = wanted.value)
  OR EXISTS (SELECT 1 FROM project AS p CROSS JOIN span AS s INDEXED BY span_by_model
    ON s.project = p.id AND s.model = wanted.value)
  OR EXISTS (SELECT 1 FROM project AS p CROSS JOIN span AS s INDEXED BY span_by_tool
    ON s.project = p.id AND s.tool = wanted.value)
  OR EXISTS (SELECT 1 FROM project AS p CROSS JOIN carray(?2) AS facet CROSS JOIN session_facet AS f
    ON f.project = p.id AND f.facet = facet.value AND f.word = wanted.value)
  OR EXISTS (SELECT 1 FROM word CROSS JOIN project ON project.tenant = word.text WHERE word.id = wanted.value)

-- name: lists_of_bags
-- The lists of names that these bags have.
SELECT shape FROM bag WHERE shape IS NOT NULL AND id IN carray(?)

-- name: bags_of_newest_spans
-- Of these bags, those that one of the newest spans has.
WITH newest AS MATERIALIZED (SELECT resource, scope, shape FROM span ORDER BY id DESC LIMIT 1000)
SELECT wanted.value FROM carray(?) AS wanted
WHERE wanted.value IN (SELECT resource FROM newest UNION SELECT scope FROM newest UNION SELECT shape FROM newest)

-- name: seen_by_spans
-- The providers and bags of spans that have one of these words or bags.
SELECT DISTINCT provider, resource, scope, shape FROM span
WHERE provider IN carray(?1) OR resource IN carray(?2) OR scope IN carray(?2) OR shape IN carray(?2)

-- name: words_of_contents
-- Of these words, those that contents have.
SELECT wanted.value FROM carray(?1) AS wanted WHERE wanted.value IN (
  SELECT media FROM content WHERE media IN carray(?1) UNION SELECT tenant FROM content WHERE tenant IN carray(?1))

-- name: words_of_links
-- Of these words, those that links have.
SELECT DISTINCT tenant FROM link WHERE tenant IN carray(?)

-- name: drop_maps
-- Remove the maps among these bags.
DELETE FROM bag WHERE shape IS NOT NULL AND id IN carray(?)

-- name: drop_lists
-- Remove the lists among these bags that no map has.
DELETE FROM bag WHERE shape IS NULL AND id IN carray(?)
  AND id NOT IN (SELECT b.shape FROM bag AS b WHERE b.shape IS NOT NULL)

-- name: words
-- These words.
SELECT id, text, named FROM word WHERE id IN carray(?)

-- name: forget_name
-- Take a name out of the full text.
INSERT INTO name_text (name_text, rowid, text) VALUES ('delete', ?, ?)

-- name: drop_word
-- Remove a word.
DELETE FROM word WHERE id = ?

-- name: erase_slowly
-- Whether words of a forgotten text leave an index at once.
INSERT INTO :index (:index, rank) VALUES ('secure-delete', ?)

-- name: merge
-- Rewrite an index, without what was forgotten.
INSERT INTO :index (:index) VALUES ('optimize')

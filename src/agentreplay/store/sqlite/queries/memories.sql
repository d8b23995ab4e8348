-- The queries of what collections of records hold.

-- name: collections
-- The collections of a project, or of all, in order.
SELECT name, namespace, agent FROM project JOIN state ON state.project = project.id
WHERE tenant = ? AND name = coalesce(?, name) AND namespace >= char(31) AND namespace < char(32)
ORDER BY name, namespace, agent

-- name: collection
-- The number of a collection.
SELECT state.id FROM project JOIN state ON state.project = project.id
WHERE tenant = ? AND name = ? AND namespace = ? AND agent = ?

-- name: collection_names
-- What a collection is called, and whose it is.
SELECT tenant, name, namespace, agent FROM state JOIN project ON project.id = state.project WHERE state.id = ?

-- name: find_record
-- What is indexed of a record: its number, and the digest of its text.
SELECT id, digest FROM memory_record WHERE state = ? AND key = ?

-- name: add_record
-- Index a record.
INSERT INTO memory_record (id, state, key, version, position, changed, digest, length, importance, author, session, place,
  valid_from, valid_until, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: drop_record
-- Take a record out of the index.
DELETE FROM memory_record WHERE id = ?

-- name: add_text
-- Make the words of a record searchable.
INSERT INTO memory_text (rowid, collection, text, stems) VALUES (?, ?, ?, ?)

-- name: drop_text
-- Forget the words of a record.
DELETE FROM memory_text WHERE rowid = ?

-- name: drop_embeddings_of_record
-- Forget what models made of a record.
DELETE FROM memory_embedding WHERE record = ? RETURNING 1

-- name: numbers_of_collection
-- The numbers of all texts of a collection.
SELECT id FROM memory_record WHERE state = ? ORDER BY id

-- name: all_collections
-- The numbers of all collections.
SELECT id FROM state WHERE namespace >= char(31) AND namespace < char(32)

-- name: keys_of_collection
-- The records that a collection ever had.
SELECT key FROM fact WHERE state = ?

-- name: record_by_key
-- A record that is held.
SELECT id, state, key, version, position FROM memory_record WHERE state = ? AND key = ?

-- name: record_by_number
-- A record that is held, by the number of its text.
SELECT id, state, key, version, position FROM memory_record WHERE id = ?

-- name: count
-- How many are meant.
SELECT count(*) FROM memory_record WHERE state = ? AND :conditions

-- name: find
-- Those that are meant behind a place, newest first.
SELECT id, state, key, version, position FROM memory_record
WHERE state = ? AND (position, id) < (?, ?) AND :conditions ORDER BY position DESC, id DESC LIMIT ?

-- name: numbers
-- The numbers of those that are meant.
SELECT id FROM memory_record WHERE state = ? AND :conditions ORDER BY id

-- name: lengths
-- How many texts a collection has, and how many words they have together.
SELECT count(*), coalesce(sum(length), 0) FROM memory_record WHERE state = ?

-- name: holding
-- How many texts hold a term.
SELECT count(*) FROM memory_text WHERE memory_text MATCH ?

-- name: search
-- The texts that hold any of the terms and are meant, best first as far as the index knows.
SELECT memory_record.id, state, key, version, position, memory_text.text, memory_text.stems
FROM memory_text CROSS JOIN memory_record ON memory_record.id = memory_text.rowid
WHERE memory_text MATCH ? AND :conditions ORDER BY bm25(memory_text, 0.0, 1.0, 1.0), memory_record.id DESC LIMIT ?

-- name: named
-- Some texts, whatever stands in them.
SELECT memory_record.id, state, key, version, position, memory_text.text, memory_text.stems
FROM memory_record CROSS JOIN memory_text ON memory_text.rowid = memory_record.id
WHERE memory_record.id IN (SELECT value FROM json_each(?))

-- name: embed
-- Keep what a model made of a text, if the collection has it.
INSERT OR REPLACE INTO memory_embedding (record, model, data)
SELECT id, ?, ? FROM memory_record WHERE id = ? AND state = ? RETURNING 1

-- name: unembedded
-- Texts of which a model made nothing yet.
SELECT id, state, key, version, position FROM memory_record
WHERE state = ? AND NOT EXISTS (SELECT 1 FROM memory_embedding WHERE record = memory_record.id AND model = ?)
ORDER BY id LIMIT ?

-- name: embeddings
-- What a model made of the texts of a collection.
SELECT id, data FROM memory_record CROSS JOIN memory_embedding ON record = id AND model = ?
WHERE state = ? AND id > ? ORDER BY id LIMIT ?

-- name: models
-- The models that made something of texts of a collection.
SELECT model, count(*) FROM memory_record CROSS JOIN memory_embedding ON record = id WHERE state = ? GROUP BY model
ORDER BY model

-- name: drop_embeddings
-- Forget what a model made of texts of a collection.
DELETE FROM memory_embedding WHERE model = ? AND record IN (SELECT id FROM memory_record WHERE state = ?) RETURNING 1

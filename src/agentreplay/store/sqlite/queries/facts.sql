-- name: find_project
-- The number of a project.
SELECT id FROM project WHERE tenant = ? AND name = ?

-- name: add_project
-- Give a project its number.
INSERT INTO project (tenant, name) VALUES (?, ?) RETURNING id

-- name: find_state
-- A state by its names, with what compaction left of it.
SELECT state.id, state.horizon, state.kept FROM project JOIN state ON state.project = project.id
WHERE project.tenant = ? AND project.name = ? AND state.namespace = ? AND state.agent = ?

-- name: add_state
-- Give a state its number.
INSERT INTO state (id, project, namespace, agent) VALUES (?, ?, ?, ?)

-- name: find_state_number
-- The number of a state.
SELECT id FROM state WHERE project = ? AND namespace = ? AND agent = ?

-- name: states
-- The states of a project, in order.
SELECT namespace, agent FROM state WHERE project = ? ORDER BY namespace, agent

-- name: states_of_session
-- The states to which transactions of a session wrote.
SELECT states FROM fact_transaction WHERE project = ? AND session = ?

-- name: state_names
-- What a state is called.
SELECT namespace, agent FROM state WHERE id = ?

-- name: find_request
-- The transaction that has an idempotency key.
SELECT position, digest FROM fact_transaction WHERE project = ? AND idempotency = ?

-- name: holds
-- What the condition of a transaction is about.
SELECT fact.version, fact.deleted FROM state JOIN fact ON fact.state = state.id
WHERE state.project = ? AND state.namespace = ? AND state.agent = ? AND fact.key = ?

-- name: add_version
-- Give a key its next version.
INSERT INTO fact (state, key, version, position, part, deleted, highest) VALUES (?, ?, 1, ?, ?, ?, 1)
ON CONFLICT (state, key) DO UPDATE SET version = highest + 1, highest = highest + 1, position = excluded.position,
  part = excluded.part, deleted = excluded.deleted
RETURNING id, version

-- name: index_version
-- Note where a version stands.
INSERT INTO fact_version (fact, version, position, part) VALUES (?, ?, ?, ?)

-- name: add_part
-- Write to the log.
INSERT INTO fact_log (state, position, part, codec, data) VALUES (?, ?, ?, ?, ?)

-- name: grow
-- Count what is not in a picture yet.
UPDATE state SET unpictured = unpictured + ? WHERE id = ? RETURNING unpictured

-- name: add_transaction
-- Write down who did it and when.
INSERT INTO fact_transaction (position, project, key, committed, states, session, trace, span, idempotency, digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: transaction
-- Who did it and when.
SELECT key, committed, states, session, trace, span FROM fact_transaction WHERE position = ?

-- name: parts
-- What a transaction did to a state.
SELECT codec, data FROM fact_log WHERE state = ? AND position = ? ORDER BY part

-- name: moment
-- The last transaction up to a position, with its time.
SELECT position, committed FROM fact_transaction WHERE position <= ? ORDER BY position DESC LIMIT 1

-- name: present
-- What a key holds: its number, its version, and where that stands.
SELECT id, version, position, part FROM fact WHERE state = ? AND key = ?

-- name: version_up_to
-- The highest version of a fact that is not above one.
SELECT version, position, part FROM fact_version WHERE fact = ? AND version <= ? ORDER BY version DESC LIMIT 1

-- name: versions_below
-- The versions of a fact below one, newest first.
SELECT version, position, part FROM fact_version WHERE fact = ? AND version < ? ORDER BY version DESC LIMIT ?

-- name: part
-- One part of what a transaction did to a state, with its time.
SELECT fact_log.codec, fact_log.data, fact_transaction.committed
FROM fact_log JOIN fact_transaction ON fact_transaction.position = fact_log.position
WHERE fact_log.state = ? AND fact_log.position = ? AND fact_log.part = ?

-- name: keys
-- The keys that hold something, from one on.
SELECT key FROM fact WHERE state = ? AND deleted = 0 AND key > ? AND key >= ? ORDER BY key LIMIT ?

-- name: keys_before
-- The same up to the end of a prefix.
SELECT key FROM fact WHERE state = ? AND deleted = 0 AND key > ? AND key >= ? AND key < ? ORDER BY key LIMIT ?

-- name: log
-- The log of a state behind a place, with who did it and when.
SELECT fact_log.position, fact_log.part, fact_log.codec, fact_log.data,
  fact_transaction.key, fact_transaction.committed, fact_transaction.session, fact_transaction.trace, fact_transaction.span
FROM fact_log CROSS JOIN fact_transaction ON fact_transaction.position = fact_log.position
WHERE fact_log.state = ? AND (fact_log.position, fact_log.part) > (?, ?) AND fact_log.position <= ?
ORDER BY fact_log.position, fact_log.part

-- name: changes
-- What was done to a state behind a position up to another.
SELECT fact_log.position, fact_transaction.committed, fact_log.codec, fact_log.data
FROM fact_log CROSS JOIN fact_transaction ON fact_transaction.position = fact_log.position
WHERE fact_log.state = ? AND fact_log.position > ? AND fact_log.position <= ?
ORDER BY fact_log.position, fact_log.part

-- name: picture
-- The last picture of a state up to a position.
SELECT position, size, codec, data FROM fact_picture WHERE state = ? AND position <= ? ORDER BY position DESC LIMIT 1

-- name: picture_size
-- How large the last picture of a state is, before and after it was compressed.
SELECT size, length(data) FROM fact_picture WHERE state = ? ORDER BY position DESC LIMIT 1

-- name: add_picture
-- Keep a picture.
INSERT OR REPLACE INTO fact_picture (state, position, size, codec, data) VALUES (?, ?, ?, ?, ?)

-- name: drop_pictures
-- Forget the pictures of a state in a stretch of positions.
DELETE FROM fact_picture WHERE state = ? AND position >= ? AND position <= ?

-- name: set_unpictured
-- Say how much is not in a picture.
UPDATE state SET unpictured = ? WHERE id = ?

-- name: set_horizon
-- Say what compaction left.
UPDATE state SET horizon = ?, kept = ? WHERE id = ?

-- name: all_versions
-- Every version of every key of a state up to a position.
SELECT fact.id, fact.key, fact_version.version, fact_version.position
FROM fact CROSS JOIN fact_version ON fact_version.fact = fact.id
WHERE fact.state = ? AND fact_version.position <= ? ORDER BY fact.id, fact_version.version

-- name: log_up_to
-- The log of a state behind a place up to a position.
SELECT position, part, codec, data FROM fact_log
WHERE state = ? AND (position, part) > (?, ?) AND position <= ? ORDER BY position, part LIMIT 500

-- name: drop_part
-- Take a part out of the log.
DELETE FROM fact_log WHERE state = ? AND position = ? AND part = ?

-- name: drop_parts
-- Take out of the log what a transaction did to a state.
DELETE FROM fact_log WHERE state = ? AND position = ?

-- name: replace_part
-- Write less in its place.
UPDATE fact_log SET codec = ?, data = ? WHERE state = ? AND position = ? AND part = ?

-- name: drop_version
-- Forget where a version stood.
DELETE FROM fact_version WHERE fact = (SELECT id FROM fact WHERE state = ? AND key = ?) AND version = ?

-- name: drop_fact
-- Forget a key of which nothing is left.
DELETE FROM fact WHERE id = ?

-- name: hold
-- Say which version a key holds now.
UPDATE fact SET version = ?, position = ?, part = ?, deleted = ? WHERE id = ?

-- name: is_written
-- Whether anything of a transaction is left in the log of a state.
SELECT 1 FROM fact_log WHERE state = ? AND position = ? LIMIT 1

-- name: drop_transaction
-- Forget a transaction of which nothing is left.
DELETE FROM fact_transaction WHERE position = ?

-- name: is_stated
-- Whether a state has anything left.
SELECT 1 FROM fact WHERE state = ? LIMIT 1

-- name: drop_state
-- Forget a state.
DELETE FROM state WHERE id = ?

-- name: of_session
-- The transactions of a session.
SELECT position, states FROM fact_transaction WHERE project = ? AND session = ?

-- name: of_trace
-- The transactions of a trace.
SELECT position, states FROM fact_transaction WHERE project = ? AND trace = ?

-- name: of_trace_in_session
-- The transactions of a trace in a session.
SELECT position, states FROM fact_transaction WHERE project = ? AND trace = ? AND session = ?

-- name: states_of_project
-- All states of a project.
SELECT id FROM state WHERE project = ?

-- name: count_versions
-- How many versions the keys of a state have.
SELECT count(*) FROM fact CROSS JOIN fact_version ON fact_version.fact = fact.id WHERE fact.state = ?

-- name: drop_versions_of_state
-- Forget where all versions of a state stand.
DELETE FROM fact_version WHERE fact IN (SELECT id FROM fact WHERE state = ?)

-- name: drop_facts_of_state
-- Forget all keys of a state.
DELETE FROM fact WHERE state = ?

-- name: drop_log_of_state
-- Forget the log of a state.
DELETE FROM fact_log WHERE state = ?

-- name: drop_transactions_of_project
-- Forget the transactions of a project.
DELETE FROM fact_transaction WHERE project = ?

-- name: transactions_between
-- A stretch of the transactions of all projects, for whoever saves what is left of a store.
SELECT position, project.tenant, project.name, states, key, committed, session, trace, span, idempotency, digest
FROM fact_transaction JOIN project ON project.id = fact_transaction.project WHERE position BETWEEN ? AND ?

-- name: rescued_state
-- A state by its number, with what compaction left of it.
SELECT namespace, agent, horizon, kept FROM state WHERE id = ?

-- name: rescued_parts
-- What a transaction did to a state, as it lies there.
SELECT part, codec, data FROM fact_log WHERE state = ? AND position = ? ORDER BY part

-- name: put_back_version
-- Let a key hold a version that it had before.
INSERT INTO fact (state, key, version, position, part, deleted, highest) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (state, key) DO UPDATE SET version = excluded.version, highest = excluded.highest,
  position = excluded.position, part = excluded.part, deleted = excluded.deleted
RETURNING id

-- name: all_states
-- The numbers of all states.
SELECT id FROM state

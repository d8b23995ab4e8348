-- The embedded store, format 1. docs/format/store.md explains each table.
-- Ids of words, projects, sessions, traces, contents and links are small integers of this file alone.

-- The highest number given to each kind of row, counts, and the first version of agentreplay that reads this format.
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta (key, value) VALUES ('readable from', '0.1');

-- Every short text that repeats: kinds, names, agents, models, providers, tools, media types, labels.
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, named INTEGER NOT NULL DEFAULT 0);

-- The lists of names that attributes have, and the maps that describe resources and scopes: a list and its values.
CREATE TABLE bag (id INTEGER PRIMARY KEY, shape INTEGER, checksum INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX bag_by_checksum ON bag (checksum);

CREATE TABLE project (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (tenant, name));

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  project INTEGER NOT NULL,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,      -- of its last telling or of a deletion in it; 0 while it only has spans
  started INTEGER NOT NULL,
  status INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  duration INTEGER NOT NULL,
  spans INTEGER NOT NULL,
  told BLOB,                      -- the Session, encoded; NULL while nobody told of it
  summary BLOB NOT NULL,          -- the Summary, encoded
  UNIQUE (project, key)
);
CREATE INDEX session_by_start ON session (project, started);
CREATE INDEX session_by_position ON session (position);

-- What sessions are found by: an agent, a source, a label, a model or tool used, the session they were
-- forked from, the folder they were at work in.
CREATE TABLE session_facet (
  project INTEGER NOT NULL,
  facet INTEGER NOT NULL,
  word INTEGER NOT NULL,
  started INTEGER NOT NULL,
  session INTEGER NOT NULL,
  PRIMARY KEY (project, facet, word, started, session)
) WITHOUT ROWID;

CREATE TABLE trace (
  id INTEGER PRIMARY KEY,
  project INTEGER NOT NULL,
  key BLOB NOT NULL,
  home INTEGER,                   -- the session its spans name, the first by its id; NULL while they name none
  UNIQUE (project, key)
);

-- The id of a span is its position: a span that is closed moves to the end of the order of changes.
CREATE TABLE span (
  id INTEGER PRIMARY KEY,
  project INTEGER NOT NULL,
  session INTEGER NOT NULL,
  trace INTEGER NOT NULL,
  span_id INTEGER NOT NULL,       -- the 8 bytes as a signed integer; likewise parent
  parent INTEGER,
  seq INTEGER NOT NULL,           -- the place in the session, from 1, without gaps
  told_seq INTEGER NOT NULL,      -- what the writer said
  start INTEGER NOT NULL,
  end INTEGER,
  status INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  name INTEGER NOT NULL,
  agent INTEGER,
  model INTEGER,
  provider INTEGER,
  tool INTEGER,
  iteration INTEGER,
  cost INTEGER,
  usage BLOB,
  resource INTEGER,               -- a bag; likewise scope
  scope INTEGER,
  shape INTEGER,                  -- the names of its attributes, in order: a bag
  context INTEGER,                -- the link its context ends with
  held BLOB,                      -- the contents it holds, encoded: those with a role, then the text of its failure
  follows INTEGER NOT NULL,       -- 1 where it names no session and belongs to that of its trace
  repeats INTEGER NOT NULL        -- what it told that is charged elsewhere: 1 its usage, 2 its cost; NULL here
);
CREATE INDEX span_by_key ON span (trace, span_id);
CREATE INDEX span_by_parent ON span (trace, parent, start) WHERE parent IS NOT NULL;
CREATE INDEX span_by_seq ON span (session, seq);
CREATE INDEX span_by_start ON span (project, start);
CREATE INDEX span_by_kind ON span (project, kind, start);
CREATE INDEX span_by_name ON span (project, name, start);
CREATE INDEX span_by_agent ON span (project, agent, start) WHERE agent IS NOT NULL;
CREATE INDEX span_by_model ON span (project, model, start) WHERE model IS NOT NULL;
CREATE INDEX span_by_tool ON span (project, tool, start) WHERE tool IS NOT NULL;
CREATE INDEX span_by_error ON span (project, start) WHERE status = 2;
CREATE INDEX span_by_context ON span (context) WHERE context IS NOT NULL;

-- What is heavy in a span: values of attributes, events, links, roles. One codec byte, then the encoded body.
CREATE TABLE body (id INTEGER PRIMARY KEY, data BLOB NOT NULL);

CREATE TABLE content (
  id INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,        -- the word that names it
  prefix INTEGER NOT NULL,        -- the first 8 bytes of the hash as a signed integer
  hash BLOB NOT NULL,
  media INTEGER,
  size INTEGER NOT NULL,
  block INTEGER,                  -- where its bytes lie; NULL while only its hash is known
  start INTEGER                   -- from which byte of the block on, before that was compressed
);
CREATE INDEX content_by_prefix ON content (prefix);

-- The bytes of contents, one behind the other and compressed as one.
CREATE TABLE block (
  id INTEGER PRIMARY KEY,
  contents BLOB NOT NULL,         -- the contents it holds, encoded
  codec INTEGER NOT NULL,
  data BLOB NOT NULL
);

-- Who holds a content: for messages of a context, the first span of each session that saw it.
CREATE TABLE holding (
  content INTEGER NOT NULL,
  session INTEGER NOT NULL,
  span INTEGER NOT NULL,          -- its span_id, which never changes, and not its position
  trace INTEGER NOT NULL,
  PRIMARY KEY (content, session, trace, span)
) WITHOUT ROWID;

-- Contents that came before anything that holds them, and links that came before any span that saw them.
CREATE TABLE orphan (content INTEGER PRIMARY KEY);
CREATE TABLE loose (link INTEGER PRIMARY KEY);

CREATE TABLE link (
  id INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  prefix INTEGER NOT NULL,
  key BLOB NOT NULL,
  previous INTEGER,
  message INTEGER                 -- NULL while only its id is known
);
CREATE INDEX link_by_prefix ON link (prefix);
CREATE INDEX link_by_previous ON link (previous) WHERE previous IS NOT NULL;

-- Spans whose context has a link that is not known yet.
CREATE TABLE waiting (
  link INTEGER NOT NULL,
  session INTEGER NOT NULL,
  trace INTEGER NOT NULL,
  span INTEGER NOT NULL,
  PRIMARY KEY (link, session, trace, span)
) WITHOUT ROWID;

-- One row holds the measures of one bucket of one grain and one combination of dimensions (0 for none).
-- In hours and days there is also one for each value of each dimension alone, with -1 for the others.
CREATE TABLE rollup (
  project INTEGER NOT NULL,
  grain INTEGER NOT NULL,
  bucket INTEGER NOT NULL,        -- counted in buckets since the epoch
  kind INTEGER NOT NULL,
  status INTEGER NOT NULL,
  agent INTEGER NOT NULL,
  model INTEGER NOT NULL,
  provider INTEGER NOT NULL,
  tool INTEGER NOT NULL,
  spans INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  duration NOT NULL,              -- decimal text beyond 64 bits; likewise cost
  cost NOT NULL,
  usage BLOB,
  quantiles BLOB NOT NULL,
  sessions BLOB NOT NULL,
  PRIMARY KEY (project, grain, bucket, kind, status, agent, model, provider, tool)
) WITHOUT ROWID;

-- The states of agents: all facts of one agent in one namespace.
CREATE TABLE state (
  id INTEGER PRIMARY KEY,
  project INTEGER NOT NULL,
  namespace TEXT NOT NULL,
  agent TEXT NOT NULL,
  horizon INTEGER NOT NULL DEFAULT 0,         -- the position from which on no compaction left anything out
  kept BLOB NOT NULL DEFAULT x'90',           -- the positions before it whose states are whole too, encoded
  unpictured INTEGER NOT NULL DEFAULT 0,      -- bytes of its log behind its last picture
  UNIQUE (project, namespace, agent)
);

CREATE TABLE fact_transaction (
  position INTEGER PRIMARY KEY,
  project INTEGER NOT NULL,
  key TEXT NOT NULL,
  committed INTEGER NOT NULL,     -- never before that of an earlier position
  states BLOB NOT NULL,           -- the states it wrote to, encoded
  session TEXT,                   -- who made it; likewise trace and span
  trace BLOB,
  span BLOB,
  idempotency TEXT,
  digest BLOB                     -- of its edits, where it has an idempotency key
);
CREATE INDEX fact_transaction_by_session ON fact_transaction (project, session) WHERE session IS NOT NULL;
CREATE UNIQUE INDEX fact_transaction_by_idempotency ON fact_transaction (project, idempotency)
WHERE idempotency IS NOT NULL;

-- The log: what each transaction did to each state, in parts where that is much.
CREATE TABLE fact_log (
  state INTEGER NOT NULL,
  position INTEGER NOT NULL,
  part INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  data BLOB NOT NULL,             -- its operations, encoded
  PRIMARY KEY (state, position, part)
) WITHOUT ROWID;

-- Where in the log each version of each key stands, and which one holds.
CREATE TABLE fact (
  id INTEGER PRIMARY KEY,
  state INTEGER NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,       -- the one that holds; likewise position, part and deleted
  position INTEGER NOT NULL,
  part INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  highest INTEGER NOT NULL,       -- the highest version it ever had
  UNIQUE (state, key)
);
CREATE INDEX fact_by_key ON fact (state, key) WHERE deleted = 0;
CREATE TABLE fact_version (
  fact INTEGER NOT NULL,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  part INTEGER NOT NULL,
  PRIMARY KEY (fact, version)
) WITHOUT ROWID;

-- Whole states, taken wherever the log behind the last one has grown as long as that; rebuilt from the log.
CREATE TABLE fact_picture (
  state INTEGER NOT NULL,
  position INTEGER NOT NULL,
  size INTEGER NOT NULL,          -- before it was compressed
  codec INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (state, position)
);

-- What collections of records hold now: a collection is a state whose namespace begins with U+001F, a record a fact of
-- it. Each text has a number of its own; all but the vectors is derived from the log.
CREATE TABLE memory_record (
  id INTEGER PRIMARY KEY,         -- the number, and the row in memory_text
  state INTEGER NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  digest BLOB NOT NULL,           -- of the text
  length INTEGER NOT NULL,        -- in words
  importance REAL NOT NULL,
  author TEXT NOT NULL,
  session TEXT,                   -- the one it is from
  place TEXT NOT NULL,            -- the file or address it is from
  valid_from INTEGER,
  valid_until INTEGER,
  metadata TEXT NOT NULL,         -- JSON
  UNIQUE (state, key)
);
CREATE INDEX memory_record_by_number ON memory_record (state, id);
CREATE INDEX memory_record_by_change ON memory_record (state, position, id);

-- What models made of texts; whatever index is built of it can be built again.
CREATE TABLE memory_embedding (
  record INTEGER NOT NULL,
  model TEXT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (record, model)
) WITHOUT ROWID;

-- The scores that sessions and spans have now: facts of states whose namespace is U+001E, derived from the log.
CREATE TABLE score (
  state INTEGER NOT NULL,
  key TEXT NOT NULL,
  project INTEGER NOT NULL,
  session TEXT NOT NULL,
  trace BLOB,                     -- NULL where it is of the session as a whole
  span INTEGER,                   -- the 8 bytes as a signed integer
  name TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (state, key)
) WITHOUT ROWID;
CREATE INDEX score_by_name ON score (project, name, value);

CREATE TABLE deletion (position INTEGER PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, session TEXT);

-- How far each journal is drained, and what of one could not be read.
CREATE TABLE journal (name TEXT PRIMARY KEY, offset INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE loss (name TEXT PRIMARY KEY, offset INTEGER NOT NULL, bytes INTEGER NOT NULL, problem TEXT NOT NULL);

-- Full text. Only which words stand in which text: passages and ranks come from the text itself.
CREATE VIRTUAL TABLE content_text USING fts5 (text, content = '', columnsize = 0, detail = none, tokenize = 'ascii');
CREATE VIRTUAL TABLE name_text USING fts5 (text, content = '', columnsize = 0, detail = none, tokenize = 'ascii');
-- Attributes as words `key=value`, hashed, of each span.
CREATE VIRTUAL TABLE attribute_text USING fts5 (text, content = '', columnsize = 0, detail = none, tokenize = 'ascii');
-- The words of records and the stem of each, beside a word for the collection they stand in, so that none is looked at
-- elsewhere.
CREATE VIRTUAL TABLE memory_text USING fts5 (collection, text, stems, tokenize = 'ascii');
INSERT INTO memory_text (memory_text, rank) VALUES ('secure-delete', 1);
INSERT INTO name_text (name_text, rank) VALUES ('secure-delete', 1);
INSERT INTO content_text (content_text, rank)
VALUES ('pgsz', 8000), ('hashsize', 16777216), ('automerge', 8), ('secure-delete', 1);
INSERT INTO attribute_text (attribute_text, rank) VALUES ('pgsz', 8000), ('hashsize', 16777216), ('automerge', 8);

-- The queries of the port Sessions.

-- name: get
-- One session.
SELECT told, summary FROM session WHERE project = ? AND key = ?

-- name: begins
-- Whether an id begins so; no id holds the last character there is.
SELECT 1 FROM session WHERE project = ? AND key >= ? AND key < ? || char(1114111) LIMIT 1

-- name: newest
-- The sessions of a project, newest first.
SELECT session.started, session.id, session.told, session.summary, session.project, session.key FROM session
WHERE :conditions ORDER BY session.started DESC, session.id DESC

-- name: newest_by_facet
-- The sessions that are found by something, newest first.
SELECT facet.started, facet.session, session.told, session.summary, session.project, session.key
FROM session_facet AS facet CROSS JOIN session ON session.id = facet.session
WHERE :conditions ORDER BY facet.started DESC, facet.session DESC

-- name: projects
-- The projects in which a tenant has a session, or the state of an agent.
SELECT name FROM project WHERE tenant = ?
  AND (EXISTS (SELECT 1 FROM session WHERE session.project = project.id)
    OR EXISTS (SELECT 1 FROM state WHERE state.project = project.id))
ORDER BY name

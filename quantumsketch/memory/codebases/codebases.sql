-- What the record of codebases runs, by name; the changes themselves are the store's statements.

-- name: entities_of_codebase
SELECT id::text, name FROM nodes
 WHERE closed_at IS NULL AND kind = ANY (%(kinds)s::text[]) AND properties ->> 'codebase' = %(codebase)s;

-- name: facts_of_codebase
-- Those that a reading of a codebase said. Each node is looked up by itself, in the order of the index meant for
-- that: without it, and as long as the tables are not analyzed, another index looks as good and takes seconds.
SELECT held.source::text, held.kind, held.target::text
  FROM unnest(%(nodes)s::uuid[]) AS wanted (id)
 CROSS JOIN LATERAL (
       SELECT source, kind, target FROM edges
        WHERE source = wanted.id AND valid_to IS NULL AND provenance ->> 'activity' = %(activity)s
         ORDER BY valid_from DESC, target, kind OFFSET 0) AS held;

-- name: entities_named
-- Of any kind: each is found in the index of the natural keys. Of a bare one nothing is known but its name.
SELECT kind, name, closed_at IS NULL AS is_open, properties = '{}' AND description = '' AS is_bare
  FROM nodes
 WHERE kind = ANY (%(kinds)s::text[]) AND name = %(name)s
 ORDER BY kind;

-- name: entities_of_public_names
SELECT kind, name, properties -> 'public_names' AS public_names
  FROM nodes
 WHERE closed_at IS NULL AND kind = ANY (%(kinds)s::text[]) AND properties -> 'public_names' ?| %(names)s::text[]
 ORDER BY kind, name;

-- name: code_ending_in
-- All code of these kinds is looked at: for a person who asks once. Of a bare one nothing is known but its name.
SELECT kind, name FROM nodes
 WHERE closed_at IS NULL AND kind = ANY (%(kinds)s::text[])
   AND right(name, length(%(ending)s)) = %(ending)s AND NOT (properties = '{}' AND description = '')
 ORDER BY kind, name LIMIT %(most)s;

-- name: try_turn
-- Until the end of the transaction, and without waiting for it.
SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0)) AS taken;

-- name: offered_without_vector
-- The first chunk, which is the name and the first paragraph, of what a codebase offers: classes and functions with
-- public names, and the documented methods of such classes.
SELECT chunks.node, chunks.place, chunks.text, offered.name
  FROM (SELECT id, name FROM nodes
         WHERE closed_at IS NULL AND kind IN ('class', 'function')
           AND properties ->> 'codebase' = %(codebase)s AND properties -> 'public_names' IS NOT NULL
        UNION ALL
        SELECT method.id, method.name
          FROM nodes AS owner
         CROSS JOIN LATERAL (
               SELECT target FROM edges
                WHERE source = owner.id AND valid_to IS NULL AND kind = 'contains' OFFSET 0) AS held
         CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = held.target OFFSET 0) AS method
         WHERE owner.closed_at IS NULL AND owner.kind = 'class'
           AND owner.properties ->> 'codebase' = %(codebase)s AND owner.properties -> 'public_names' IS NOT NULL
           AND method.kind = 'method' AND method.description <> '' AND method.name !~ '\._[^.]*$') AS offered
 CROSS JOIN LATERAL (
       SELECT node, place, text FROM chunks
        WHERE node = offered.id AND place = 0 AND embedding IS NULL OFFSET 0) AS chunks
 LIMIT %(limit)s;

-- name: member_of_class
-- A method of a class, where that or the nearest of its ancestors defines it.
WITH RECURSIVE lineage (id, name, depth) AS (
    SELECT id, name, 0 FROM nodes WHERE (kind, name) = ('class', %(owner)s) AND closed_at IS NULL
    UNION
    SELECT base.id, base.name, lineage.depth + 1
      FROM lineage
     CROSS JOIN LATERAL (
           SELECT target FROM edges
            WHERE source = lineage.id AND valid_to IS NULL AND kind = 'inherits' OFFSET 0) AS inherits
     CROSS JOIN LATERAL (SELECT id, name FROM nodes WHERE nodes.id = inherits.target OFFSET 0) AS base
     WHERE lineage.depth < 30
)
SELECT method.kind, method.name
  FROM lineage
 CROSS JOIN LATERAL (
       SELECT kind, name FROM nodes
        WHERE (kind, name) = ('method', lineage.name || '.' || %(member)s) AND closed_at IS NULL OFFSET 0) AS method
 ORDER BY lineage.depth, lineage.name
 LIMIT 1;

-- name: code_beside
-- What classes, functions and methods are, and what stands beside them; `place` says how.
SELECT nodes.id AS node, nodes.kind, nodes.name, nodes.properties, beside.place, far.kind AS far_kind, far.name AS far
  FROM unnest(%(nodes)s::uuid[]) AS wanted (id)
 CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = wanted.id OFFSET 0) AS nodes
  LEFT JOIN LATERAL (
       SELECT kind AS place, target AS far FROM edges
        WHERE source = wanted.id AND valid_to IS NULL AND kind IN ('inherits', 'uses', 'replaced_by')
       UNION ALL
       SELECT CASE kind WHEN 'inherits' THEN 'inherited_by' ELSE 'overridden_by' END, source FROM edges
        WHERE target = wanted.id AND valid_to IS NULL AND kind IN ('inherits', 'overrides')) AS beside ON true
  LEFT JOIN LATERAL (SELECT kind, name FROM nodes WHERE nodes.id = beside.far OFFSET 0) AS far ON true
 ORDER BY nodes.name, beside.place, far.name;

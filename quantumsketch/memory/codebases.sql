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

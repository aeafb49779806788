-- What walks through the graph run. Parameters are constants to the planner: these are never prepared.

-- name: walk
SELECT walk_from(%(start)s, %(depth)s, %(fan_out)s, %(budget)s, %(outward)s, %(inward)s, %(relations)s::text[],
                 %(as_of)s::timestamptz, %(most_bytes)s)::text AS found;

-- name: steps_from
-- The edges that lead on from each of these nodes; `more`: it has others.
SELECT near.id AS near, far, source, kind, target, properties, place > %(fan_out)s AS more
  FROM unnest(%(frontier)s::uuid[]) AS near (id)
 CROSS JOIN LATERAL edges_seen(near.id, %(fan_out)s, %(outward)s, %(inward)s, %(relations)s, %(as_of)s)
 ORDER BY place, source, kind, target;

-- name: nodes_of
-- In the order asked for, without properties where those before it are long enough.
SELECT id, kind, name, recorded_at,
       CASE WHEN sum(octet_length(properties::text)) OVER (ORDER BY array_position(%(ids)s::uuid[], id)) <= %(most_bytes)s
            THEN properties END AS properties
  FROM nodes
 WHERE id = ANY (%(ids)s::uuid[]);

-- name: edges_among
-- OFFSET 0: by the ends of an edge, never by all edges of a hub. Without properties where those before it are long
-- enough.
SELECT source, kind, target,
       CASE WHEN sum(octet_length(properties::text)) OVER (ORDER BY valid_from DESC, source, kind, target)
                 <= %(most_bytes)s THEN properties END AS properties
  FROM (
SELECT found.source, found.kind, found.target, found.properties, found.valid_from
  FROM unnest(%(ids)s::uuid[]) AS wanted (id)
 CROSS JOIN LATERAL (
       SELECT source, kind, target, properties, valid_from FROM edges
        WHERE target = wanted.id AND source = ANY (%(ids)s::uuid[])
          AND (%(as_of)s::timestamptz IS NULL AND valid_to IS NULL
               OR valid_from <= %(as_of)s AND (valid_to IS NULL OR %(as_of)s < valid_to))
       OFFSET 0) AS found
 ORDER BY found.valid_from DESC, found.source, found.kind, found.target
 LIMIT %(limit)s) AS newest
 ORDER BY valid_from DESC, source, kind, target;

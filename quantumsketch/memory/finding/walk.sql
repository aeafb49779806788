-- What walks through the graph run. Parameters are constants to the planner: these are never prepared.

-- name: walk
SELECT walk_from(%(start)s, %(depth)s, %(fan_out)s, %(budget)s, %(outward)s, %(inward)s, %(relations)s::text[],
                 %(as_of)s::timestamptz, %(most_bytes)s) AS found;

-- name: steps_from
-- Where an edge leads on from these nodes to what is not `known`: each node once, by the newest edges, no more than there
-- is `room` for. A row without any says that not all was looked at.
WITH seen AS MATERIALIZED (
     SELECT near.id AS near, edge.far, edge.place
       FROM unnest(%(frontier)s::uuid[]) AS near (id)
      CROSS JOIN LATERAL edges_seen(near.id, %(fan_out)s, %(outward)s, %(inward)s, %(relations)s, %(as_of)s) AS edge
      LIMIT %(most_edges)s + 1),
fresh AS MATERIALIZED (
     SELECT DISTINCT ON (seen.far) seen.near, seen.far, seen.place
       FROM seen LEFT JOIN unnest(%(known)s::uuid[]) AS known (id) ON known.id = seen.far
      WHERE seen.place <= %(fan_out)s AND known.id IS NULL
      ORDER BY seen.far, seen.place, seen.near)
(SELECT near, far FROM fresh ORDER BY place, far LIMIT %(room)s)
UNION ALL
SELECT NULL, NULL
 WHERE EXISTS (SELECT FROM seen WHERE place > %(fan_out)s) OR (SELECT count(*) FROM seen) > %(most_edges)s
    OR (SELECT count(*) FROM fresh) > %(room)s;

-- name: edges_along
-- Of each step of a way the newest edge that makes it.
SELECT DISTINCT ON (step.place) edge.source, edge.kind, edge.target, edge.properties
  FROM unnest(%(nears)s::uuid[], %(fars)s::uuid[]) WITH ORDINALITY AS step (near, far, place)
 CROSS JOIN LATERAL (
       SELECT * FROM edges WHERE target = step.far AND source = step.near AND %(outward)s
       UNION ALL
       SELECT * FROM edges WHERE target = step.near AND source = step.far AND %(inward)s) AS edge
 WHERE (%(relations)s::text[] IS NULL OR edge.kind = ANY (%(relations)s::text[]))
   AND (%(as_of)s::timestamptz IS NULL AND edge.valid_to IS NULL
        OR edge.valid_from <= %(as_of)s AND (edge.valid_to IS NULL OR %(as_of)s < edge.valid_to))
 ORDER BY step.place, edge.valid_from DESC, edge.source, edge.kind;

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

-- What walks through the graph run. Parameters are constants to the planner: these are never prepared.

-- name: walk
-- One level at a time. Hubs, not circles, make a walk slow: each node shows at most fan_out edges each way, and
-- all levels together hold at most `budget` nodes.
WITH RECURSIVE level (depth, frontier, visited, truncated) AS (
    SELECT 0, ARRAY[id], ARRAY[id], false FROM nodes WHERE id = %(start)s
    UNION ALL
    SELECT level.depth + 1, next.frontier, level.visited || next.frontier, level.truncated OR next.truncated
      FROM level CROSS JOIN LATERAL (
           SELECT coalesce(array_agg(far) FILTER (WHERE fresh AND rank <= room), '{}') AS frontier,
                  coalesce(bool_or(more OR (fresh AND rank > room)), false) AS truncated
             FROM (SELECT far, more, fresh, %(budget)s - cardinality(level.visited) AS room,
                          row_number() OVER (PARTITION BY fresh ORDER BY place, far) AS rank
                     FROM (SELECT far, min(place) AS place, bool_or(place > %(fan_out)s) AS more,
                                  min(place) <= %(fan_out)s AND seen.id IS NULL AS fresh
                             FROM unnest(level.frontier) AS near (id)
                            CROSS JOIN LATERAL edges_seen(near.id, %(fan_out)s, %(outward)s, %(inward)s,
                                                          %(relations)s, %(as_of)s)
                             LEFT JOIN unnest(level.visited) AS seen (id) ON seen.id = far
                            GROUP BY far, seen.id) AS neighbour) AS ranked
      ) AS next
     WHERE level.depth < %(depth)s AND cardinality(level.frontier) > 0
       AND cardinality(level.visited) < %(budget)s
)
SELECT nodes.id, nodes.kind, nodes.name, nodes.properties, nodes.recorded_at, level.depth,
       (SELECT bool_or(truncated OR (cardinality(visited) >= %(budget)s AND depth < %(depth)s)) FROM level) AS truncated
  FROM level
 CROSS JOIN LATERAL unnest(level.frontier) AS reached (id)
  JOIN nodes ON nodes.id = reached.id
 ORDER BY level.depth, nodes.kind, nodes.name;

-- name: edges_followed
SELECT DISTINCT source, kind, target, properties
  FROM unnest(%(expanded)s::uuid[]) AS near (id)
 CROSS JOIN LATERAL edges_seen(near.id, %(fan_out)s, %(outward)s, %(inward)s, %(relations)s, %(as_of)s)
  JOIN unnest(%(visited)s::uuid[]) AS reached (id) ON reached.id = far
 WHERE place <= %(fan_out)s
 ORDER BY source, kind, target;

-- name: steps_from
-- The edges that lead on from each of these nodes; `more`: it has others.
SELECT near.id AS near, far, source, kind, target, properties, place > %(fan_out)s AS more
  FROM unnest(%(frontier)s::uuid[]) AS near (id)
 CROSS JOIN LATERAL edges_seen(near.id, %(fan_out)s, %(outward)s, %(inward)s, %(relations)s, %(as_of)s)
 ORDER BY place, source, kind, target;

-- name: nodes_of
SELECT id, kind, name, properties, recorded_at FROM nodes WHERE id = ANY (%(ids)s::uuid[]);

-- name: edges_among
-- OFFSET 0: by the ends of an edge, never by all edges of a hub.
SELECT found.source, found.kind, found.target, found.properties
  FROM unnest(%(ids)s::uuid[]) AS wanted (id)
 CROSS JOIN LATERAL (
       SELECT source, kind, target, properties, valid_from FROM edges
        WHERE target = wanted.id AND source = ANY (%(ids)s::uuid[])
          AND (%(as_of)s::timestamptz IS NULL AND valid_to IS NULL
               OR valid_from <= %(as_of)s AND (valid_to IS NULL OR %(as_of)s < valid_to))
       OFFSET 0) AS found
 ORDER BY found.valid_from DESC, found.source, found.kind, found.target
 LIMIT %(limit)s;

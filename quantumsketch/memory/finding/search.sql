-- What searching runs, by name.

-- name: prefer_kept_plans
-- Until the end of the transaction: what takes less time to run than to plan. A plan made while tables were small must
-- not be one for small tables.
SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true);

-- name: prefer_own_index
-- Where the tenant has an index of its own it is used, and the planner, who does not know how large a tenant is,
-- does not sort instead. As many are looked at as are needed; those that other conditions leave out are made up for.
SELECT set_config('enable_sort', 'off', true), set_config('hnsw.iterative_scan', 'strict_order', true),
       set_config('hnsw.ef_search', %(ef_search)s, true);

-- name: nearest_chunks
-- The tenant, the model and the length are constants to the planner, as in the condition of the tenant's own index;
-- without one all its chunks are compared. The nodes are looked up one by one, or their number would decide the order.
-- `speaker` is of whom the chunk is: `node` itself, or a duplicate that became part of it. Those `without` which is
-- searched are known already.
SELECT (SELECT CASE WHEN changed_at > %(as_of)s::timestamptz THEN id ELSE coalesce(merged_into, id) END
          FROM nodes WHERE nodes.id = chunks.node) AS node,
       1 - (embedding <=> %(vector)s::vector) AS similarity, chunks.node AS speaker
  FROM chunks
 WHERE tenant = %(tenant)s AND embedding_model = %(model)s AND vector_dims(embedding) = %(dimensions)s
   AND chunks.node <> ALL (%(without)s::uuid[])
   AND (%(kinds)s::text[] IS NULL
        OR (SELECT kind FROM nodes WHERE nodes.id = chunks.node) = ANY (%(kinds)s::text[]))
   AND (%(as_of)s::timestamptz IS NULL
        OR (SELECT recorded_at FROM nodes WHERE nodes.id = chunks.node) <= %(as_of)s::timestamptz)
 ORDER BY embedding::{compared_as} <=> %(vector)s::{compared_as}
 LIMIT %(limit)s;

-- name: allow_sorting
SELECT set_config('enable_sort', 'on', true);

-- name: search_words
-- What became part of another later than `as_of` stands for itself. What says something, and has no vector of the
-- model, is `uncompared`: the first chunk is the first to get one. The best are told first: in a large table the join
-- does not keep them so.
SELECT coalesce(alone.id, found.node) AS node, rank, CASE WHEN alone.id IS NULL THEN duplicate END AS duplicate,
       named, told, length,
       (SELECT text <> '' AND embedding_model IS DISTINCT FROM %(model)s FROM chunks
         WHERE chunks.node = found.node ORDER BY place LIMIT 1) IS TRUE AS uncompared
  FROM search_words(%(question)s, %(words)s::text[], %(parts)s::text[], %(kinds)s::text[], %(limit)s)
       WITH ORDINALITY AS found (node, rank, duplicate, named, told, length, best)
  LEFT JOIN LATERAL (
       SELECT id FROM nodes
        WHERE merged_into = found.node AND name = found.duplicate AND changed_at > %(as_of)s::timestamptz) AS alone ON true
 ORDER BY best;

-- name: steps_beside
-- One step from each of these nodes.
SELECT near.id AS near, near.name, far, edge.kind
  FROM nodes AS near
 CROSS JOIN LATERAL edges_seen(near.id, %(fan_out)s, true, true, NULL, %(as_of)s) AS edge
 WHERE near.id = ANY (%(nodes)s::uuid[]) AND place <= %(fan_out)s AND far <> near.id
 ORDER BY near.id, place, far, edge.kind;

-- name: candidates
-- What is known of each node that was found; `text` is its chunk, or one of its duplicates, that is nearest to the
-- question and says more than the name, or its first one where none can be compared.
SELECT nodes.id, nodes.kind, nodes.name, coalesce(nullif(nearest.text, ''), told.text, '') AS text,
       nearest.similarity, nearest.text IS NULL AND told.text IS NOT NULL AS uncompared,
       nearest.text IS NOT NULL
       AND EXISTS (SELECT FROM chunks WHERE node = ANY (speakers.all_of_it) AND embedding IS NULL) AS partly_compared,
       nodes.changed_at,
       nodes.closed_at IS NOT NULL AND (%(as_of)s::timestamptz IS NULL OR nodes.closed_at <= %(as_of)s) AS closed
  FROM unnest(%(nodes)s::uuid[]) AS found (id)
 CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = found.id OFFSET 0) AS nodes
 CROSS JOIN LATERAL (
       SELECT found.id || ARRAY(SELECT id FROM duplicates_of(found.id, %(as_of)s) AS id) AS all_of_it
       OFFSET 0) AS speakers
  LEFT JOIN LATERAL (
       SELECT text, 1 - (embedding <=> %(vector)s::vector) AS similarity
         FROM chunks
        WHERE node = ANY (speakers.all_of_it) AND embedding_model = %(model)s AND vector_dims(embedding) = %(dimensions)s
        ORDER BY embedding <=> %(vector)s::vector
        LIMIT 1) AS nearest ON true
  LEFT JOIN LATERAL (
       SELECT text FROM chunks
        WHERE node = ANY (speakers.all_of_it) AND coalesce(nearest.text, '') = ''
        ORDER BY text = '',
                 CASE WHEN embedding_model = %(model)s AND vector_dims(embedding) = %(dimensions)s
                      THEN embedding <=> %(vector)s::vector END,
                 node <> found.id, place
        LIMIT 1) AS told ON true
 WHERE (%(kinds)s::text[] IS NULL OR nodes.kind = ANY (%(kinds)s::text[]))
   AND (%(as_of)s::timestamptz IS NULL OR nodes.recorded_at <= %(as_of)s);

-- name: successions
-- What takes the place of nodes, or deprecates them, where anything does. As edges_seen, it looks at 4096 edges of a hub.
SELECT found.id, successor.id AS successor, successor.name AS successor_name, deprecating.name AS deprecated_by
  FROM unnest(%(nodes)s::uuid[]) AS found (id)
 CROSS JOIN LATERAL (
       SELECT coalesce((SELECT target FROM edges
                         WHERE source = found.id AND kind = 'replaced_by' AND valid_to IS NULL
                         ORDER BY valid_from DESC, target
                         LIMIT 1),
                       (array_agg(source) FILTER (WHERE kind = 'supersedes'))[1]) AS successor,
              (array_agg(source) FILTER (WHERE kind = 'deprecates'))[1] AS deprecating
         FROM (SELECT source, kind FROM edges
                WHERE target = found.id AND valid_to IS NULL
                ORDER BY valid_from DESC, source, kind
                LIMIT 4096) AS newest
        WHERE kind IN ('supersedes', 'deprecates')) AS later
  LEFT JOIN LATERAL (SELECT id, name FROM nodes WHERE nodes.id = later.successor OFFSET 0) AS successor ON true
  LEFT JOIN LATERAL (SELECT name FROM nodes WHERE nodes.id = later.deprecating OFFSET 0) AS deprecating ON true
 WHERE later.successor IS NOT NULL OR later.deprecating IS NOT NULL;

-- name: successions_then
-- The same of a time that is past, by entities that were there then.
SELECT found.id, successor.id AS successor, successor.name AS successor_name, deprecating.name AS deprecated_by
  FROM unnest(%(nodes)s::uuid[]) AS found (id)
  LEFT JOIN LATERAL (
       SELECT node.id, node.name
         FROM (SELECT far, place FROM edges_seen(found.id, 1, true, false, '{replaced_by}', %(as_of)s)
               UNION ALL
               SELECT far, place FROM edges_seen(found.id, 1, false, true, '{supersedes}', %(as_of)s)) AS step
         JOIN nodes AS node ON node.id = step.far AND (%(as_of)s::timestamptz IS NULL OR node.recorded_at <= %(as_of)s)
        WHERE step.place = 1
        LIMIT 1) AS successor ON true
  LEFT JOIN LATERAL (
       SELECT node.name
         FROM edges_seen(found.id, 1, false, true, '{deprecates}', %(as_of)s) AS step
         JOIN nodes AS node ON node.id = step.far AND (%(as_of)s::timestamptz IS NULL OR node.recorded_at <= %(as_of)s)
        WHERE step.place = 1
        LIMIT 1) AS deprecating ON true
 WHERE successor.id IS NOT NULL OR deprecating.name IS NOT NULL;

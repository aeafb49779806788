-- What gives texts their vectors, by name.

-- name: chunks_without_vector
-- A video's id, which its beats are called by too, says nothing of what it means.
SELECT chunks.node, chunks.place, chunks.text,
       CASE WHEN nodes.kind IN ('video', 'beat') THEN '' ELSE nodes.name END AS name
  FROM chunks JOIN nodes ON nodes.id = chunks.node
 WHERE chunks.embedding IS NULL AND (%(nodes)s::uuid[] IS NULL OR chunks.node = ANY (%(nodes)s::uuid[]))
 ORDER BY chunks.node, chunks.place
 LIMIT %(limit)s;

-- name: entities_without_vectors
-- One by one: the planner knows not how many there are.
SELECT waiting.node
  FROM (SELECT DISTINCT node FROM chunks WHERE embedding IS NULL
        UNION
        SELECT id FROM nodes WHERE kind = 'video' AND document IS NOT NULL AND embedding IS NULL) AS waiting
 CROSS JOIN LATERAL (SELECT kind FROM nodes WHERE nodes.id = waiting.node OFFSET 0) AS nodes
 WHERE nodes.kind <> ALL (%(but)s::text[])
 LIMIT %(limit)s;

-- name: videos_without_vector
SELECT id AS node, 0 AS place, document::text AS text
  FROM nodes
 WHERE kind = 'video' AND document IS NOT NULL AND embedding IS NULL AND (id, 0) > (%(node)s, %(place)s)
   AND (%(nodes)s::uuid[] IS NULL OR id = ANY (%(nodes)s::uuid[]))
 ORDER BY id
 LIMIT %(limit)s;

-- name: stale_chunks
SELECT node, place, text,
       (SELECT CASE WHEN kind IN ('video', 'beat') THEN '' ELSE name END FROM nodes WHERE nodes.id = chunks.node) AS name
  FROM chunks
 WHERE (node, place) > (%(node)s, %(place)s)
   AND (embedding_model, vector_dims(embedding)) IS DISTINCT FROM (%(model)s, %(dimensions)s::integer)
 ORDER BY node, place
 LIMIT %(limit)s;

-- name: stale_videos
SELECT id AS node, 0 AS place, document::text AS text
  FROM nodes
 WHERE kind = 'video' AND document IS NOT NULL AND (id, 0) > (%(node)s, %(place)s)
   AND (embedding_model, vector_dims(embedding)) IS DISTINCT FROM (%(model)s, %(dimensions)s::integer)
 ORDER BY id
 LIMIT %(limit)s;

-- name: count_stale
SELECT (SELECT count(*) FROM chunks
         WHERE (embedding_model, vector_dims(embedding)) IS DISTINCT FROM (%(model)s, %(dimensions)s::integer))
       + (SELECT count(*) FROM nodes
           WHERE kind = 'video' AND document IS NOT NULL
             AND (embedding_model, vector_dims(embedding)) IS DISTINCT FROM (%(model)s, %(dimensions)s::integer)
         ) AS texts;

-- name: put_vectors
-- Unless the text became another one in the meantime.
UPDATE chunks SET embedding = new.embedding::vector, embedding_model = %(model)s
  FROM unnest(%(nodes)s::uuid[], %(places)s::integer[], %(texts)s::text[], %(embeddings)s::text[])
       AS new (node, place, text, embedding)
 WHERE chunks.node = new.node AND chunks.place = new.place AND chunks.text = new.text;

-- name: put_video_vectors
UPDATE nodes SET embedding = new.embedding::vector, embedding_model = %(model)s
  FROM unnest(%(nodes)s::uuid[], %(places)s::integer[], %(texts)s::text[], %(embeddings)s::text[])
       AS new (node, place, text, embedding)
 WHERE nodes.id = new.node AND nodes.document::text = new.text;

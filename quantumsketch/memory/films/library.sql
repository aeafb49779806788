-- What the library of finished videos asks, by name.

-- name: videos_without_texts
SELECT name FROM nodes
 WHERE kind = 'video' AND document IS NOT NULL AND closed_at IS NULL
   AND NOT EXISTS (SELECT FROM chunks WHERE chunks.node = nodes.id) AND name <> ALL (%(but)s::text[])
 ORDER BY recorded_at DESC, name
 LIMIT %(limit)s;

-- name: concept_names
-- A name that became part of another concept stands for that. Of very many the newest.
SELECT name, coalesce((SELECT name FROM nodes AS survivor WHERE survivor.id = nodes.merged_into), name) AS concept
  FROM nodes
 WHERE kind = 'concept' AND (closed_at IS NULL OR merged_into IS NOT NULL)
 ORDER BY changed_at DESC, name
 LIMIT %(limit)s;

-- name: concepts_recorded
-- What a recording said of these nodes, and nobody else.
SELECT source.kind AS source_kind, source.name AS source_name, edges.kind, target.name AS concept
  FROM edges
  JOIN nodes AS source ON source.id = edges.source
  JOIN nodes AS target ON target.id = edges.target
 WHERE edges.source = ANY (%(nodes)s::uuid[]) AND edges.valid_to IS NULL
   AND edges.kind IN ('explains', 'mentions') AND edges.provenance ->> 'activity' = %(activity)s;

-- name: beats_no_more
-- Beats that a video had before it was recorded anew.
SELECT beat.name
  FROM edges
 CROSS JOIN LATERAL (SELECT id, name, closed_at FROM nodes WHERE nodes.id = edges.target OFFSET 0) AS beat
 WHERE edges.source = %(video)s AND edges.kind = 'has_beat' AND beat.closed_at IS NULL
 GROUP BY beat.name
HAVING bool_and(edges.valid_to IS NOT NULL);

-- name: beats_of_idea
-- The newest beats in which this idea became a scene that may serve again, for the same frame.
SELECT beat.name
  FROM edges
 CROSS JOIN LATERAL (SELECT name FROM nodes WHERE nodes.id = edges.source OFFSET 0) AS beat
 WHERE edges.target = (SELECT id FROM nodes WHERE (kind, name) = ('idea', %(idea)s)) AND edges.valid_to IS NULL
   AND edges.kind = 'follows' AND edges.properties @> '{"verified": true}'
   AND edges.properties ->> 'aspect' = %(aspect)s
 ORDER BY edges.valid_from DESC, beat.name
 LIMIT %(limit)s;

-- name: concept_named
-- As it is; of a duplicate, what it became part of.
SELECT survivor.id, survivor.name
  FROM nodes AS said
 CROSS JOIN LATERAL (
       SELECT id, name FROM nodes WHERE nodes.id = coalesce(said.merged_into, said.id) OFFSET 0) AS survivor
 WHERE (said.kind, said.name) = ('concept', %(name)s) AND (said.closed_at IS NULL OR said.merged_into IS NOT NULL);

-- name: speaking_of_concept
SELECT source, kind FROM edges
 WHERE target = %(concept)s AND valid_to IS NULL AND kind IN ('explains', 'mentions')
 ORDER BY valid_from DESC, source, kind
 LIMIT %(limit)s;

-- name: beats_with_part
-- What a search by words does not find. Of very many beats the newest are read, and it is said that there are more.
SELECT coalesce(array_agg(id) FILTER (WHERE held), '{}') AS beats, count(*) = %(looked_at)s AS more
  FROM (SELECT newest.id, strpos(lower(beat.description), lower(%(part)s)) > 0 AS held
          FROM (SELECT id FROM nodes
                 WHERE kind = 'beat' AND closed_at IS NULL
                 ORDER BY recorded_at DESC, id
                 LIMIT %(looked_at)s) AS newest
         CROSS JOIN LATERAL (SELECT description FROM nodes WHERE nodes.id = newest.id OFFSET 0) AS beat) AS read;

-- name: places_in_videos
-- Where in which video each of these videos and beats is. By ids all the way: where the kind is a constant, an index
-- of all videos looks cheap.
SELECT found.id, found.kind, found.description, found.properties ->> 'title' AS title,
       (found.properties ->> 'at_s')::float8 AS at_s,
       regexp_replace(found.name, '^.*/', '') AS beat_id,
       video.name AS video_id, video.properties ->> 'title' AS video_title, video.recorded_at
  FROM unnest(%(nodes)s::uuid[]) AS wanted (id)
 CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = wanted.id OFFSET 0) AS found
 CROSS JOIN LATERAL (
       SELECT found.id WHERE found.kind = 'video'
       UNION ALL
       SELECT source FROM edges
        WHERE target = found.id AND kind = 'has_beat' AND valid_to IS NULL AND found.kind = 'beat') AS whole
 CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = whole.id OFFSET 0) AS video
 WHERE found.closed_at IS NULL AND video.closed_at IS NULL AND video.document IS NOT NULL;

-- name: shared_with_videos
-- What a video and its beats have in common with others, a line for each thing; of a thing that very many have,
-- the newest of these.
WITH parts AS MATERIALIZED (
    SELECT %(video)s::uuid AS id
    UNION
    SELECT target FROM edges WHERE source = %(video)s AND kind = 'has_beat' AND valid_to IS NULL
),
things AS MATERIALIZED (
    SELECT DISTINCT found.target
      FROM parts
     CROSS JOIN LATERAL (
           SELECT target FROM edges
            WHERE edges.source = parts.id AND valid_to IS NULL AND kind = ANY (%(relations)s::text[]) OFFSET 0) AS found
),
others AS MATERIALIZED (
    SELECT DISTINCT things.target, other.source
      FROM things
     CROSS JOIN LATERAL (
           SELECT edges.source FROM edges
            WHERE edges.target = things.target AND valid_to IS NULL AND kind = ANY (%(relations)s::text[])
            ORDER BY valid_from DESC, edges.source
            LIMIT %(fan_out)s) AS other
),
found AS MATERIALIZED (
    SELECT others.source AS video, others.target FROM others
    UNION
    SELECT has.source, others.target
      FROM others
     CROSS JOIN LATERAL (
           SELECT edges.source FROM edges
            WHERE edges.target = others.source AND kind = 'has_beat' AND valid_to IS NULL OFFSET 0) AS has
)
SELECT video.name AS video_id, thing.kind, thing.name
  FROM found
 CROSS JOIN LATERAL (SELECT kind, name, document, closed_at FROM nodes WHERE nodes.id = found.video OFFSET 0) AS video
 CROSS JOIN LATERAL (SELECT kind, name FROM nodes WHERE nodes.id = found.target OFFSET 0) AS thing
 WHERE found.video <> %(video)s AND video.kind = 'video' AND video.document IS NOT NULL AND video.closed_at IS NULL;

-- name: titles_of_videos
SELECT found.name AS id, found.properties ->> 'title' AS title
  FROM unnest(%(kinds)s::text[], %(names)s::text[]) AS wanted (kind, name)
 CROSS JOIN LATERAL (
       SELECT name, properties FROM nodes
        WHERE (nodes.kind, nodes.name) = (wanted.kind, wanted.name) OFFSET 0) AS found;

-- What the store of entities and facts runs, by name. Parameters are written %(name)s, as psycopg reads them.

-- name: recording_time
-- Asked after the turn was taken: later than whatever was recorded of the tenant, also where the clock went back. But a
-- time that clocks cannot differ by was a mistake, which later writers are not to repeat.
INSERT INTO recording_times AS last (tenant, at) VALUES (%(tenant)s, clock_timestamp())
ON CONFLICT (tenant) DO UPDATE
   SET at = CASE WHEN last.at > excluded.at + %(differ_by)s::interval THEN excluded.at
                 ELSE greatest(excluded.at, last.at + interval '1 microsecond') END
RETURNING at;

-- name: find_nodes
-- OFFSET 0: each key is looked up by itself. Of a tenant that grew since the tables were last analyzed, a join would
-- look cheap and take minutes.
SELECT said.kind, said.name, coalesce(found.merged_into, found.id)::text AS id
  FROM unnest(%(kinds)s::text[], %(names)s::text[]) AS said (kind, name)
 CROSS JOIN LATERAL (SELECT id, merged_into FROM nodes WHERE (kind, name) = (said.kind, said.name) OFFSET 0) AS found;

-- name: add_entities
INSERT INTO nodes (tenant, kind, name, description, body, properties, provenance, recorded_at, changed_at)
SELECT %(tenant)s, kind, name, coalesce(description, ''), coalesce(body, ''), coalesce(properties, '{}'),
       %(provenance)s, %(at)s, %(at)s
  FROM unnest(%(kinds)s::text[], %(names)s::text[], %(descriptions)s::text[], %(bodies)s::text[],
              %(properties)s::jsonb[]) AS new (kind, name, description, body, properties)
RETURNING kind, name, id::text;

-- name: entities_that_differ
-- What is NULL was not said: it stays. A closed entity of which something is said is there again; of a duplicate
-- nothing is said any more, only that it is part of another one.
SELECT old.kind, old.name, old.id::text, old.merged_into IS NOT NULL AS is_merged
  FROM unnest(%(kinds)s::text[], %(names)s::text[], %(descriptions)s::text[], %(bodies)s::text[],
              %(properties)s::jsonb[]) AS new (kind, name, description, body, properties)
 CROSS JOIN LATERAL (SELECT * FROM nodes WHERE (kind, name) = (new.kind, new.name) OFFSET 0) AS old
 WHERE old.merged_into IS NOT NULL
    OR (old.description, old.body, old.properties, old.closed_at)
       IS DISTINCT FROM
       (coalesce(new.description, old.description), coalesce(new.body, old.body),
        coalesce(new.properties, old.properties), NULL);

-- name: change_entity
UPDATE nodes
   SET description = coalesce(%(description)s, description), body = coalesce(%(body)s, body),
       properties = coalesce(%(properties)s, properties), closed_at = NULL,
       provenance = %(provenance)s, changed_at = %(at)s
 WHERE id = %(node)s;

-- name: texts_of
SELECT nodes.id::text, nodes.kind, nodes.description, nodes.body
  FROM unnest(%(nodes)s::uuid[]) AS wanted (id)
 CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = wanted.id OFFSET 0) AS nodes;

-- name: put_chunks
INSERT INTO chunks AS old (tenant, node, place, text)
SELECT %(tenant)s, node, place, text
  FROM unnest(%(nodes)s::uuid[], %(places)s::integer[], %(texts)s::text[]) AS new (node, place, text)
ON CONFLICT (tenant, node, place) DO UPDATE
   SET text = excluded.text, embedding = NULL, embedding_model = NULL
 WHERE old.text <> excluded.text;

-- name: drop_chunks
-- Those behind the last one that their node has now.
DELETE FROM chunks
 WHERE (node, place) IN (
       SELECT found.node, found.place
         FROM unnest(%(nodes)s::uuid[], %(counts)s::integer[]) AS made (node, count)
        CROSS JOIN LATERAL (
              SELECT node, place FROM chunks WHERE node = made.node AND place >= made.count OFFSET 0) AS found);

-- name: begun
-- Which sources have facts of a relation at all, whenever they held: of the others none has to be looked for.
SELECT line.source::text, line.kind
  FROM unnest(%(sources)s::uuid[], %(kinds)s::text[]) AS line (source, kind)
 CROSS JOIN LATERAL (SELECT FROM edges WHERE (source, kind) = (line.source, line.kind) LIMIT 1) AS found;

-- name: spells
-- All that was ever said on these timelines: of a source and a relation if that is functional, else of one target.
SELECT line.source::text, line.kind, line.target::text, found.valid_from, found.valid_to,
       found.properties::text, true AS single
  FROM unnest(%(sources)s::uuid[], %(kinds)s::text[], %(targets)s::uuid[]) AS line (source, kind, target)
 CROSS JOIN LATERAL (
       SELECT valid_from, valid_to, properties FROM edges
        WHERE (source, kind, target) = (line.source, line.kind, line.target) OFFSET 0) AS found
UNION ALL
SELECT line.source::text, line.kind, found.target::text, found.valid_from, found.valid_to,
       found.properties::text, false
  FROM unnest(%(functional_sources)s::uuid[], %(functional_kinds)s::text[]) AS line (source, kind)
 CROSS JOIN LATERAL (
       SELECT target, valid_from, valid_to, properties FROM edges
        WHERE (source, kind) = (line.source, line.kind) OFFSET 0) AS found;

-- name: change_fact
UPDATE edges
   SET valid_from = %(valid_from)s, valid_to = %(valid_to)s, properties = %(properties)s,
       provenance = %(provenance)s, recorded_at = %(at)s
 WHERE (source, kind, target, valid_from) = (%(source)s, %(kind)s, %(target)s, %(stored_from)s)
   AND (valid_from, valid_to, properties)
       IS DISTINCT FROM (%(valid_from)s::timestamptz, %(valid_to)s::timestamptz, %(properties)s::jsonb);

-- name: add_facts
-- In the order of the primary key, which is quicker.
INSERT INTO edges (tenant, source, kind, target, properties, provenance, recorded_at, valid_from, valid_to)
SELECT %(tenant)s, source, kind, target, coalesce(properties, '{}'), %(provenance)s, %(at)s,
       coalesce(valid_from, %(at)s), valid_to
  FROM unnest(%(sources)s::uuid[], %(kinds)s::text[], %(targets)s::uuid[], %(valid_froms)s::timestamptz[],
              %(valid_tos)s::timestamptz[], %(properties)s::jsonb[])
       AS new (source, kind, target, valid_from, valid_to, properties)
 ORDER BY source, kind, target;

-- name: close_entity
UPDATE nodes
   SET closed_at = %(closed_at)s, merged_into = %(merged_into)s, provenance = %(provenance)s, changed_at = %(at)s
 WHERE id = %(node)s AND (closed_at IS NULL OR %(merged_into)s::uuid IS NOT NULL);

-- name: close_facts_of
UPDATE edges AS old
   SET valid_to = greatest(%(closed_at)s, old.valid_from), provenance = %(provenance)s, recorded_at = %(at)s
  FROM (SELECT source, kind, target FROM edges WHERE source = %(node)s AND valid_to IS NULL
        UNION
        SELECT source, kind, target FROM edges WHERE target = %(node)s AND valid_to IS NULL) AS at_node
 WHERE (old.source, old.kind, old.target) = (at_node.source, at_node.kind, at_node.target)
   AND old.valid_to IS NULL;

-- name: close_fact
UPDATE edges SET valid_to = %(closed_at)s, provenance = %(provenance)s, recorded_at = %(at)s
 WHERE (source, kind, target) = (%(source)s, %(kind)s, %(target)s) AND valid_to IS NULL
   AND valid_from <= %(closed_at)s;

-- name: fact_spells
SELECT valid_from, valid_to FROM edges
 WHERE (source, kind, target) = (%(source)s::uuid, %(kind)s, %(target)s::uuid)
 ORDER BY valid_from DESC;

-- name: entity
SELECT id, kind, name, description, body, properties, provenance, recorded_at, changed_at, closed_at, merged_into
  FROM nodes
 WHERE id = %(node)s;

-- name: entity_as_of
SELECT id, kind, name, description, body, properties, provenance, recorded_at, changed_at, closed_at, merged_into
  FROM nodes
 WHERE id = %(node)s AND changed_at <= %(as_of)s
UNION ALL
SELECT id, kind, name, version.description, version.body, version.properties, version.provenance,
       nodes.recorded_at, version.recorded_from, version.closed_at, version.merged_into
  FROM nodes JOIN node_versions AS version ON version.node = nodes.id
 WHERE nodes.id = %(node)s AND version.recorded_from <= %(as_of)s AND %(as_of)s < version.recorded_to;

-- name: duplicates
-- What is part of a node, and was at a time: what became part of it as part of another later is not told then.
SELECT id, kind, name, description, properties, provenance, recorded_at, changed_at, closed_at, merged_into
  FROM nodes
 WHERE merged_into = %(node)s AND (%(as_of)s::timestamptz IS NULL OR changed_at <= %(as_of)s)
 ORDER BY changed_at DESC, id
 LIMIT %(limit)s;

-- name: entity_id
SELECT id FROM nodes WHERE (kind, name) = (%(kind)s, %(name)s);

-- name: entities
-- Those that are not closed, the newest first, behind where the last page ended: what is written meanwhile is newer.
-- `bytes`: how long it is to tell one.
SELECT id, kind, name, description, properties, provenance, recorded_at, changed_at, closed_at, merged_into,
       octet_length(to_json(description)::text) + octet_length(properties::text) AS bytes
  FROM nodes
 WHERE closed_at IS NULL AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (recorded_at, id) < (%(after_at)s, %(after)s)
 ORDER BY recorded_at DESC, id DESC
 LIMIT %(limit)s;

-- name: facts_now
-- The open facts at one node, newest first and then by the other end, behind a place in that order: it is that of an
-- index each way. How long they are is asked of those alone that are fetched.
SELECT source, kind, target, properties, provenance, valid_from, valid_to, recorded_at,
       NULL::timestamptz AS recorded_to, octet_length(properties::text) + octet_length(provenance::text) AS bytes
  FROM (
(SELECT *, target AS far, 1 AS way
   FROM edges
  WHERE source = %(node)s AND valid_to IS NULL AND %(outward)s
    AND (%(relation)s::text IS NULL OR kind = %(relation)s) AND valid_from <= %(after_at)s
    AND (valid_from < %(after_at)s OR (target, kind, 1) > (%(after_far)s::uuid, %(after_kind)s, %(after_way)s))
  ORDER BY valid_from DESC, target, kind
  LIMIT %(limit)s)
UNION ALL
(SELECT *, source, 2
   FROM edges
  WHERE target = %(node)s AND valid_to IS NULL AND %(inward)s AND NOT (%(outward)s AND source = target)
    AND (%(relation)s::text IS NULL OR kind = %(relation)s) AND valid_from <= %(after_at)s
    AND (valid_from < %(after_at)s OR (source, kind, 2) > (%(after_far)s::uuid, %(after_kind)s, %(after_way)s))
  ORDER BY valid_from DESC, source, kind
  LIMIT %(limit)s)
ORDER BY valid_from DESC, far, kind, way
LIMIT %(limit)s) AS held;

-- name: facts_then
-- The facts at one node that were held, at known_at, to hold at as_of; without a known_at, that are held now.
SELECT source, kind, target, properties, provenance, valid_from, valid_to, recorded_at, recorded_to,
       octet_length(properties::text) + octet_length(provenance::text) AS bytes
  FROM (
SELECT *
  FROM (SELECT *, NULL::timestamptz AS recorded_to
          FROM (SELECT source, kind, target, properties, provenance, valid_from, valid_to, recorded_at,
                       target AS far, 1 AS way
                  FROM edges WHERE source = %(node)s AND %(outward)s
                UNION ALL
                SELECT source, kind, target, properties, provenance, valid_from, valid_to, recorded_at, source, 2
                  FROM edges
                 WHERE target = %(node)s AND %(inward)s AND NOT (%(outward)s AND source = target)) AS present
         WHERE %(known_at)s::timestamptz IS NULL OR recorded_at <= %(known_at)s
        UNION ALL
        SELECT source, kind, target, properties, provenance, valid_from, valid_to, recorded_at, target, 1, recorded_to
          FROM edge_versions
         WHERE source = %(node)s AND %(outward)s AND recorded_at <= %(known_at)s AND %(known_at)s < recorded_to
        UNION ALL
        SELECT source, kind, target, properties, provenance, valid_from, valid_to, recorded_at, source, 2, recorded_to
          FROM edge_versions
         WHERE target = %(node)s AND %(inward)s AND NOT (%(outward)s AND source = target)
           AND recorded_at <= %(known_at)s AND %(known_at)s < recorded_to) AS known
 WHERE (%(relation)s::text IS NULL OR kind = %(relation)s)
   AND (%(as_of)s::timestamptz IS NULL AND valid_to IS NULL
        OR valid_from <= %(as_of)s AND (valid_to IS NULL OR %(as_of)s < valid_to))
   AND (valid_from < %(after_at)s
        OR valid_from = %(after_at)s AND (far, kind, way) > (%(after_far)s::uuid, %(after_kind)s, %(after_way)s))
 ORDER BY valid_from DESC, far, kind, way
 LIMIT %(limit)s) AS held;

-- name: open_facts_of
SELECT source::text, kind, target::text, properties::text
  FROM edges
 WHERE source = %(node)s AND valid_to IS NULL
UNION
SELECT source::text, kind, target::text, properties::text
  FROM edges
 WHERE target = %(node)s AND valid_to IS NULL;

-- name: open_relations
SELECT DISTINCT kind FROM edges WHERE source = %(node)s AND kind = ANY (%(kinds)s::text[]) AND valid_to IS NULL;

-- name: open_facts
-- Those of these facts that hold.
SELECT held.source::text, held.kind, held.target::text, held.properties::text
  FROM unnest(%(sources)s::uuid[], %(kinds)s::text[], %(targets)s::uuid[]) AS line (source, kind, target)
 CROSS JOIN LATERAL (
       SELECT * FROM edges
        WHERE (source, kind, target) = (line.source, line.kind, line.target) AND valid_to IS NULL
       OFFSET 0) AS held;

-- name: facts_below
-- What of one relation leads on from these targets, and from where that leads; nothing if it leads to none of these
-- sources. UNION stops where it was before, and no more nodes are looked for than the LIMIT takes. The order is that
-- of edges_open: without statistics any index with these columns looks as good, and another would be read whole.
WITH RECURSIVE below (kind, node) AS (
     SELECT kind, target FROM unnest(%(kinds)s::text[], %(targets)s::uuid[]) AS line (kind, target)
     UNION
     SELECT below.kind, held.target
       FROM below
      CROSS JOIN LATERAL (
            SELECT target FROM edges
             WHERE source = below.node AND kind BETWEEN below.kind AND below.kind AND valid_to IS NULL
             ORDER BY kind, target) AS held),
nearest AS MATERIALIZED (SELECT kind, node FROM below LIMIT %(most_nodes)s)
SELECT nearest.node::text AS source, nearest.kind, held.target::text AS target
  FROM nearest
 CROSS JOIN LATERAL (
       SELECT target FROM edges
        WHERE source = nearest.node AND kind BETWEEN nearest.kind AND nearest.kind AND valid_to IS NULL
        ORDER BY kind, target) AS held
 WHERE EXISTS (SELECT FROM nearest
                 JOIN unnest(%(sources)s::uuid[], %(kinds)s::text[]) AS line (source, kind)
                   ON (line.source, line.kind) = (nearest.node, nearest.kind))
 LIMIT %(most_facts)s;

-- name: repoint_duplicates
UPDATE nodes SET merged_into = %(into)s, provenance = %(provenance)s, changed_at = %(at)s
 WHERE merged_into = %(node)s;

-- name: erase_entity
SELECT erase_entity(%(node)s) AS erased;

-- name: erase_tenant
SELECT erase_tenant() AS erased;

-- name: erase_old_plans
SELECT erase_old_plans(%(name)s, %(kept)s);

-- What nodes were as recorded at a time that is past, by name.

-- name: states_then
-- Those that were there; `changed`: another version of it is recorded now.
SELECT node.id, node.kind, node.name, version.node IS NOT NULL AS changed,
       coalesce(version.description, node.description) AS description,
       left(concat_ws(E'\n', nullif(coalesce(version.description, node.description), ''),
                      nullif(coalesce(version.body, node.body), '')), %(longest)s) AS text,
       coalesce(version.properties, node.properties) AS properties,
       coalesce(version.recorded_from, node.changed_at) AS changed_at,
       CASE WHEN version.node IS NULL THEN node.closed_at ELSE version.closed_at END AS closed_at
  FROM unnest(%(nodes)s::uuid[]) AS wanted (id)
 CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = wanted.id OFFSET 0) AS node
  LEFT JOIN LATERAL (
       SELECT * FROM node_versions
        WHERE node_versions.node = wanted.id AND recorded_from <= %(as_of)s AND %(as_of)s < recorded_to
        LIMIT 1) AS version ON node.changed_at > %(as_of)s
 WHERE node.changed_at <= %(as_of)s OR version.node IS NOT NULL;

-- name: properties_then
-- Those that were there, in the order asked for; without properties where those before it are long enough.
SELECT id, CASE WHEN sum(octet_length(properties::text)) OVER (ORDER BY place) <= %(most_bytes)s
                THEN properties END AS properties
  FROM (SELECT wanted.place, node.id, coalesce(version.properties, node.properties) AS properties
          FROM unnest(%(nodes)s::uuid[]) WITH ORDINALITY AS wanted (id, place)
         CROSS JOIN LATERAL (SELECT id, properties, changed_at FROM nodes WHERE nodes.id = wanted.id OFFSET 0) AS node
          LEFT JOIN LATERAL (
               SELECT node, properties FROM node_versions
                WHERE node_versions.node = wanted.id AND recorded_from <= %(as_of)s AND %(as_of)s < recorded_to
                LIMIT 1) AS version ON node.changed_at > %(as_of)s
         WHERE node.changed_at <= %(as_of)s OR version.node IS NOT NULL) AS found;

-- name: there_then
SELECT id FROM nodes WHERE id = ANY (%(nodes)s::uuid[]) AND recorded_at <= %(as_of)s;

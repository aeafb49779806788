-- What stands beside entities: their facts, those that ended too, and how they are now.

-- name: facts_around
-- Of each node the newest facts that hold, at most fan_out each way, and the last ones that ended, as many as that in
-- all. Of a hub a thousand rows each way are looked at for those that ended. As of a time that is past nothing is told
-- of entities that were recorded later.
SELECT near.id AS near, found.source, found.kind, found.target, found.properties, found.valid_from, found.valid_to,
       other.id AS far, other.kind AS far_kind, other.name AS far_name
  FROM unnest(%(nodes)s::uuid[]) WITH ORDINALITY AS near (id, place)
 CROSS JOIN LATERAL (
       SELECT seen.source, seen.kind, seen.target, seen.properties, seen.far, spell.valid_from,
              NULL::timestamptz AS valid_to, seen.place
         FROM edges_seen(near.id, %(fan_out)s, true, true, NULL, %(as_of)s) AS seen
        CROSS JOIN LATERAL (
              SELECT valid_from FROM edges
               WHERE (source, kind, target) = (seen.source, seen.kind, seen.target)
                 AND (%(as_of)s::timestamptz IS NULL AND valid_to IS NULL
                      OR valid_from <= %(as_of)s AND (valid_to IS NULL OR %(as_of)s < valid_to))
               LIMIT 1) AS spell
        WHERE seen.place <= %(fan_out)s
       UNION ALL
       (SELECT ended.source, ended.kind, ended.target, ended.properties, ended.far, ended.valid_from, ended.valid_to,
               %(fan_out)s + row_number() OVER (ORDER BY ended.valid_to DESC, ended.far, ended.kind)
          FROM (SELECT out_of.*, out_of.target AS far
                  FROM (SELECT * FROM edges WHERE source = near.id LIMIT 1000) AS out_of
                UNION ALL
                SELECT into_it.*, into_it.source
                  FROM (SELECT * FROM edges WHERE target = near.id LIMIT 1000) AS into_it) AS ended
         WHERE ended.valid_to <= coalesce(%(as_of)s::timestamptz, now()) AND ended.valid_from < ended.valid_to
         ORDER BY ended.valid_to DESC, ended.far, ended.kind
         LIMIT %(fan_out)s)) AS found
 CROSS JOIN LATERAL (
       SELECT id, kind, name FROM nodes
        WHERE nodes.id = found.far AND (%(as_of)s::timestamptz IS NULL OR recorded_at <= %(as_of)s) OFFSET 0) AS other
 ORDER BY near.place, found.place, found.kind, other.kind, other.name;

-- name: present_states
SELECT nodes.id, nodes.kind, nodes.name, left(nodes.description, 1000) AS description, nodes.properties, nodes.changed_at,
       nodes.closed_at
  FROM unnest(%(nodes)s::uuid[]) AS wanted (id)
 CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = wanted.id OFFSET 0) AS nodes;

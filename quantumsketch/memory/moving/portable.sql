-- What a tenant's memory is as lines of JSON, each with its kind, and rows made of such lines again. The document of a
-- node is a text in them: so it stays exactly as it is. Vectors are not among them, nor are keys and quotas.

-- name: begin_export
-- Times are told alike wherever the server stands.
SELECT set_config('TimeZone', 'UTC', true), to_json(now()) #>> '{}' AS at;

-- name: export_nodes
-- Before the duplicates, which refer to what they became part of.
SELECT json_build_object('node', row_to_json(kept))::text AS line
  FROM (SELECT id, kind, name, description, body, properties, document::text AS document, provenance,
               recorded_at, changed_at, closed_at, merged_into
          FROM nodes WHERE (merged_into IS NOT NULL) = %(duplicates)s) AS kept
 ORDER BY id;

-- name: export_node_versions
SELECT json_build_object('node_version', row_to_json(kept))::text AS line
  FROM (SELECT node, description, body, properties, provenance, closed_at, merged_into, recorded_from, recorded_to
          FROM node_versions) AS kept
 ORDER BY node, recorded_from;

-- name: export_edges
SELECT json_build_object('edge', row_to_json(kept))::text AS line
  FROM (SELECT source, kind, target, properties, provenance, recorded_at, valid_from, valid_to FROM edges) AS kept
 ORDER BY source, kind COLLATE "C", target, valid_from;

-- name: export_edge_versions
SELECT json_build_object('edge_version', row_to_json(kept))::text AS line
  FROM (SELECT source, kind, target, properties, provenance, valid_from, valid_to, recorded_at, recorded_to
          FROM edge_versions) AS kept
 ORDER BY source, kind COLLATE "C", target, valid_from, recorded_at;

-- name: export_chunks
SELECT json_build_object('chunk', row_to_json(kept))::text AS line
  FROM (SELECT node, place, text FROM chunks) AS kept
 ORDER BY node, place;

-- name: export_model_calls
SELECT json_build_object('model_call', row_to_json(kept))::text AS line
  FROM (SELECT call_id, video_id, beat_id, model, purpose, at, reserved_usd, ended, cost_usd,
               input_tokens, output_tokens FROM model_calls) AS kept
 ORDER BY call_id COLLATE "C";

-- name: has_memory
SELECT EXISTS (SELECT FROM nodes WHERE tenant = %(tenant)s)
       OR EXISTS (SELECT FROM model_calls WHERE tenant = %(tenant)s) AS it_has;

-- name: nodes_beyond_quota
SELECT (SELECT count(*) FROM nodes WHERE nodes.tenant = tenants.tenant) - most_nodes AS nodes
  FROM tenants
 WHERE tenant = %(tenant)s AND most_nodes IS NOT NULL;

-- name: import_nodes
INSERT INTO nodes (tenant, id, kind, name, description, body, properties, document, provenance,
                   recorded_at, changed_at, closed_at, merged_into)
SELECT %(tenant)s, id, kind, name, description, body, properties, document::json, provenance,
       recorded_at, changed_at, closed_at, merged_into
  FROM unnest(%(lines)s::text[]) AS line
 CROSS JOIN LATERAL json_to_record(line::json -> 'node') AS told (
       id uuid, kind text, name text, description text, body text, properties jsonb, document text, provenance jsonb,
       recorded_at timestamptz, changed_at timestamptz, closed_at timestamptz, merged_into uuid);

-- name: import_node_versions
INSERT INTO node_versions (tenant, node, description, body, properties, provenance, closed_at, merged_into,
                           recorded_from, recorded_to)
SELECT %(tenant)s, told.*
  FROM unnest(%(lines)s::text[]) AS line
 CROSS JOIN LATERAL json_to_record(line::json -> 'node_version') AS told (
       node uuid, description text, body text, properties jsonb, provenance jsonb, closed_at timestamptz,
       merged_into uuid, recorded_from timestamptz, recorded_to timestamptz);

-- name: import_edges
INSERT INTO edges (tenant, source, kind, target, properties, provenance, recorded_at, valid_from, valid_to)
SELECT %(tenant)s, told.*
  FROM unnest(%(lines)s::text[]) AS line
 CROSS JOIN LATERAL json_to_record(line::json -> 'edge') AS told (
       source uuid, kind text, target uuid, properties jsonb, provenance jsonb, recorded_at timestamptz,
       valid_from timestamptz, valid_to timestamptz);

-- name: import_edge_versions
INSERT INTO edge_versions (tenant, source, kind, target, properties, provenance, valid_from, valid_to,
                           recorded_at, recorded_to)
SELECT %(tenant)s, told.*
  FROM unnest(%(lines)s::text[]) AS line
 CROSS JOIN LATERAL json_to_record(line::json -> 'edge_version') AS told (
       source uuid, kind text, target uuid, properties jsonb, provenance jsonb, valid_from timestamptz,
       valid_to timestamptz, recorded_at timestamptz, recorded_to timestamptz);

-- name: import_chunks
INSERT INTO chunks (tenant, node, place, text)
SELECT %(tenant)s, told.*
  FROM unnest(%(lines)s::text[]) AS line
 CROSS JOIN LATERAL json_to_record(line::json -> 'chunk') AS told (node uuid, place integer, text text);

-- name: import_model_calls
INSERT INTO model_calls (tenant, call_id, video_id, beat_id, model, purpose, at, reserved_usd, ended, cost_usd,
                         input_tokens, output_tokens)
SELECT %(tenant)s, told.*
  FROM unnest(%(lines)s::text[]) AS line
 CROSS JOIN LATERAL json_to_record(line::json -> 'model_call') AS told (
       call_id text, video_id text, beat_id text, model text, purpose text, at timestamptz,
       reserved_usd double precision, ended text, cost_usd double precision,
       input_tokens integer, output_tokens integer);

-- name: import_user
-- In a file of an earlier version the user is called like the tenant, or like one that the memory came from.
SELECT call_the_user(%(tenant)s, %(before)s, %(user)s);

-- name: import_recording_time
-- What is recorded from now on is recorded later, though the memory came from where the clock is ahead.
INSERT INTO recording_times AS last (tenant, at)
SELECT %(tenant)s, max(at)
  FROM (SELECT changed_at AS at FROM nodes WHERE tenant = %(tenant)s
        UNION ALL SELECT recorded_at FROM edges WHERE tenant = %(tenant)s
        UNION ALL SELECT recorded_to FROM edge_versions WHERE tenant = %(tenant)s) AS recorded
HAVING max(at) IS NOT NULL
ON CONFLICT (tenant) DO UPDATE SET at = greatest(excluded.at, last.at);

-- name: imported_joins
-- What the facts join, each kind of join once.
SELECT DISTINCT fact.kind, source.kind AS source, target.kind AS target, fact.source = fact.target AS to_itself
  FROM (SELECT source, kind, target FROM edges WHERE tenant = %(tenant)s
        UNION ALL
        SELECT source, kind, target FROM edge_versions WHERE tenant = %(tenant)s) AS fact
  JOIN nodes AS source ON source.tenant = %(tenant)s AND source.id = fact.source
  JOIN nodes AS target ON target.tenant = %(tenant)s AND target.id = fact.target;

-- name: imported_faults
-- What no history can be, though each row by itself might.
SELECT format('of %%s %%L holds with several', source, kind) AS fault
  FROM edges
 WHERE tenant = %(tenant)s AND valid_to IS NULL AND kind = ANY (%(functional)s::text[])
 GROUP BY source, kind HAVING count(*) > 1
UNION ALL
SELECT format('%%s cannot be a duplicate of %%s', part.id, whole.id)
  FROM nodes AS part JOIN nodes AS whole ON whole.tenant = %(tenant)s AND whole.id = part.merged_into
 WHERE part.tenant = %(tenant)s
   AND (whole.merged_into IS NOT NULL OR whole.kind <> part.kind OR part.closed_at IS NULL)
UNION ALL
SELECT format('%%s was known in two ways at once', node)
  FROM (SELECT node, recorded_to,
               lead(recorded_from) OVER (PARTITION BY node ORDER BY recorded_from) AS next
          FROM node_versions WHERE tenant = %(tenant)s) AS version
  JOIN nodes ON nodes.tenant = %(tenant)s AND nodes.id = version.node
 WHERE recorded_to > coalesce(next, nodes.changed_at)
UNION ALL
SELECT format('%%L of %%s and %%s was known in two ways at once', kind, source, target)
  FROM (SELECT source, kind, target, recorded_to,
               lead(recorded_at) OVER (PARTITION BY source, kind, target, valid_from ORDER BY recorded_at) AS next
          FROM (SELECT source, kind, target, valid_from, recorded_at, recorded_to
                  FROM edge_versions WHERE tenant = %(tenant)s
                UNION ALL
                SELECT source, kind, target, valid_from, recorded_at, NULL
                  FROM edges WHERE tenant = %(tenant)s) AS known) AS version
 WHERE recorded_to > next OR recorded_to IS NULL AND next IS NOT NULL
 LIMIT 1;

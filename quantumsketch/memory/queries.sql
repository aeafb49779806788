-- Every statement that the graph runs, by name. Parameters are written %(name)s, as psycopg reads them.

-- name: enter_tenant
-- Until the end of the transaction: the role that owns nothing, and one tenant's rows.
SELECT set_config('role', 'quantumsketch_app', true),
       set_config('app.tenant', %(tenant)s, true),
       set_config('search_path', 'quantumsketch, ' || current_setting('search_path'), true);

-- name: bound_statements
-- For the whole connection.
SELECT set_config('statement_timeout', %(longest_ms)s, false);

-- name: upsert_nodes
-- In the order of their names, so that two writers of shared nodes never wait for each other in a circle.
INSERT INTO nodes AS old (tenant, kind, name, properties, document, embedding, embedding_model,
                          provenance, recorded_at, changed_at)
SELECT %(tenant)s, kind, name, properties, document, embedding::vector,
       CASE WHEN embedding IS NOT NULL THEN %(model)s END, %(provenance)s, %(at)s, %(at)s
  FROM unnest(%(kinds)s::text[], %(names)s::text[], %(properties)s::jsonb[], %(documents)s::json[],
              %(embeddings)s::text[]) AS new (kind, name, properties, document, embedding)
 ORDER BY kind, name
ON CONFLICT (tenant, kind, name) DO UPDATE
   SET properties = excluded.properties, document = excluded.document,
       embedding = excluded.embedding, embedding_model = excluded.embedding_model,
       provenance = excluded.provenance, changed_at = excluded.changed_at
 WHERE (old.properties, old.document::text, old.embedding, old.embedding_model)
       IS DISTINCT FROM
       (excluded.properties, excluded.document::text, excluded.embedding, excluded.embedding_model);

-- name: close_edges
-- Close the edges that go out of these nodes and are not among those given; others may say other things of them.
UPDATE edges AS old
   SET valid_to = greatest(%(at)s, old.valid_from), provenance = %(provenance)s, recorded_at = %(at)s
 WHERE old.source = ANY (%(owners)s::uuid[]) AND old.valid_to IS NULL
   AND old.kind = ANY (%(recorded)s::text[])
   AND NOT EXISTS (
       SELECT FROM unnest(%(sources)s::uuid[], %(kinds)s::text[], %(targets)s::uuid[]) AS new (source, kind, target)
        WHERE (new.source, new.kind, new.target) = (old.source, old.kind, old.target));

-- name: upsert_edges
INSERT INTO edges AS old (tenant, source, kind, target, properties, provenance, recorded_at, valid_from)
SELECT %(tenant)s, source, kind, target, properties, %(provenance)s, %(at)s, %(at)s
  FROM unnest(%(sources)s::uuid[], %(kinds)s::text[], %(targets)s::uuid[], %(properties)s::jsonb[])
       AS new (source, kind, target, properties)
 ORDER BY source, kind, target
ON CONFLICT (tenant, source, kind, target) WHERE valid_to IS NULL DO UPDATE
   SET properties = excluded.properties, provenance = excluded.provenance, recorded_at = excluded.recorded_at
 WHERE old.properties IS DISTINCT FROM excluded.properties;

-- name: newest_videos
-- Those that were made: of others we may know, too.
SELECT id AS node, name AS id, properties, recorded_at
  FROM nodes
 WHERE kind = 'video' AND document IS NOT NULL AND closed_at IS NULL
 ORDER BY recorded_at DESC, nodes.id
 LIMIT %(limit)s;

-- name: video_document
SELECT document::text FROM nodes
 WHERE kind = 'video' AND name = %(name)s AND document IS NOT NULL AND closed_at IS NULL;

-- name: similar_videos
-- Exact: an approximate index over all tenants would starve the small ones.
SELECT id AS node, name AS id, properties, recorded_at,
       1 - (embedding <=> %(embedding)s::vector) AS similarity
  FROM nodes
 WHERE kind = 'video' AND closed_at IS NULL
   AND embedding_model = %(model)s AND vector_dims(embedding) = %(dimensions)s
 ORDER BY embedding <=> %(embedding)s::vector, nodes.id
 LIMIT %(limit)s;

-- name: cooling
SELECT until, why FROM cool_downs
 WHERE scope = ANY (%(scopes)s::text[]) AND until > %(now)s
 ORDER BY until DESC
 LIMIT 1;

-- name: cool
INSERT INTO cool_downs AS old (scope, until, why) VALUES (%(scope)s, %(until)s, %(why)s)
ON CONFLICT (scope) DO UPDATE SET until = excluded.until, why = excluded.why
 WHERE old.until < excluded.until;

-- name: take_turn
-- Until the end of the transaction; its own statement, so that what is read next was written before.
SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0));

-- name: spent
-- A call of unknown cost counts with what it reserved. Each sum walks an index of its own.
SELECT video.usd AS video_usd, video.held_usd AS video_held_usd,
       month.usd AS month_usd, month.held_usd AS month_held_usd
  FROM (SELECT coalesce(sum(coalesce(cost_usd, reserved_usd)), 0) AS usd,
               coalesce(sum(reserved_usd) FILTER (WHERE ended IS NULL AND at > %(begun_after)s), 0) AS held_usd
          FROM model_calls WHERE video_id = %(video_id)s) AS video
 CROSS JOIN
       (SELECT coalesce(sum(coalesce(cost_usd, reserved_usd)), 0) AS usd,
               coalesce(sum(reserved_usd) FILTER (WHERE ended IS NULL AND at > %(begun_after)s), 0) AS held_usd
          FROM model_calls WHERE at >= %(month)s) AS month;

-- name: reserved
SELECT reserved_usd FROM model_calls WHERE call_id = %(call_id)s;

-- name: video_calls
SELECT model, purpose, beat_id, ended, input_tokens, output_tokens, cost_usd
  FROM model_calls
 WHERE video_id = %(video_id)s
 ORDER BY at, call_id;

-- name: plan_call
INSERT INTO model_calls (tenant, call_id, video_id, beat_id, model, purpose, at, reserved_usd)
VALUES (%(tenant)s, %(call_id)s, %(video_id)s, %(beat_id)s, %(model)s, %(purpose)s, %(at)s, %(reserved_usd)s);

-- name: settle_call
UPDATE model_calls
   SET ended = %(ended)s, cost_usd = %(cost_usd)s,
       input_tokens = %(input_tokens)s, output_tokens = %(output_tokens)s
 WHERE call_id = %(call_id)s AND ended IS NULL;

-- name: free_calls_made
SELECT call_id, at FROM free_calls WHERE account = %(account)s;

-- name: forget_free_calls
-- Those that count neither for the day nor for the last minute.
DELETE FROM free_calls WHERE account = %(account)s AND at < %(before)s;

-- name: count_free_call
INSERT INTO free_calls (account, call_id, at) VALUES (%(account)s, %(call_id)s, %(at)s);

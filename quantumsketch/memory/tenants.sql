-- What is asked of tenants and their keys, by name. Parameters are written %(name)s, as psycopg reads them.

-- name: enter_schema
-- For the owner's login, which stays who it is and enters no tenant.
SELECT set_config('search_path', 'quantumsketch, ' || current_setting('search_path'), false);

-- name: add_tenant
INSERT INTO tenants AS old (tenant, most_nodes, requests_per_minute)
VALUES (%(name)s, %(most_nodes)s, %(requests_per_minute)s)
ON CONFLICT (tenant) DO UPDATE
   SET most_nodes = excluded.most_nodes, requests_per_minute = excluded.requests_per_minute
RETURNING tenant AS name, created_at, most_nodes, requests_per_minute;

-- name: list_tenants
SELECT tenant AS name, created_at, most_nodes, requests_per_minute FROM tenants ORDER BY tenant;

-- name: is_tenant
-- As the product's role, which sees its own line alone.
SELECT EXISTS (SELECT FROM tenants) AS is_there;

-- name: nodes_left
-- As the product's role, which sees its own line and its own nodes; they are counted only if there is a quota.
SELECT CASE WHEN most_nodes IS NOT NULL THEN greatest(most_nodes - (SELECT count(*) FROM nodes), 0) END AS nodes
  FROM tenants;

-- name: rows_left
-- Of edges, those that ended too, and of earlier versions; counted as the nodes are.
SELECT CASE WHEN most_nodes IS NOT NULL
            THEN most_nodes::numeric * %(rows_a_node)s
                 - (SELECT count(*) FROM edges) - (SELECT count(*) FROM edge_versions)
                 - (SELECT count(*) FROM node_versions) END AS rows
  FROM tenants;

-- name: take_request
SELECT take_request() AS wait_s;

-- name: identify_key
SELECT key_id, tenant, scopes FROM identify_key(%(sha256)s);

-- name: create_key
-- No row: there is no such tenant.
INSERT INTO api_keys (id, tenant, sha256, scopes, note, expires_at)
SELECT %(id)s, tenant, %(sha256)s, %(scopes)s, %(note)s, %(expires_at)s FROM tenants WHERE tenant = %(tenant)s
RETURNING id;

-- name: list_keys
SELECT id, tenant, scopes, note, created_at, expires_at, revoked_at, last_used_at
  FROM api_keys
 WHERE tenant = coalesce(%(tenant)s, tenant)
 ORDER BY tenant, created_at, id;

-- name: revoke_key
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())
 WHERE id = %(id)s AND tenant = coalesce(%(tenant)s, tenant)
RETURNING id, tenant, scopes, note, created_at, expires_at, revoked_at, last_used_at;

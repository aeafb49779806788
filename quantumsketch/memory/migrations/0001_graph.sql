-- Nodes and edges of every tenant, and the walls between tenants.
--
-- The product works as quantumsketch_app, which owns nothing: inside every transaction it becomes that role and
-- names its tenant in app.tenant. FORCE makes the policies hold for the owner of the tables too.

CREATE TABLE nodes (
    tenant          text        NOT NULL CHECK (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    id              uuid        NOT NULL DEFAULT gen_random_uuid(),
    kind            text        NOT NULL CHECK (kind <> ''),
    name            text        NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    properties      jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(properties) = 'object'),
    document        json,       -- the whole noun, exact: jsonb could not hold the character U+0000
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    embedding       vector(384),
    embedding_model text,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, kind, name),
    CHECK ((embedding IS NULL) = (embedding_model IS NULL))
);
CREATE INDEX nodes_newest ON nodes (tenant, kind, recorded_at DESC, id);

CREATE TABLE edges (
    tenant      text        NOT NULL,
    source      uuid        NOT NULL,
    kind        text        NOT NULL CHECK (kind <> ''),
    target      uuid        NOT NULL,
    properties  jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(properties) = 'object'),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    valid_from  timestamptz NOT NULL DEFAULT now(),
    valid_to    timestamptz CHECK (valid_to >= valid_from),
    PRIMARY KEY (tenant, source, kind, target, valid_from),
    FOREIGN KEY (tenant, source) REFERENCES nodes (tenant, id),
    FOREIGN KEY (tenant, target) REFERENCES nodes (tenant, id)
);
-- A closed edge stays as history; of the open ones there is one between two nodes of a kind.
CREATE UNIQUE INDEX edges_open ON edges (tenant, source, kind, target) WHERE valid_to IS NULL;
CREATE INDEX edges_out ON edges (tenant, source, valid_from DESC, target, kind) WHERE valid_to IS NULL;
CREATE INDEX edges_in ON edges (tenant, target, valid_from DESC, source, kind) WHERE valid_to IS NULL;

ALTER TABLE nodes ENABLE ROW LEVEL SECURITY;
ALTER TABLE nodes FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON nodes
    USING (tenant = nullif(current_setting('app.tenant', true), ''))
    WITH CHECK (tenant = nullif(current_setting('app.tenant', true), ''));

ALTER TABLE edges ENABLE ROW LEVEL SECURITY;
ALTER TABLE edges FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON edges
    USING (tenant = nullif(current_setting('app.tenant', true), ''))
    WITH CHECK (tenant = nullif(current_setting('app.tenant', true), ''));

-- Nothing is deleted: facts are closed. `migrations` is read by logins that may not migrate.
GRANT USAGE ON SCHEMA quantumsketch TO quantumsketch_app;
GRANT SELECT, INSERT, UPDATE ON nodes, edges TO quantumsketch_app;
GRANT SELECT ON migrations TO quantumsketch_app;

-- The open edges at one node, newest first, at most fan_out of them each way; `place` counts them from 1, and one
-- more row than asked for is given so that the caller sees that there are more.
CREATE FUNCTION edges_at(node uuid, fan_out integer, outward_only boolean)
RETURNS TABLE (source uuid, kind text, target uuid, properties jsonb, far uuid, place bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    (SELECT e.source, e.kind, e.target, e.properties, e.target,
            row_number() OVER (ORDER BY e.valid_from DESC, e.target, e.kind)
       FROM edges AS e
      WHERE e.source = node AND e.valid_to IS NULL
      ORDER BY e.valid_from DESC, e.target, e.kind
      LIMIT fan_out + 1)
    UNION ALL
    (SELECT e.source, e.kind, e.target, e.properties, e.source,
            row_number() OVER (ORDER BY e.valid_from DESC, e.source, e.kind)
       FROM edges AS e
      WHERE e.target = node AND e.valid_to IS NULL AND NOT outward_only
      ORDER BY e.valid_from DESC, e.source, e.kind
      LIMIT fan_out + 1);
END;

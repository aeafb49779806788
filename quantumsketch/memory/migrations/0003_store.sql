-- Entities and facts of any kind: what they say, who said so, what they were before, and the chunks they are found by.
--
-- Two times are kept apart. valid_from and valid_to tell when a fact was so; recorded_at and recorded_to when we
-- held it to be so. `nodes` and `edges` hold what we hold now; what we held before lies in their versions.

-- The owner who migrates is behind the walls too: they are opened for what follows, and closed below.
ALTER TABLE nodes NO FORCE ROW LEVEL SECURITY;

ALTER TABLE nodes
    ADD COLUMN description text        NOT NULL DEFAULT '' CHECK (length(description) <= 20000),
    ADD COLUMN body        text        NOT NULL DEFAULT '',
    ADD COLUMN provenance  jsonb       NOT NULL DEFAULT '{}',
    ADD COLUMN closed_at   timestamptz,
    ADD COLUMN merged_into uuid,       -- a duplicate became part of this node
    ADD COLUMN changed_at  timestamptz,
    ADD FOREIGN KEY (tenant, merged_into) REFERENCES nodes (tenant, id);
UPDATE nodes SET changed_at = recorded_at;
ALTER TABLE nodes
    ALTER COLUMN changed_at SET DEFAULT now(),
    ALTER COLUMN changed_at SET NOT NULL,
    -- A dotted or camel-cased name is found whole and by its parts.
    ADD COLUMN words tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', name || ' ' || regexp_replace(
            regexp_replace(name, '([a-z0-9])([A-Z])', '\1 \2', 'g'), '[[:punct:]]+', ' ', 'g')), 'A')
        || setweight(to_tsvector('english', name), 'A')
        || setweight(to_tsvector('simple', description), 'B')
        || setweight(to_tsvector('english', description), 'B')) STORED;
ALTER TABLE nodes FORCE ROW LEVEL SECURITY;
CREATE INDEX nodes_words ON nodes USING gin (words);
-- No index but the key of kinds and names may begin with the kind: a plan could take the other one, and read all
-- nodes of a kind for each name.
DROP INDEX nodes_newest;
CREATE INDEX nodes_newest_videos ON nodes (tenant, recorded_at DESC, id) WHERE kind = 'video';
CREATE INDEX nodes_merged ON nodes (tenant, merged_into) WHERE merged_into IS NOT NULL;

-- recorded_at of an edge: since when we hold it as it stands.
ALTER TABLE edges ADD COLUMN provenance jsonb NOT NULL DEFAULT '{}';
-- For what is read as of a time that is past, and for the erasing of nodes; walks have indexes of the open ones.
-- With all that names a fact: however wrong the statistics, it is never worse than the primary key.
CREATE INDEX edges_to ON edges (tenant, target, source, kind);

CREATE TABLE node_versions (
    tenant        text        NOT NULL,
    node          uuid        NOT NULL,
    description   text        NOT NULL,
    body          text        NOT NULL,
    properties    jsonb       NOT NULL,
    provenance    jsonb       NOT NULL,
    closed_at     timestamptz,
    merged_into   uuid,
    recorded_from timestamptz NOT NULL,
    recorded_to   timestamptz NOT NULL CHECK (recorded_to > recorded_from),
    PRIMARY KEY (tenant, node, recorded_from),
    FOREIGN KEY (tenant, node) REFERENCES nodes (tenant, id) ON DELETE CASCADE
);

CREATE TABLE edge_versions (
    tenant      text        NOT NULL,
    source      uuid        NOT NULL,
    kind        text        NOT NULL,
    target      uuid        NOT NULL,
    properties  jsonb       NOT NULL,
    provenance  jsonb       NOT NULL,
    valid_from  timestamptz NOT NULL,
    valid_to    timestamptz,
    recorded_at timestamptz NOT NULL,
    recorded_to timestamptz NOT NULL CHECK (recorded_to > recorded_at),
    PRIMARY KEY (tenant, source, kind, target, valid_from, recorded_at),
    FOREIGN KEY (tenant, source) REFERENCES nodes (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, target) REFERENCES nodes (tenant, id) ON DELETE CASCADE
);
CREATE INDEX edge_versions_in ON edge_versions (tenant, target);

-- Made of the node's texts, and made anew with them. The vector is of the node's name and the chunk's text.
CREATE TABLE chunks (
    tenant          text    NOT NULL,
    node            uuid    NOT NULL,
    place           integer NOT NULL CHECK (place >= 0),   -- first the description, then the body
    text            text    NOT NULL CHECK (length(text) <= 20000),
    embedding       vector(384),
    embedding_model text,
    words           tsvector NOT NULL GENERATED ALWAYS AS
                    (to_tsvector('simple', text) || to_tsvector('english', text)) STORED,
    PRIMARY KEY (tenant, node, place),
    FOREIGN KEY (tenant, node) REFERENCES nodes (tenant, id) ON DELETE CASCADE,
    CHECK ((embedding IS NULL) = (embedding_model IS NULL))
);
CREATE INDEX chunks_words ON chunks USING gin (words);
CREATE INDEX chunks_without_vector ON chunks (tenant, node, place) WHERE embedding IS NULL;

-- Statistics of these columns tell that a tenant or a kind that came after the last ANALYZE has no rows. Plans made for
-- that take minutes; without statistics each is taken for a small part of the table.
ALTER TABLE nodes ALTER COLUMN tenant SET STATISTICS 0, ALTER COLUMN kind SET STATISTICS 0;
ALTER TABLE edges ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE chunks ALTER COLUMN tenant SET STATISTICS 0;

ALTER TABLE node_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE node_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON node_versions
    USING (tenant = nullif(current_setting('app.tenant', true), ''))
    WITH CHECK (tenant = nullif(current_setting('app.tenant', true), ''));
ALTER TABLE edge_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE edge_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON edge_versions
    USING (tenant = nullif(current_setting('app.tenant', true), ''))
    WITH CHECK (tenant = nullif(current_setting('app.tenant', true), ''));
ALTER TABLE chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE chunks FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON chunks
    USING (tenant = nullif(current_setting('app.tenant', true), ''))
    WITH CHECK (tenant = nullif(current_setting('app.tenant', true), ''));

-- What was held before can be read and not be changed; chunks are no facts.
GRANT SELECT ON node_versions, edge_versions TO quantumsketch_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON chunks TO quantumsketch_app;

CREATE FUNCTION keep_node_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
BEGIN
    IF NEW.changed_at = OLD.changed_at THEN
        NEW.changed_at := clock_timestamp();
    END IF;
    NEW.changed_at := greatest(NEW.changed_at, OLD.changed_at);
    IF NEW.changed_at > OLD.changed_at THEN
        INSERT INTO node_versions
        VALUES (OLD.tenant, OLD.id, OLD.description, OLD.body, OLD.properties, OLD.provenance, OLD.closed_at,
                OLD.merged_into, OLD.changed_at, NEW.changed_at);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_version BEFORE UPDATE ON nodes FOR EACH ROW
    WHEN ((OLD.description, OLD.body, OLD.properties, OLD.closed_at, OLD.merged_into)
          IS DISTINCT FROM (NEW.description, NEW.body, NEW.properties, NEW.closed_at, NEW.merged_into))
    EXECUTE FUNCTION keep_node_version();

CREATE FUNCTION keep_edge_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
BEGIN
    IF NEW.recorded_at = OLD.recorded_at THEN
        NEW.recorded_at := clock_timestamp();
    END IF;
    NEW.recorded_at := greatest(NEW.recorded_at, OLD.recorded_at);
    IF NEW.recorded_at > OLD.recorded_at THEN
        INSERT INTO edge_versions
        VALUES (OLD.tenant, OLD.source, OLD.kind, OLD.target, OLD.properties, OLD.provenance, OLD.valid_from,
                OLD.valid_to, OLD.recorded_at, NEW.recorded_at);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_version BEFORE UPDATE ON edges FOR EACH ROW
    WHEN ((OLD.properties, OLD.valid_from, OLD.valid_to)
          IS DISTINCT FROM (NEW.properties, NEW.valid_from, NEW.valid_to))
    EXECUTE FUNCTION keep_edge_version();

-- The product's role cannot delete: for what has to be gone there are these two, and they reach one tenant only.
CREATE FUNCTION erasing_tenant() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    own text := nullif(current_setting('app.tenant', true), '');
BEGIN
    IF own IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'nothing is erased without a tenant';
    END IF;
    RETURN own;
END $$;

-- A node, its duplicates, and, of a video, its beats, its calls to models, and what no other video is made of.
CREATE FUNCTION erase_entity(erased uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    own   text := erasing_tenant();
    gone  uuid[];
    parts uuid[];
BEGIN
    SELECT array_agg(part.id) INTO gone
      FROM nodes AS whole
      JOIN nodes AS part ON part.tenant = own
           AND (part.id = whole.id
                OR whole.kind = 'video' AND part.kind = 'beat' AND starts_with(part.name, whole.name || '/'))
     WHERE whole.tenant = own AND whole.id = erased;
    IF gone IS NULL THEN
        RETURN 0;
    END IF;
    gone := gone || ARRAY(SELECT id FROM nodes WHERE tenant = own AND merged_into = ANY (gone));
    parts := ARRAY(
        SELECT DISTINCT nodes.id FROM edges JOIN nodes ON nodes.tenant = own AND nodes.id = edges.target
         WHERE edges.tenant = own AND edges.source = ANY (gone) AND nodes.id <> ALL (gone)
           AND nodes.kind IN ('prompt', 'storyboard', 'scene', 'clip', 'asset'));
    DELETE FROM edges WHERE tenant = own AND source = ANY (gone);
    DELETE FROM edges WHERE tenant = own AND target = ANY (gone);
    gone := gone || ARRAY(
        SELECT part FROM unnest(parts) AS part
         WHERE NOT EXISTS (SELECT FROM edges WHERE tenant = own AND source = part)
           AND NOT EXISTS (SELECT FROM edges WHERE tenant = own AND target = part));
    DELETE FROM model_calls
     WHERE tenant = own AND video_id IN (
           SELECT name FROM nodes WHERE tenant = own AND id = ANY (gone) AND kind = 'video');
    DELETE FROM nodes WHERE tenant = own AND id = ANY (gone);
    RETURN cardinality(gone);
END $$;

-- Every row of every table that has a column `tenant`, later ones too; nodes last, for the others refer to them.
CREATE FUNCTION erase_tenant() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    own  text := erasing_tenant();
    name text;
    rows bigint;
    sum  bigint := 0;
BEGIN
    FOR name IN
        SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
         WHERE relnamespace = 'quantumsketch'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
           AND attname = 'tenant' AND NOT attisdropped
         ORDER BY relname = 'nodes', relname
    LOOP
        EXECUTE format('DELETE FROM %I WHERE tenant = $1', name) USING own;
        GET DIAGNOSTICS rows = ROW_COUNT;
        sum := sum + rows;
    END LOOP;
    RETURN sum;
END $$;

REVOKE EXECUTE ON FUNCTION
    erasing_tenant(), erase_entity(uuid), erase_tenant(), keep_node_version(), keep_edge_version() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_entity(uuid), erase_tenant() TO quantumsketch_app;

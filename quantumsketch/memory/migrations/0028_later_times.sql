-- Nothing that was held is lost, and nothing is recorded earlier than what was recorded before it, wherever the clock
-- stands: it may go back, and a memory may come from a host whose clock is ahead.

-- When something was last recorded of a tenant, kept by whoever has its turn.
CREATE TABLE recording_times (
    tenant text        PRIMARY KEY,
    at     timestamptz NOT NULL
);
ALTER TABLE recording_times ENABLE ROW LEVEL SECURITY;
ALTER TABLE recording_times FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON recording_times
    USING (tenant = nullif(current_setting('app.tenant', true), ''))
    WITH CHECK (tenant = nullif(current_setting('app.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE ON recording_times TO quantumsketch_app;

-- The owner who migrates is behind the walls too: they are opened for what follows, and closed below.
ALTER TABLE nodes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE edges NO FORCE ROW LEVEL SECURITY;
ALTER TABLE edge_versions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE recording_times NO FORCE ROW LEVEL SECURITY;
INSERT INTO recording_times (tenant, at)
SELECT tenant, max(at)
  FROM (SELECT tenant, max(changed_at) AS at FROM nodes GROUP BY tenant
        UNION ALL SELECT tenant, max(recorded_at) FROM edges GROUP BY tenant
        UNION ALL SELECT tenant, max(recorded_to) FROM edge_versions GROUP BY tenant) AS recorded
 GROUP BY tenant;
ALTER TABLE nodes FORCE ROW LEVEL SECURITY;
ALTER TABLE edges FORCE ROW LEVEL SECURITY;
ALTER TABLE edge_versions FORCE ROW LEVEL SECURITY;
ALTER TABLE recording_times FORCE ROW LEVEL SECURITY;

-- What changes becomes a version, though it was recorded at the same moment, or later than now. Only who erases asks for
-- none, by the time '-infinity'.
CREATE OR REPLACE FUNCTION keep_node_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
BEGIN
    IF NEW.changed_at = '-infinity' THEN
        NEW.changed_at := OLD.changed_at;
        RETURN NEW;
    ELSIF NEW.changed_at = OLD.changed_at THEN
        NEW.changed_at := clock_timestamp();
    END IF;
    NEW.changed_at := greatest(NEW.changed_at, OLD.changed_at + interval '1 microsecond');
    INSERT INTO node_versions
    VALUES (OLD.tenant, OLD.id, OLD.description, OLD.body, OLD.properties, OLD.provenance, OLD.closed_at,
            OLD.merged_into, OLD.changed_at, NEW.changed_at);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION keep_edge_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
BEGIN
    IF NEW.recorded_at = '-infinity' THEN
        NEW.recorded_at := OLD.recorded_at;
        RETURN NEW;
    ELSIF NEW.recorded_at = OLD.recorded_at THEN
        NEW.recorded_at := clock_timestamp();
    END IF;
    NEW.recorded_at := greatest(NEW.recorded_at, OLD.recorded_at + interval '1 microsecond');
    INSERT INTO edge_versions
    VALUES (OLD.tenant, OLD.source, OLD.kind, OLD.target, OLD.properties, OLD.provenance, OLD.valid_from,
            OLD.valid_to, OLD.recorded_at, NEW.recorded_at);
    RETURN NEW;
END $$;

-- Statistics keep a sample of what is written until the tables are analyzed again, also of what was erased meanwhile. No
-- plan needs to know which words, names and properties there are: of them none are kept. Of the few words that are the
-- product's own they are: kinds, models and what calls were for.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT relation.oid::regclass AS name, relation.relname, relation.relkind, attname, attnum
          FROM pg_class AS relation JOIN pg_attribute ON attrelid = relation.oid
         WHERE relnamespace = 'quantumsketch'::regnamespace AND attnum > 0 AND NOT attisdropped
           AND atttypid IN ('text'::regtype, 'json'::regtype, 'jsonb'::regtype, 'tsvector'::regtype)
           AND (relkind IN ('r', 'p') AND relname <> 'migrations'
                AND attname NOT IN ('kind', 'embedding_model', 'model', 'purpose', 'ended')
                OR relkind = 'i' AND EXISTS (SELECT FROM pg_index WHERE indexrelid = relation.oid AND indkey[attnum - 1] = 0))
    LOOP
        IF said.relkind = 'i' THEN  -- an expression
            EXECUTE format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS 0', said.name, said.attnum);
        ELSE
            EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', said.name, said.attname);
        END IF;
        -- What was kept before goes only by this; an earlier Postgres can merely not add to it.
        IF current_setting('server_version_num')::integer >= 180000 THEN
            PERFORM pg_clear_attribute_stats('quantumsketch', said.relname::text, said.attname::text, false);
        END IF;
    END LOOP;
END $$;

-- What a fact joins are nodes that are there: seen to for a whole statement at once. Foreign keys ask for each end of
-- each row by itself, which was more than a third of what it cost to write facts.
--
-- It holds for whoever writes, and among transactions at the same time, as foreign keys do: who writes a fact locks the
-- nodes that it joins, and who deletes a node waits for such locks and looks for facts then.

CREATE FUNCTION check_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    missing uuid;
BEGIN
    SELECT ends.node INTO missing
      FROM (SELECT tenant, source AS node FROM written UNION SELECT tenant, target FROM written) AS ends
      LEFT JOIN LATERAL (
           SELECT true AS there FROM nodes WHERE (nodes.tenant, nodes.id) = (ends.tenant, ends.node)
              FOR KEY SHARE) AS locked ON true
     WHERE locked.there IS NULL;
    IF FOUND THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('a fact joins the node %s, which is not there', missing), TABLE = 'edges';
    END IF;
    RETURN NULL;
END $$;

-- Another isolation would look for facts as of before the wait.
CREATE FUNCTION check_no_fact_is_left() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    needed uuid;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE feature_not_supported USING MESSAGE = 'nodes are deleted in READ COMMITTED transactions only';
    END IF;
    SELECT gone.id INTO needed
      FROM gone
     CROSS JOIN LATERAL (
           (SELECT FROM edges WHERE (edges.tenant, edges.source) = (gone.tenant, gone.id) LIMIT 1)
           UNION ALL
           (SELECT FROM edges WHERE (edges.tenant, edges.target) = (gone.tenant, gone.id) LIMIT 1)) AS left_over
     LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('the node %s is still joined by a fact', needed), TABLE = 'nodes';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_another_identity() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING
        MESSAGE = format('what a row of %s is about cannot become another', TG_TABLE_NAME), TABLE = TG_TABLE_NAME;
END $$;

-- Whoever could put them on a table of his own would look behind the walls between tenants.
REVOKE EXECUTE ON FUNCTION check_ends(), check_no_fact_is_left() FROM PUBLIC;

CREATE TRIGGER check_ends AFTER INSERT ON edges REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION check_ends();
CREATE TRIGGER keep_ends AFTER UPDATE OF tenant, source, target ON edges FOR EACH ROW
    WHEN ((OLD.tenant, OLD.source, OLD.target) IS DISTINCT FROM (NEW.tenant, NEW.source, NEW.target))
    EXECUTE FUNCTION refuse_another_identity();
CREATE TRIGGER check_no_fact_is_left AFTER DELETE ON nodes REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION check_no_fact_is_left();
CREATE TRIGGER keep_identity AFTER UPDATE OF tenant, id ON nodes FOR EACH ROW
    WHEN ((OLD.tenant, OLD.id) IS DISTINCT FROM (NEW.tenant, NEW.id))
    EXECUTE FUNCTION refuse_another_identity();

ALTER TABLE edges
    DROP CONSTRAINT edges_tenant_source_fkey,
    DROP CONSTRAINT edges_tenant_target_fkey;

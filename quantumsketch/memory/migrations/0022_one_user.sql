-- A tenant's user, until there are logins, is called alike in every tenant: a memory that moves is still that of its
-- user. Until now the user was called like the tenant, or, of a memory that came from elsewhere, like that one.

-- Call the user of a tenant so, with what it prefers, unless somebody is called so: of those that our preferences and
-- plans speak of the one that is called like the tenant was, or the only one. A preference that then would be called
-- like another, or too long, keeps its name: no preference is found by it.
CREATE FUNCTION call_the_user(own text, formerly text, so text) RETURNS void
LANGUAGE plpgsql SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    person text;
BEGIN
    SELECT coalesce(max(name) FILTER (WHERE name = formerly), CASE WHEN count(*) = 1 THEN max(name) END) INTO person
      FROM nodes
     WHERE tenant = own AND kind = 'user'
       AND (provenance ->> 'run' = 'preferences'
            OR EXISTS (SELECT FROM edges
                        WHERE tenant = own AND source = nodes.id AND edges.kind IN ('prefers', 'works_on')));
    IF person IS NULL OR EXISTS (SELECT FROM nodes WHERE tenant = own AND kind = 'user' AND name = so) THEN
        RETURN;
    END IF;
    UPDATE nodes SET name = so WHERE tenant = own AND kind = 'user' AND name = person;
    UPDATE nodes SET name = so || substr(name, length(person) + 1)
     WHERE tenant = own AND kind = 'preference' AND starts_with(name, person || '/')
       AND length(name) - length(person) + length(so) <= 500
       AND NOT EXISTS (SELECT FROM nodes AS other
                        WHERE other.tenant = own AND other.kind = 'preference'
                          AND other.name = so || substr(nodes.name, length(person) + 1));
END $$;
REVOKE EXECUTE ON FUNCTION call_the_user(text, text, text) FROM PUBLIC;

ALTER TABLE nodes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE edges NO FORCE ROW LEVEL SECURITY;

SELECT call_the_user(tenant, tenant, 'you') FROM (SELECT DISTINCT tenant FROM nodes WHERE kind = 'user') AS each;

ALTER TABLE nodes FORCE ROW LEVEL SECURITY;
ALTER TABLE edges FORCE ROW LEVEL SECURITY;

-- A tenant's user, until there are logins, is called alike in every tenant: a memory that moves is still that of its
-- user. Until now the user was called like the tenant, or, of a memory that came from elsewhere, like that one.

ALTER TABLE nodes NO FORCE ROW LEVEL SECURITY;

WITH people AS (
    SELECT tenant, coalesce(max(name) FILTER (WHERE name = tenant),
                            CASE WHEN count(*) = 1 THEN max(name) END) AS name
      FROM nodes
     WHERE kind = 'user'
     GROUP BY tenant
    HAVING bool_and(name <> 'you'))
UPDATE nodes SET name = 'you' || substr(nodes.name, length(people.name) + 1)
  FROM people
 WHERE nodes.tenant = people.tenant
   AND (nodes.kind = 'user' AND nodes.name = people.name
        OR nodes.kind = 'preference' AND starts_with(nodes.name, people.name || '/'));

ALTER TABLE nodes FORCE ROW LEVEL SECURITY;

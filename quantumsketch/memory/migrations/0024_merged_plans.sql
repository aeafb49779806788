-- A plan that others became part of goes with them: their rows name it, and could not outlive it.
CREATE OR REPLACE FUNCTION erase_plans(own text, plans uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    whole uuid[] := with_duplicates(own, plans);
    idle  uuid[];
BEGIN
    DELETE FROM edge_versions AS fact USING nodes AS person
     WHERE fact.tenant = own AND fact.target = ANY (whole) AND fact.kind = 'works_on'
       AND person.tenant = own AND person.id = fact.source AND person.kind = 'user';
    DELETE FROM edges AS fact USING nodes AS person
     WHERE fact.tenant = own AND fact.target = ANY (whole) AND fact.kind = 'works_on'
       AND person.tenant = own AND person.id = fact.source AND person.kind = 'user';
    idle := ARRAY(
        SELECT id FROM nodes
         WHERE tenant = own AND id = ANY (whole) AND kind = 'storyboard' AND merged_into IS NULL
           AND NOT EXISTS (SELECT FROM edges WHERE tenant = own AND source = nodes.id)
           AND NOT EXISTS (SELECT FROM edges WHERE tenant = own AND target = nodes.id));
    DELETE FROM nodes WHERE tenant = own AND id = ANY (with_duplicates(own, idle));
END $$;

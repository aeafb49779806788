-- What a storyboard says lies, beside the video, in the plan that it was: it goes with the video, and when it is old.

-- The plans themselves, and what the tenant's user is said to work on; a storyboard that a video follows stays.
CREATE FUNCTION erase_plans(own text, plans uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
BEGIN
    DELETE FROM edge_versions AS fact USING nodes AS person
     WHERE fact.tenant = own AND fact.target = ANY (plans) AND fact.kind = 'works_on'
       AND person.tenant = own AND person.id = fact.source AND person.kind = 'user';
    DELETE FROM edges AS fact USING nodes AS person
     WHERE fact.tenant = own AND fact.target = ANY (plans) AND fact.kind = 'works_on'
       AND person.tenant = own AND person.id = fact.source AND person.kind = 'user';
    DELETE FROM nodes
     WHERE tenant = own AND id = ANY (plans) AND kind = 'storyboard'
       AND NOT EXISTS (SELECT FROM edges WHERE tenant = own AND source = nodes.id)
       AND NOT EXISTS (SELECT FROM edges WHERE tenant = own AND target = nodes.id);
END $$;

-- All plans of a user but the newest ones.
CREATE FUNCTION erase_old_plans(person text, kept integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    own text := erasing_tenant();
BEGIN
    PERFORM erase_plans(own, ARRAY(
        SELECT planned.target FROM edges AS planned
          JOIN nodes AS somebody ON somebody.tenant = own AND somebody.kind = 'user' AND somebody.name = person
          JOIN nodes AS storyboard ON storyboard.tenant = own AND storyboard.id = planned.target
               AND storyboard.kind = 'storyboard'
         WHERE planned.tenant = own AND planned.source = somebody.id AND planned.kind = 'works_on'
           AND planned.valid_to IS NULL
         ORDER BY planned.valid_from DESC, planned.target
        OFFSET kept));
END $$;

CREATE OR REPLACE FUNCTION erase_entity(erased uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    own     text := erasing_tenant();
    gone    uuid[];
    parts   uuid[];
    repairs uuid[];
    plans   uuid[];
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
           AND (nodes.kind IN ('prompt', 'storyboard', 'idea', 'scene', 'clip', 'asset')
                OR nodes.kind = 'error' AND nodes.provenance ->> 'activity' = 'record_experience'
                OR nodes.kind = 'concept' AND nodes.provenance ->> 'activity' = 'record_library'
                   AND nodes.description = '' AND nodes.body = ''
                   AND NOT EXISTS (SELECT FROM nodes AS duplicate
                                    WHERE duplicate.tenant = own AND duplicate.merged_into = nodes.id)));
    repairs := ARRAY(
        SELECT DISTINCT repair.id FROM edges AS met
          JOIN nodes AS repair ON repair.tenant = own AND repair.kind = 'repair'
               AND repair.name = met.properties ->> 'repair'
         WHERE met.tenant = own AND met.source = ANY (gone) AND met.kind = 'failed_with');
    plans := ARRAY(
        SELECT DISTINCT planned.target FROM nodes AS person
          JOIN edges AS planned ON planned.tenant = own AND planned.source = person.id AND planned.kind = 'works_on'
          JOIN nodes AS video ON video.tenant = own AND video.id = ANY (gone) AND video.kind = 'video'
         WHERE person.tenant = own AND person.kind = 'user'
           AND (planned.properties -> 'videos' ? video.name
                OR EXISTS (SELECT FROM edges AS made
                            WHERE made.tenant = own AND made.source = video.id AND made.kind = 'follows'
                              AND made.target = planned.target)));
    DELETE FROM edges WHERE tenant = own AND source = ANY (gone);
    DELETE FROM edges WHERE tenant = own AND target = ANY (gone);
    PERFORM erase_plans(own, plans);
    -- those that have mended nothing else
    repairs := ARRAY(
        SELECT repair.id FROM nodes AS repair
         WHERE repair.tenant = own AND repair.id = ANY (repairs)
           AND NOT EXISTS (
               SELECT FROM edges AS known
                 JOIN edges AS met ON met.tenant = own AND met.target = known.source AND met.kind = 'failed_with'
                      AND met.properties ->> 'repair' = repair.name
                WHERE known.tenant = own AND known.target = repair.id AND known.kind = 'repaired_by'));
    DELETE FROM edges WHERE tenant = own AND source = ANY (repairs);
    DELETE FROM edges WHERE tenant = own AND target = ANY (repairs);
    gone := gone || repairs || ARRAY(
        SELECT part FROM unnest(parts) AS part
         WHERE NOT EXISTS (SELECT FROM edges WHERE tenant = own AND source = part)
           AND NOT EXISTS (SELECT FROM edges WHERE tenant = own AND target = part));
    DELETE FROM model_calls
     WHERE tenant = own AND video_id IN (
           SELECT name FROM nodes WHERE tenant = own AND id = ANY (gone) AND kind = 'video');
    DELETE FROM nodes WHERE tenant = own AND id = ANY (gone);
    RETURN cardinality(gone);
END $$;

REVOKE EXECUTE ON FUNCTION erase_plans(text, uuid[]), erase_old_plans(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_old_plans(text, integer) TO quantumsketch_app;

-- A repair quotes code: it goes with the last beat that it mended, and so does an error that nobody else had.
CREATE OR REPLACE FUNCTION erase_entity(erased uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    own     text := erasing_tenant();
    gone    uuid[];
    parts   uuid[];
    repairs uuid[];
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
    DELETE FROM edges WHERE tenant = own AND source = ANY (gone);
    DELETE FROM edges WHERE tenant = own AND target = ANY (gone);
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

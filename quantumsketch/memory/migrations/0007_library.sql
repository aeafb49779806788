-- What was only known of a video's beats goes with the last of them: the idea of an animation, and a concept that
-- nobody but a recording ever spoke of.
CREATE OR REPLACE FUNCTION erase_entity(erased uuid) RETURNS bigint
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
           AND (nodes.kind IN ('prompt', 'storyboard', 'idea', 'scene', 'clip', 'asset')
                OR nodes.kind = 'concept' AND nodes.provenance ->> 'activity' = 'record_library'
                   AND nodes.description = '' AND nodes.body = ''
                   AND NOT EXISTS (SELECT FROM nodes AS duplicate
                                    WHERE duplicate.tenant = own AND duplicate.merged_into = nodes.id)));
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

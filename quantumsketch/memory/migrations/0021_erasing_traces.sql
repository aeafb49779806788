-- What is erased leaves no trace in what stays: a video's id is made of words of its prompt. What it alone said goes;
-- what others said too stays, said in a run that has no name any more. A codebase goes with what it defines.

-- The video whose recording said something; NULL of what came about otherwise.
CREATE FUNCTION recorded_run(provenance jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN provenance ->> 'activity' IN ('record_video', 'record_library', 'record_experience')
            THEN provenance ->> 'run' END;

-- Of what recordings of videos said alone, by tenant: behind row-level security no more is looked up by an index.
CREATE INDEX nodes_recorded ON nodes (tenant) WHERE recorded_run(provenance) IS NOT NULL;
CREATE INDEX edges_recorded ON edges (tenant) WHERE recorded_run(provenance) IS NOT NULL;
CREATE INDEX node_versions_recorded ON node_versions (tenant) WHERE recorded_run(provenance) IS NOT NULL;
CREATE INDEX edge_versions_recorded ON edge_versions (tenant) WHERE recorded_run(provenance) IS NOT NULL;

-- Who said it, when and in which activity stays.
CREATE FUNCTION erase_runs(own text, runs text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    nameless CONSTANT jsonb := '{"run": null}';
BEGIN
    UPDATE nodes SET provenance = provenance || nameless
     WHERE tenant = own AND recorded_run(provenance) = ANY (runs);
    UPDATE edges SET provenance = provenance || nameless
     WHERE tenant = own AND recorded_run(provenance) = ANY (runs);
    UPDATE node_versions SET provenance = provenance || nameless
     WHERE tenant = own AND recorded_run(provenance) = ANY (runs);
    UPDATE edge_versions SET provenance = provenance || nameless
     WHERE tenant = own AND recorded_run(provenance) = ANY (runs);
END $$;

-- Another video that had a scene of an erased one has it as its own now. Within a JSON text no quote stands bare, so
-- what is replaced is never part of a text. Every video of the tenant is read.
CREATE FUNCTION erase_reuse(own text, videos text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    erased text;
BEGIN
    FOREACH erased IN ARRAY videos LOOP
        erased := '"reused":' || to_json(erased)::text;
        UPDATE nodes SET document = replace(document::text, erased, '"reused":null')::json
         WHERE tenant = own AND kind = 'video' AND strpos(document::text, erased) > 0;
    END LOOP;
END $$;

-- The newest choices of a user, without those made for these videos.
CREATE FUNCTION choices_without(chosen jsonb, videos text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = quantumsketch, pg_temp
RETURN (
    SELECT jsonb_object_agg(about, CASE jsonb_typeof(choices) WHEN 'array' THEN (
               SELECT coalesce(jsonb_agg(choice ORDER BY place), '[]')
                 FROM jsonb_array_elements(choices) WITH ORDINALITY AS each (choice, place)
                WHERE coalesce(choice ->> 'video', '') <> ALL (videos)) ELSE choices END)
      FROM jsonb_each(chosen) AS made (about, choices));

-- A text in one line, with every white space that Python knows made a blank: so evidence is written.
CREATE FUNCTION in_one_line(said text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = quantumsketch, pg_temp
RETURN btrim(regexp_replace(
    said, '[\s\u001c-\u001f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+', ' ', 'g'));

-- The titles of plans that are erased with these videos, and of the videos, unless another plan has the same.
CREATE FUNCTION titles_of_plans(own text, videos uuid[], plans uuid[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = quantumsketch, pg_temp
RETURN ARRAY(
    SELECT in_one_line(title)
      FROM (SELECT properties ->> 'title' AS title FROM nodes WHERE tenant = own AND id = ANY (videos)
            UNION
            SELECT properties ->> 'title' FROM node_versions WHERE tenant = own AND node = ANY (videos)
            UNION
            SELECT properties #>> '{script,title}' FROM edges
             WHERE tenant = own AND target = ANY (plans) AND kind = 'works_on'
            UNION
            SELECT properties #>> '{script,title}' FROM edge_versions
             WHERE tenant = own AND target = ANY (plans) AND kind = 'works_on') AS said
     WHERE title IS NOT NULL
    EXCEPT
    SELECT in_one_line(other.properties #>> '{script,title}')
      FROM nodes AS person
      JOIN edges AS other ON other.tenant = own AND other.source = person.id AND other.kind = 'works_on'
     WHERE person.tenant = own AND person.kind = 'user' AND other.target <> ALL (plans));

-- What a preference was taken from: videos by their ids, plans by their titles. What was taken from nothing else is
-- no preference. No version is kept of what is changed here: a time before the last one asks for none.
CREATE FUNCTION erase_evidence(own text, videos text[], titles text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    gone    CONSTANT text[] := videos || titles;
    people  CONSTANT uuid[] := ARRAY(SELECT id FROM nodes WHERE tenant = own AND kind = 'user');
    emptied uuid[];
BEGIN
    UPDATE nodes
       SET properties = properties || jsonb_build_object('chosen', choices_without(properties -> 'chosen', videos)),
           changed_at = '-infinity'
     WHERE tenant = own AND id = ANY (people) AND jsonb_typeof(properties -> 'chosen') = 'object'
       AND jsonb_path_exists(properties, '$.chosen.*[*].video ? (@ == $gone[*])', jsonb_build_object('gone', videos));
    UPDATE node_versions
       SET properties = properties || jsonb_build_object('chosen', choices_without(properties -> 'chosen', videos))
     WHERE tenant = own AND node = ANY (people) AND jsonb_typeof(properties -> 'chosen') = 'object'
       AND jsonb_path_exists(properties, '$.chosen.*[*].video ? (@ == $gone[*])', jsonb_build_object('gone', videos));
    UPDATE edges SET properties = jsonb_set(properties, '{evidence}', (properties -> 'evidence') - gone),
                     recorded_at = '-infinity'
     WHERE tenant = own AND source = ANY (people) AND kind = 'prefers'
       AND jsonb_typeof(properties -> 'evidence') = 'array' AND properties -> 'evidence' ?| gone;
    UPDATE edge_versions SET properties = jsonb_set(properties, '{evidence}', (properties -> 'evidence') - gone)
     WHERE tenant = own AND source = ANY (people) AND kind = 'prefers'
       AND jsonb_typeof(properties -> 'evidence') = 'array' AND properties -> 'evidence' ?| gone;
    DELETE FROM edge_versions
     WHERE tenant = own AND source = ANY (people) AND kind = 'prefers'
       AND properties @> '{"known_by": "edits", "evidence": []}' AND properties -> 'evidence' = '[]';
    WITH deleted AS (
        DELETE FROM edges
         WHERE tenant = own AND source = ANY (people) AND kind = 'prefers'
           AND properties @> '{"known_by": "edits", "evidence": []}' AND properties -> 'evidence' = '[]'
        RETURNING target)
    SELECT array_agg(DISTINCT target) INTO emptied FROM deleted;
    DELETE FROM nodes
     WHERE tenant = own AND id = ANY (emptied) AND kind = 'preference'
       AND NOT EXISTS (SELECT FROM nodes AS duplicate WHERE duplicate.tenant = own AND duplicate.merged_into = nodes.id)
       AND NOT EXISTS (SELECT FROM edges WHERE tenant = own AND source = nodes.id)
       AND NOT EXISTS (SELECT FROM edges WHERE tenant = own AND target = nodes.id);
END $$;

-- Nodes with what was merged into them.
CREATE FUNCTION with_duplicates(own text, whole uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = quantumsketch, pg_temp
RETURN ARRAY(SELECT unnest(whole) UNION SELECT id FROM nodes WHERE tenant = own AND merged_into = ANY (whole));

-- What a codebase defines.
CREATE FUNCTION definitions_of(own text, codebase text) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = quantumsketch, pg_temp
RETURN ARRAY(
    SELECT id FROM nodes
     WHERE tenant = own AND kind IN ('module', 'class', 'function', 'method', 'parameter')
       AND properties ->> 'codebase' = codebase);

-- Those of its definitions that another codebase uses.
CREATE FUNCTION used_elsewhere(own text, codebase text, defined uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = quantumsketch, pg_temp
RETURN ARRAY(
    SELECT DISTINCT thing
      FROM unnest(defined) AS thing
     CROSS JOIN LATERAL (
           SELECT source FROM edges
            WHERE tenant = own AND target = thing AND valid_to IS NULL AND provenance ->> 'activity' = 'ingest'
           OFFSET 0) AS fact
     CROSS JOIN LATERAL (
           SELECT properties FROM nodes WHERE tenant = own AND id = fact.source OFFSET 0) AS elsewhere
     WHERE elsewhere.properties ->> 'codebase' <> codebase);

-- Of what another codebase uses, that one knows the name: no more is left of it.
CREATE FUNCTION erase_definitions(own text, used uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
BEGIN
    DELETE FROM edges WHERE tenant = own AND source = ANY (used) AND provenance ->> 'activity' = 'ingest';
    DELETE FROM edge_versions WHERE tenant = own AND source = ANY (used) AND provenance ->> 'activity' = 'ingest';
    UPDATE nodes SET description = '', body = '', properties = '{}', changed_at = '-infinity'
     WHERE tenant = own AND id = ANY (used);
    DELETE FROM node_versions WHERE tenant = own AND node = ANY (used);
    DELETE FROM chunks WHERE tenant = own AND node = ANY (used) AND place > 0;
    UPDATE chunks SET text = '', embedding = NULL, embedding_model = NULL
     WHERE tenant = own AND node = ANY (used);
END $$;

-- What these nodes lead to and is nobody's but theirs, once no fact joins it any more: of videos what they are made of,
-- who wrote it, a concept that nobody but a recording ever spoke of; of codebases classes of which only the name is known.
CREATE FUNCTION parts_of(own text, whole uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = quantumsketch, pg_temp
RETURN ARRAY(
    SELECT part.id
      FROM unnest(whole) AS owner
     CROSS JOIN LATERAL (
           SELECT target FROM edges WHERE tenant = own AND source = owner OFFSET 0) AS fact
     CROSS JOIN LATERAL (
           SELECT * FROM nodes WHERE tenant = own AND id = fact.target OFFSET 0) AS part
     WHERE part.kind IN ('prompt', 'storyboard', 'idea', 'scene', 'clip', 'asset')
        OR part.kind = 'model' AND part.provenance ->> 'activity' IN ('record_video', 'record_experience')
        OR part.kind = 'error' AND part.provenance ->> 'activity' = 'record_experience'
        OR part.kind = 'concept' AND part.provenance ->> 'activity' = 'record_library'
           AND part.description = '' AND part.body = ''
        OR part.kind = 'class' AND part.provenance ->> 'activity' = 'ingest'
           AND part.description = '' AND part.body = '' AND part.properties = '{}'
    EXCEPT
    SELECT unnest(whole));

-- The plans that these videos were made of.
CREATE FUNCTION plans_of(own text, videos uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = quantumsketch, pg_temp
RETURN ARRAY(
    SELECT DISTINCT planned.target
      FROM nodes AS person
      JOIN edges AS planned ON planned.tenant = own AND planned.source = person.id AND planned.kind = 'works_on'
      JOIN nodes AS video ON video.tenant = own AND video.id = ANY (videos)
     WHERE person.tenant = own AND person.kind = 'user'
       AND (planned.properties -> 'videos' ? video.name
            OR EXISTS (SELECT FROM edges AS made
                        WHERE made.tenant = own AND made.source = video.id AND made.kind = 'follows'
                          AND made.target = planned.target)));

-- The repairs of what these nodes met, and those that recordings of these videos told: of several repairs of one error
-- in one beat, the fact of it names the last.
CREATE FUNCTION repairs_of(own text, whole uuid[], videos text[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = quantumsketch, pg_temp
RETURN ARRAY(
    SELECT repair.id
      FROM unnest(whole) AS part
     CROSS JOIN LATERAL (
           SELECT properties ->> 'repair' AS repair FROM edges
            WHERE tenant = own AND source = part AND kind = 'failed_with' OFFSET 0) AS met
     CROSS JOIN LATERAL (
           SELECT id FROM nodes WHERE tenant = own AND kind = 'repair' AND name = met.repair OFFSET 0) AS repair
    UNION
    SELECT id FROM nodes WHERE tenant = own AND kind = 'repair' AND recorded_run(provenance) = ANY (videos));

-- Those of these repairs that, by no name of theirs, mended anything of what is left; with their duplicates.
CREATE FUNCTION idle_repairs(own text, repairs uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = quantumsketch, pg_temp
RETURN with_duplicates(own, ARRAY(
    SELECT repair FROM unnest(repairs) AS repair
     WHERE NOT EXISTS (
           SELECT FROM unnest(with_duplicates(own, ARRAY[repair])) AS same
             JOIN nodes AS called ON called.tenant = own AND called.id = same
             JOIN edges AS known ON known.tenant = own AND known.target = same AND known.kind = 'repaired_by'
             JOIN edges AS met ON met.tenant = own AND met.target = known.source AND met.kind = 'failed_with'
                  AND met.properties ->> 'repair' = called.name)));

-- A node with its duplicates, and what is nobody's but its own: of a video its beats, calls to models and plans, of a
-- codebase what it defines. The ids of videos go from whatever is left.
CREATE OR REPLACE FUNCTION erase_entity(erased uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    own     text := erasing_tenant();
    whole   nodes;
    gone    uuid[] := ARRAY[erased];
    parts   uuid[];
    used    uuid[] := '{}';
    repairs uuid[];
    plans   uuid[];
    videos  uuid[];
    names   text[];
    titles  text[];
BEGIN
    SELECT * INTO whole FROM nodes WHERE tenant = own AND id = erased;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    gone := with_duplicates(own, gone);
    CASE whole.kind
        WHEN 'video' THEN
            gone := gone || ARRAY(
                SELECT beat.id FROM nodes AS video
                  JOIN nodes AS beat ON beat.tenant = own AND beat.kind = 'beat'
                       AND starts_with(beat.name, video.name || '/')
                 WHERE video.tenant = own AND video.id = ANY (gone));
        WHEN 'codebase' THEN
            parts := definitions_of(own, whole.name);
            used := used_elsewhere(own, whole.name, parts);
            gone := gone || ARRAY(SELECT unnest(parts) EXCEPT SELECT unnest(used));
        ELSE NULL;
    END CASE;
    gone := with_duplicates(own, gone);
    SELECT array_agg(id), array_agg(name) INTO videos, names
      FROM nodes WHERE tenant = own AND id = ANY (gone) AND kind = 'video';
    plans := with_duplicates(own, plans_of(own, videos));
    titles := titles_of_plans(own, videos, plans);
    repairs := repairs_of(own, gone, names);
    parts := parts_of(own, gone || used || repairs);
    DELETE FROM edges WHERE tenant = own AND source = ANY (gone);
    DELETE FROM edges WHERE tenant = own AND target = ANY (gone);
    PERFORM erase_definitions(own, used);
    PERFORM erase_plans(own, plans);
    repairs := idle_repairs(own, repairs);
    DELETE FROM edges WHERE tenant = own AND source = ANY (repairs);
    DELETE FROM edges WHERE tenant = own AND target = ANY (repairs);
    parts := ARRAY(
        SELECT part FROM unnest(parts) AS part
         WHERE NOT EXISTS (SELECT FROM edges WHERE tenant = own AND source = part)
           AND NOT EXISTS (SELECT FROM edges WHERE tenant = own AND target = part));
    -- what somebody merged something else into stays
    gone := gone || repairs || ARRAY(
        SELECT part FROM unnest(parts) AS part
         WHERE NOT EXISTS (SELECT FROM nodes AS duplicate
                            WHERE duplicate.tenant = own AND duplicate.merged_into = part
                              AND duplicate.id <> ALL (parts)));
    DELETE FROM nodes WHERE tenant = own AND id = ANY (gone);
    IF names IS NOT NULL THEN
        DELETE FROM model_calls WHERE tenant = own AND video_id = ANY (names);
        PERFORM erase_evidence(own, names, titles);
        PERFORM erase_runs(own, names);
        PERFORM erase_reuse(own, names);
    END IF;
    RETURN cardinality(gone);
END $$;

REVOKE EXECUTE ON FUNCTION
    erase_runs(text, text[]), erase_reuse(text, text[]), erase_evidence(text, text[], text[]),
    erase_definitions(text, uuid[]) FROM PUBLIC;

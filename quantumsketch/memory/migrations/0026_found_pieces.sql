-- The duplicates that became part of an entity, as of a time that is past those that were part of it then, the last ones
-- first: what is said of them is said of it. A hundred, so that what is merged again and again is read in bounded time.
-- A duplicate changes when it is merged, and with what it is part of.
CREATE FUNCTION duplicates_of(entity uuid, as_of timestamptz) RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT id FROM nodes
     WHERE merged_into = entity AND (as_of IS NULL OR changed_at <= as_of)
     ORDER BY closed_at DESC, id
     LIMIT 100;
END;

-- What searching and walking need of the database.

-- Vectors are compared by the thousand: they stay in the row, and the texts beside them move out.
ALTER TABLE chunks ALTER COLUMN embedding SET STORAGE PLAIN;

-- The edges at one node that a walk may follow, newest first, at most fan_out of them each way; `place` counts them
-- from 1, and a row behind fan_out says that there are more. The present without a choice of relations reads just
-- so many rows of an index. Else 4096 rows a way are looked at: a hub must not make a walk slow. Each branch stands
-- in a condition of its own: where the last four parameters are constants, those not asked for are not even planned.
CREATE FUNCTION edges_seen(
    node uuid, fan_out integer, outward boolean, inward boolean, relations text[], as_of timestamptz)
RETURNS TABLE (source uuid, kind text, target uuid, properties jsonb, far uuid, place bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT newest.source, newest.kind, newest.target, newest.properties, newest.target, newest.place
      FROM (SELECT e.source, e.kind, e.target, e.properties,
                   row_number() OVER (ORDER BY e.valid_from DESC, e.target, e.kind) AS place
              FROM edges AS e
             WHERE e.source = node AND e.valid_to IS NULL
             ORDER BY e.valid_from DESC, e.target, e.kind
             LIMIT fan_out + 1) AS newest
     WHERE outward AND relations IS NULL AND as_of IS NULL
    UNION ALL
    SELECT newest.source, newest.kind, newest.target, newest.properties, newest.source, newest.place
      FROM (SELECT e.source, e.kind, e.target, e.properties,
                   row_number() OVER (ORDER BY e.valid_from DESC, e.source, e.kind) AS place
              FROM edges AS e
             WHERE e.target = node AND e.valid_to IS NULL
             ORDER BY e.valid_from DESC, e.source, e.kind
             LIMIT fan_out + 1) AS newest
     WHERE inward AND relations IS NULL AND as_of IS NULL
    UNION ALL
    SELECT chosen.source, chosen.kind, chosen.target, chosen.properties, chosen.far, chosen.place
      FROM (SELECT seen.source, seen.kind, seen.target, seen.properties, seen.far,
                   CASE WHEN seen.number > 4096 THEN fan_out + 1
                        ELSE row_number() OVER (PARTITION BY seen.number > 4096, seen.way
                                                ORDER BY seen.valid_from DESC, seen.far, seen.kind)
                   END AS place
              FROM (SELECT newest.*, newest.target AS far, 1 AS way
                      FROM (SELECT e.*, row_number() OVER (ORDER BY e.valid_from DESC, e.target, e.kind) AS number
                              FROM edges AS e
                             WHERE e.source = node AND e.valid_to IS NULL
                             ORDER BY e.valid_from DESC, e.target, e.kind
                             LIMIT 4097) AS newest
                     WHERE outward AND as_of IS NULL
                    UNION ALL
                    SELECT newest.*, newest.source, 2
                      FROM (SELECT e.*, row_number() OVER (ORDER BY e.valid_from DESC, e.source, e.kind) AS number
                              FROM edges AS e
                             WHERE e.target = node AND e.valid_to IS NULL
                             ORDER BY e.valid_from DESC, e.source, e.kind
                             LIMIT 4097) AS newest
                     WHERE inward AND as_of IS NULL
                    UNION ALL
                    SELECT any_time.*, any_time.target, 1
                      FROM (SELECT e.*, row_number() OVER () AS number
                              FROM edges AS e WHERE e.source = node LIMIT 4097) AS any_time
                     WHERE outward AND as_of IS NOT NULL
                    UNION ALL
                    SELECT any_time.*, any_time.source, 2
                      FROM (SELECT e.*, row_number() OVER () AS number
                              FROM edges AS e WHERE e.target = node LIMIT 4097) AS any_time
                     WHERE inward AND as_of IS NOT NULL) AS seen
             WHERE seen.number > 4096
                OR (relations IS NULL OR seen.kind = ANY (relations))
                   AND (as_of IS NULL OR seen.valid_from <= as_of AND (seen.valid_to IS NULL OR as_of < seen.valid_to))
             ORDER BY place
             LIMIT 2 * fan_out + 2) AS chosen
     WHERE relations IS NOT NULL OR as_of IS NOT NULL;
END;

-- The words of each tenant apart, in one index: the tenant is a word of its own, of a form that no text has. Of a
-- common word only the rows of the tenant that asks are read.
CREATE FUNCTION words_of_tenant(tenant text, words tsvector) RETURNS tsvector
LANGUAGE sql IMMUTABLE
RETURN array_to_tsvector(ARRAY[' ' || tenant]) || words;

DROP INDEX nodes_words, chunks_words;
CREATE INDEX nodes_words ON nodes USING gin (words_of_tenant(tenant, words));
CREATE INDEX chunks_words ON chunks USING gin (words_of_tenant(tenant, words));

-- What one word of a question asks for. A word that no text is about, such as "the", asks for nothing. An identifier
-- asks for whatever begins with it, whole or by its parts.
CREATE FUNCTION word_query(word text, parts text) RETURNS tsquery
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN parts IS NOT NULL THEN
            coalesce((nullif(plainto_tsquery('simple', word)::text, '') || ':*')::tsquery, '')
            || coalesce((nullif(phraseto_tsquery('simple', parts)::text, '') || ':*')::tsquery, '')
        WHEN numnode(plainto_tsquery('english', word)) = 0 THEN ''
        ELSE plainto_tsquery('simple', word) || plainto_tsquery('english', word)
    END;
END;

-- The nodes of the present tenant that hold the question as it is written, or the more of its words the better;
-- a rare word weighs more. `part_lists` has the parts of each word that is an identifier, separated by blanks.
--
-- With the rights of who owns the tables, for behind row-level security no text index is used; so it asks for the
-- tenant by itself, and nobody can name another. The tenant is compared in a form that no other index has: the
-- planner knows not how large it is. Of a word that very many nodes have, a thousand of them are looked at.
CREATE FUNCTION search_words(question text, words text[], part_lists text[], kinds text[], most integer)
RETURNS TABLE (node uuid, rank double precision, duplicate text, named text[], told text[], length integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = quantumsketch, pg_temp SET plan_cache_mode = force_custom_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    own    text    := nullif(current_setting('app.tenant', true), '');
    mark   tsquery := quote_literal(' ' || own)::tsquery;
    whole  tsquery := websearch_to_tsquery('simple', question) || websearch_to_tsquery('english', question);
    enough integer := 1000;
BEGIN
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT each.place, each.word, word_query(each.word, each.parts) AS query
          FROM unnest(words, part_lists) WITH ORDINALITY AS each (word, parts, place)
        UNION ALL
        SELECT 0, CASE WHEN cardinality(words) = 0 THEN question END, whole
    ),
    found AS MATERIALIZED (
        SELECT asked.place, asked.word, near.id, ts_filter(near.words, '{a}') @@ asked.query AS in_name, 0.5 AS rank
          FROM asked
         CROSS JOIN LATERAL (
               SELECT nodes.id, nodes.words FROM nodes
                WHERE nodes.tenant || '' = own
                  AND words_of_tenant(nodes.tenant, nodes.words) @@ (mark && asked.query)
                  AND (kinds IS NULL OR nodes.kind = ANY (kinds))
                LIMIT enough) AS near
         WHERE numnode(asked.query) > 0
        UNION ALL
        SELECT asked.place, asked.word, near.node, false, 0.4 + 0.2 * ts_rank(near.words, asked.query, 1)
          FROM asked
         CROSS JOIN LATERAL (
               SELECT chunks.node, chunks.words FROM chunks
                WHERE chunks.tenant || '' = own
                  AND words_of_tenant(chunks.tenant, chunks.words) @@ (mark && asked.query)
                  AND (kinds IS NULL
                       OR (SELECT kind FROM nodes WHERE nodes.tenant = own AND nodes.id = chunks.node) = ANY (kinds))
                LIMIT enough) AS near
         WHERE numnode(asked.query) > 0
    ),
    held AS (
        SELECT place, word, id, bool_or(in_name) AS in_name, max(CASE WHEN in_name THEN 1 ELSE rank END) AS rank
          FROM found GROUP BY place, word, id
    ),
    weighed AS (
        SELECT *, ln(1 + (SELECT count(*) FROM (SELECT FROM nodes WHERE nodes.tenant = own LIMIT enough) AS counted)
                         / (count(*) OVER (PARTITION BY place))::double precision) AS weight
          FROM held
    ),
    ranked AS (
        SELECT id, sum(rank * weight) AS rank,
               array_remove(array_agg(word ORDER BY place) FILTER (WHERE in_name), NULL) AS named,
               array_remove(array_agg(word ORDER BY place) FILTER (WHERE NOT in_name), NULL) AS told
          FROM weighed GROUP BY id ORDER BY 2 DESC, id LIMIT most
    )
    SELECT coalesce(nodes.merged_into, nodes.id), ranked.rank,
           CASE WHEN nodes.merged_into IS NOT NULL THEN nodes.name END,
           coalesce(ranked.named, '{}'), coalesce(ranked.told, '{}'), length(nodes.name)
      FROM ranked JOIN nodes ON nodes.tenant = own AND nodes.id = ranked.id
     ORDER BY ranked.rank DESC, nodes.id;
END $$;

REVOKE EXECUTE ON FUNCTION search_words(text, text[], text[], text[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_words(text, text[], text[], text[], integer) TO quantumsketch_app;

-- The name of a node as one says it: of code without the path to where it is defined.
CREATE FUNCTION own_name(kind text, name text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN kind IN ('module', 'class', 'function', 'method') THEN substring(name FROM '[^./]*$') ELSE name END;

-- How far such a name is from a word of a question, which may be dotted: 0 is the same.
CREATE FUNCTION name_distance(own_name text, word text) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN lower(substring(word FROM '[^.]*$')) = lower(own_name) THEN 0
            ELSE 1 + abs(length(substring(word FROM '[^.]*$')) - length(own_name)) END;

-- The nodes of the present tenant that hold the question as it is written, or the more of its words the better;
-- a rare word weighs more. `part_lists` has the parts of each word that is an identifier, separated by blanks.
--
-- With the rights of who owns the tables, for behind row-level security no text index is used; so it asks for the
-- tenant by itself, and nobody can name another. The tenant is compared in a form that no other index has: the
-- planner knows not how large it is. Of a word that very many nodes have, a thousand of them are looked at.
--
-- New is that of equals comes first what is called most nearly like a word: hundreds of methods have the name of their
-- class in theirs. `length` is that of the own name.
CREATE OR REPLACE FUNCTION search_words(question text, words text[], part_lists text[], kinds text[], most integer)
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
        SELECT asked.place, asked.word, near.id, ts_filter(near.words, '{a}') @@ asked.query AS in_name, 0.5 AS rank,
               name_distance(own_name(near.kind, near.name), asked.word) AS distance
          FROM asked
         CROSS JOIN LATERAL (
               SELECT nodes.id, nodes.kind, nodes.name, nodes.words FROM nodes
                WHERE nodes.tenant || '' = own
                  AND words_of_tenant(nodes.tenant, nodes.words) @@ (mark && asked.query)
                  AND (kinds IS NULL OR nodes.kind = ANY (kinds))
                LIMIT enough) AS near
         WHERE numnode(asked.query) > 0
        UNION ALL
        SELECT asked.place, asked.word, near.node, false, 0.4 + 0.2 * ts_rank(near.words, asked.query, 1), NULL
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
        SELECT place, word, id, bool_or(in_name) AS in_name, max(CASE WHEN in_name THEN 1 ELSE rank END) AS rank,
               min(distance) AS distance
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
               array_remove(array_agg(word ORDER BY place) FILTER (WHERE NOT in_name), NULL) AS told,
               min(distance) AS distance
          FROM weighed GROUP BY id ORDER BY 2 DESC, distance, id LIMIT most
    )
    SELECT coalesce(nodes.merged_into, nodes.id), ranked.rank,
           CASE WHEN nodes.merged_into IS NOT NULL THEN nodes.name END,
           coalesce(ranked.named, '{}'), coalesce(ranked.told, '{}'), length(own_name(nodes.kind, nodes.name))
      FROM ranked JOIN nodes ON nodes.tenant = own AND nodes.id = ranked.id
     ORDER BY ranked.rank DESC, ranked.distance, nodes.id;
END $$;

-- The nodes of the present tenant that hold the question as it is written, or the more of its words the better;
-- a rare word weighs more. `part_lists` has the parts of each word that is an identifier, separated by blanks.
--
-- With the rights of who owns the tables, for behind row-level security no text index is used; so it asks for the
-- tenant by itself, and nobody can name another. The tenant is compared in a form that no other index has: the
-- planner knows not how large it is. Of a word that very many nodes have, a thousand of them are looked at. Of equals
-- comes first what is called most nearly like a word; `length` is that of the own name.
--
-- New is that less is done for each of the thousands that are looked at: words are handled once, or for those that are
-- returned. Sums are over sorted places, for the order of adding decides between equals.
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
        SELECT each.place, each.word, substring(each.word FROM '[^.]*$') AS name,
               lower(substring(each.word FROM '[^.]*$')) AS lower_name, word_query(each.word, each.parts) AS query
          FROM unnest(words, part_lists) WITH ORDINALITY AS each (word, parts, place)
        UNION ALL
        SELECT 0, questioned.word, substring(questioned.word FROM '[^.]*$'),
               lower(substring(questioned.word FROM '[^.]*$')), whole
          FROM (SELECT CASE WHEN cardinality(words) = 0 THEN question END AS word) AS questioned
    ),
    found AS MATERIALIZED (
        SELECT asked.place, near.id, ts_filter(near.words, '{a}') @@ asked.query AS in_name, 0.5::double precision AS rank,
               CASE WHEN asked.lower_name = lower(near.name) THEN 0
                    ELSE 1 + abs(length(asked.name) - length(near.name)) END AS distance
          FROM asked
         CROSS JOIN LATERAL (
               SELECT nodes.id, own_name(nodes.kind, nodes.name) AS name, nodes.words FROM nodes
                WHERE nodes.tenant || '' = own
                  AND words_of_tenant(nodes.tenant, nodes.words) @@ (mark && asked.query)
                  AND (kinds IS NULL OR nodes.kind = ANY (kinds))
                LIMIT enough) AS near
         WHERE numnode(asked.query) > 0
        UNION ALL
        SELECT asked.place, near.node, false, 0.4 + 0.2 * ts_rank(near.words, asked.query, 1), NULL
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
    held AS MATERIALIZED (
        SELECT place, id, bool_or(in_name) AS in_name, max(CASE WHEN in_name THEN 1 ELSE rank END) AS rank,
               min(distance) AS distance
          FROM found GROUP BY place, id
    ),
    weights AS MATERIALIZED (
        SELECT place, ln(1 + (SELECT count(*) FROM (SELECT FROM nodes WHERE nodes.tenant = own LIMIT enough) AS counted)
                             / count(*)::double precision) AS weight
          FROM held GROUP BY place
    ),
    ranked AS MATERIALIZED (
        SELECT id, sum(rank * weight) AS rank, min(distance) AS distance
          FROM (SELECT held.id, held.rank, held.distance, weights.weight
                  FROM held JOIN weights ON weights.place = held.place ORDER BY held.id, held.place) AS weighed
         GROUP BY id ORDER BY 2 DESC, distance, id LIMIT most
    ),
    worded AS (
        SELECT ranked.id, array_remove(array_agg(asked.word ORDER BY place) FILTER (WHERE in_name), NULL) AS named,
               array_remove(array_agg(asked.word ORDER BY place) FILTER (WHERE NOT in_name), NULL) AS told
          FROM ranked JOIN held ON held.id = ranked.id JOIN asked USING (place) GROUP BY ranked.id
    )
    SELECT coalesce(nodes.merged_into, nodes.id), ranked.rank,
           CASE WHEN nodes.merged_into IS NOT NULL THEN nodes.name END,
           coalesce(worded.named, '{}'), coalesce(worded.told, '{}'), length(own_name(nodes.kind, nodes.name))
      FROM ranked JOIN worded ON worded.id = ranked.id JOIN nodes ON nodes.tenant = own AND nodes.id = ranked.id
     ORDER BY ranked.rank DESC, ranked.distance, nodes.id;
END $$;

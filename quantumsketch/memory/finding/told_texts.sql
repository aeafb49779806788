-- What nodes say, around what of it is nearest to a question, by name.

-- name: told_texts
-- As recorded now, or at a time that is past; of then there are no chunks, so those of now are looked for in the text.
-- Only the few nearest chunks are: a body has up to a million characters. What its duplicates say follows, each under
-- its name, as far as together it is no longer than one body can be.
SELECT wanted.id, length(told.whole) AS length, told.introduction, coalesce(near.at, 0) AS near_at,
       coalesce(near.at + near.length, 0) AS near_end, greatest(coalesce(near.at, 0) - %(longest)s::integer, 0) AS around_at,
       substr(told.whole, greatest(coalesce(near.at, 0) - %(longest)s::integer, 0) + 1,
              coalesce(near.length, 0) + 2 * %(longest)s::integer) AS around
  FROM unnest(%(nodes)s::uuid[]) AS wanted (id)
 CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = wanted.id OFFSET 0) AS node
  LEFT JOIN LATERAL (
       SELECT * FROM node_versions
        WHERE node_versions.node = wanted.id
          AND recorded_from <= %(as_of)s::timestamptz AND %(as_of)s::timestamptz < recorded_to
        LIMIT 1) AS version ON node.changed_at > %(as_of)s::timestamptz
 CROSS JOIN LATERAL (
       SELECT coalesce(version.description, node.description) AS description,
              coalesce(version.body, node.body) AS body OFFSET 0) AS said
 CROSS JOIN LATERAL (
       SELECT starts_with(said.body, rtrim(said.description, E' \t\r\n.…')) AS repeated,
              said.body <> '' AND length(said.description) <= %(introduction)s AS introduced OFFSET 0) AS first
 CROSS JOIN LATERAL (
       SELECT CASE WHEN first.introduced AND NOT first.repeated THEN said.description || E'\n' ELSE '' END AS introduction,
              CASE WHEN first.repeated THEN said.body
                   ELSE concat_ws(E'\n', nullif(said.description, ''), nullif(said.body, '')) END AS whole
       OFFSET 0) AS own
 CROSS JOIN LATERAL (
       SELECT wanted.id || coalesce(array_agg(duplicate.id), '{}') AS speakers,
              string_agg(duplicate.name || E':\n' || duplicate.text, E'\n\n' ORDER BY duplicate.place) AS text
         FROM (SELECT same.id, same.name, found.place,
                      CASE WHEN starts_with(same.body, rtrim(same.description, E' \t\r\n.…')) THEN same.body
                           ELSE concat_ws(E'\n', nullif(same.description, ''), nullif(same.body, '')) END AS text,
                      sum(octet_length(same.description) + octet_length(same.body)) OVER (ORDER BY found.place) AS together
                 FROM duplicates_of(wanted.id, %(as_of)s) WITH ORDINALITY AS found (id, place)
                CROSS JOIN LATERAL (SELECT * FROM nodes WHERE nodes.id = found.id OFFSET 0) AS same
                WHERE same.description <> '' OR same.body <> '') AS duplicate
        WHERE duplicate.together <= 4000000 OFFSET 0) AS duplicates
 CROSS JOIN LATERAL (
       SELECT own.introduction, concat_ws(E'\n\n', nullif(own.whole, ''), duplicates.text) AS whole OFFSET 0) AS told
  LEFT JOIN LATERAL (
       SELECT strpos(told.whole, nearest.text) - 1 AS at, length(nearest.text) AS length
         FROM (SELECT chunks.text, row_number() OVER (
                      ORDER BY CASE WHEN embedding_model = %(model)s AND vector_dims(embedding) = %(dimensions)s
                                    THEN embedding <=> %(vector)s::vector END NULLS LAST,
                               ts_rank(words, replace(plainto_tsquery('english', %(question)s)::text, '&', '|')::tsquery)
                               DESC NULLS LAST,
                               place) AS order_of_nearness
                 FROM chunks
                WHERE %(nearest)s AND chunks.node = ANY (duplicates.speakers) AND chunks.text <> ''
                  AND NOT (first.introduced AND strpos(said.description, chunks.text) > 0)
                ORDER BY order_of_nearness
                LIMIT 4) AS nearest
        WHERE strpos(told.whole, nearest.text) > 0
        ORDER BY order_of_nearness
        LIMIT 1) AS near ON true
 WHERE %(as_of)s::timestamptz IS NULL OR node.changed_at <= %(as_of)s::timestamptz OR version.node IS NOT NULL;

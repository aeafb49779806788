-- What is done as the owner of the tables, by name: a large tenant gets an index of its own.

-- name: enter_as_owner
-- For the whole connection: the owner is behind the walls too, and sees one tenant's rows.
SELECT set_config('app.tenant', %(tenant)s, false),
       set_config('search_path', 'quantumsketch, ' || current_setting('search_path'), false);

-- name: count_vectors
-- So many at most; nearly all, or all, have one length.
SELECT count(*), mode() WITHIN GROUP (ORDER BY vector_dims(embedding))
  FROM (SELECT embedding FROM chunks
         WHERE tenant = %(tenant)s AND embedding_model = %(model)s LIMIT %(most)s) AS counted;

-- name: try_to_lock
-- Until the connection ends.
SELECT pg_try_advisory_lock(hashtextextended(%(name)s, 0));

-- name: indexes_called
SELECT relname FROM pg_class
 WHERE relnamespace = 'quantumsketch'::regnamespace AND relkind = 'i' AND starts_with(relname, %(beginning)s);

-- name: index_is_valid
SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%(name)s);

-- name: prepare_build
-- Beyond that memory the building becomes many times slower. On one core: others go on searching meanwhile.
SELECT set_config('maintenance_work_mem', '1GB', false), set_config('max_parallel_maintenance_workers', '0', false);

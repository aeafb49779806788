-- A walk builds no longer answer than it may tell. What is short is told at once. Where something may be long, what
-- fits is measured first, nearest first, and reading ends where that is full.
DROP FUNCTION walk_from(uuid, integer, integer, integer, boolean, boolean, text[], timestamptz);

-- Seen by how it is stored: to know better, it would have to be read.
CREATE FUNCTION is_short(properties jsonb) RETURNS boolean
LANGUAGE sql STABLE
RETURN pg_column_size(properties) <= 500 AND pg_column_compression(properties) IS NULL;

-- Of an edge that holds, or held then.
CREATE FUNCTION properties_of_edge(from_node uuid, relation text, to_node uuid, as_of timestamptz) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT edges.properties FROM edges
     WHERE (edges.source, edges.kind, edges.target) = (from_node, relation, to_node)
       AND (as_of IS NULL AND edges.valid_to IS NULL
            OR edges.valid_from <= as_of AND (edges.valid_to IS NULL OR as_of < edges.valid_to));
END;

-- How many of the nodes that a walk visited, in that order, can be told in so many bytes with the edges among them.
CREATE FUNCTION nodes_that_fit(
    visited uuid[], sources uuid[], kinds text[], targets uuid[], told jsonb[], as_of timestamptz, most_bytes integer)
RETURNS integer
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE
    part record;
    room bigint := most_bytes;
BEGIN
    FOR part IN
        WITH reached AS MATERIALIZED (
            SELECT node.id, node.place FROM unnest(visited) WITH ORDINALITY AS node (id, place)
        )
        SELECT reached.place, node.id, node.kind, node.name, node.properties, node.recorded_at
          FROM reached
         CROSS JOIN LATERAL (SELECT nodes.id, nodes.kind, nodes.name, nodes.properties, nodes.recorded_at
                               FROM nodes WHERE nodes.id = reached.id OFFSET 0) AS node
        UNION ALL
        SELECT greatest(source.place, target.place), edge.source, edge.kind, edge.target::text,
               coalesce(edge.properties, properties_of_edge(edge.source, edge.kind, edge.target, as_of)), NULL
          FROM (SELECT DISTINCT ON (edge.source, edge.kind, edge.target) edge.*
                  FROM unnest(sources, kinds, targets, told) AS edge (source, kind, target, properties)
                 ORDER BY edge.source, edge.kind, edge.target) AS edge
          JOIN reached AS source ON source.id = edge.source
          JOIN reached AS target ON target.id = edge.target
         ORDER BY place
    LOOP
        room := room - octet_length(row_to_json(part)::text);
        IF room < 0 THEN
            RETURN part.place - 1;
        END IF;
    END LOOP;
    RETURN cardinality(visited);
END $$;

-- What lies within so many steps of `start`, nearest first, and the edges that were followed; NULL without that node.
-- One level at a time. Hubs, not circles, make a walk slow: each node shows at most fan_out edges each way, its newest,
-- and all levels together hold at most `budget` nodes. Where that is reached, two edges each way of some of the nodes
-- fill what is left: half as many edges again are looked at as there is room for nodes, for some lead to one that is
-- known, and four times as many as long as that was too few. In all 50,000 edges are followed: more could not be told.
-- What would be longer than most_bytes is told as if the budget had been less. What is found is JSON because that is
-- read quicker than rows, and put together as text because that is made quicker. Plans are kept, as they are the same
-- for however many nodes.
CREATE FUNCTION walk_from(
    start uuid, deepest integer, fan_out integer, budget integer, outward boolean, inward boolean,
    relations text[], as_of timestamptz, most_bytes integer)
RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE
    ways       integer := outward::integer + inward::integer;
    frontier   uuid[] := ARRAY[start];
    visited    uuid[] := frontier;
    depths     integer[] := ARRAY[0];
    followed   record;
    sources    uuid[] := '{}';
    kinds      text[] := '{}';
    targets    uuid[] := '{}';
    told       jsonb[] := '{}';
    truncated  boolean := false;
    measured   boolean := false;
    near       uuid[];
    room       integer;
    looked_at  integer;
    reach      integer;
    edges_left integer;
    walked     record;
    fitting    integer;
    nearest    uuid[];
BEGIN
    FOR depth IN 1..deepest LOOP
        EXIT WHEN frontier = '{}';
        room := budget - cardinality(visited);
        edges_left := 50000 - cardinality(sources);
        truncated := truncated OR room <= 0 OR edges_left <= 0;
        EXIT WHEN room <= 0 OR edges_left <= 0;
        looked_at := room + room / 2;
        LOOP
            near := frontier[1 : 1 + looked_at / (2 * ways)];
            reach := least(fan_out, 1 + looked_at / (ways * cardinality(near)));
            IF near = frontier AND 4 * reach >= fan_out THEN
                reach := fan_out;
            END IF;
            WITH seen AS MATERIALIZED (
                SELECT edge.source, edge.kind, edge.target, edge.properties, edge.far, edge.place
                  FROM unnest(near) AS node (id)
                 CROSS JOIN LATERAL edges_seen(node.id, reach, outward, inward, relations, as_of) AS edge
                 LIMIT edges_left + 1
            ),
            fresh AS MATERIALIZED (
                SELECT seen.far FROM seen LEFT JOIN unnest(visited) AS known (id) ON known.id = seen.far
                 WHERE seen.place <= reach AND known.id IS NULL
                 GROUP BY seen.far ORDER BY min(seen.place), seen.far LIMIT room + 1
            ),
            chosen AS MATERIALIZED (SELECT fresh.far FROM fresh LIMIT room),
            bounds AS MATERIALIZED (
                SELECT bool_or(seen.place > reach) AS more, count(*) > edges_left AS cut FROM seen
            )
            SELECT ARRAY(SELECT chosen.far FROM chosen) AS chosen, (SELECT count(*) FROM fresh) > room AS overfull,
                   (SELECT bounds.more FROM bounds) AS more, (SELECT bounds.cut FROM bounds) AS cut,
                   array_agg(seen.source) AS sources, array_agg(seen.kind) AS kinds, array_agg(seen.target) AS targets,
                   array_agg(CASE WHEN is_short(seen.properties) THEN seen.properties END) AS told
              INTO followed
              FROM seen JOIN (SELECT unnest(visited) UNION ALL SELECT chosen.far FROM chosen) AS ends (id)
                          ON ends.id = seen.far
             WHERE seen.place <= reach;
            EXIT WHEN followed.overfull OR followed.cut OR reach = fan_out AND near = frontier;
            looked_at := 4 * looked_at;
        END LOOP;
        frontier := followed.chosen;
        visited := visited || frontier;
        depths := depths || array_fill(depth, ARRAY[cardinality(frontier)]);
        sources := sources || followed.sources;
        kinds := kinds || followed.kinds;
        targets := targets || followed.targets;
        told := told || followed.told;
        truncated := truncated OR followed.overfull OR followed.cut OR coalesce(followed.more, false)
                     OR cardinality(visited) >= budget AND depth < deepest;
    END LOOP;
    LOOP
        SELECT concat('{"nodes":[', found.nodes, '],"edges":[', passed.edges,
                      '],"truncated":', to_json(truncated), '}') AS answer,
               found.are_short AND coalesce(passed.are_short, true) AS are_short
          INTO walked
          FROM (SELECT bool_and(each.properties IS NOT NULL) AS are_short,
                       string_agg(concat('{"id":"', each.id, '","kind":', to_json(each.kind),
                                         ',"name":', to_json(each.name), ',"properties":', each.properties,
                                         ',"recorded_at":', to_json(each.recorded_at), ',"depth":', each.depth, '}'),
                                  ',') AS nodes
                  FROM (SELECT node.id, node.kind, node.name,
                               CASE WHEN measured OR is_short(node.properties) THEN node.properties END AS properties,
                               node.recorded_at, reached.depth
                          FROM unnest(visited, depths) AS reached (id, depth)
                         CROSS JOIN LATERAL (SELECT nodes.id, nodes.kind, nodes.name, nodes.properties, nodes.recorded_at
                                               FROM nodes WHERE nodes.id = reached.id OFFSET 0) AS node
                         ORDER BY reached.depth, node.kind, node.name) AS each) AS found,
               (SELECT bool_and(each.properties IS NOT NULL) AS are_short,
                       string_agg(concat('{"source":"', each.source, '","kind":', to_json(each.kind),
                                         ',"target":"', each.target, '","properties":', each.properties, '}'),
                                  ',') AS edges
                  FROM (SELECT DISTINCT ON (edge.source, edge.kind, edge.target) edge.source, edge.kind, edge.target,
                               CASE WHEN measured AND edge.properties IS NULL
                                    THEN properties_of_edge(edge.source, edge.kind, edge.target, as_of)
                                    ELSE edge.properties END AS properties
                          FROM unnest(sources, kinds, targets, told) AS edge (source, kind, target, properties)
                         ORDER BY edge.source, edge.kind, edge.target) AS each) AS passed
         WHERE found.nodes IS NOT NULL;
        EXIT WHEN measured OR walked.answer IS NULL
                  OR walked.are_short AND octet_length(walked.answer) <= most_bytes;
        fitting := nodes_that_fit(visited, sources, kinds, targets, told, as_of, most_bytes);
        truncated := truncated OR fitting < cardinality(visited);
        nearest := visited[1 : fitting];
        SELECT array_agg(edge.source) AS sources, array_agg(edge.kind) AS kinds, array_agg(edge.target) AS targets,
               array_agg(edge.properties) AS told
          INTO followed
          FROM unnest(sources, kinds, targets, told) AS edge (source, kind, target, properties)
          JOIN unnest(nearest) AS source (id) ON source.id = edge.source
          JOIN unnest(nearest) AS target (id) ON target.id = edge.target;
        sources := followed.sources;
        kinds := followed.kinds;
        targets := followed.targets;
        told := followed.told;
        visited := visited[1 : greatest(fitting, 1)];
        depths := depths[1 : greatest(fitting, 1)];
        measured := true;
    END LOOP;
    RETURN walked.answer;
END $$;

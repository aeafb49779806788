-- What lies within so many steps of `start`, nearest first, and the edges that were followed; NULL without that node.
-- One level at a time. Hubs, not circles, make a walk slow: each node shows at most fan_out edges each way, its newest,
-- and all levels together hold at most `budget` nodes. Where that is reached, of many nodes a few edges are enough to
-- fill what is left: first only so many are looked at, and all of them if that was too few. What is found is JSON
-- because that is read quicker than rows. Plans are kept, as they are the same for however many nodes.
--
-- New is that one edge more of each node is looked at first: too few cost a walk half of its time again.
CREATE OR REPLACE FUNCTION walk_from(
    start uuid, deepest integer, fan_out integer, budget integer, outward boolean, inward boolean,
    relations text[], as_of timestamptz)
RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE
    ways      integer := outward::integer + inward::integer;
    frontier  uuid[] := ARRAY[start];
    visited   uuid[] := frontier;
    depths    integer[] := ARRAY[0];
    followed  record;
    sources   uuid[];
    kinds     text[];
    targets   uuid[];
    told      jsonb[];
    truncated boolean := false;
    near      uuid[];
    room      integer;
    reach     integer;
BEGIN
    FOR depth IN 1..deepest LOOP
        EXIT WHEN frontier = '{}';
        room := budget - cardinality(visited);
        truncated := truncated OR room <= 0;
        EXIT WHEN room <= 0;
        near := frontier[1:room];
        reach := least(fan_out, 2 + room / (ways * cardinality(near)));
        LOOP
            WITH seen AS MATERIALIZED (
                SELECT edge.source, edge.kind, edge.target, edge.properties, edge.far, edge.place
                  FROM unnest(near) AS node (id)
                 CROSS JOIN LATERAL edges_seen(node.id, reach, outward, inward, relations, as_of) AS edge
            ),
            fresh AS MATERIALIZED (
                SELECT seen.far FROM seen LEFT JOIN unnest(visited) AS known (id) ON known.id = seen.far
                 WHERE seen.place <= reach AND known.id IS NULL
                 GROUP BY seen.far ORDER BY min(seen.place), seen.far LIMIT room + 1
            ),
            chosen AS MATERIALIZED (SELECT fresh.far FROM fresh LIMIT room)
            SELECT ARRAY(SELECT chosen.far FROM chosen) AS chosen, (SELECT count(*) FROM fresh) > room AS overfull,
                   (SELECT bool_or(seen.place > reach) FROM seen) AS more, array_agg(seen.source) AS sources,
                   array_agg(seen.kind) AS kinds, array_agg(seen.target) AS targets, array_agg(seen.properties) AS told
              INTO followed
              FROM seen JOIN (SELECT unnest(visited) UNION ALL SELECT chosen.far FROM chosen) AS ends (id)
                          ON ends.id = seen.far
             WHERE seen.place <= reach;
            EXIT WHEN followed.overfull OR reach = fan_out AND near = frontier;
            near := frontier;
            reach := fan_out;
        END LOOP;
        frontier := followed.chosen;
        visited := visited || frontier;
        depths := depths || array_fill(depth, ARRAY[cardinality(frontier)]);
        sources := sources || followed.sources;
        kinds := kinds || followed.kinds;
        targets := targets || followed.targets;
        told := told || followed.told;
        truncated := truncated OR followed.overfull OR coalesce(followed.more, false)
                     OR cardinality(visited) >= budget AND depth < deepest;
    END LOOP;
    RETURN (
        SELECT json_build_object('nodes', found.nodes, 'edges', coalesce(passed.edges, '[]'), 'truncated', truncated)
          FROM (SELECT json_agg(each) AS nodes
                  FROM (SELECT node.id, node.kind, node.name, node.properties, node.recorded_at, reached.depth
                          FROM unnest(visited, depths) AS reached (id, depth)
                         CROSS JOIN LATERAL (SELECT nodes.id, nodes.kind, nodes.name, nodes.properties, nodes.recorded_at
                                               FROM nodes WHERE nodes.id = reached.id OFFSET 0) AS node
                         ORDER BY reached.depth, node.kind, node.name) AS each) AS found,
               (SELECT json_agg(each) AS edges
                  FROM (SELECT DISTINCT ON (edge.source, edge.kind, edge.target) edge.*
                          FROM unnest(sources, kinds, targets, told) AS edge (source, kind, target, properties)
                         ORDER BY edge.source, edge.kind, edge.target) AS each) AS passed
         WHERE found.nodes IS NOT NULL);
END $$;

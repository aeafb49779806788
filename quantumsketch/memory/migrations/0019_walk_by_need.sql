-- 0004 was released in two forms; from here on all databases have the later one of this.
-- The edges at one node that a walk may follow, newest first, at most fan_out of them each way; `place` counts them
-- from 1, and a row behind fan_out says that there are more. The present without a choice of relations reads just
-- so many rows of an index. Else 4096 rows a way are looked at: a hub must not make a walk slow. Each branch stands
-- in a condition of its own: where the last four parameters are constants, those not asked for are not even planned.
CREATE OR REPLACE FUNCTION edges_seen(
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

-- What lies within so many steps of `start`, nearest first, and the edges that were followed; NULL without that node.
-- One level at a time. Hubs, not circles, make a walk slow: each node shows at most fan_out edges each way, its newest,
-- and all levels together hold at most `budget` nodes. Where that is reached, two edges each way of some of the nodes
-- fill what is left: half as many edges again are looked at as there is room for nodes, for some lead to one that is
-- known, and four times as many as long as that was too few. What is found is JSON because that is read quicker than
-- rows. Plans are kept, as they are the same for however many nodes.
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
    looked_at integer;
    reach     integer;
BEGIN
    FOR depth IN 1..deepest LOOP
        EXIT WHEN frontier = '{}';
        room := budget - cardinality(visited);
        truncated := truncated OR room <= 0;
        EXIT WHEN room <= 0;
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
            looked_at := 4 * looked_at;
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

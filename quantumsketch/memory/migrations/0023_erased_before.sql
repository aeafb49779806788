-- Of videos that were erased before: their ids in what said something, and in what the user chose. Each row is looked
-- at once; documents, in which others' scenes may name one, are not.
ALTER TABLE nodes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE edges NO FORCE ROW LEVEL SECURITY;
ALTER TABLE node_versions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE edge_versions NO FORCE ROW LEVEL SECURITY;

SELECT erase_runs(tenant, names), erase_evidence(tenant, names, '{}')
  FROM (SELECT tenant, array_agg(run) AS names
          FROM (SELECT tenant, recorded_run(provenance) AS run FROM nodes
                UNION SELECT tenant, recorded_run(provenance) FROM edges
                UNION SELECT tenant, recorded_run(provenance) FROM node_versions
                UNION SELECT tenant, recorded_run(provenance) FROM edge_versions) AS said
         WHERE run IS NOT NULL
           AND NOT EXISTS (SELECT FROM nodes AS video
                            WHERE video.tenant = said.tenant AND video.kind = 'video' AND video.name = said.run)
         GROUP BY tenant) AS forgotten;

ALTER TABLE nodes FORCE ROW LEVEL SECURITY;
ALTER TABLE edges FORCE ROW LEVEL SECURITY;
ALTER TABLE node_versions FORCE ROW LEVEL SECURITY;
ALTER TABLE edge_versions FORCE ROW LEVEL SECURITY;

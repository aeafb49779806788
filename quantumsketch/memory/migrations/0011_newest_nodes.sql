-- The nodes of a tenant by when they were first recorded, for pages of them.
CREATE INDEX nodes_newest ON nodes (tenant, recorded_at, id) WHERE closed_at IS NULL;

-- Who the tenants are, what each may have at most, and the keys by which their programs are known.
--
-- The product's role reads its own tenant's line and nothing of the keys: what it may ask of them, two functions
-- answer. Lists are the owner's, who is behind no wall here and needs to see all tenants.

CREATE TABLE tenants (
    tenant              text        PRIMARY KEY CHECK (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    created_at          timestamptz NOT NULL DEFAULT now(),
    most_nodes          bigint      CHECK (most_nodes >= 0),          -- null: any number
    requests_per_minute integer     CHECK (requests_per_minute >= 1)  -- null: any number
);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenants FOR SELECT
    USING (tenant = nullif(current_setting('app.tenant', true), ''));
GRANT SELECT ON tenants TO quantumsketch_app;

-- A key is 32 random bytes, which nobody finds by trying: a quick hash keeps it as well as a slow one would, and
-- costs a request nothing. Slow hashes are for passwords, which people choose.
CREATE TABLE api_keys (
    id           text        PRIMARY KEY CHECK (length(id) = 12),  -- the first characters of the key: not secret
    tenant       text        NOT NULL REFERENCES tenants ON DELETE CASCADE,
    sha256       bytea       NOT NULL UNIQUE CHECK (length(sha256) = 32),
    scopes       text[]      NOT NULL CHECK (scopes <> '{}' AND scopes <@ ARRAY['read', 'write', 'admin']),
    note         text        NOT NULL DEFAULT '' CHECK (length(note) <= 200),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_keys_of_tenant ON api_keys (tenant, created_at);
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;

-- The minute that is being counted. Not logged: no request waits for the disk, and after a crash counting begins anew.
CREATE UNLOGGED TABLE request_windows (
    tenant   text        PRIMARY KEY,
    began_at timestamptz NOT NULL,
    taken    integer     NOT NULL
);
ALTER TABLE request_windows ENABLE ROW LEVEL SECURITY;

-- Whoever has rows is a tenant: those who had some before there was a list, and those who write without being added.
ALTER TABLE nodes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE model_calls NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenants (tenant, created_at)
SELECT tenant, min(at)
  FROM (SELECT tenant, recorded_at AS at FROM nodes UNION ALL SELECT tenant, at FROM model_calls) AS found
 GROUP BY tenant;
ALTER TABLE nodes FORCE ROW LEVEL SECURITY;
ALTER TABLE model_calls FORCE ROW LEVEL SECURITY;

CREATE FUNCTION enlist_tenant() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    own text := nullif(current_setting('app.tenant', true), '');
BEGIN
    -- A name that no tenant can have is left to the table itself, which refuses it.
    IF own ~ '^[a-z0-9][a-z0-9_-]{0,62}$' AND NOT EXISTS (SELECT FROM tenants WHERE tenant = own) THEN
        INSERT INTO tenants (tenant) VALUES (own) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER enlist_tenant BEFORE INSERT ON nodes FOR EACH STATEMENT EXECUTE FUNCTION enlist_tenant();
CREATE TRIGGER enlist_tenant BEFORE INSERT ON model_calls FOR EACH STATEMENT EXECUTE FUNCTION enlist_tenant();

-- One look by the hash, whatever it is; that the key was used is written down once a minute.
CREATE FUNCTION identify_key(hash bytea) RETURNS TABLE (key_id text, tenant text, scopes text[])
LANGUAGE sql SECURITY DEFINER SET search_path = quantumsketch, pg_temp
BEGIN ATOMIC
    WITH valid AS (
        SELECT api_keys.id, api_keys.tenant, api_keys.scopes
          FROM api_keys
         WHERE api_keys.sha256 = hash AND revoked_at IS NULL
           AND (expires_at IS NULL OR expires_at > statement_timestamp())
    ), used AS (
        UPDATE api_keys SET last_used_at = statement_timestamp()
          FROM valid
         WHERE api_keys.id = valid.id
           AND (last_used_at IS NULL OR last_used_at < statement_timestamp() - interval '1 minute')
    )
    SELECT id, valid.tenant, valid.scopes FROM valid;
END;

-- Count a request of the tenant: 0 if it may go on, else the seconds until it may. A minute begins with the first
-- request after the one before it ended; the clock is read anew after each wait for the row.
CREATE FUNCTION take_request() RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = quantumsketch, pg_temp AS $$
DECLARE
    own  text := nullif(current_setting('app.tenant', true), '');
    most integer;
BEGIN
    IF own IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'no request is counted without a tenant';
    END IF;
    SELECT requests_per_minute INTO most FROM tenants WHERE tenant = own;
    IF most IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO request_windows AS old (tenant, began_at, taken) VALUES (own, clock_timestamp(), 1)
    ON CONFLICT (tenant) DO UPDATE
       SET (began_at, taken) = (
           SELECT CASE WHEN over THEN clock_timestamp() ELSE old.began_at END, CASE WHEN over THEN 1 ELSE old.taken + 1 END
             FROM (SELECT clock_timestamp() - old.began_at NOT BETWEEN '0 s' AND '1 min' AS over) AS it)
     WHERE old.taken < most OR clock_timestamp() - old.began_at NOT BETWEEN '0 s' AND '1 min';
    IF FOUND THEN
        RETURN 0;
    END IF;
    RETURN (SELECT greatest(extract(epoch FROM began_at + interval '1 minute' - clock_timestamp()), 0.001)
              FROM request_windows WHERE tenant = own);
END $$;

REVOKE EXECUTE ON FUNCTION enlist_tenant(), identify_key(bytea), take_request() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identify_key(bytea), take_request() TO quantumsketch_app;

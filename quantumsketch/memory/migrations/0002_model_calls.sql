-- What the models were asked and what that cost, and what is not to be asked for a while.
--
-- Calls belong to tenants and stand behind the same walls as nodes. Cool-downs and free calls are of accounts at
-- providers, which all tenants share: these two tables hold no tenant's data, only marks and our own words.

CREATE TABLE model_calls (
    tenant        text             NOT NULL CHECK (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    call_id       text             NOT NULL CHECK (length(call_id) BETWEEN 1 AND 500),
    video_id      text             NOT NULL CHECK (length(video_id) BETWEEN 1 AND 500),
    beat_id       text,
    model         text             NOT NULL CHECK (model <> ''),
    purpose       text             NOT NULL CHECK (purpose <> ''),
    at            timestamptz      NOT NULL,
    reserved_usd  double precision NOT NULL CHECK (reserved_usd >= 0),
    ended         text,            -- null: under way, or killed
    cost_usd      double precision CHECK (cost_usd >= 0),  -- null: not known, and as much as was reserved counts
    input_tokens  integer          NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
    output_tokens integer          NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
    PRIMARY KEY (tenant, call_id)
);
CREATE INDEX model_calls_of_video ON model_calls (tenant, video_id);
CREATE INDEX model_calls_of_month ON model_calls (tenant, at);

ALTER TABLE model_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_calls FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON model_calls
    USING (tenant = nullif(current_setting('app.tenant', true), ''))
    WITH CHECK (tenant = nullif(current_setting('app.tenant', true), ''));

CREATE TABLE cool_downs (
    scope text        PRIMARY KEY,
    until timestamptz NOT NULL,
    why   text        NOT NULL
);

CREATE TABLE free_calls (
    account text        NOT NULL,
    call_id text        NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (account, call_id)
);

-- Calls and their costs are never deleted; a free call counts for a day.
GRANT SELECT, INSERT, UPDATE ON model_calls, cool_downs TO quantumsketch_app;
GRANT SELECT, INSERT, DELETE ON free_calls TO quantumsketch_app;

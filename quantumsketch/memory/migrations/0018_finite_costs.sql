-- What a call costs is a number: with one that is none, or without end, no budget could be added up again.

-- The owner who migrates is behind the walls too: they are opened for what follows, and closed below.
ALTER TABLE model_calls NO FORCE ROW LEVEL SECURITY;
UPDATE model_calls SET cost_usd = NULL WHERE NOT cost_usd < 'Infinity';
UPDATE model_calls SET reserved_usd = 0 WHERE NOT reserved_usd < 'Infinity';
ALTER TABLE model_calls FORCE ROW LEVEL SECURITY;

-- NaN counts as more than Infinity.
ALTER TABLE model_calls
    ADD CONSTRAINT reserved_usd_is_finite CHECK (reserved_usd < 'Infinity'),
    ADD CONSTRAINT cost_usd_is_finite CHECK (cost_usd < 'Infinity');

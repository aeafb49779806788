-- A tenant that no customer can be: what the product knows for all of them, such as the installed Manim. It is in no
-- list, and can have no key.
ALTER TABLE nodes
    DROP CONSTRAINT nodes_tenant_check,
    ADD CONSTRAINT nodes_tenant_check CHECK (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$' OR tenant = '_system');

-- Vectors of any embedding model: how many numbers one has is the model's business.
--
-- Only vectors of one model are compared with each other. The own index of a large tenant says of which model it is,
-- and how long its vectors are: those there were say no length, and are built anew when they are next asked for.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT relname FROM pg_class
         WHERE relnamespace = 'quantumsketch'::regnamespace AND relkind = 'i' AND starts_with(relname, 'chunks_meaning_')
    LOOP
        EXECUTE format('DROP INDEX %I', name);
    END LOOP;
END $$;

-- Neither table is written anew for that.
ALTER TABLE nodes ALTER COLUMN embedding TYPE vector;
ALTER TABLE chunks ALTER COLUMN embedding TYPE vector;
-- In the row, as before, and elsewhere only where it would not fit on a page.
ALTER TABLE chunks ALTER COLUMN embedding SET STORAGE MAIN;

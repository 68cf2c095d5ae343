-- Extensions. They may already be installed, in any schema: later migrations look the schema up in
-- pg_extension instead of assuming `public`.

-- pgvector is a must: vault.embeddings and vault.match_documents are built on it.
do $$
begin
    if exists (select from pg_extension where extname = 'vector') then
        return;
    end if;

    if not exists (select from pg_available_extensions where name = 'vector') then
        raise exception 'the extension "vector" (pgvector) is not available on this PostgreSQL server'
            using errcode = 'feature_not_supported',
                  hint = 'Install pgvector on the server (package postgresql-16-pgvector, or an image such as pgvector/pgvector:pg16) and migrate again.';
    end if;

    create extension if not exists vector with schema public;
exception
    when insufficient_privilege then
        raise exception 'the extension "vector" (pgvector) is available but % may not create it', current_user
            using errcode = 'insufficient_privilege',
                  hint = 'Let an administrator run: create extension vector;';
end
$$;

-- The other two make things better where the server has them. Without btree_gist a trigger guards
-- overlapping time entries; without pg_trgm a search in the middle of a name scans the table.
do $$
declare
    extension text;
begin
    foreach extension in array array['btree_gist', 'pg_trgm'] loop
        continue when exists (select from pg_extension where extname = extension);

        if not exists (select from pg_available_extensions where name = extension) then
            raise notice 'extension "%" is not available on this server, going on without it', extension;
            continue;
        end if;

        begin
            execute format('create extension if not exists %I with schema public', extension);
        exception
            when insufficient_privilege then
                raise notice 'extension "%" may not be created by %, going on without it', extension, current_user;
        end;
    end loop;
end
$$;

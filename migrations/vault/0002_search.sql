-- Semantic search.

-- The vector type and its operators may live in any schema; until the end of this transaction they are found
-- without one.
select set_config(
    'search_path',
    (
        select concat_ws(', ', nullif(current_setting('search_path'), ''), quote_ident(extension_schema.nspname))
        from pg_extension
        join pg_namespace as extension_schema on extension_schema.oid = extnamespace
        where extname = 'vector'
    ),
    true
);

-- The vector index knows nothing of the filters: it hands over the nearest of all documents, and a selective
-- filter would throw most of them away. So few candidates are compared one by one, which is exact, and only
-- many go through the index.
create function vault.match_documents(
    query_embedding vector(1536),
    match_threshold double precision default 0.7,
    match_count integer default 10,
    filter_source text default null,
    filter_repository text default null
)
returns table (
    id uuid,
    source text,
    repository text,
    path text,
    content text,
    metadata jsonb,
    sha text,
    similarity double precision
)
    language plpgsql
    stable
    parallel safe
as $$
#variable_conflict use_column
declare
    -- Up to here an exact scan stays well under the time a search may take.
    few constant integer := 2000;
    candidates bigint;
begin
    if filter_source is not null or filter_repository is not null then
        select count(*) into candidates
        from (
            select
            from vault.documents as document
            where (filter_source is null or document.source = filter_source)
                and (filter_repository is null or document.repository = filter_repository)
            limit few + 1
        ) as candidate;
    end if;

    if candidates <= few then
        return query
            with candidate as materialized (
                select
                    document.id,
                    embedding.embedding <=> query_embedding as distance
                from vault.documents as document
                join vault.embeddings as embedding on embedding.document_id = document.id
                where (filter_source is null or document.source = filter_source)
                    and (filter_repository is null or document.repository = filter_repository)
            ),
            nearest as materialized (
                select candidate.id, candidate.distance
                from candidate
                where 1 - candidate.distance > match_threshold
                order by candidate.distance, candidate.id
                limit greatest(match_count, 0)
            )
            select
                document.id,
                document.source,
                document.repository::text,
                document.path,
                document.content,
                document.metadata,
                document.sha::text,
                1 - nearest.distance
            from nearest
            join vault.documents as document on document.id = nearest.id
            order by nearest.distance, nearest.id;
    else
        -- The threshold is applied to the nearest ones afterwards: inside, it would keep the index searching for
        -- rows that are not there.
        return query
            with nearest as materialized (
                select
                    embedding.document_id as id,
                    embedding.embedding <=> query_embedding as distance
                from vault.embeddings as embedding
                join vault.documents as document on document.id = embedding.document_id
                where (filter_source is null or document.source = filter_source)
                    and (filter_repository is null or document.repository = filter_repository)
                order by embedding.embedding <=> query_embedding
                limit greatest(match_count, 0)
            )
            select
                document.id,
                document.source,
                document.repository::text,
                document.path,
                document.content,
                document.metadata,
                document.sha::text,
                1 - nearest.distance
            from nearest
            join vault.documents as document on document.id = nearest.id
            where 1 - nearest.distance > match_threshold
            order by nearest.distance, nearest.id;
    end if;
end
$$;

comment on function vault.match_documents(vector, double precision, integer, text, text) is
    'Documents whose similarity (1 - cosine distance) to the query vector is greater than match_threshold, nearest first, at most match_count. The filters apply when they are not null.';

do $$
declare
    vector_schema text;
    vector_version int[];
begin
    select extension_schema.nspname, string_to_array(regexp_replace(extversion, '[^0-9.].*$', ''), '.')::int[]
    into vector_schema, vector_version
    from pg_extension
    join pg_namespace as extension_schema on extension_schema.oid = extnamespace
    where extname = 'vector';

    -- Whoever calls it, whatever their path is.
    execute format('alter function vault.match_documents set search_path = pg_catalog, %I', vector_schema);

    -- An index scan stops after ef_search rows, 40 by default, filtered or not. Since 0.8 it can go on until
    -- match_count rows are found. Only a loaded library knows the setting, and using the type loads it.
    if vector_version >= array[0, 8] then
        perform '[0]'::vector;
        alter function vault.match_documents set hnsw.iterative_scan = 'strict_order';
    end if;
end
$$;

-- The operators must be reachable for everybody who searches.
do $$
declare
    vector_schema text := (
        select extension_schema.nspname
        from pg_extension
        join pg_namespace as extension_schema on extension_schema.oid = extnamespace
        where extname = 'vector'
    );
begin
    execute format(
        'grant usage on schema %I to authenticated, service_role, vault_app, billy_app, renos_app, crm_app, flow_app, '
        'vault_operator, billy_operator, renos_operator, crm_operator, flow_operator',
        vector_schema
    );
exception
    when insufficient_privilege then
        raise notice 'usage on schema % stays as it is: % may not grant it', vector_schema, current_user;
end
$$;

revoke execute on all functions in schema vault from public;

grant execute on function vault.match_documents to
    authenticated, service_role,
    vault_app, billy_app, renos_app, crm_app, flow_app,
    vault_operator, billy_operator, renos_operator, crm_operator, flow_operator;

-- Files are looked up by a part of their path. Without pg_trgm the table is scanned, which is fine for some
-- ten thousand rows.
do $$
declare
    trigram_schema text;
begin
    select extension_schema.nspname into trigram_schema
    from pg_extension
    join pg_namespace as extension_schema on extension_schema.oid = extnamespace
    where extname = 'pg_trgm';

    if found then
        execute format('create index documents_path_trgm_idx on vault.documents using gin (path %I.gin_trgm_ops)', trigram_schema);
    end if;
end
$$;

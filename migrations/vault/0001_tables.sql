-- The knowledge base: texts, one vector each, and the state of the last sync.

create schema if not exists vault;

comment on schema vault is 'Knowledge base: text of repositories and documents, with one vector each, for semantic search.';

-- The vector type may live in any schema; until the end of this transaction it is found without one.
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

create table vault.documents (
    id          uuid not null default gen_random_uuid(),
    source      text not null,
    repository  varchar(255) not null,
    path        text not null,
    content     text not null,
    metadata    jsonb not null default '{}'::jsonb,
    sha         varchar(255),
    content_md5 text generated always as (md5(content)) stored,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint documents_pkey primary key (id),
    constraint documents_source_repository_path_key unique (source, repository, path)
);

comment on table vault.documents is 'One ingested text file per (source, repository, path); the knowledge base that semantic search reads.';
comment on column vault.documents.id is 'Primary key.';
comment on column vault.documents.source is
    'Origin of the text. Known values, others are accepted: github, supabase, render, copilot, local, notion, gdrive.';
comment on column vault.documents.repository is
    'Owner/name for a code host, or a workspace label such as tekup-workspace for local files.';
comment on column vault.documents.path is 'Path of the file inside the repository, forward slashes.';
comment on column vault.documents.content is
    'Full text of the file. Only text formats are ingested; binaries are skipped by the caller.';
comment on column vault.documents.metadata is
    'Free attributes: size, encoding, mtime, type, language, title, category, tags.';
comment on column vault.documents.sha is
    'Content hash of the source system (git blob id, or sha-256 hex for local files); used to skip duplicates across sources.';
comment on column vault.documents.content_md5 is
    'Hash of content, generated; lets the index step find embeddings that no longer match the text.';
comment on column vault.documents.created_at is 'When the row was made.';
comment on column vault.documents.updated_at is 'When the row was last changed; set by trigger on every update.';

create index documents_updated_at_idx on vault.documents (updated_at);
create index documents_metadata_idx on vault.documents using gin (metadata);
create index documents_repository_path_idx on vault.documents (repository, path);
create index documents_sha_idx_partial on vault.documents (sha) where sha is not null;

create trigger documents_set_updated_at
    before update on vault.documents
    for each row execute function shared.set_updated_at();

create table vault.embeddings (
    id          uuid not null default gen_random_uuid(),
    document_id uuid not null,
    embedding   vector(1536) not null,
    model       text,
    content_md5 text,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint embeddings_pkey primary key (id),
    constraint embeddings_document_id_key unique (document_id),
    constraint embeddings_document_id_fkey
        foreign key (document_id) references vault.documents (id) on delete cascade
);

comment on table vault.embeddings is 'One vector per document.';
comment on column vault.embeddings.id is 'Primary key.';
comment on column vault.embeddings.document_id is 'The document that this vector stands for; one vector a document.';
comment on column vault.embeddings.embedding is 'Vector of 1536 floats, cosine space.';
comment on column vault.embeddings.model is
    'Embedding model that made the vector; the caller uses text-embedding-3-small.';
comment on column vault.embeddings.content_md5 is
    'Value of documents.content_md5 at the time of embedding; differs when the document changed since.';
comment on column vault.embeddings.created_at is 'When the row was made.';
comment on column vault.embeddings.updated_at is 'When the row was last changed; set by trigger on every update.';

create index embeddings_embedding_idx
    on vault.embeddings using hnsw (embedding vector_cosine_ops) with (m = 16, ef_construction = 64);

create trigger embeddings_set_updated_at
    before update on vault.embeddings
    for each row execute function shared.set_updated_at();

create table vault.sync_status (
    id            uuid not null default gen_random_uuid(),
    source        text not null,
    repository    varchar(255) not null,
    status        text not null default 'pending',
    last_sync_at  timestamptz,
    error_message text,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    constraint sync_status_pkey primary key (id),
    constraint sync_status_source_repository_key unique (source, repository),
    constraint sync_status_status_check check (status in ('pending', 'in_progress', 'success', 'error'))
);

comment on table vault.sync_status is 'State of the last sync per (source, repository).';
comment on column vault.sync_status.id is 'Primary key.';
comment on column vault.sync_status.source is
    'Origin of the texts, as in vault.documents.source. Known values, others are accepted: github, supabase, render, copilot, local, notion, gdrive.';
comment on column vault.sync_status.repository is 'As in vault.documents.repository.';
comment on column vault.sync_status.status is 'State of the sync.';
comment on column vault.sync_status.last_sync_at is
    'Time of the last status change; set on every update, whatever the new status.';
comment on column vault.sync_status.error_message is
    'Reason of the last failure; cleared when the status is not error.';
comment on column vault.sync_status.created_at is 'When the row was made.';
comment on column vault.sync_status.updated_at is 'When the row was last changed; set by trigger on every update.';

create index sync_status_status_idx on vault.sync_status (status);
create index sync_status_last_sync_at_idx on vault.sync_status (last_sync_at desc);

create trigger sync_status_set_updated_at
    before update on vault.sync_status
    for each row execute function shared.set_updated_at();

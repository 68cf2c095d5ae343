-- Who may do what in the schema vault, row by row and column by column.
--
-- Row-level security is forced on every table, and a table without a rule for a role is closed to it. The
-- `using` part of a policy also checks what is written, so no row can be moved out of sight. Grants name
-- columns: what the service computes or guards (and updated_at, which a trigger sets) can't be written by
-- callers, secrets can't be read by them. The operator role, which typed operations run as, may write
-- everything; its row rules follow the caller.

grant usage on schema vault to
    authenticated, vault_app, billy_app, renos_app, crm_app, flow_app, service_role, vault_operator,
    billy_operator, renos_operator, crm_operator, flow_operator, tekup_owner;

-- documents
alter table vault.documents enable row level security, force row level security;
create policy all_rows on vault.documents to vault_app, service_role, vault_operator, tekup_owner using (true);
create policy read_all_rows on vault.documents for select
    to
        authenticated, billy_app, renos_app, crm_app, flow_app, billy_operator, renos_operator,
        crm_operator, flow_operator
    using (true);
grant select on vault.documents to
    authenticated, billy_app, renos_app, crm_app, flow_app, billy_operator, renos_operator,
    crm_operator, flow_operator;
grant select, insert, update, delete on vault.documents to service_role, vault_operator;
grant
    select,
    insert (id, source, repository, path, content, metadata, sha, created_at),
    update (id, source, repository, path, content, metadata, sha, created_at),
    delete
on vault.documents to vault_app;

-- embeddings
alter table vault.embeddings enable row level security, force row level security;
create policy all_rows on vault.embeddings to service_role, vault_operator, tekup_owner using (true);
create policy read_all_rows on vault.embeddings for select
    to
        authenticated, vault_app, billy_app, renos_app, crm_app, flow_app, billy_operator,
        renos_operator, crm_operator, flow_operator
    using (true);
grant select on vault.embeddings to
    authenticated, vault_app, billy_app, renos_app, crm_app, flow_app, billy_operator, renos_operator,
    crm_operator, flow_operator;
grant select, insert, update, delete on vault.embeddings to service_role, vault_operator;

-- sync_status
alter table vault.sync_status enable row level security, force row level security;
create policy all_rows on vault.sync_status
    to vault_app, service_role, vault_operator, tekup_owner
    using (true);
create policy read_all_rows on vault.sync_status for select
    to
        authenticated, billy_app, renos_app, crm_app, flow_app, billy_operator, renos_operator,
        crm_operator, flow_operator
    using (true);
grant select on vault.sync_status to
    authenticated, billy_app, renos_app, crm_app, flow_app, billy_operator, renos_operator,
    crm_operator, flow_operator;
grant select, insert, update, delete on vault.sync_status to service_role, vault_operator;
grant
    select,
    insert (id, source, repository, status, last_sync_at, error_message, created_at),
    update (id, source, repository, status, last_sync_at, error_message, created_at),
    delete
on vault.sync_status to vault_app;

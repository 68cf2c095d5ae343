-- Who is asking. The service sets app.current_role, app.current_org_id and app.current_user_id for each
-- transaction; row rules and defaults read them through these functions. A setting that is absent, empty or
-- of the wrong form gives null, never an error, and null matches no row.
--
-- In a rule, write (select auth.org_id()): the sub-select is evaluated once per statement, the bare call once
-- per row.

create schema if not exists auth;

-- Functions of this database are closed until a role is let in by name.
alter default privileges revoke execute on functions from public;

-- A managed platform may bring auth.uid() and auth.role() of its own; those stay. The rules of this database
-- use only the functions that are always ours.
do $outer$
begin
    if to_regprocedure('auth.org_id()') is null then
        create function auth.org_id() returns text
            language sql stable parallel safe
            return nullif(current_setting('app.current_org_id', true), '');
        comment on function auth.org_id() is 'Organisation of the caller as text, or null.';
    end if;

    if to_regprocedure('auth.user_id()') is null then
        create function auth.user_id() returns text
            language sql stable parallel safe
            return nullif(current_setting('app.current_user_id', true), '');
        comment on function auth.user_id() is 'Person that the caller is, as text, or null.';
    end if;

    if to_regprocedure('auth.org_uuid()') is null then
        create function auth.org_uuid() returns uuid
            language sql stable parallel safe
            return case
                when current_setting('app.current_org_id', true)
                    ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
                then current_setting('app.current_org_id', true)::uuid
            end;
        comment on function auth.org_uuid() is 'Organisation of the caller, or null where it is absent or no uuid.';
    end if;

    if to_regprocedure('auth.user_uuid()') is null then
        create function auth.user_uuid() returns uuid
            language sql stable parallel safe
            return case
                when current_setting('app.current_user_id', true)
                    ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
                then current_setting('app.current_user_id', true)::uuid
            end;
        comment on function auth.user_uuid() is 'Person that the caller is, or null where it is absent or no uuid.';
    end if;

    if to_regprocedure('auth.uid()') is null then
        create function auth.uid() returns uuid
            language sql stable parallel safe
            return auth.user_uuid();
        comment on function auth.uid() is 'Person that the caller is, or null where it is absent or no uuid.';
    end if;

    if to_regprocedure('auth.role()') is null then
        create function auth.role() returns text
            language sql stable parallel safe
            return coalesce(nullif(nullif(current_setting('role', true), ''), 'none'), current_user::text);
        comment on function auth.role() is 'Role that the statement runs as; inside a typed operation, the operator.';
    end if;

    if to_regprocedure('auth.caller_role()') is null then
        create function auth.caller_role() returns text
            language sql stable parallel safe
            return nullif(current_setting('app.current_role', true), '');
        comment on function auth.caller_role() is
            'Role that the caller came with; stays the same inside a typed operation.';
    end if;

    if to_regprocedure('auth.caller_is_backend()') is null then
        create function auth.caller_is_backend() returns boolean
            language sql stable parallel safe
            return coalesce(
                current_setting('app.current_role', true) in (
                    'service_role', 'vault_app', 'billy_app', 'renos_app', 'crm_app', 'flow_app'
                ),
                false
            );
        comment on function auth.caller_is_backend() is
            'Whether the caller is the backend of an application, and not a person who may touch own rows only.';
    end if;
end
$outer$;

grant usage on schema auth to
    anon, authenticated, service_role,
    vault_app, billy_app, renos_app, crm_app, flow_app,
    vault_operator, billy_operator, renos_operator, crm_operator, flow_operator, shared_operator,
    tekup_owner;

grant execute on function
    auth.org_id(), auth.user_id(), auth.org_uuid(), auth.user_uuid(),
    auth.uid(), auth.role(), auth.caller_role(), auth.caller_is_backend()
to
    anon, authenticated, service_role,
    vault_app, billy_app, renos_app, crm_app, flow_app,
    vault_operator, billy_operator, renos_operator, crm_operator, flow_operator, shared_operator,
    tekup_owner;

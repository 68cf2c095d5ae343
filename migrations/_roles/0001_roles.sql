-- Roles. They belong to the cluster, not to this database: they may exist already (a second database of the
-- same cluster, or a managed platform that brings the first four), and several databases may be migrated at
-- the same moment. So each one is created on its own, and "exists already" is a good answer. The attributes
-- of a role that is there are left alone.

-- Advisory locks are per database, hence the handlers below as well.
select pg_advisory_xact_lock(hashtextextended('tekup: roles', 0));

-- The role that the service logs in as. NOINHERIT: it has no rights until it takes a request's role. Its
-- password is set by whoever runs the cluster.
do $$
begin
    if not exists (select from pg_roles where rolname = 'authenticator') then
        create role authenticator login noinherit;
    end if;
exception
    when duplicate_object or unique_violation then
        null;
end
$$;

-- Roles a request can take: callers (named by the token) and operators (taken by typed operations, which
-- may write what callers may not). None logs in, none is a superuser, none bypasses row-level security.
--
-- tekup_owner is for no request. Row-level security is forced, so even the owner of a table needs a rule to
-- see its rows; whoever migrates becomes a member and can back up, verify and backfill.
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'anon', 'authenticated', 'service_role',
        'vault_app', 'billy_app', 'renos_app', 'crm_app', 'flow_app',
        'vault_operator', 'billy_operator', 'renos_operator', 'crm_operator', 'flow_operator', 'shared_operator',
        'tekup_owner'
    ] loop
        begin
            if not exists (select from pg_roles where rolname = role_name) then
                execute format('create role %I nologin', role_name);
            end if;
        exception
            when duplicate_object or unique_violation then
                null;
        end;
    end loop;
end
$$;

-- authenticator may become any client role. Not an operator: those may read secrets and write protected columns, for typed
-- operations alone, and a token that names one must not get there.
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'anon', 'authenticated', 'service_role',
        'vault_app', 'billy_app', 'renos_app', 'crm_app', 'flow_app'
    ] loop
        -- Granting needs the admin option, which a second owner in the same cluster may not have and does not need.
        continue when exists (
            select from pg_auth_members
            where roleid = role_name::regrole and member = 'authenticator'::regrole
        );

        begin
            execute format('grant %I to authenticator', role_name);
        exception
            when duplicate_object or unique_violation then
                null;
        end;
    end loop;
end
$$;

do $$
begin
    if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant tekup_owner to %I', current_user);
    end if;
exception
    when duplicate_object or unique_violation then
        null;
    when insufficient_privilege then
        raise notice 'an administrator should run: grant tekup_owner to %; without it % sees no rows of its own tables',
            quote_ident(current_user), current_user;
end
$$;

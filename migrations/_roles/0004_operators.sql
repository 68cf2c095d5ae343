-- The service may become the operator roles: typed operations run as them, for callers that it has let in, while row rules go
-- on to read the caller's claims. No token may name one; the service refuses it.
select pg_advisory_xact_lock(hashtextextended('tekup: roles', 0));

do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'vault_operator', 'billy_operator', 'renos_operator', 'crm_operator', 'flow_operator', 'shared_operator'
    ] loop
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

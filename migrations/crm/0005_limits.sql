-- A tenant has as many active users and open jobs as its plan allows. What is too many is refused wherever it is written,
-- as an operation would refuse it. Seeds and imports, which no request makes, are let through.

create function crm.refuse_more_users(tenant uuid) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    most integer;
begin
    -- Who adds to the same tenant waits, and then counts what the other added.
    select t.max_users into most from crm.tenants t where t.id = tenant for no key update;

    if (select count(*) from crm.users u where u.tenant_id = tenant and u.is_active) > most then
        raise sqlstate 'PGRST' using
            message = json_build_object(
                'code', 'operation.unprocessable',
                'message', format('The tenant''s plan allows %s active users', most),
                'details', null, 'hint', 'Switch a user off, or raise max_users')::text,
            detail = '{"status": 422, "headers": {}}';
    end if;
end
$$;

comment on function crm.refuse_more_users(uuid) is 'Fails where a tenant has more active users than its plan allows.';

create function crm.refuse_more_jobs(tenant uuid) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    most integer;
begin
    select t.max_jobs into most from crm.tenants t where t.id = tenant for no key update;

    if (
        select count(*) from crm.cleaning_jobs j
        where j.tenant_id = tenant and j.status not in ('completed', 'cancelled', 'no_show')
    ) > most then
        raise sqlstate 'PGRST' using
            message = json_build_object(
                'code', 'operation.unprocessable',
                'message', format('The tenant''s plan allows %s open jobs', most),
                'details', null, 'hint', 'Complete or cancel a job, or raise max_jobs')::text,
            detail = '{"status": 422, "headers": {}}';
    end if;
end
$$;

comment on function crm.refuse_more_jobs(uuid) is 'Fails where a tenant has more open jobs than its plan allows.';

create function crm.limit_new_users() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if auth.caller_role() is not null then
        perform crm.refuse_more_users(tenant)
        from (select distinct a.tenant_id as tenant from added a where a.is_active order by 1) as t;
    end if;
    return null;
end
$$;

comment on function crm.limit_new_users() is 'Trigger: new users are within the limit of their tenant.';

create trigger users_limit_new
    after insert on crm.users
    referencing new table as added
    for each statement
    execute function crm.limit_new_users();

create function crm.limit_active_users() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if auth.caller_role() is not null then
        perform crm.refuse_more_users(new.tenant_id);
    end if;
    return null;
end
$$;

comment on function crm.limit_active_users() is 'Trigger: users that are switched on again are within the limit of their tenant.';

create trigger users_limit_active
    after update of is_active, tenant_id on crm.users
    for each row
    when (new.is_active and (not old.is_active or new.tenant_id <> old.tenant_id))
    execute function crm.limit_active_users();

create function crm.limit_new_jobs() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if auth.caller_role() is not null then
        perform crm.refuse_more_jobs(tenant)
        from (
            select distinct a.tenant_id as tenant
            from added a
            where a.status not in ('completed', 'cancelled', 'no_show')
            order by 1
        ) as t;
    end if;
    return null;
end
$$;

comment on function crm.limit_new_jobs() is 'Trigger: new jobs are within the limit of their tenant.';

create trigger cleaning_jobs_limit_new
    after insert on crm.cleaning_jobs
    referencing new table as added
    for each statement
    execute function crm.limit_new_jobs();

revoke execute on function
    crm.refuse_more_users(uuid), crm.refuse_more_jobs(uuid), crm.limit_new_users(), crm.limit_active_users(),
    crm.limit_new_jobs()
from public;

-- A trigger runs with the rights of whoever writes.
grant execute on function crm.refuse_more_users(uuid), crm.refuse_more_jobs(uuid)
to crm_app, service_role, crm_operator;

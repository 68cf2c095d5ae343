-- An archived workflow is started by nothing; leads that come twice are one; whoever follows a link needs no token.

-- What starts a workflow ends with it, wherever its state is written. The trigger comes after the workflow was locked, so it
-- sees what was planned until then.
create function flow.switch_off() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    update flow.schedules set is_active = false, next_run = null where workflow_id = new.id and is_active;
    update flow.webhooks set is_active = false where workflow_id = new.id and is_active;
    return null;
end
$$;

comment on function flow.switch_off() is 'Trigger: schedules and webhooks of a workflow that is archived are switched off.';

create trigger workflows_switch_off
    after update of status on flow.workflows
    for each row
    when (new.status = 'archived' and old.status <> 'archived')
    execute function flow.switch_off();

-- Whoever plans and whoever archives the same workflow wait for each other.
create function flow.refuse_archived() returns trigger
    language plpgsql
    set search_path = ''
as $$
declare
    workflow_status text;
begin
    select w.status into workflow_status from flow.workflows w where w.id = new.workflow_id for share;

    if workflow_status = 'archived' then
        raise sqlstate 'PGRST' using
            message = json_build_object(
                'code', 'operation.invalid_state', 'message', 'The workflow is archived', 'details', null,
                'hint', null)::text,
            detail = '{"status": 409, "headers": {}}';
    end if;
    return new;
end
$$;

comment on function flow.refuse_archived() is 'Trigger: nothing starts a workflow that is archived.';

create trigger schedules_refuse_archived
    before insert on flow.schedules
    for each row
    when (new.is_active)
    execute function flow.refuse_archived();

create trigger schedules_refuse_archived_again
    before update of is_active, workflow_id on flow.schedules
    for each row
    when (new.is_active and (not old.is_active or new.workflow_id <> old.workflow_id))
    execute function flow.refuse_archived();

create trigger webhooks_refuse_archived
    before insert on flow.webhooks
    for each row
    when (new.is_active)
    execute function flow.refuse_archived();

create trigger webhooks_refuse_archived_again
    before update of is_active, workflow_id on flow.webhooks
    for each row
    when (new.is_active and (not old.is_active or new.workflow_id <> old.workflow_id))
    execute function flow.refuse_archived();

-- Two equal leads at once: the second waits at the lock, and its own look at the table comes after that.
create function flow.join_earlier_lead(tenant uuid, given_name text, given_email text, given_phone text, given jsonb)
    returns uuid
    language plpgsql volatile
    set search_path = ''
as $$
declare
    place bigint;
    earlier uuid;
begin
    for place in
        select distinct hashtextextended(format('flow.leads: %s %s', tenant, contact), 0)
        from unnest(array['mail ' || given_email, 'phone ' || given_phone]) as contact
        where contact is not null
        order by 1
    loop
        perform pg_advisory_xact_lock(place);
    end loop;

    select coalesce(l.duplicate_of, l.id) into earlier
    from flow.leads l
    where l.tenant_id = tenant
        and (l.email = given_email or l.phone = given_phone)
        and l.created_at > now() - interval '1 hour' * (
            select case
                when jsonb_typeof(t.settings -> 'duplicate_window_hours') = 'number'
                then least((t.settings -> 'duplicate_window_hours')::double precision, 876000)
                else 168
            end
            from crm.tenants t
            where t.id = tenant
        )
    order by l.duplicate_of is not null, l.created_at, l.id
    limit 1;

    update flow.leads l
    set name = coalesce(l.name, given_name), email = coalesce(l.email, given_email), phone = coalesce(l.phone, given_phone),
        -- What a form sends again and again does not grow without end.
        payload = case
            when octet_length(l.payload::text) + octet_length(given::text) > 524288 then l.payload
            else l.payload || (
                select coalesce(jsonb_object_agg(key, value), '{}')
                from jsonb_each(given)
                where coalesce(l.payload -> key, 'null') = 'null'
            )
        end
    where l.id = earlier;

    return earlier;
end
$$;

comment on function flow.join_earlier_lead(uuid, text, text, text, jsonb) is
    'The lead of the tenant that one with that mail or phone repeats, which gets what it had not; null where there is none.';

-- A click comes from a telephone, without a token: the one operation that is open to that touches the message of the link's
-- token and its lead, and nothing else.
create policy link_read on flow.sms_tracking for select
    to flow_operator
    using ((select auth.caller_role()) = 'anon');
create policy link_click on flow.sms_tracking for update
    to flow_operator
    using ((select auth.caller_role()) = 'anon');
create policy link_read on flow.leads for select
    to flow_operator
    using ((select auth.caller_role()) = 'anon');
create policy link_click on flow.leads for update
    to flow_operator
    using ((select auth.caller_role()) = 'anon');

revoke execute on function
    flow.switch_off(), flow.refuse_archived(), flow.join_earlier_lead(uuid, text, text, text, jsonb)
from public;
grant execute on function flow.join_earlier_lead(uuid, text, text, text, jsonb) to flow_operator;

-- A person who asked to be forgotten is, when the time has come. The account stays, since work, quality and corrections refer
-- to it, but says nothing of the person any more.

-- Sign-in sessions of this application end with it; those of others are theirs.
create policy read_for_erasure on shared.sessions for select
    to renos_operator
    using ((select auth.caller_role()) = 'service_role');
create policy erasure_renos on shared.sessions for delete
    to renos_operator
    using ((select auth.caller_role()) = 'service_role');
grant select (user_id, app), delete on shared.sessions to renos_operator;

-- The trail stays, without what it says of the person.
create policy erasure_operator on renos.audit_logs for update
    to renos_operator
    using ((select auth.caller_role()) = 'service_role');
grant update (old_values, new_values, ip_address, user_agent) on renos.audit_logs to renos_operator;

create function renos.erase_person(person text) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    account renos.users;
begin
    select u.* into strict account from renos.users as u where u.id = person for update;

    delete from shared.sessions as s where s.user_id = account.shared_user_id and s.app = 'renos';
    delete from renos.chat_sessions as s where s.user_id in (person, account.shared_user_id::text);
    delete from renos.notifications as n where n.user_id = person;
    delete from renos.push_subscriptions as p
    using renos.subcontractors as s
    where s.id = p.subcontractor_id and lower(s.email) = lower(account.email);

    update renos.consent_records as c set ip_address = '', user_agent = '' where c.user_id = person;
    update renos.time_entries as t
    set location = null
    from renos.team_members as m
    where m.id = t.team_member_id and m.user_id = person and t.location is not null;
    update renos.team_members as m
    set skills = '{}', availability = '{}', performance_metrics = '{}', is_active = false
    where m.user_id = person;

    update renos.audit_logs as l
    set old_values = null, new_values = null, ip_address = null, user_agent = null
    where l.user_id in (person, account.shared_user_id::text)
        or (l.entity_id = person and l.entity_type in ('user', 'users', 'renos.users'));
    update renos.security_events as e
    set metadata = null, ip_address = null, user_agent = null
    where e.user_id in (person, account.shared_user_id::text);

    update renos.data_export_requests as r
    set email = case
            when r.email ~ '^[0-9a-f]{64}$' then r.email
            else encode(sha256(convert_to(lower(r.email), 'UTF8')), 'hex')
        end,
        download_url = null,
        expires_at = least(r.expires_at, now()),
        status = case when r.status in ('pending', 'processing') then 'failed' else r.status end
    where r.user_id = person;
    update renos.data_deletion_requests as r
    set email = case
            when r.email ~ '^[0-9a-f]{64}$' then r.email
            else encode(sha256(convert_to(lower(r.email), 'UTF8')), 'hex')
        end,
        reason = null
    where r.user_id = person;

    update renos.users as u
    set name = 'Slettet bruger', email = format('deleted-%s@invalid.local', u.id), phone = null, password_hash = '!',
        is_active = false, shared_user_id = null, last_login_at = null
    where u.id = person;
end
$$;

comment on function renos.erase_person(text) is
    'Forgets a person: what the account and its records say of them is blanked; what book-keeping law demands stays.';

-- What fails leaves no half of itself behind, and doesn't stop the next: the request has failed. A call that was in another's
-- way is no failure; it is repeated.
create function renos.process_due_erasure() returns renos.data_deletion_requests
    language plpgsql
    set search_path = ''
as $$
declare
    due renos.data_deletion_requests;
begin
    select r.* into due
    from renos.data_deletion_requests as r
    where r.status = 'pending' and r.scheduled_deletion_date <= now()
    order by r.scheduled_deletion_date, r.id
    limit 1
    for update skip locked;

    if not found then
        return null;
    end if;

    begin
        update renos.data_deletion_requests as r set status = 'processing' where r.id = due.id;
        perform renos.erase_person(due.user_id);
        update renos.data_deletion_requests as r set status = 'completed' where r.id = due.id returning r.* into due;
        insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
        values (auth.user_uuid(), 'renos', 'erase', 'user', due.user_id, true, jsonb_build_object('request_id', due.id));
    exception
        when serialization_failure or deadlock_detected then
            raise;
        when others then
            update renos.data_deletion_requests as r set status = 'failed' where r.id = due.id returning r.* into due;
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            values (
                auth.user_uuid(), 'renos', 'erase', 'user', due.user_id, false,
                jsonb_build_object('request_id', due.id, 'sqlstate', sqlstate)
            );
    end;

    return due;
end
$$;

comment on function renos.process_due_erasure() is
    'Carries out the request to be forgotten that has been due longest, and gives it; null where none is due.';

revoke execute on function renos.erase_person(text), renos.process_due_erasure() from public;
grant execute on function renos.erase_person(text), renos.process_due_erasure() to renos_operator;

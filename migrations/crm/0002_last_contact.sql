-- A call, a mail or a meeting is contact: the person and the company remember when it last happened. The
-- trigger has the rights of whoever adds the activity and sees that tenant's rows only.
create function crm.note_contact() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    update crm.contacts
    set last_contact_at = new.occurred_at
    where id = new.contact_id
        and tenant_id = new.tenant_id
        and (last_contact_at is null or last_contact_at < new.occurred_at);

    update crm.companies
    set last_contact_at = new.occurred_at
    where id = new.company_id
        and tenant_id = new.tenant_id
        and (last_contact_at is null or last_contact_at < new.occurred_at);

    return null;
end
$$;

comment on function crm.note_contact() is
    'Trigger: a call, mail or meeting moves last_contact_at of the contact and the company forward.';

create trigger activities_note_contact
    after insert on crm.activities
    for each row
    when (new.type in ('call', 'email', 'meeting'))
    execute function crm.note_contact();

revoke execute on all functions in schema crm from public;

-- An application writes the trail in its own name, as of now, and without secrets.

create function shared.own_trail() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    -- An operation runs as its operator, and knows what it writes.
    if current_user like '%\_app' then
        new.service := replace(current_user, '_app', '');
        new.created_at := now();
        new.metadata := shared.for_trail(new.metadata);
    end if;

    return new;
end
$$;

comment on function shared.own_trail() is 'Trigger: an application writes the trail in its own name.';
revoke execute on function shared.own_trail() from public;
grant execute on function shared.without_secrets(jsonb), shared.for_trail(jsonb) to
    vault_app, billy_app, renos_app, crm_app, flow_app, vault_operator, billy_operator, renos_operator,
    crm_operator, flow_operator, service_role;

create trigger own_trail before insert on shared.audit_logs
    for each row execute function shared.own_trail();

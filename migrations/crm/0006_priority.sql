-- The rank of priorities: ordered by the alphabet, `high` would come last.

create function crm.priority_rank(task crm.tasks) returns smallint
    language sql
    immutable
    parallel safe
    return case task.priority when 'urgent' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 end;

comment on function crm.priority_rank(crm.tasks) is 'Place of the priority: urgent 1, high 2, medium 3, low 4.';
revoke execute on function crm.priority_rank(crm.tasks) from public;
grant execute on function crm.priority_rank(crm.tasks) to crm_app, service_role, crm_operator;

-- Demo data of the schema flow, first part: workflows, their runs and steps. Runs and steps are
-- staged before the workflows are stored, since the counters of a workflow are computed from them.

-- Eight workflows: three active, one paused, one draft, one archived, two templates.
drop table if exists pg_temp.demo_workflows;
create temporary table demo_workflows on commit drop as
select n, name, description, template, status, "trigger"::jsonb, nodes::jsonb, edges::jsonb, timeout, owner, days from (values
  (1, 'Ny henvendelse til tilbudsudkast', 'Læser en henvendelse, giver den point og laver et udkast, som et menneske godkender.', 7, 'active',
      '{"type": "webhook", "path": "/hooks/lead"}',
      '[{"id": "start", "type": "trigger", "name": "Henvendelse modtaget", "config": {}},
        {"id": "laes", "type": "action", "name": "Læs henvendelse", "config": {"operation": "lead.parse"}},
        {"id": "score", "type": "action", "name": "Giv point", "config": {"operation": "lead.score", "integration": "http"}},
        {"id": "stor", "type": "condition", "name": "Er opgaven stor?", "config": {"expression": "value >= approval_threshold"}},
        {"id": "ring", "type": "action", "name": "Bed sælger ringe", "config": {"operation": "message.send", "integration": "slack"}},
        {"id": "udkast", "type": "action", "name": "Lav tilbudsudkast", "config": {"operation": "email.compose", "integration": "email"}},
        {"id": "slut", "type": "end", "name": "Færdig", "config": {}}]',
      '[{"from": "start", "to": "laes"}, {"from": "laes", "to": "score"}, {"from": "score", "to": "stor"}, {"from": "stor", "to": "ring", "condition": "true"},
        {"from": "stor", "to": "udkast", "condition": "false"}, {"from": "ring", "to": "slut"}, {"from": "udkast", "to": "slut"}]', 604800, 1, 300),
  (2, 'Påmindelse om forfaldne fakturaer', 'Finder fakturaer efter forfald og sender en venlig påmindelse.', null, 'active',
      '{"type": "schedule"}',
      '[{"id": "start", "type": "trigger", "name": "Start", "config": {}},
        {"id": "find", "type": "action", "name": "Find forfaldne", "config": {"operation": "invoice.overdue", "integration": "http"}},
        {"id": "send", "type": "loop", "name": "Send påmindelser", "config": {"operation": "email.send", "integration": "email"}},
        {"id": "slut", "type": "end", "name": "Færdig", "config": {}}]',
      '[{"from": "start", "to": "find"}, {"from": "find", "to": "send", "condition": "count > 0"}, {"from": "find", "to": "slut", "condition": "count = 0"}, {"from": "send", "to": "slut"}]', 3600, 3, 280),
  (3, 'Daglig kvalitetsoversigt', 'Samler gårsdagens vurderinger og advarer om lave.', 8, 'active',
      '{"type": "schedule"}',
      '[{"id": "start", "type": "trigger", "name": "Start", "config": {}},
        {"id": "saml", "type": "action", "name": "Saml vurderinger", "config": {"operation": "quality.collect"}},
        {"id": "advar", "type": "action", "name": "Advar driftsleder", "config": {"operation": "message.send", "integration": "slack"}},
        {"id": "oversigt", "type": "action", "name": "Send oversigt", "config": {"operation": "email.send", "integration": "email"}},
        {"id": "slut", "type": "end", "name": "Færdig", "config": {}}]',
      '[{"from": "start", "to": "saml"}, {"from": "saml", "to": "advar", "condition": "lowest < 3"}, {"from": "saml", "to": "oversigt", "condition": "lowest >= 3"},
        {"from": "advar", "to": "slut"}, {"from": "oversigt", "to": "slut"}]', 1800, 4, 250),
  (4, 'Kalendersynkronisering', 'Henter ændringer i kalenderen hver halve time. Sat på pause.', null, 'paused',
      '{"type": "schedule"}',
      '[{"id": "start", "type": "trigger", "name": "Start", "config": {}},
        {"id": "aendret", "type": "condition", "name": "Er noget ændret?", "config": {"expression": "changes > 0"}},
        {"id": "opdater", "type": "action", "name": "Opdatér bookinger", "config": {"operation": "calendar.book", "integration": "database"}},
        {"id": "noter", "type": "action", "name": "Notér tidspunkt", "config": {"operation": "note.write"}},
        {"id": "varsl", "type": "action", "name": "Varsl om konflikt", "config": {"operation": "message.send", "integration": "slack"}},
        {"id": "slut", "type": "end", "name": "Færdig", "config": {}}]',
      '[{"from": "start", "to": "aendret"}, {"from": "aendret", "to": "opdater", "condition": "true"}, {"from": "aendret", "to": "noter", "condition": "false"},
        {"from": "opdater", "to": "varsl", "condition": "conflicts > 0"}, {"from": "opdater", "to": "slut", "condition": "conflicts = 0"}, {"from": "noter", "to": "slut"}, {"from": "varsl", "to": "slut"}]', 900, 4, 120),
  (5, 'Velkomst til nye kunder', 'Udkast til en række mails efter første besøg.', null, 'draft',
      '{"type": "event", "event": "customer.created"}',
      '[{"id": "start", "type": "trigger", "name": "Ny kunde", "config": {}}, {"id": "hent", "type": "action", "name": "Hent kunde", "config": {}},
        {"id": "erhverv", "type": "condition", "name": "Er det erhverv?", "config": {"expression": "type = business"}}, {"id": "mail1", "type": "action", "name": "Mail til erhverv", "config": {}},
        {"id": "mail2", "type": "action", "name": "Mail til private", "config": {}}, {"id": "vent", "type": "action", "name": "Vent en uge", "config": {}},
        {"id": "besoeg", "type": "loop", "name": "Gennemgå besøg", "config": {}}, {"id": "spoerg", "type": "action", "name": "Spørg om tilfredshed", "config": {}},
        {"id": "slut", "type": "end", "name": "Færdig", "config": {}}]',
      '[{"from": "start", "to": "hent"}, {"from": "hent", "to": "erhverv"}, {"from": "erhverv", "to": "mail1", "condition": "true"}, {"from": "erhverv", "to": "mail2", "condition": "false"},
        {"from": "mail1", "to": "vent"}, {"from": "mail2", "to": "vent"}, {"from": "vent", "to": "besoeg"}, {"from": "besoeg", "to": "spoerg"}, {"from": "spoerg", "to": "slut"}]', 3600, 3, 14),
  (6, 'Import af gamle leads', 'Flyttede leads fra det gamle regneark. Afsluttet.', null, 'archived',
      '{"type": "schedule"}',
      '[{"id": "start", "type": "trigger", "name": "Start", "config": {}}, {"id": "hent", "type": "action", "name": "Hent rækker", "config": {"operation": "rows.fetch", "integration": "database"}},
        {"id": "indsaet", "type": "loop", "name": "Indsæt leads", "config": {"operation": "lead.create"}}, {"id": "slut", "type": "end", "name": "Færdig", "config": {}}]',
      '[{"from": "start", "to": "hent"}, {"from": "hent", "to": "indsaet", "condition": "count > 0"}, {"from": "hent", "to": "slut", "condition": "count = 0"}, {"from": "indsaet", "to": "slut"}]', 7200, 1, 90),
  (7, 'Skabelon: henvendelse til tilbud', 'Mønster for nye salgsforløb.', null, 'draft',
      '{"type": "webhook"}',
      '[{"id": "start", "type": "trigger", "name": "Henvendelse", "config": {}}, {"id": "laes", "type": "action", "name": "Læs", "config": {}}, {"id": "stor", "type": "condition", "name": "Stor?", "config": {"expression": "value >= 5000"}},
        {"id": "ring", "type": "action", "name": "Ring", "config": {}}, {"id": "udkast", "type": "action", "name": "Udkast", "config": {}}, {"id": "slut", "type": "end", "name": "Færdig", "config": {}}]',
      '[{"from": "start", "to": "laes"}, {"from": "laes", "to": "stor"}, {"from": "stor", "to": "ring", "condition": "true"}, {"from": "stor", "to": "udkast", "condition": "false"},
        {"from": "ring", "to": "slut"}, {"from": "udkast", "to": "slut"}]', 3600, 2, 320),
  (8, 'Skabelon: daglig oversigt', 'Mønster for rapporter på skema.', null, 'draft',
      '{"type": "schedule"}',
      '[{"id": "start", "type": "trigger", "name": "Start", "config": {}}, {"id": "saml", "type": "action", "name": "Saml", "config": {}}, {"id": "tom", "type": "condition", "name": "Er der noget?", "config": {"expression": "count > 0"}},
        {"id": "send", "type": "action", "name": "Send", "config": {}}, {"id": "slut", "type": "end", "name": "Færdig", "config": {}}]',
      '[{"from": "start", "to": "saml"}, {"from": "saml", "to": "tom"}, {"from": "tom", "to": "send", "condition": "true"}, {"from": "tom", "to": "slut", "condition": "false"}, {"from": "send", "to": "slut"}]', 3600, 2, 320)
) w(n, name, description, template, status, "trigger", nodes, edges, timeout, owner, days);

-- 240 runs: completed 205, failed 22, cancelled 8, running 5, all within the 90 days that log lines are kept.
drop table if exists pg_temp.demo_runs;
create temporary table demo_runs on commit drop as
select r.*, row_number() over (order by workflow, no) as n,
       case when status = 'completed' and workflow in (2, 3, 6) then row_number() over (partition by status = 'completed' and workflow in (2, 3, 6) order by pg_temp.rnd('flow.executions', workflow * 100 + no, 'retry'), workflow, no) <= 15 else false end as retried,
       row_number() over (partition by status, workflow = 1 order by workflow, no) as rank
from (
  select 1 as workflow, no, case when no > 23 then 'running' else pg_temp.share('{completed,failed,cancelled}', '{17,4,2}', pg_temp.spread(no, 23)) end as status,
         pg_temp.nth('{webhook,event,webhook,manual}', no) as cause,
         case when no > 23 then pg_temp.on_day(pg_temp.workday(-1), 600 + (no - 24) * 55) else pg_temp.on_day(pg_temp.workday(-pg_temp.rint('flow.runs', no, 'lead', 2, 33)), pg_temp.rint('flow.runs', no, 'time', 430, 1010)) end as started_at
  from generate_series(1, 28) no
  union all
  select 2, no, pg_temp.share('{completed,failed,cancelled}', '{54,5,1}', pg_temp.spread(no, 60)), case when no <= 8 then 'schedule' else pg_temp.nth('{event,webhook,event,manual}', no) end,
         case when no <= 8 then pg_temp.on_day((date_trunc('week', pg_temp.anchor() - 1))::date - 7 * (no - 1), 480) else pg_temp.on_day(pg_temp.workday(-pg_temp.rint('flow.runs', 100 + no, 'invoice', 1, 34)), pg_temp.rint('flow.runs', 100 + no, 'time', 500, 1010)) end
  from generate_series(1, 60) no
  union all
  select 3, no, pg_temp.share('{completed,failed,cancelled}', '{55,4,1}', pg_temp.spread(no, 60, 11)), 'schedule', pg_temp.at(-no, 360) from generate_series(1, 60) no
  union all
  select 4, no, pg_temp.share('{completed,failed,cancelled}', '{39,5,2}', pg_temp.spread(no, 46)), 'schedule', pg_temp.at(-24, 480) + (no - 1) * interval '30 minutes' from generate_series(1, 46) no
  union all
  select 6, no, pg_temp.share('{completed,failed,cancelled}', '{40,4,2}', pg_temp.spread(no, 46, 5)), case when no <= 40 then 'schedule' else 'webhook' end,
         case when no <= 40 then pg_temp.at(-35 - no, 330) else pg_temp.at(-31 - no, 600 + no) end from generate_series(1, 46) no
) r;

-- 950 steps: the path that each run took through the nodes, as far as it came, and 15 first tries that failed.
drop table if exists pg_temp.demo_steps;
create temporary table demo_steps on commit drop as
with path as (
  select r.n as run, r.workflow, r.status as run_status, r.started_at as run_started, r.no, r.rank, r.retried, p.step, p.place,
         case r.workflow when 1 then case r.status when 'completed' then 6 when 'failed' then 3 when 'cancelled' then 2 else 4 end
                         else case r.status when 'completed' then 4 when 'failed' then 2 else 1 + r.rank % 2 end end as reached
  from pg_temp.demo_runs r
  cross join lateral unnest(case r.workflow when 1 then case when r.no % 3 = 0 then '{start,laes,score,stor,ring,slut}' else '{start,laes,score,stor,udkast,slut}' end
                                            when 2 then '{start,find,send,slut}'
                                            when 3 then case when r.no % 7 = 0 then '{start,saml,advar,slut}' else '{start,saml,oversigt,slut}' end
                                            when 4 then case when r.no % 2 = 0 then '{start,aendret,opdater,slut}' else '{start,aendret,noter,slut}' end
                                            else '{start,hent,indsaet,slut}' end::text[]) with ordinality p(step, place)
), tries as (
  select path.*, a as attempt,
         case when retried and place = 2 and a = 1 then 'failed'
              when workflow = 2 and run_status = 'completed' and step = 'send' and no % 6 = 0 then 'skipped'
              when run_status = 'failed' and place = reached then 'failed'
              when run_status = 'cancelled' and place = reached and place > 1 then 'skipped'
              when run_status = 'running' and place = 3 then 'running'
              when run_status = 'running' and place = 4 then 'pending' else 'completed' end as status
  from path cross join lateral generate_series(1, case when retried and place = 2 then 2 else 1 end) a
  where place <= reached
), timed as (
  select t.*, row_number() over (order by run, place, attempt) as n, node ->> 'name' as name, node ->> 'type' as type, node #>> '{config,integration}' as integration, node #>> '{config,operation}' as operation,
         case when t.status in ('completed', 'failed') then
           case node ->> 'type' when 'trigger' then pg_temp.rint('flow.steps', run * 10 + place, 'ms', 5, 40) when 'condition' then pg_temp.rint('flow.steps', run * 10 + place, 'ms', 3, 30)
                                when 'end' then pg_temp.rint('flow.steps', run * 10 + place, 'ms', 2, 20) when 'loop' then pg_temp.rint('flow.steps', run * 10 + place, 'ms', 1000, 9000)
                                else pg_temp.rint('flow.steps', run * 10 + place + attempt * 5000, 'ms', 200, 4000) end else 0 end as ms
  from tries t join pg_temp.demo_workflows w on w.n = t.workflow
  cross join lateral (select e as node from jsonb_array_elements(w.nodes) e where e ->> 'id' = t.step) x
)
select *, run_started + make_interval(secs => coalesce(sum(ms) over (partition by run order by n rows between unbounded preceding and 1 preceding), 0) / 1000.0) as begun,
       run_started + make_interval(secs => sum(ms) over (partition by run order by n) / 1000.0) as ended
from timed;
create index on demo_steps (run);

-- How each run went, from its steps.
drop table if exists pg_temp.demo_run_ends;
create temporary table demo_run_ends on commit drop as
select r.n as run, case when r.status = 'running' then null else max(s.ended) + case when r.status = 'cancelled' then make_interval(secs => pg_temp.rint('flow.executions', r.n, 'cancel', 5, 60)) else interval '0' end end as ended,
       coalesce(array_agg(s.step order by s.n) filter (where s.status = 'completed'), '{}') as done,
       max(s.step) filter (where s.status = 'failed' and r.status = 'failed') as failed_step, max(s.step) filter (where s.status = 'running') as current_step
from pg_temp.demo_runs r join pg_temp.demo_steps s on s.run = r.n
group by r.n, r.status;

-- workflows: definitions with counters from the runs, templates first because two workflows come from them.
insert into flow.workflows (id, name, description, is_template, template_id, status, "trigger", nodes, edges, timeout, retry_attempts, owner,
                            execution_count, success_count, failure_count, avg_duration_ms, last_executed_at, created_at, updated_at)
select pg_temp.text_id('flow.workflows', w.n), w.name, w.description, w.n in (7, 8), pg_temp.text_id('flow.workflows', w.template), w.status, w."trigger", w.nodes, w.edges, w.timeout, 3,
       pg_temp.uuid_id('crm.users', w.owner)::text, x.runs, x.completed, x.failed, x.mean, x.newest, pg_temp.at(-w.days, 600), pg_temp.at(-w.days + w.n, 620)
from pg_temp.demo_workflows w
cross join lateral (select count(*) as runs, count(*) filter (where r.status = 'completed') as completed, count(*) filter (where r.status = 'failed') as failed,
                           round(avg(1000 * extract(epoch from e.ended - r.started_at)) filter (where r.status = 'completed')) as mean, max(r.started_at) as newest
                    from pg_temp.demo_runs r join pg_temp.demo_run_ends e on e.run = r.n where r.workflow = w.n) x
order by w.template nulls first, w.n
on conflict do nothing;

-- executions: 240 runs, the steps done, the step that failed and the duration agree with the steps.
insert into flow.executions (id, workflow_id, status, input, output, error, current_step, completed_steps, failed_step, started_at, completed_at, duration_ms, triggered_by, metadata)
select pg_temp.text_id('flow.executions', r.n), pg_temp.text_id('flow.workflows', r.workflow), r.status,
       case r.workflow when 1 then jsonb_build_object('lead', 'L-' || 1000 + r.no, 'value', pg_temp.rint('flow.executions', r.n, 'value', 9, 200) * 100)
                       when 3 then jsonb_build_object('day', (r.started_at at time zone 'Europe/Copenhagen')::date - 1) else jsonb_build_object('limit', 100) end,
       case when r.status = 'completed' then jsonb_build_object('ok', true, 'items', pg_temp.rint('flow.executions', r.n, 'items', 0, 12)) end,
       case when r.status = 'failed' then pg_temp.nth('{Tjenesten svarede 503,Ugyldig mailadresse i input,Forbindelsen til databasen blev afbrudt}', r.rank) end,
       e.current_step, e.done, e.failed_step, r.started_at, e.ended, round(1000 * extract(epoch from e.ended - r.started_at)), r.cause,
       case when r.status = 'cancelled' then jsonb_build_object('cancelled_by', pg_temp.uuid_id('crm.users', 1)) when r.cause = 'webhook' then jsonb_build_object('ip', '192.0.2.' || 20 + r.no % 30) end
from pg_temp.demo_runs r join pg_temp.demo_run_ends e on e.run = r.n
order by r.n
on conflict do nothing;

-- execution_steps: 950, of which 15 are first tries that failed before a second one went well.
insert into flow.execution_steps (id, execution_id, step_id, step_name, step_type, status, input, output, error, started_at, completed_at, duration_ms, attempt_number, max_attempts, created_at)
select pg_temp.text_id('flow.execution_steps', s.n), pg_temp.text_id('flow.executions', s.run), s.step, s.name, s.type, s.status,
       case when s.operation is not null and s.status not in ('skipped', 'pending') then jsonb_build_object('operation', s.operation) end,
       case when s.status = 'completed' then jsonb_build_object('ok', true) end,
       case when s.status = 'failed' then coalesce(case when s.run_status = 'failed' then pg_temp.nth('{Tjenesten svarede 503,Ugyldig mailadresse i input,Forbindelsen til databasen blev afbrudt}', s.rank) end, 'Tidsgrænse overskredet, prøver igen') end,
       case when s.status in ('completed', 'failed', 'running') then s.begun end, case when s.status in ('completed', 'failed') then s.ended end,
       case when s.status in ('completed', 'failed') then s.ms end, s.attempt, 3, s.begun
from pg_temp.demo_steps s
order by s.n
on conflict do nothing;

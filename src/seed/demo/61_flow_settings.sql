-- Demo data of the schema flow, second part: log lines, schedules, webhooks, integrations, variables, figures.
-- Secrets are dummies under the public development values ENCRYPTION_KEY=development-only and
-- ENCRYPTION_SALT=development-only (scrypt N 16384, r 8, p 1, 32 bytes, AES-256-GCM, iv:tag:ciphertext in hex).

-- execution_logs: 2,000 lines told by the runs and steps, debug 500, info 1,200, warn 200, error 100.
insert into flow.execution_logs (id, execution_id, level, message, data, step_id, "timestamp")
select pg_temp.text_id('flow.execution_logs', row_number() over (order by run, moment, weight, message)), pg_temp.text_id('flow.executions', run), level, message, data, step, moment
from (
  select *, row_number() over (partition by level order by priority, lot, run, moment, step) as rank
  from (
    select n as run, 1 as weight, 'info' as level, 1 as priority, 0::double precision as lot, 'Kørsel startet' as message, jsonb_build_object('triggered_by', cause) as data, null as step, started_at as moment from pg_temp.demo_runs
    union all
    select run, 2, 'info', 2, 0, 'Trin begyndt: ' || name, jsonb_build_object('attempt', attempt), step, begun from pg_temp.demo_steps where type <> 'trigger' and status in ('completed', 'failed', 'running')
    union all
    select r.n, 9, 'info', 3, 0, case r.status when 'cancelled' then 'Kørsel afbrudt' else 'Kørsel færdig' end, null, null, e.ended
    from pg_temp.demo_runs r join pg_temp.demo_run_ends e on e.run = r.n where r.status in ('completed', 'cancelled')
    union all
    select run, 3, 'info', 4, pg_temp.rnd('flow.execution_logs', n, 'received'), 'Input modtaget', null, step, ended from pg_temp.demo_steps where type = 'trigger'
    union all
    select run, 4, 'debug', 1, pg_temp.rnd('flow.execution_logs', n, 'debug'), 'Svar fra trin: ' || step, jsonb_build_object('duration_ms', ms, 'operation', operation), step, ended
    from pg_temp.demo_steps where status in ('completed', 'failed')
    union all
    select run, 6, 'warn', 1, 0, 'Forsøg ' || attempt || ' mislykkedes, prøver igen', jsonb_build_object('attempt', attempt, 'max_attempts', 3), step, ended from pg_temp.demo_steps where status = 'failed' and run_status <> 'failed'
    union all
    select run, 6, 'warn', 2, 0, 'Fejlen kan ikke rettes ved et nyt forsøg', null, step, ended from pg_temp.demo_steps where status = 'failed' and run_status = 'failed'
    union all
    select run, 6, 'warn', 3, -ms, 'Trin var langsomt', jsonb_build_object('duration_ms', ms), step, ended from pg_temp.demo_steps where status = 'completed'
    union all
    select run, 5, 'error', 1, 0, 'Trin fejlede: ' || name, jsonb_build_object('attempt', attempt), step, ended from pg_temp.demo_steps where status = 'failed'
    union all
    select run, 5, 'error', 2, 0, 'Svar fra tjenesten kunne ikke bruges', jsonb_build_object('status', 503), step, ended from pg_temp.demo_steps where status = 'failed'
    union all
    select r.n, 8, 'error', 3, 0, 'Kørsel mislykkedes', jsonb_build_object('failed_step', e.failed_step), null, e.ended from pg_temp.demo_runs r join pg_temp.demo_run_ends e on e.run = r.n where r.status = 'failed'
    union all
    select r.n, 10, 'error', 4, 0, 'Ejeren er underrettet om fejlen', null, null, e.ended from pg_temp.demo_runs r join pg_temp.demo_run_ends e on e.run = r.n where r.status = 'failed' and r.workflow = 1
  ) lines
) ranked
where rank <= case level when 'debug' then 500 when 'info' then 1200 when 'warn' then 200 else 100 end
order by run, moment, weight, message
on conflict do nothing;

-- schedules: daily, weekly, every half hour (of the paused workflow), and one at its limit and off, the counters are those of the scheduled runs.
insert into flow.schedules (id, workflow_id, name, description, cron_expression, interval_minutes, is_active, timezone, start_date, max_runs, current_runs, last_run, next_run, created_at, updated_at)
select pg_temp.text_id('flow.schedules', s.n), pg_temp.text_id('flow.workflows', s.workflow), s.name, s.description, s.cron, s.minutes, s.active, 'Europe/Copenhagen', pg_temp.at(-s.days, 0), s.most,
       r.runs, r.newest,
       case s.n when 1 then pg_temp.at(0, 360) when 2 then pg_temp.on_day((r.newest at time zone 'Europe/Copenhagen')::date + 7, 480) when 3 then r.newest + interval '30 minutes' end,
       pg_temp.at(-s.days, 0), pg_temp.at(-s.days, 0)
from (values
  (1, 3, 'Hver dag kl. 06:00', 'Oversigt over gårsdagen', '0 6 * * *', null::int, true, null::int, 61),
  (2, 2, 'Mandag kl. 08:00', 'Ugens påmindelser', '0 8 * * 1', null, true, null, 70),
  (3, 4, 'Hver halve time', 'Ændringer i kalenderen', null, 30, true, null, 25),
  (4, 6, 'Import, 40 gange', 'Stoppet efter det aftalte antal', '30 5 * * *', null, false, 40, 76)
) s(n, workflow, name, description, cron, minutes, active, most, days)
cross join lateral (select count(*) as runs, max(x.started_at) as newest from pg_temp.demo_runs x where x.workflow = s.workflow and x.cause = 'schedule') r
on conflict do nothing;

-- webhooks: three POST and one GET, two switched off, requests are the runs they started.
insert into flow.webhooks (id, workflow_id, name, url, method, secret, allowed_ips, is_active, request_count, last_request_at, created_at, updated_at)
select pg_temp.text_id('flow.webhooks', h.n), pg_temp.text_id('flow.workflows', h.workflow), h.name, 'https://flow.fjordklar.example/hooks/' || pg_temp.hex('flow.webhooks', h.n, 'url', 16), h.method, h.secret,
       h.ips::text[], h.active, r.runs, r.newest, pg_temp.at(-h.days, 640), pg_temp.at(-h.days, 640)
from (values
  (1, 1, 'Formular på hjemmesiden', 'POST', '0610b6058bdc61e2356c93ed0d6c5974:ec07c2164ad9058779170463500611d1:9b4a3f2bc9545e192aeb21cf1b2760bec71b8224a4', '{}', true, 298),
  (2, 2, 'Forfald fra regnskab', 'POST', '1b80dad227689fef875dc3d17c55cdcc:e3efb1c269d9d937b2e5cd245d0e865d:8757b6cc6efb36aa637985e388c783f813b2e9e134', '{192.0.2.0/24}', true, 275),
  (3, 4, 'Kalenderbesked', 'POST', '4335e8af49bac9281ff885fcb8c43a98:86c4e7a6be4d2e2185466edc4c8072cd:af144ae9e6ac3531360e3bc6587eadaabdc4bad574', '{}', false, 118),
  (4, 6, 'Start import', 'GET', 'aec4a2ef72888908d9410f16f6f19f4d:5554d267594c8a4e529cb4893b307ab1:4286dbaf897da8e0a8b9264ccfdef7c88ad2f6d31e', '{198.51.100.7}', false, 88)
) h(n, workflow, name, method, secret, ips, active, days)
cross join lateral (select count(*) as runs, max(x.started_at) as newest from pg_temp.demo_runs x where x.workflow = h.workflow and x.cause = 'webhook') r
on conflict do nothing;

-- integrations: four, in all three states, uses are the steps that ran against them.
insert into flow.integrations (id, name, type, config, status, last_error, owner, usage_count, last_used_at, created_at, updated_at)
select pg_temp.text_id('flow.integrations', i.n), i.name, i.type, jsonb_build_object('enc', i.cipher), i.status, i.error, pg_temp.uuid_id('crm.users', 1)::text, u.uses, u.newest,
       pg_temp.at(-310 + i.n, 660), pg_temp.at(-310 + i.n, 660)
from (values
  (1, 'Driftskanal', 'slack', 'fadce8cb386e230a45c736a516e09f06:b8b112e54b7d41aa254cf1846ce9da3d:c6fc0eedf43485cdb2089e107cd90ea9f2d1f50db4a1da57d7544e64dc1e14470b60fc41ef3b516f4ee7a77f6d26a3dfced119357273051439ee2e981fbba0bf32b60fb676a9299d3f9c759436', 'active', null),
  (2, 'Udgående mail', 'email', '8e8eb702f301d3ba20e3505917ee675b:42ac63e1e78a2ded24eccf7904e424e4:bc89e31c81b4c6169fc60b8ffc1555c2e26935af2dde45b4af33820168647da63d6cc85f71b71e785887f6e60fdb475d948021e4c7007d7e26a4aab3c4c5ed16a2791d1df28fe53a2de5ce9b724b737c9b3747d0c5a755fff9b0c7d8682030d9eccab33f49', 'active', null),
  (3, 'Regnskab og point', 'http', '5df0c627507c1fc501e2990394181e40:ed07bb720661e241efea8b614366ed98:04d0b6254acc11220963a7e6a08bb712634215b5bb5237c0da1f9bc3f3ec22e2642adefc63a0e6c8d7fe3a89224d87969c080260883a030b807a16525cffda630492f1d728c655a3c2', 'error', 'Tjenesten svarede 503'),
  (4, 'Rapportdatabase', 'database', '3d3fa878abaa0883f80000457899955d:4dab1d0103880dd20d65cd6678ede1e5:9cf20c6eb8d8c51ffc77e15e4c4eb589d8c365c09973933746a7b61de7ac2bb4b017f3d721a25ea7872fe74d92f60773a22d816f01e73e39bcce48d7f1c7f8f0358f9956a5f1406bbbda219844c722a8016e66cefbb0a55f939b7199cb221aecea3d0435d01d06624fcbdadb2bb896fc0162018e0588a7fb68d93e0bb84650', 'inactive', null)
) i(n, name, type, cipher, status, error)
cross join lateral (select count(*) as uses, max(s.ended) as newest from pg_temp.demo_steps s where s.integration = i.type and s.status in ('completed', 'failed')) u
on conflict do nothing;

-- variables: five global and nine of workflows, three secret, all four types, company_name is both global and of workflow 1.
insert into flow.variables (id, workflow_id, key, value, type, is_secret, encrypted, description, created_at, updated_at)
select pg_temp.text_id('flow.variables', n), pg_temp.text_id('flow.workflows', workflow), key, value, type, secret, secret, description, pg_temp.at(-290 + n, 700), pg_temp.at(-290 + n, 700)
from (values
  (1, null::int, 'company_name', 'Fjordklar Rengøring ApS', 'string', false, 'Navn i mails og dokumenter'),
  (2, null, 'approval_threshold', '5000', 'number', false, 'Beløb i DKK, over hvilket et menneske godkender'),
  (3, null, 'dry_run', 'false', 'boolean', false, 'Send intet, når den er sand'),
  (4, null, 'opening_hours', '{"from": "07:00", "to": "17:00", "days": [1, 2, 3, 4, 5]}', 'json', false, 'Hverdage'),
  (5, null, 'mail_token', 'd9c8a8ccb970f2a690f24ebfe0e36a25:7d32130b61141d6c9ccf8895fdf61e6e:4e7aa54fed484384ff577914dba915', 'string', true, 'Nøgle til mailtjenesten'),
  (6, 1, 'company_name', 'Fjordklar Erhverv', 'string', false, 'Navn i tilbud til erhverv'),
  (7, 1, 'minimum_score', '60', 'number', false, 'Laveste point for et udkast'),
  (8, 1, 'offer_template', 'tilbud-standard', 'string', false, 'Skabelon for udkastet'),
  (9, 1, 'sms_token', 'e88ad6e538f7fcf4da01f145c015fece:a91b3653715d2232e4a5cf5b65b2567e:23f54c5f7cbf372a1ea608b2320a', 'string', true, 'Nøgle til beskedtjenesten'),
  (10, 2, 'reminder_days', '8', 'number', false, 'Dage efter forfald'),
  (11, 2, 'reminder_fee', 'false', 'boolean', false, 'Første påmindelse er uden gebyr'),
  (12, 3, 'recipients', '["maja.lindkaer@fjordklar.example", "sanne.hvidt@fjordklar.example"]', 'json', false, 'Modtagere af oversigten'),
  (13, 3, 'report_token', 'a69875d295ae956d41f21797ad64092c:f81773f9e4e0460fc48b25658be67b5c:afd8533274cffaf2dc34ad53ce4d275ea0', 'string', true, 'Nøgle til rapporten'),
  (14, 4, 'window_days', '42', 'number', false, 'Så langt frem læses kalenderen')
) v(n, workflow, key, value, type, secret, description)
on conflict do nothing;

-- metrics: runs and success rate of the three active workflows on the 60 days before the anchor, counted from the runs.
insert into flow.metrics (id, date, metric, value, workflow_id, metadata, created_at)
select pg_temp.text_id('flow.metrics', row_number() over (order by d.day, w.n, m.no)), d.day, m.metric,
       case m.metric when 'executions' then r.runs else coalesce(round(100.0 * r.completed / nullif(r.completed + r.failed, 0), 2), 0) end,
       pg_temp.text_id('flow.workflows', w.n), case m.metric when 'success_rate' then jsonb_build_object('completed', r.completed, 'failed', r.failed) end, pg_temp.on_day(d.day, 1439)
from (select pg_temp.anchor() - g as day from generate_series(1, 60) g) d
cross join generate_series(1, 3) w(n)
cross join unnest('{executions,success_rate}'::text[]) with ordinality m(metric, no)
cross join lateral (select count(*) as runs, count(*) filter (where x.status = 'completed') as completed, count(*) filter (where x.status = 'failed') as failed
                    from pg_temp.demo_runs x where x.workflow = w.n and (x.started_at at time zone 'Europe/Copenhagen')::date = d.day) r
on conflict do nothing;

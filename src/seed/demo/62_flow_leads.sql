-- Demo data of the schema flow, third part: leads of two tenants and the messages sent to them.

-- 90 leads: 70 of fjordklar, 20 of ostby-service, 61 to 72 are compliance findings, 56 to 58 and 90 repeat an earlier lead.
drop table if exists pg_temp.demo_flow_leads;
create temporary table demo_flow_leads on commit drop as
with base as (
  select n, case when n > 70 then 2 else 1 end as tenant, n between 61 and 72 as finding,
         case n when 56 then 11 when 57 then 12 when 58 then 13 when 90 then 80 end as repeats,
         row_number() over (partition by n in (56, 57, 58, 90) order by n) as no
  from generate_series(1, 90) n
), stated as (
  select *, case when repeats is not null then 'new' else pg_temp.share('{new,contacted,qualified,converted,lost}', '{21,22,14,15,14}', pg_temp.spread(no, 86)) end as status
  from base
), dated as (
  select *, pg_temp.on_day(pg_temp.workday(-case when n in (11, 12, 13, 80) then pg_temp.rint('flow.leads', n, 'day', 8, 60) when status = 'new' then pg_temp.rint('flow.leads', n, 'day', 1, 12)
                                                else pg_temp.rint('flow.leads', n, 'day', 6, 180) end), pg_temp.rint('flow.leads', n, 'time', 430, 1000)) as arrived
  from stated
)
select d.n, d.tenant, d.finding, d.repeats, d.status,
       case when d.repeats is null then d.arrived else o.arrived + make_interval(hours => 18 + d.n % 30) end as created_at,
       case when d.finding then 'scan' else pg_temp.nth('{form,email,phone,form,sms,form}', coalesce(d.repeats + 1, d.n)) end as source,
       pg_temp.person(320 + coalesce(d.repeats, d.n)) as name, pg_temp.phone('flow.leads', coalesce(d.repeats, d.n)) as phone,
       (array['nis2_finding', 'copilot_risk', 'backup_failure'])[1 + (d.n - 61) % 3] as kind, (array['critical', 'high', 'medium', 'low'])[1 + (d.n - 61) / 3] as severity
from dated d left join dated o on o.n = d.repeats;

-- leads: the findings have a deadline by weight, the others have name, mail and phone taken from their payload.
insert into flow.leads (id, tenant_id, source, status, name, email, phone, payload, compliance_type, severity, scan_id, finding_category, recommendation, auto_actionable,
                        sla_deadline, affected_systems, evidence, duplicate_of, created_at, updated_at)
select pg_temp.uuid_id('flow.leads', l.n), pg_temp.uuid_id('crm.tenants', l.tenant), l.source, l.status,
       case when not l.finding then l.name end, case when not l.finding then pg_temp.mail(l.name) end, case when not l.finding then regexp_replace(l.phone, '[^0-9]', '', 'g') end,
       case when l.finding then jsonb_build_object('finding', f.category, 'scanner', 'tekup-scan')
            else jsonb_build_object('name', l.name, 'email', pg_temp.mail(l.name), 'phone', l.phone, 'address', pg_temp.address('flow.leads', coalesce(l.repeats, l.n)), 'service', pg_temp.service_name(l.n),
                                    'square_meters', pg_temp.rint('flow.leads', l.n, 'area', 7, 60) * 5,
                                    'message', pg_temp.nth('{Hvad koster det hos os?,Kan I komme i næste uge?,Vi flytter den første og mangler rengøring.,Vi har to hunde. Er det et problem?,Ring gerne efter kl. 15.}', l.n)) end,
       case when l.finding then l.kind end, case when l.finding then l.severity end, case when l.finding then 'scan-' || pg_temp.hex('flow.leads', (l.n - 61) / 3, 'scan', 4) end,
       case when l.finding then f.category end, case when l.finding then f.recommendation end, l.finding and l.kind = 'backup_failure',
       case when l.finding then l.created_at + make_interval(hours => case l.severity when 'critical' then 4 when 'high' then 24 when 'medium' then 72 else 168 end) end,
       case when l.finding then f.systems::text[] else '{}' end, case when l.finding then jsonb_build_object('checked_at', to_char((l.created_at - interval '10 minutes') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'result', 'failed', 'count', 1 + l.n % 5) end,
       pg_temp.uuid_id('flow.leads', l.repeats), l.created_at, l.created_at + case when l.status = 'new' then interval '0' else make_interval(hours => 2 + l.n % 40) end
from pg_temp.demo_flow_leads l
left join (values ('nis2_finding', 'Adgangsstyring', 'Slå to-faktor til for alle konti med adgang til kundedata', '{mail,intranet}'),
                  ('copilot_risk', 'Deling af filer', 'Begræns mappen Personale til ledelsen', '{filserver}'),
                  ('backup_failure', 'Sikkerhedskopi', 'Kør kopien igen og prøv en gendannelse', '{database,filserver}')) f(kind, category, recommendation, systems) on f.kind = l.kind and l.finding
order by l.n
on conflict do nothing;

-- sms_tracking: 30 sent, 13 clicked, 5 converted, converted ones belong to converted leads, clicked ones to leads past new.
insert into flow.sms_tracking (id, tracking_id, lead_id, tenant_id, phone_number, message_id, tracking_url, sent_at, clicked_at, converted_at, created_at, updated_at)
select pg_temp.uuid_id('flow.sms_tracking', m.no), t.token, pg_temp.uuid_id('flow.leads', m.n), pg_temp.uuid_id('crm.tenants', m.tenant), m.phone, 'sms-' || pg_temp.hex('flow.sms_tracking', m.no, 'message', 8),
       'https://flow.' || case m.tenant when 1 then 'fjordklar' else 'ostby-service' end || '.example/s/' || t.token,
       t.sent, case when m.no <= 13 then t.clicked end, case when m.no <= 5 then t.converted end, t.sent, case when m.no <= 5 then t.converted when m.no <= 13 then t.clicked else t.sent end
from (
  select l.*, row_number() over (order by case when l.status = 'converted' and l.lot <= 5 then 1 when l.status in ('contacted', 'qualified') and l.lot <= 4 then 2 else 3 end, l.lot, l.n) as no
  from (select *, row_number() over (partition by status order by pg_temp.rnd('flow.sms_tracking', n, 'lot'), n) as lot
        from pg_temp.demo_flow_leads where not finding and repeats is null) l
) m
cross join lateral (select pg_temp.hex('flow.sms_tracking', m.no, 'token', 16) as token, m.created_at + make_interval(mins => 20 + (m.n * 7) % 200) as sent,
                           m.created_at + make_interval(mins => 260 + (m.n * 11) % 500) as clicked, m.created_at + make_interval(mins => 900 + (m.n * 13) % 2000) as converted) t
where m.no <= 30
order by m.no
on conflict do nothing;

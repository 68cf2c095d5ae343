-- Demo data of the schema crm, second part: the rows staged in the first.

-- companies: 45 with sizes of all bands, last contact and first day follow from their contacts.
insert into crm.companies (id, tenant_id, name, website, industry, size, revenue, email, phone, address, city, postal_code, vat_number, registration_number,
                           status, owner, last_contact_at, notes, tags, custom_fields, created_at, updated_at)
select pg_temp.text_id('crm.companies', c.n), pg_temp.uuid_id('crm.tenants', c.tenant), c.name, 'https://' || c.slug || '.example', c.industry, c.size,
       case c.size when '1-10' then 1 when '11-50' then 6 when '51-200' then 25 when '201-500' then 90 else 240 end * pg_temp.rint('crm.companies', c.n, 'revenue', 10, 45) * 100000,
       'kontakt@' || c.slug || '.example', pg_temp.phone('crm.companies', c.n), pg_temp.street('crm.companies', c.n), substr(p.place, 6), left(p.place, 4),
       'DK' || pg_temp.cvr('crm.companies', c.n), pg_temp.cvr('crm.companies', c.n), c.status, pg_temp.uuid_id('crm.users', c.owner)::text, d.last_contact_at,
       case when c.status = 'inactive' then 'Opsagt, kontaktes igen til foråret' when c.n % 5 = 0 then 'Vil helst ringes op om formiddagen' end,
       case c.status when 'customer' then case when c.n % 3 = 0 then '{fast,vip}' else '{fast}' end when 'prospect' then '{emne}' else '{}' end::text[],
       case when c.n % 4 = 0 then jsonb_build_object('square_meters', pg_temp.rint('crm.companies', c.n, 'area', 8, 140) * 10, 'key', c.n % 8 = 0) end,
       d.created_at, greatest(d.created_at, d.last_contact_at)
from pg_temp.demo_companies c
cross join lateral (select pg_temp.place('crm.companies', c.n) as place) p
cross join lateral (select min(x.created_at) - interval '24 hours' as created_at, max(x.last_contact_at) as last_contact_at from pg_temp.demo_contact_dates x where x.company = c.n) d
order by c.n
on conflict do nothing;

-- contacts: 120, of whom 30 have no company.
insert into crm.contacts (id, tenant_id, first_name, last_name, email, phone, mobile, title, company_id, linked_in, website, address, city, postal_code, status, source,
                          owner, last_contact_at, next_follow_up, notes, tags, custom_fields, created_at, updated_at)
select pg_temp.text_id('crm.contacts', c.n), pg_temp.uuid_id('crm.tenants', c.tenant), split_part(c.name, ' ', 1), split_part(c.name, ' ', 2), c.email,
       pg_temp.phone('crm.contacts', c.n), case when c.n % 2 = 0 then pg_temp.phone('crm.contacts', 1000 + c.n) end,
       case when c.company is not null then pg_temp.nth('{Kontorleder,Direktør,Indehaver,Driftschef,Sekretær,Formand,Bogholder}', c.n) end,
       pg_temp.text_id('crm.companies', c.company), case when c.n % 6 = 0 then 'https://profil.example/' || pg_temp.fold(c.name) end, case when c.slug is not null then 'https://' || c.slug || '.example' end,
       case when c.company is null then pg_temp.street('crm.contacts', c.n) end, case when c.company is null then substr(p.place, 6) end, case when c.company is null then left(p.place, 4) end,
       c.status, pg_temp.pick_weighted('{website_form,email,referral,rengoring_nu,rengoring_aarhus,phone,google_ads}', '{30,20,15,15,8,7,5}', pg_temp.rnd('crm.contacts', c.n, 'source')),
       pg_temp.uuid_id('crm.users', c.owner)::text, d.last_contact_at,
       case when c.status = 'lead' or c.n % 7 = 0 then pg_temp.on_day(pg_temp.workday(pg_temp.rint('crm.contacts', c.n, 'next', 1, 28)), 600) end,
       case when c.n % 9 = 0 then 'Ønsker svanemærkede midler' when c.status = 'inactive' then 'Skiftet job' end,
       case c.n % 5 when 0 then '{nyhedsbrev}' when 1 then '{beslutningstager}' else '{}' end::text[],
       case when c.n % 10 = 0 then jsonb_build_object('language', 'da', 'birthday_greeting', false) end,
       d.created_at, greatest(d.created_at, d.last_contact_at)
from pg_temp.demo_contacts c
join pg_temp.demo_contact_dates d on d.n = c.n
cross join lateral (select pg_temp.place('crm.contacts', c.n) as place) p
order by c.n
on conflict do nothing;

-- deals: 70, the value is the sum of the lines, or an estimate while there are none.
insert into crm.deals (id, tenant_id, title, value, currency, stage, pipeline, probability, contact_id, company_id, owner, expected_close_date, actual_close_date,
                       status, lost_reason, description, tags, custom_fields, created_at, updated_at)
select pg_temp.text_id('crm.deals', d.n), pg_temp.uuid_id('crm.tenants', d.tenant), k.kind || ' - ' || d.company_name,
       coalesce((select sum(l.total) from pg_temp.demo_deal_lines l where l.deal = d.n), pg_temp.rint('crm.deals', d.n, 'value', 12, 240) * 500), d.currency, d.stage,
       case when k.kind = 'Samarbejdsaftale' then 'partnerships' else 'sales' end,
       case d.stage when 'qualification' then 20 when 'proposal' then 50 when 'negotiation' then 75 when 'closed_won' then 100 else 0 end,
       pg_temp.text_id('crm.contacts', d.contact), pg_temp.text_id('crm.companies', d.company), pg_temp.uuid_id('crm.users', d.owner)::text,
       pg_temp.on_day(pg_temp.workday(case when d.closed then least(d.opened + 30, -1) else pg_temp.rint('crm.deals', d.n, 'expected', 3, 60) end), 960), d.closed_at,
       case d.stage when 'closed_won' then 'won' when 'closed_lost' then 'lost' else 'open' end,
       case when d.stage = 'closed_lost' then pg_temp.nth('{Prisen var for høj,Valgte en anden leverandør,Udskudt til næste år,Klarer det selv,Svarede ikke}', d.no) end,
       'Aftale om ' || lower(k.kind) || ' for ' || d.company_name, case when d.n % 6 = 0 then '{nøgle}' else '{}' end::text[],
       case when d.n % 8 = 0 then jsonb_build_object('visits_per_week', 1 + d.n % 3) end, d.created_at, coalesce(d.closed_at, d.created_at)
from pg_temp.demo_deals d
cross join lateral (select case when d.n % 12 = 5 then 'Samarbejdsaftale' else pg_temp.nth('{Ugentlig kontorrengøring,Erhvervsrengøring,Fast aftale med vinduer}', d.n) end as kind) k
order by d.n
on conflict do nothing;

-- deal_products: 110 lines, discounts from 0 to 15 percent.
insert into crm.deal_products (id, tenant_id, deal_id, product_name, quantity, unit_price, discount, total, description, created_at)
select pg_temp.text_id('crm.deal_products', l.n), pg_temp.uuid_id('crm.tenants', l.tenant), pg_temp.text_id('crm.deals', l.deal), l.product, l.quantity, l.unit_price, l.discount, l.total,
       case when l.discount > 0 then 'Rabat ' || round(l.discount) || ' procent ved etårig aftale' end, l.created_at + make_interval(mins => 5 * l.k)
from pg_temp.demo_deal_lines l
order by l.n
on conflict do nothing;

-- activities: 400, of which 130 stand for mails below and 20 for finished to-dos.
insert into crm.activities (id, tenant_id, type, subject, description, contact_id, company_id, deal_id, owner, duration_minutes, outcome, occurred_at, created_at)
select pg_temp.text_id('crm.activities', a.n), pg_temp.uuid_id('crm.tenants', a.tenant), a.type,
       coalesce(a.subject, case a.type when 'call' then 'Opkald til ' when 'meeting' then 'Møde med ' else 'Notat om ' end || a.contact_name),
       case when a.type = 'call' then case a.outcome when 'no_answer' then 'Ingen svarede, prøver igen i morgen.'
                                                    when 'unsuccessful' then 'Har ikke behov lige nu.' else pg_temp.nth('{Talte om pris og start.,Vil have vinduer med i tilbuddet.,Aftalte besigtigelse.}', a.n) end
            when a.type = 'meeting' then pg_temp.nth('{Gik lokalerne igennem og målte op.,Gennemgik tilbuddet linje for linje.,Talte om nøgler og alarm.}', a.n)
            when a.type = 'note' then pg_temp.nth('{Parkering bag bygningen.,Faktura sendes til bogholderiet.,Hund på kontoret om fredagen.,Nøgleboks ved indgang B.}', a.n) end,
       pg_temp.text_id('crm.contacts', a.contact), pg_temp.text_id('crm.companies', a.company), pg_temp.text_id('crm.deals', a.deal), pg_temp.uuid_id('crm.users', a.owner)::text,
       case when a.type = 'meeting' then 15 * pg_temp.rint('crm.activities', a.n, 'minutes', 2, 6) when a.type = 'call' and a.outcome <> 'no_answer' then pg_temp.rint('crm.activities', a.n, 'minutes', 2, 25) end,
       a.outcome, a.occurred_at, a.occurred_at + case when a.type in ('call', 'meeting', 'note') then make_interval(mins => pg_temp.rint('crm.activities', a.n, 'written', 1, 45)) else interval '0' end
from pg_temp.demo_activities a
order by a.n
on conflict do nothing;

-- emails: 140 from us in every state of delivery, 80 received as replies in the same threads.
insert into crm.emails (id, tenant_id, subject, body, "from", "to", cc, bcc, direction, status, opened_at, clicked_at, contact_id, external_id, thread_id, sent_at, created_at)
select pg_temp.text_id('crm.emails', e.n), pg_temp.uuid_id('crm.tenants', e.tenant), case when e.direction = 'inbound' then 'SV: ' else '' end || t.subject,
       case when e.direction = 'inbound'
            then 'Kære ' || split_part(e.owner_name, ' ', 1) || e'\n\n' || pg_temp.nth('{Tak for mailen. Det lyder fint og vi vil gerne i gang.,Tak. Kan du sætte vinduerne på som en ekstra linje?,Vi skal lige vende det internt og svarer i næste uge.,Prisen er lidt højere end ventet. Kan vi tale om det?}', e.n)
                 || e'\n\nVenlig hilsen\n' || e.contact_name
            else 'Kære ' || split_part(e.contact_name, ' ', 1) || e'\n\n' || t.body || e'\n\nVenlig hilsen\n' || e.owner_name end,
       case when e.direction = 'inbound' then e.contact_email else e.owner_email end,
       array[case when e.direction = 'inbound' then e.owner_email else e.contact_email end],
       case when e.n % 11 = 0 and e.tenant = 1 then '{kontoret@fjordklar.example}' else '{}' end::text[],
       case when e.direction = 'outbound' and e.n % 17 = 0 and e.tenant = 1 then '{arkiv@fjordklar.example}' else '{}' end::text[],
       e.direction, e.status,
       case when e.status in ('opened', 'clicked') then e.moment + make_interval(mins => o.minutes) end,
       case when e.status = 'clicked' then e.moment + make_interval(mins => (o.minutes + 1 + e.n % 20)::int) end,
       pg_temp.text_id('crm.contacts', e.contact), case when e.status <> 'draft' then 'msg-' || pg_temp.hex('crm.emails', e.n, 'external', 8) end,
       'thread-' || pg_temp.hex('crm.emails', e.thread, 'thread', 6), case when e.status <> 'draft' then e.moment end, e.moment
from pg_temp.demo_emails e
cross join lateral (select pg_temp.rint('crm.emails', e.n, 'opened', 5, 600) as minutes) o
join (values
  (1, 'Tilbud på ugentlig rengøring', 'Tak for snakken. Du finder vores tilbud på ugentlig rengøring på linket. Prisen er 349 kr. pr. time og person med moms.'),
  (2, 'Besigtigelse af jeres lokaler', 'Vi kommer gerne forbi og måler op. Passer tirsdag eller torsdag formiddag?'),
  (3, 'Opfølgning på vores tilbud', 'Jeg ville høre, om I har set på tilbuddet, og om der er noget, jeg kan uddybe.'),
  (4, 'Bekræftelse af aftale', 'Så er aftalen på plads. I hører fra vores driftsleder om nøgler og alarm.'),
  (5, 'Vinduespudsning hvert kvartal', 'Mange af vores kunder får pudset vinduer fire gange om året. Jeg har lagt en pris på linket.'),
  (6, 'Hvordan gik det?', 'Vi har nu været hos jer i en måned. Er der noget, vi kan gøre bedre?'),
  (7, 'Tæpperens før sommerferien', 'Vi har ledige tider til tæpperens i juni. Skal vi holde en plads til jer?'),
  (8, 'Ændring i ferieperioden', 'I uge 29 og 30 kører vi med halvt hold. Sig til, hvis I vil have besøg i de to uger.')
) t(topic, subject, body) on t.topic = e.topic
order by e.n
on conflict do nothing;

-- tasks: 90 to-dos, six of the open ones past due.
insert into crm.tasks (id, tenant_id, title, description, assigned_to, contact_id, status, priority, due_date, completed_at, created_at, updated_at)
select pg_temp.text_id('crm.tasks', t.n), pg_temp.uuid_id('crm.tenants', t.tenant), replace(t.pattern, '%s', t.contact_name), case when t.n % 3 = 0 then 'Aftalt på mødet' end,
       pg_temp.uuid_id('crm.users', t.owner)::text, pg_temp.text_id('crm.contacts', t.contact), t.status, pg_temp.nth('{medium,high,low,medium,urgent,low}', t.n), t.due_date, t.completed_at,
       x.created_at, coalesce(t.completed_at, x.created_at + case when t.status = 'cancelled' then interval '48 hours' else interval '0' end)
from pg_temp.demo_tasks t
cross join lateral (select least(t.due_date, t.completed_at, pg_temp.at(-1, 960)) - make_interval(hours => 24 * pg_temp.rint('crm.tasks', t.n, 'ahead', 3, 14), mins => t.n::int) as created_at) x
order by t.n
on conflict do nothing;

-- metrics: five figures for 90 tenant days, counted from the rows above: 89 days of fjordklar, one of ostby-service.
insert into crm.metrics (id, tenant_id, date, metric, value, metadata, created_at)
select pg_temp.text_id('crm.metrics', row_number() over (order by d.tenant, d.day, m.no)), pg_temp.uuid_id('crm.tenants', d.tenant), d.day, m.metric,
       case m.metric
         when 'deals_created' then (select count(*) from crm.deals x where x.tenant_id = pg_temp.uuid_id('crm.tenants', d.tenant) and (x.created_at at time zone 'Europe/Copenhagen')::date = d.day)
         when 'deals_won' then (select count(*) from crm.deals x where x.tenant_id = pg_temp.uuid_id('crm.tenants', d.tenant) and x.status = 'won' and (x.actual_close_date at time zone 'Europe/Copenhagen')::date = d.day)
         when 'deals_lost' then (select count(*) from crm.deals x where x.tenant_id = pg_temp.uuid_id('crm.tenants', d.tenant) and x.status = 'lost' and (x.actual_close_date at time zone 'Europe/Copenhagen')::date = d.day)
         when 'revenue' then (select coalesce(sum(x.value), 0) from crm.deals x where x.tenant_id = pg_temp.uuid_id('crm.tenants', d.tenant) and x.status = 'won' and x.currency = 'DKK' and (x.actual_close_date at time zone 'Europe/Copenhagen')::date = d.day)
         else (select count(*) from crm.activities x where x.tenant_id = pg_temp.uuid_id('crm.tenants', d.tenant) and (x.occurred_at at time zone 'Europe/Copenhagen')::date = d.day) end,
       case when m.metric = 'revenue' then '{"currency": "DKK"}'::jsonb end, pg_temp.on_day(d.day, 1439)
from (select case when g < 90 then 1 else 2 end as tenant, pg_temp.anchor() - case when g < 90 then 90 - g else 1 end as day from generate_series(1, 90) g) d
cross join unnest('{deals_created,deals_won,deals_lost,revenue,activities}'::text[]) with ordinality m(metric, no)
on conflict do nothing;

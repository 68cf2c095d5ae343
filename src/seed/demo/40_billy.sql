-- Demo data of the schema billy. Organisation 1 is the test organisation of the package seed and
-- at the same time the foreign one, 2 is fjordklar, 3 is switched off.
-- The keys are the text demo-billy-key under the public development values
-- ENCRYPTION_KEY=development-only and ENCRYPTION_SALT=development-only (scrypt N 16384, r 8, p 1,
-- 32 bytes, AES-256-GCM, iv:tag:ciphertext in hex).

-- The moment that "current" means: the clock when the anchor is today, else noon of the anchor.
-- Two samples follow it and nothing else: the rate-limit windows and the expiry of inv-demo-1.
create or replace function pg_temp.demo_clock() returns timestamptz language sql stable as
$$ select case when pg_temp.anchor() = (now() at time zone 'Europe/Copenhagen')::date then now() else pg_temp.at(0, 720) end $$;

-- organizations: the test organisation, fjordklar with a cache of five minutes, an inactive one.
insert into billy.organizations (id, name, billy_api_key, billy_organization_id, settings, is_active, created_at, updated_at, api_key_rotated_at)
select pg_temp.uuid_id('billy.organizations', n), name, key, billy_id, settings::jsonb, active,
       pg_temp.at(-days, 600), pg_temp.at(-days, 600), pg_temp.at(-days, 600)
from (values
  (1, 'Test Organization', 'ba0d10910dbc03acd5f2eae3d5a8d0b8:4337de36eaaf00db244c6c70d141f3c4:0f37d6632b0fc3df802bd9ec854b',
      'test-org-123', '{"cacheEnabled": true, "auditEnabled": true}', true, 365),
  (2, 'Fjordklar Rengøring ApS', 'edf1e60a4af7fecc2064c31bfceef2b5:497c55e38fc5d68502f1213f3a135420:7eb706de9ddbcdf034d28b9b7f9e',
      'fjordklar-demo', '{"cacheEnabled": true, "auditEnabled": true, "cache_ttl_minutes": 5}', true, 360),
  (3, 'Havtornen Facility A/S', '86ad48c03f4d94aced1e517ecf2c2895:3a2d5a945628affd73971486c046b4e5:8d0e0b207fa04b807fee9e81bff3',
      'havtornen-demo', '{"cacheEnabled": false, "auditEnabled": true}', false, 340)
) o(n, name, key, billy_id, settings, active, days)
on conflict do nothing;

-- users: the three roles in two organisations, one mail in both, one account switched off.
insert into billy.users (id, email, organization_id, role, created_at, last_login_at, is_active, metadata)
select pg_temp.uuid_id('billy.users', u.n), u.email, o.id, u.role, pg_temp.at(-u.days, 610),
       case when u.seen is not null then pg_temp.at(-u.seen, 500 + u.n) end, u.active, u.metadata::jsonb
from (values
  (1, 'test@tekup.local', 'test-org-123', 'admin', true, 365, 12, '{}'),
  (2, 'bo.estrup@fjordklar.example', 'test-org-123', 'user', true, 350, 30, '{"language": "da"}'),
  (3, 'revisor@egaa-tal.example', 'test-org-123', 'readonly', false, 340, null, '{"language": "da", "switched_off": "left the company"}'),
  (4, 'maja.lindkaer@fjordklar.example', 'fjordklar-demo', 'admin', true, 360, 1, '{"language": "da"}'),
  (5, 'bo.estrup@fjordklar.example', 'fjordklar-demo', 'user', true, 358, 1, '{"language": "da"}'),
  (6, 'sanne.hvidt@fjordklar.example', 'fjordklar-demo', 'readonly', true, 300, 4, '{"language": "da"}')
) u(n, email, organization, role, active, days, seen, metadata)
join billy.organizations o on o.billy_organization_id = u.organization
on conflict do nothing;

-- What the three kinds of copies are about: 25 contacts (24 and 25 of the test organisation) and 12 products (12 of the test organisation).
drop table if exists pg_temp.demo_billy_contacts;
create temporary table demo_billy_contacts on commit drop as
select n, case when n > 23 then 'test-org-123' else 'fjordklar-demo' end as organization, n <= 10 or n > 23 as company,
       case when n <= 10 then pg_temp.nth('{Nordlys Tandklinik,Advokathuset Bugten,Kontorhotellet Kajen,Tømrer & Søn,Børnehuset Solsikken,Café Tulipan,Ejerforeningen Ceresgården,Fysioterapi Midt,Arkitekterne Bølge,Revisorgruppen Egå}', n)
            when n > 23 then 'Prøvekunde ' || n else pg_temp.person(400 + n) end as name
from generate_series(1, 25) n;

drop table if exists pg_temp.demo_billy_products;
create temporary table demo_billy_products on commit drop as
select n, case when n = 12 then 'test-org-123' else 'fjordklar-demo' end as organization, 'REN-' || lpad(n::text, 3, '0') as code, name, unit, price
from (values
  (1, 'Fast rengøring', 'time', 279.20), (2, 'Hovedrengøring', 'time', 279.20), (3, 'Flytterengøring', 'time', 279.20),
  (4, 'Erhvervsrengøring', 'time', 279.20), (5, 'Vinduespudsning, pr. rude', 'stk', 25.00), (6, 'Tæpperens, pr. kvadratmeter', 'm2', 45.00),
  (7, 'Håndværkerrengøring', 'time', 279.20), (8, 'Airbnb-rengøring', 'time', 279.20), (9, 'Kørsel', 'stk', 95.00),
  (10, 'Forbrugsartikler', 'pakke', 148.00), (11, 'Ovnrens', 'stk', 350.00), (12, 'Prøvevare', 'stk', 100.00)
) p(n, name, unit, price);

-- cached_customers: 25 contact objects, all good.
insert into billy.cached_customers (id, organization_id, billy_id, data, cached_at, expires_at)
select pg_temp.uuid_id('billy.cached_customers', c.n), o.id, 'con-demo-' || c.n,
       jsonb_build_object('id', 'con-demo-' || c.n, 'organizationId', c.organization, 'type', case when c.company then 'company' else 'person' end,
                          'name', c.name, 'contactNo', (1000 + c.n)::text, 'countryId', 'DK',
                          'registrationNo', case when c.company then pg_temp.cvr('billy.cached_customers', c.n) end,
                          'street', pg_temp.street('billy.cached_customers', c.n), 'zipcodeText', left(p.place, 4), 'cityText', substr(p.place, 6),
                          'phone', pg_temp.phone('billy.cached_customers', c.n), 'isCustomer', true, 'isSupplier', false,
                          'contactPersons', jsonb_build_array(jsonb_build_object('name', c.name, 'isPrimary', true, 'email',
                            case when c.company then 'kontakt@' || replace(pg_temp.fold(c.name), '.', '-') || '.example' else pg_temp.mail(c.name) end))),
       pg_temp.at(-1, 960 + c.n), pg_temp.at(7, 960 + c.n)
from pg_temp.demo_billy_contacts c
join billy.organizations o on o.billy_organization_id = c.organization
cross join lateral (select pg_temp.place('billy.cached_customers', c.n) as place) p
on conflict do nothing;

-- cached_products: REN-001 to REN-012 with prices.
insert into billy.cached_products (id, organization_id, billy_id, data, cached_at, expires_at)
select pg_temp.uuid_id('billy.cached_products', p.n), o.id, 'pro-demo-' || p.n,
       jsonb_build_object('id', 'pro-demo-' || p.n, 'organizationId', p.organization, 'productNo', p.code, 'name', p.name, 'unit', p.unit, 'isArchived', false,
                          'prices', jsonb_build_array(jsonb_build_object('currencyId', 'DKK', 'unitPrice', p.price))),
       pg_temp.at(-1, 1000 + p.n), pg_temp.at(7, 1000 + p.n)
from pg_temp.demo_billy_products p join billy.organizations o on o.billy_organization_id = p.organization
on conflict do nothing;

-- cached_invoices: 40 invoice objects whose amounts are the sums of their lines, number 2 and 32 to 40 are expired.
insert into billy.cached_invoices (id, organization_id, billy_id, data, cached_at, expires_at)
select pg_temp.uuid_id('billy.cached_invoices', i.n), o.id, 'inv-demo-' || i.n,
       jsonb_build_object('id', 'inv-demo-' || i.n, 'organizationId', i.organization, 'type', 'invoice', 'state', i.state,
                          'invoiceNo', case when i.state <> 'draft' then (2000 + i.n)::text end,
                          'contactId', 'con-demo-' || c.n, 'contactName', c.name, 'entryDate', i.entry, 'dueDate', i.entry + 14, 'currencyId', 'DKK',
                          'lines', l.lines, 'amount', l.amount, 'tax', round(l.amount * 0.25, 2), 'grossAmount', l.amount + round(l.amount * 0.25, 2),
                          'balance', case when i.state = 'paid' then 0 else l.amount + round(l.amount * 0.25, 2) end, 'isPaid', i.state = 'paid',
                          'paidDate', case when i.state = 'paid' then i.entry + pg_temp.rint('billy.cached_invoices', i.n, 'paid', 2, 14) end),
       i.expires - case when i.n = 1 then interval '0' when i.expired then interval '5 minutes' else interval '192 hours' end,
       i.expires + case when i.n = 1 then interval '1 hour' else interval '0' end
from (
  select n, n = 2 or n > 31 as expired, case when n in (30, 31) then 'test-org-123' else 'fjordklar-demo' end as organization,
         pg_temp.share('{draft,approved,sent,paid}', '{5,7,10,18}', pg_temp.spread(n, 40)) as state,
         pg_temp.anchor() - pg_temp.rint('billy.cached_invoices', n, 'entry', 16, 120) as entry,
         case when n = 1 then pg_temp.demo_clock()
              when n = 2 then pg_temp.at(-1, 720)
              when n > 31 then pg_temp.at(-pg_temp.rint('billy.cached_invoices', n, 'expired', 1, 12), 480 + n)
              else pg_temp.at(7, 600 + n) end as expires
  from generate_series(1, 40) n
) i
join billy.organizations o on o.billy_organization_id = i.organization
join pg_temp.demo_billy_contacts c on c.n = case when i.n in (30, 31) then i.n - 6 else 1 + (i.n * 7) % 23 end
cross join lateral (
  select jsonb_agg(jsonb_build_object('productId', 'pro-demo-' || p.n, 'description', p.name, 'quantity', q.quantity, 'unitPrice', p.price,
                                      'amount', round(q.quantity * p.price, 2)) order by k) as lines,
         sum(round(q.quantity * p.price, 2)) as amount
  from generate_series(1, case when i.n in (30, 31) then 1 else 1 + i.n % 3 end) k
  join pg_temp.demo_billy_products p on p.n = case when i.n in (30, 31) then 12 else 1 + (i.n + k * 4) % 11 end
  cross join lateral (select case p.unit when 'time' then round(pg_temp.rint('billy.cached_invoices', i.n * 10 + k, 'hours', 4, 20) / 2.0, 1)
                                         else pg_temp.rint('billy.cached_invoices', i.n * 10 + k, 'pieces', 1, 24) end::numeric as quantity) q
) l
on conflict do nothing;

-- Demo data: helper functions, all in pg_temp, so nothing of them stays.
-- Settings (set_config(..., true) before this file runs):
--   tekup.seed    whole number, default 20251022
--   tekup.anchor  the day that the data is relative to, default today in Europe/Copenhagen
-- Everything is a pure function of seed, anchor, table name and running number: the same
-- anchor gives the same rows. Identifiers depend on neither seed nor anchor.
--
-- Running numbers that more than one file uses:
--   crm.tenants          1 fjordklar, 2 ostby-service, 3 the inactive one
--   billy.organizations  1 test organisation, 2 fjordklar, 3 the inactive one
--   shared.users         1 admin@tekup.dk, 2-5 office (owner, admin, two managers), 6-13 cleaners,
--                        14-15 portal customers, 16-17 operators, 18 the manager of ostby-service
--   renos.users          1-14 are the persons 2-15 of shared.users, in that order
--   renos organization_id is the text of pg_temp.uuid_id('crm.tenants', 1 or 2)

-- The seed and the anchor day.
create or replace function pg_temp.seed() returns text language sql stable as
$$ select coalesce(nullif(current_setting('tekup.seed', true), ''), '20251022') $$;

create or replace function pg_temp.anchor() returns date language sql stable as
$$ select coalesce(nullif(current_setting('tekup.anchor', true), '')::date, (now() at time zone 'Europe/Copenhagen')::date) $$;

-- Identifiers: text (25 characters) and uuid (version 8 layout).
create or replace function pg_temp.text_id(tbl text, n bigint) returns text language sql immutable as
$$ select 'c' || substr(md5(tbl || ':' || n), 1, 24) $$;

create or replace function pg_temp.uuid_id(tbl text, n bigint) returns uuid language sql immutable as
$$ select (substr(h, 1, 12) || '8' || substr(h, 14, 3) || substr('89ab', 1 + get_byte(decode(substr(h, 17, 2), 'hex'), 0) % 4, 1) || substr(h, 18, 15))::uuid
   from (select md5(tbl || ':' || n) as h) x $$;

-- A number in [0, 1) from seed, table, running number and a salt that tells the column.
create or replace function pg_temp.rnd(tbl text, n bigint, salt text) returns double precision language sql stable as
$$ select ('x' || substr(md5(pg_temp.seed() || ':' || tbl || ':' || n || ':' || salt), 1, 8))::bit(32)::bigint / 4294967296.0::double precision $$;

-- A whole number from lo to hi, both included.
create or replace function pg_temp.rint(tbl text, n bigint, salt text, lo int, hi int) returns int language sql stable as
$$ select lo + floor(pg_temp.rnd(tbl, n, salt) * (hi - lo + 1))::int $$;

-- 2n hex digits that look like a hash, a key or a token and are none.
create or replace function pg_temp.hex(tbl text, n bigint, salt text, bytes int) returns text language sql stable as
$$ select substr(string_agg(md5(pg_temp.seed() || tbl || n || salt || i), '' order by i), 1, bytes * 2) from generate_series(0, bytes / 16) i $$;

-- One element of an array: by a number in [0, 1), by running number (round robin), or by weights.
create or replace function pg_temp.pick(arr text[], r double precision) returns text language sql immutable as
$$ select arr[1 + least(floor(r * cardinality(arr))::int, cardinality(arr) - 1)] $$;

create or replace function pg_temp.nth(arr text[], n bigint) returns text language sql immutable as
$$ select arr[1 + ((n - 1) % cardinality(arr))::int] $$;

create or replace function pg_temp.pick_weighted(arr text[], weights double precision[], r double precision) returns text language sql immutable as
$$ select coalesce((select v from (select v, i, sum(w) over (order by i) as upto, sum(w) over () as total
                                  from unnest(arr, weights) with ordinality u(v, w, i)) x
                    where r * total < upto order by i limit 1), arr[cardinality(arr)]) $$;

-- Exact shares: number n of 1..sum(counts) falls to the element whose share holds it, in order.
create or replace function pg_temp.share(arr text[], counts int[], n bigint) returns text language sql immutable as
$$ select v from (select v, i, sum(c) over (order by i) as upto from unnest(arr, counts) with ordinality u(v, c, i)) x
   where n <= upto order by i limit 1 $$;

-- A permutation of 1..total, to mix what share() would give in blocks.
create or replace function pg_temp.spread(n bigint, total bigint, shift bigint default 0) returns bigint language sql immutable as
$$ select ((n - 1) * 6007 + shift) % total + 1 $$;

-- Easter Sunday, and the days on which nobody works beside weekends.
create or replace function pg_temp.easter(y int) returns date language sql immutable as
$$ select make_date(y, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1)
   from (select *, (a + 11 * h + 22 * l) / 451 as m
         from (select *, (32 + 2 * e + 2 * i - h - k) % 7 as l
               from (select *, (19 * a + b - d - g + 15) % 30 as h
                     from (select y % 19 as a, y / 100 as b, y % 100 as c, (y / 100) / 4 as d, (y / 100) % 4 as e,
                                  (y / 100 - (y / 100 + 8) / 25 + 1) / 3 as g, (y % 100) / 4 as i, (y % 100) % 4 as k) s1) s2) s3) s4 $$;

create or replace function pg_temp.is_holiday(d date) returns boolean language sql immutable as
$$ select to_char(d, 'MMDD') in ('0101', '0605', '1224', '1225', '1226', '1231')
       or d - pg_temp.easter(extract(year from d)::int) in (-3, -2, 0, 1, 39, 49, 50) $$;

create or replace function pg_temp.is_workday(d date) returns boolean language sql immutable as
$$ select extract(isodow from d) < 6 and not pg_temp.is_holiday(d) $$;

-- Every day from 500 back to 120 ahead, with its working-day number: 0 is the first working day
-- that is not before the anchor, -1 the last one before it.
create temporary table demo_days on commit drop as
select day, work, (count(*) filter (where work) over (order by day) - 1
                   - (select count(*) from generate_series(pg_temp.anchor() - 500, pg_temp.anchor() - 1, interval '1 day') g where pg_temp.is_workday(g::date)))::int as no
from (select g::date as day, pg_temp.is_workday(g::date) as work
      from generate_series(pg_temp.anchor() - 500, pg_temp.anchor() + 120, interval '1 day') g) x;
create index on demo_days (no) where work;
create unique index on demo_days (day);
analyze demo_days;

-- Working day number n (see above); the first working day not before d; days only.
create or replace function pg_temp.workday(n int) returns date language sql stable as
$$ select day from pg_temp.demo_days where work and no = n $$;

create or replace function pg_temp.workday_from(d date) returns date language sql stable as
$$ select min(day) from pg_temp.demo_days where work and day >= d and day < d + 14 $$;

-- A moment: local minutes after midnight in Denmark on a day, or on anchor + offset.
create or replace function pg_temp.on_day(d date, minutes int) returns timestamptz language sql immutable as
$$ select (d::timestamp + make_interval(mins => minutes)) at time zone 'Europe/Copenhagen' $$;

create or replace function pg_temp.at(day_offset int, minutes int) returns timestamptz language sql stable as
$$ select pg_temp.on_day(pg_temp.anchor() + day_offset, minutes) $$;

-- Letters of mails, slugs and links: Danish letters folded, everything else to one separator.
create or replace function pg_temp.ascii(t text, sep text default '.') returns text language sql immutable as
$$ select trim(both sep from regexp_replace(replace(replace(replace(replace(lower(t), 'æ', 'ae'), 'ø', 'oe'), 'å', 'aa'), 'é', 'e'), '[^a-z0-9]+', sep, 'g')) $$;

-- The letters Æ, Ø and Å are folded before lower() can meet a locale that does not know them.
create or replace function pg_temp.fold(t text, sep text default '.') returns text language sql immutable as
$$ select pg_temp.ascii(translate(t, 'ÆØÅÉ', 'æøåé'), sep) $$;

-- Made-up persons, addresses, phones and company numbers (none can exist).
create or replace function pg_temp.given(n bigint) returns text language sql immutable as
$$ select pg_temp.nth('{Astrid,Bent,Camilla,Daniel,Emma,Frederik,Gitte,Henrik,Ida,Jesper,Katrine,Lasse,Marianne,Nikolaj,Oline,Palle,Rikke,Søren,Tine,Ulrik,Vibe,Aksel,Freja,Nadia,Yusuf}', n) $$;

create or replace function pg_temp.family(n bigint) returns text language sql immutable as
$$ select pg_temp.nth('{Agerskov,Balle,Dalgård,Enevold,Fabricius,Grønlund,Hedeager,Isager,Kvist,Lykke,Mosegaard,Nørskov,Overby,Pagh,Ravn,Skovmand,Toft,Uldum,Vestermark,Ørskov}', n) $$;

-- Person number n: 500 different names before the first repeats (given names go round every 25,
-- the family name moves on by 3 each time and by one more every 100).
create or replace function pg_temp.person(n bigint) returns text language sql immutable as
$$ select pg_temp.given(n) || ' ' || pg_temp.family(1 + (n - 1) * 3 + (n - 1) / 100) $$;

create or replace function pg_temp.mail(name text, domain text default 'post.example') returns text language sql immutable as
$$ select pg_temp.fold(name) || '@' || domain $$;

create or replace function pg_temp.phone(tbl text, n bigint) returns text language sql immutable as
$$ select '+45 00 ' || substr(d, 1, 2) || ' ' || substr(d, 3, 2) || ' ' || substr(d, 5, 2)
   from (select lpad((('x' || substr(md5(tbl || ':phone:' || n), 1, 7))::bit(28)::int % 1000000)::text, 6, '0') as d) x $$;

create or replace function pg_temp.street(tbl text, n bigint) returns text language sql stable as
$$ select pg_temp.pick('{Skolebakken,Vestre Ringvej,Havnegade,Lærkevej,Møllestien,Grenåvej,Skovvangsallé,Strandengen,Tordenskjoldsvej,Kirkegårdsvej,Industriparken,Teglværksvej}', pg_temp.rnd(tbl, n, 'street'))
       || ' ' || pg_temp.rint(tbl, n, 'house', 900, 989) $$;

-- "8000 Aarhus C" and so on; the zip is its first four characters, the city what follows the blank.
create or replace function pg_temp.place(tbl text, n bigint) returns text language sql stable as
$$ select pg_temp.pick_weighted('{8000 Aarhus C,8200 Aarhus N,8210 Aarhus V,8220 Brabrand,8230 Åbyhøj,8240 Risskov,8260 Viby J,8270 Højbjerg,8320 Mårslet,8330 Beder,8600 Silkeborg,8660 Skanderborg,8700 Horsens,8900 Randers C}',
                                '{18,12,10,8,8,10,8,8,4,4,3,3,2,2}', pg_temp.rnd(tbl, n, 'place')) $$;

create or replace function pg_temp.address(tbl text, n bigint) returns text language sql stable as
$$ select pg_temp.street(tbl, n) || ', ' || pg_temp.place(tbl, n) $$;

-- Eight digits whose modulus-11 check fails.
create or replace function pg_temp.cvr(tbl text, n bigint) returns text language sql immutable as
$$ select d || ((11 - s % 11) % 11 + 1) % 10
   from (select d, (select sum(substr(d, i, 1)::int * ('{2,7,6,5,4,3,2}'::int[])[i]) from generate_series(1, 7) i)::int as s
         from (select '1' || lpad((('x' || substr(md5(tbl || ':cvr:' || n), 1, 7))::bit(28)::int % 1000000)::text, 6, '0') as d) x) y $$;

-- Secrets in the stored form iv:tag:ciphertext (hex); they decrypt to nothing.
create or replace function pg_temp.dummy_cipher(tbl text, n bigint) returns text language sql stable as
$$ select pg_temp.hex(tbl, n, 'iv', 12) || ':' || pg_temp.hex(tbl, n, 'tag', 16) || ':' || pg_temp.hex(tbl, n, 'text', 24) $$;

-- Money with two decimals.
create or replace function pg_temp.money(v numeric) returns numeric language sql immutable as
$$ select round(v, 2) $$;

-- The service that speaks in plain text: 1 to 8, in the order of renos.services.
create or replace function pg_temp.service_name(n bigint) returns text language sql immutable as
$$ select pg_temp.nth('{Fast rengøring,Hovedrengøring,Flytterengøring,Erhvervsrengøring,Vinduespudsning,Tæpperens,Håndværkerrengøring,Airbnb-rengøring}', n) $$;

-- Demo data of the schema vault: 60 documents, 56 vectors, 7 states of synchronisation.
-- No model is called. Each of the 12 topics has a unit vector made from the seed, and a document
-- has normalised(topic + 0.25 * noise) with noise of length 1: documents of one topic have a
-- cosine of about 0.94 with each other and near 0 with the rest.

-- A vector of length 1 with 1536 parts, made from the seed and a name.
create or replace function pg_temp.demo_unit(name text) returns double precision[] language sql stable as
$$ with raw as (
     select j * 16 + b as k, get_byte(decode(md5(pg_temp.seed() || ':unit:' || name || ':' || j), 'hex'), b) - 127.5::double precision as x
     from generate_series(0, 95) j, generate_series(0, 15) b
   ), length as (select sqrt(sum(x * x)) as l from raw)
   select array_agg(x / l order by k) from raw, length $$;

-- The vector of a topic, which serves as a sample query: pg_temp.demo_topic(topic)::vector.
create or replace function pg_temp.demo_topic(topic text) returns double precision[] language sql stable as
$$ select pg_temp.demo_unit('topic:' || topic) $$;

-- The topics, each with the statements its texts are built from.
drop table if exists pg_temp.demo_topics;
create temporary table demo_topics on commit drop as
select * from (values
  ('flooring', 'operations', array[
    'Vacuum every floor before any water touches it, corners and skirting boards included.',
    'Lacquered parquet takes a well-wrung microfibre mop and never a wet one.',
    'Oiled wood is washed with soap flakes at 30 millilitres to five litres of water.',
    'Vinyl and linoleum stand a neutral cleaner with a pH between six and eight.',
    'Natural stone must not meet vinegar, lemon or any other acid.',
    'Carpets are spot-cleaned from the outside of the stain towards its centre.',
    'Chair legs leave rubber marks that a dry melamine sponge takes off.',
    'Let the floor dry for fifteen minutes before furniture goes back.']),
  ('windows', 'operations', array[
    'Windows are washed from top to bottom with a sleeve and a straight rubber blade.',
    'Wipe the blade after every pull so that no streak is drawn into the next one.',
    'Frames and sills are cleaned first and dried last.',
    'Do not wash glass in direct sunshine because the water dries before it is pulled off.',
    'Panes above the second floor are done with the pole and demineralised water only.',
    'Paint splashes come off with a scraper held at thirty degrees on wet glass.',
    'Count the panes on site and correct the order when the number differs.',
    'Outside panes are postponed below two degrees of frost and in strong wind.']),
  ('moving', 'operations', array[
    'A moving clean covers the empty home, cupboards and appliances inside and out.',
    'The key is collected on the morning of the clean and handed back the same day.',
    'Radiators are cleaned behind and between the plates with the long brush.',
    'Take pictures of every room before and after, because the landlord may ask.',
    'Lime on tiles is loosened twice before the final rinse.',
    'Nail holes and marks are noted and never repaired by us.',
    'The customer may ask for a second visit within 48 hours of the inspection.',
    'Plan one person and hour for every twenty square metres.']),
  ('kitchen', 'operations', array[
    'Empty the filter of the extractor hood and soak it in degreaser for twenty minutes.',
    'Work from the upper cupboards down to the plinth.',
    'The oven is warmed to forty degrees before the cleaner is applied.',
    'Food surfaces are rinsed with clean water after every product.',
    'Refrigerators are emptied by the customer on the evening before.',
    'Stainless steel is wiped along its grain with a dry cloth at the end.',
    'Descale the tap and the sink strainer once a month.',
    'Cloths of the kitchen are yellow and never leave the kitchen.']),
  ('invoicing', 'finance', array[
    'An invoice is issued on the day after the last booking of the period.',
    'Hours are rounded to three decimals and each line to whole oere.',
    'VAT is 25 percent and is computed once on the subtotal.',
    'Payment is due after eight days for private and after fourteen days for business customers.',
    'Numbers run without gaps within each year and are given when the invoice is sent.',
    'The first reminder is friendly and without a fee.',
    'A part payment keeps the invoice open until the balance is zero.',
    'Credit notes refer to the number of the invoice they correct.']),
  ('booking', 'operations', array[
    'A booking holds one time, one address and the people who go there.',
    'Changes until noon of the day before are free of charge.',
    'Two people are sent to homes above sixty square metres.',
    'The calendar keeps thirty minutes of transport between two addresses.',
    'Recurring bookings are made six weeks ahead and skip public holidays.',
    'Pauses are booked in the app so that the worked time stays correct.',
    'A late cancellation is charged with two hours.',
    'The customer gets a message on the evening before the visit.']),
  ('gdpr', 'compliance', array[
    'Personal data is kept only as long as the purpose asks for it.',
    'A request for erasure is carried out thirty days after it was made.',
    'Exports contain everything that is stored about the person and nothing about others.',
    'Pictures from homes show surfaces and never people, letters or screens.',
    'Invoices stay for five years because the bookkeeping act says so.',
    'Consent can be withdrawn at any time and the withdrawal is logged.',
    'Access to customer data is given by role and looked through each quarter.',
    'A breach is reported to the owner within one hour of its discovery.']),
  ('safety', 'operations', array[
    'Gloves are worn with every product that carries a warning sign.',
    'Never mix acid and chlorine, not even in the drain.',
    'A ladder is used up to three metres and always with both feet on the ground.',
    'Lift from the knees and ask for help above fifteen kilograms.',
    'The van carries a first-aid box that is checked on the first day of the month.',
    'Wet floors are marked with a sign at both ends.',
    'Alarms are switched off by the code in the plan and on again when leaving.',
    'Accidents are written down on the same day, however small.']),
  ('products', 'operations', array[
    'Only products of the approved list are used in homes of customers.',
    'Every bottle keeps its label and its dosage cap.',
    'Perfume-free products are the standard for homes with allergies.',
    'Stock is counted on the last working day of the month.',
    'The safety data sheet of each product lies in the van and in the handbook.',
    'Spray onto the cloth instead of the surface.',
    'Concentrates are mixed cold and marked with the date.',
    'Opened products are discarded after twelve months.']),
  ('api', 'engineering', array[
    'Every table is reachable at /schema/table with filters of the form column=operator.value.',
    'A key of an application is sent in the header X-API-Key and never in the address.',
    'Lists are limited and a cut result says so in the content range.',
    'Errors carry a code, a message and details that name the field.',
    'Operations have a path of their own and accept JSON objects only.',
    'Rows of another organisation do not exist for the caller.',
    'Repeat a creation safely by sending an idempotency key.',
    'Times are in UTC and money has at most two decimals.']),
  ('deployment', 'engineering', array[
    'Releases are built once and the same image goes to every environment.',
    'Migrations run before the new version takes its first request.',
    'The health check answers within one second or the instance is replaced.',
    'Settings come from the environment and secrets from the vault of the platform.',
    'A backup is restored into an empty database every week to prove that it works.',
    'Rolling back means starting the version before, since migrations only add.',
    'Logs are structured and never hold values of personal fields.',
    'The pool holds two to ten connections per instance.']),
  ('mail', 'communication', array[
    'Incoming mail is fetched every few minutes and matched to a customer by address.',
    'A thread without a match waits in the inbox of the office.',
    'Drafts of the assistant are sent only after a person approved them.',
    'The tone is friendly and short, and prices are always written with VAT.',
    'Replies quote the question and nothing else.',
    'Bounced mail sets the contact to be checked by phone.',
    'Labels follow the state of the lead.',
    'Answers go out within one working day.'])
) t(topic, category, statements);

-- The documents in order: source, place, kind and topic. A null topic has no vector.
drop table if exists pg_temp.demo_documents;
create temporary table demo_documents on commit drop as
select * from (values
  (1, 'github', 'TekupDK/tekup', 'README.md', 'documentation', 'markdown', 'Tekup', null, 0),
  (2, 'github', 'TekupDK/tekup', 'src/index.ts', 'code', 'typescript', 'Index', null, 0),
  (3, 'github', 'TekupDK/tekup-vault', 'README.md', 'documentation', 'en', 'Tekup Vault', 'api', 2),
  (4, 'github', 'TekupDK/tekup-vault', 'docs/search.md', 'documentation', 'en', 'Searching the knowledge base', 'api', 6),
  (5, 'github', 'TekupDK/tekup-vault', 'docs/deployment.md', 'runbook', 'en', 'Running the sync worker', 'deployment', 8),
  (6, 'github', 'TekupDK/tekup-vault', 'docs/privacy.md', 'policy', 'en', 'What must not be ingested', 'gdpr', 5),
  (7, 'github', 'TekupDK/tekup-vault', 'handbook/windows.md', 'procedure', 'en', 'Washing windows', 'windows', 4),
  (8, 'github', 'TekupDK/tekup-vault', 'handbook/floors.md', 'procedure', 'en', 'Floors by material', 'flooring', 9),
  (9, 'github', 'TekupDK/tekup-vault', 'handbook/kitchen.md', 'procedure', 'en', 'The kitchen from top to bottom', 'kitchen', 7),
  (10, 'github', 'TekupDK/tekup-vault', 'handbook/products.md', 'procedure', 'en', 'Products and dosage', 'products', 3),
  (11, 'github', 'TekupDK/tekup-billy', 'README.md', 'documentation', 'en', 'Tekup Billy', 'invoicing', 2),
  (12, 'github', 'TekupDK/tekup-billy', 'docs/invoices.md', 'documentation', 'en', 'Invoices and their states', 'invoicing', 14),
  (13, 'github', 'TekupDK/tekup-billy', 'docs/tools.md', 'documentation', 'en', 'Tools of the connector', 'api', 11),
  (14, 'github', 'TekupDK/tekup-billy', 'docs/cache.md', 'documentation', 'en', 'Copies and their expiry', 'api', 5),
  (15, 'github', 'TekupDK/tekup-billy', 'docs/deployment.md', 'runbook', 'en', 'Releasing the connector', 'deployment', 6),
  (16, 'github', 'TekupDK/tekup-billy', 'docs/reminders.md', 'documentation', 'en', 'Reminders and part payments', 'invoicing', 4),
  (17, 'github', 'TekupDK/tekup-billy', 'CHANGELOG.md', 'changelog', 'en', 'Changes', 'invoicing', 3),
  (18, 'github', 'TekupDK/renos-backend', 'README.md', 'documentation', 'en', 'RenOS backend', 'booking', 2),
  (19, 'github', 'TekupDK/renos-backend', 'docs/bookings.md', 'documentation', 'en', 'Life of a booking', 'booking', 20),
  (20, 'github', 'TekupDK/renos-backend', 'docs/mail.md', 'documentation', 'en', 'Reading and answering mail', 'mail', 9),
  (21, 'github', 'TekupDK/renos-backend', 'docs/labels.md', 'documentation', 'en', 'Labels of threads', 'mail', 3),
  (22, 'github', 'TekupDK/renos-backend', 'docs/erasure.md', 'policy', 'en', 'Export and erasure', 'gdpr', 6),
  (23, 'github', 'TekupDK/renos-backend', 'docs/moving.md', 'procedure', 'en', 'Plan of a moving clean', 'moving', 7),
  (24, 'github', 'TekupDK/renos-backend', 'docs/safety.md', 'procedure', 'en', 'Working safely', 'safety', 8),
  (25, 'github', 'TekupDK/renos-backend', 'docs/deployment.md', 'runbook', 'en', 'From branch to production', 'deployment', 5),
  (26, 'github', 'TekupDK/renos-frontend', 'README.md', 'documentation', 'en', 'RenOS front end', 'booking', 1),
  (27, 'github', 'TekupDK/renos-frontend', 'docs/inbox.md', 'documentation', 'en', 'The inbox screen', 'mail', 4),
  (28, 'github', 'TekupDK/renos-frontend', 'docs/drafts.md', 'documentation', 'en', 'Approving drafts', 'mail', 6),
  (29, 'github', 'TekupDK/renos-frontend', 'content/windows.md', 'article', 'en', 'Why our windows stay clear', 'windows', 1),
  (30, 'github', 'TekupDK/renos-frontend', 'content/floors.md', 'article', 'en', 'Care for your floor', 'flooring', 2),
  (31, 'github', 'TekupDK/renos-frontend', 'content/moving.md', 'article', 'en', 'Moving out without worries', 'moving', 2),
  (32, 'github', 'TekupDK/renos-frontend', 'content/kitchen.md', 'article', 'en', 'A kitchen for the weekend', 'kitchen', 1),
  (33, 'copilot', 'tekup-workspace', 'notes/api-conventions.md', 'note', 'en', 'Conventions of the interface', 'api', 3),
  (34, 'copilot', 'tekup-workspace', 'notes/invoice-rounding.md', 'note', 'en', 'Rounding of invoices', 'invoicing', 2),
  (35, 'copilot', 'tekup-workspace', 'notes/stock-count.md', 'note', 'en', 'Counting the stock', 'products', 2),
  (36, 'render', 'renos-backend', 'logs/release-summary.md', 'log', 'en', 'Summary of the last release', 'deployment', 4),
  (37, 'render', 'tekup-vault', 'logs/worker-summary.md', 'log', 'en', 'Summary of the worker', 'deployment', 2),
  (38, 'render', 'renos-backend', 'logs/access-review.md', 'log', 'en', 'Review of access', 'gdpr', 3),
  (39, 'local', 'tekup-workspace', 'handbook/window-count.md', 'procedure', 'en', 'Counting panes', 'windows', 2),
  (40, 'local', 'tekup-workspace', 'handbook/window-winter.md', 'procedure', 'en', 'Windows in winter', 'windows', 3),
  (41, 'local', 'tekup-workspace', 'handbook/parquet.md', 'procedure', 'en', 'Parquet', 'flooring', 4),
  (42, 'local', 'tekup-workspace', 'handbook/carpets.md', 'procedure', 'en', 'Carpets and stains', 'flooring', 5),
  (43, 'local', 'tekup-workspace', 'handbook/moving-checklist.md', 'checklist', 'en', 'Checklist of a moving clean', 'moving', 17),
  (44, 'local', 'tekup-workspace', 'handbook/moving-keys.md', 'procedure', 'en', 'Keys when moving', 'moving', 3),
  (45, 'local', 'tekup-workspace', 'handbook/oven.md', 'procedure', 'en', 'Ovens', 'kitchen', 2),
  (46, 'local', 'tekup-workspace', 'handbook/office-kitchen.md', 'procedure', 'en', 'Kitchens of offices', 'kitchen', 6),
  (47, 'local', 'tekup-workspace', 'handbook/allergy.md', 'procedure', 'en', 'Homes with allergies', 'products', 4),
  (48, 'local', 'tekup-workspace', 'handbook/ladder.md', 'procedure', 'en', 'Ladders', 'safety', 3),
  (49, 'local', 'tekup-workspace', 'drafts/new-calendar.md', 'note', 'en', 'Draft of the new calendar', null, 1),
  (50, 'local', 'tekup-workspace', 'drafts/mail-tone.md', 'note', 'en', 'Draft on the tone of mails', null, 2),
  (51, 'notion', 'fjordklar-haandbog', 'procedurer/badevaerelse.md', 'procedure', 'da', 'Sådan rengør du et badeværelse', 'products', 0),
  (52, 'notion', 'fjordklar-haandbog', 'procedurer/skade-hos-kunde.md', 'procedure', 'da', 'Skade hos en kunde', 'safety', 0),
  (53, 'notion', 'fjordklar-haandbog', 'procedurer/godkendte-midler.md', 'procedure', 'da', 'Godkendte rengøringsmidler', 'products', 0),
  (54, 'notion', 'fjordklar-haandbog', 'procedurer/noegler.md', 'procedure', 'da', 'Håndtering af nøgler', 'safety', 0),
  (55, 'gdrive', 'fjordklar-personale', 'fravaer.md', 'procedure', 'da', 'Fravær og sygdom', 'booking', 0),
  (56, 'gdrive', 'fjordklar-personale', 'reklamationer.md', 'procedure', 'da', 'Reklamationer', 'mail', 0),
  (57, 'supabase', 'fjordklar-faq', 'flytterengoering.md', 'faq', 'da', 'Spørgsmål om flytterengøring', 'moving', 0),
  (58, 'notion', 'fjordklar-haandbog', 'procedurer/vinduespudsning.md', 'procedure', 'da', 'Vinduespudsning trin for trin', 'windows', 0),
  (59, 'supabase', 'fjordklar-faq', 'bestilling-og-afbud.md', 'faq', 'da', 'Spørgsmål om bestilling og afbud', 'booking', 0),
  (60, 'gdrive', 'fjordklar-personale', 'billeder-og-gdpr.md', 'policy', 'da', 'Billeder fra opgaver og GDPR', 'gdpr', 0)
) d(n, source, repository, path, type, language, title, topic, sections);

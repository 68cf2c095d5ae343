-- Demo data of the schema vault, second part: texts, vectors, states of synchronisation.

-- The Danish procedures and questions, written out.
drop table if exists pg_temp.demo_texts;
create temporary table demo_texts on commit drop as
select * from (values
  (1, '# Tekup'),
  (2, 'console.log(''Tekup'')'),
  (51, '# Sådan rengør du et badeværelse

1. Luk vinduet op, og tag handsker på.
2. Fordel kalkfjerner på fliser, armatur og glas. Lad den virke i ti minutter.
3. Rens afløb og rist, mens midlet virker.
4. Toilettet gøres rent oppefra og ned med de røde klude. De røde klude bruges kun her.
5. Vask spejlet med lunkent vand og en tør klud.
6. Skyl vægge og brus fra toppen og ned, og træk glasset af.
7. Vask gulvet sidst, fra det fjerneste hjørne mod døren.

Syre må aldrig bruges på marmor eller andre natursten. Er du i tvivl om overfladen, så brug neutralt middel og ring til din leder.
Afsæt 35 minutter til et badeværelse på seks kvadratmeter, og tag et billede af bruseren, når du er færdig.'),
  (52, '# Skade hos en kunde

Går noget i stykker, så stop arbejdet og gør stedet sikkert.

- Tag to billeder: et af skaden og et af hele rummet.
- Ring til din leder med det samme, også når skaden er lille.
- Fortæl kunden, hvad der er sket, og at kontoret vender tilbage samme dag.
- Skriv i appen, hvad du lavede, hvad der gik i stykker, og hvad klokken var.
- Aftal aldrig selv en erstatning, og forsøg ikke at reparere.

Kontoret anmelder skaden til forsikringen inden for tre hverdage. Selvrisikoen betales af firmaet og ikke af medarbejderen.'),
  (53, '# Godkendte rengøringsmidler

Listen gælder for alle opgaver hos private og erhverv.

| Middel | Bruges til | Dosering |
|---|---|---|
| Universalrens, uden parfume | bord, skabe, fronter | 10 ml til 5 liter |
| Gulvsæbe | olieret træ | 30 ml til 5 liter |
| Kalkfjerner | fliser, armatur, glas | ufortyndet, ti minutter |
| Affedtning | emhætte, ovn, komfur | 50 ml til 1 liter |
| Glasrens | spejle og ruder | ufortyndet på klud |

Klor bruges kun ved vandskade og efter aftale. Egne midler må ikke tages med ud til kunder. Har kunden sine egne midler, bruger vi dem, når etiketten er læsbar.
Mangler du noget, så skriv det på lagerlisten senest torsdag kl. 12.'),
  (54, '# Håndtering af nøgler

Alle nøgler har et nummer og ingen adresse. Nummeret slås op i appen.

1. Kvittér for nøglen, når du henter den.
2. Nøglen ligger i den låste boks i bilen, til du står ved døren.
3. Lås efter dig, mens du arbejder alene.
4. Aflevér nøglen samme dag inden kl. 17, og kvittér igen.

En mistet nøgle meldes inden for en time. Kontoret betaler omstilling af låsen. Koder til alarmer står i planen og må ikke skrives andre steder.'),
  (55, '# Fravær og sygdom

Meld dig syg på telefon før kl. 06.30. Beskeder i appen er ikke nok, for dagens ture skal lægges om.

- Første sygedag: ring, og sig hvilke nøgler du har.
- Barns første sygedag: som egen sygdom.
- Ferie: søg senest fire uger før. I uge 29 og 30 kører vi med halvt hold.
- Læge og tandlæge: læg tiden tidligt eller sent på dagen.

Lederen flytter bookingerne til en anden eller ringer til kunden inden kl. 08.00. Kunden betaler ikke for en flyttet tid.'),
  (56, '# Reklamationer

En reklamation er en gave, når den får et svar samme dag.

1. Tak for beskeden, og gentag det kunden er utilfreds med.
2. Slå opgaven op med billeder og tjekliste.
3. Tilbyd at komme igen inden for 48 timer. Det er gratis, når noget er overset.
4. Giv først afslag i prisen, når et nyt besøg ikke hjælper. Højst 25 procent uden ejerens ja.
5. Skriv aftalen i en mail, og sæt mærket Klage på tråden.

Skabelon: Kære kunde. Tak fordi du skrev. Det er vi kede af, og vi vil gerne gøre det godt igen. Passer det dig, at vi kommer i morgen mellem kl. 8 og 10?'),
  (57, '# Spørgsmål om flytterengøring

**Hvad er med i prisen?** Alle rum, skabe indvendigt, hårde hvidevarer, fliser, radiatorer og indvendige ruder.

**Hvor lang tid tager det?** Regn med en time pr. person for hver 20 kvadratmeter. En lejlighed på 80 kvadratmeter tager to personer to timer.

**Skal boligen være tom?** Ja. Møbler og affald skal være ude, og der skal være vand og strøm.

**Hvad koster det?** 349 kr. pr. time og person med moms.

**Hvad hvis udlejer ikke er tilfreds?** Vi kommer igen inden for 48 timer efter synet uden beregning.'),
  (58, '# Vinduespudsning trin for trin

1. Tæl ruderne, og ret antallet i bookingen, hvis det ikke passer.
2. Støv rammen af, og læg et klæde i karmen.
3. Vask ruden med indvasker og lunkent vand. Begynd øverst.
4. Træk vandet af i lange strøg, og tør gummiet efter hvert strøg.
5. Tør kanterne med et tørt viskestykke.
6. Tør karmen til sidst.

Puds ikke i direkte sol eller i mere end to graders frost. Ruder over anden sal tages kun med stang og renset vand. Maling fjernes med skraber på våd rude, og kun når kunden har sagt ja.'),
  (59, '# Spørgsmål om bestilling og afbud

**Hvordan bestiller jeg?** På mail, telefon eller formularen på siden. Du får svar inden for en arbejdsdag.

**Hvornår kan jeg flytte tiden?** Gratis indtil kl. 12 dagen før. Derefter koster et afbud to timer.

**Kommer det samme hold hver gang?** Ved fast rengøring ja, bortset fra ferie og sygdom.

**Hvad er mindstetiden?** To timer. Over 60 kvadratmeter kommer der to personer.

**Arbejder I på helligdage?** Nej. Faste tider, der falder på en helligdag, springes over eller flyttes efter aftale.'),
  (60, '# Billeder fra opgaver og GDPR

Vi tager billeder for at vise, at arbejdet er gjort. De hører til opgaven og ikke til reklame.

- Fotografér flader: gulv, bord, bruser, ovn. Aldrig personer, post, skærme eller familiebilleder.
- Tag billedet i appen, så det ikke ligger på din egen telefon.
- Billeder slettes efter tolv måneder.
- Beder en kunde om indsigt eller sletning, så send beskeden til kontoret samme dag.
- Et billede, der er kommet det forkerte sted hen, er et brud og meldes inden for en time.')
) t(n, content);

-- documents: the two of the package seed, 30 files of four repositories, notes, logs, handbook, procedures.
insert into vault.documents (id, source, repository, path, content, metadata, sha, created_at, updated_at)
select pg_temp.uuid_id('vault.documents', n), source, repository, path, content,
       case when n <= 2 then jsonb_build_object('type', type, 'language', language)
            else jsonb_build_object('type', type, 'category', coalesce(category, 'draft'), 'language', language, 'title', title,
                                    'tags', to_jsonb(array_remove(array[topic, type, source], null)), 'size', octet_length(content)) end,
       case source when 'github' then left(encode(sha256(convert_to('blob ' || content, 'UTF8')), 'hex'), 40)
                   when 'local' then encode(sha256(convert_to(content, 'UTF8')), 'hex') end,
       created_at,
       created_at + make_interval(hours => 24 * case when n in (12, 24, 41) then 18 else pg_temp.rint('vault.documents', n, 'changed', 0, 8) end,
                                  mins => pg_temp.rint('vault.documents', n, 'minute', 1, 240))
from (
  select d.*, t.category, pg_temp.at(-pg_temp.rint('vault.documents', d.n, 'age', 21, 350), pg_temp.rint('vault.documents', d.n, 'time', 420, 1020)) as created_at,
         coalesce(x.content, '# ' || d.title || e'\n\n' || coalesce(
           (select string_agg(
                     case when d.sections > 1 then '## Part ' || s || e'\n\n' else '' end
                     || t.statements[1 + (s * 3 + d.n) % 8] || ' ' || t.statements[1 + (s * 3 + d.n + 1) % 8] || ' ' || t.statements[1 + (s * 3 + d.n + 2) % 8]
                     || ' Time set aside: ' || pg_temp.rint('vault.documents', d.n * 100 + s, 'minutes', 2, 12) * 5
                     || ' minutes. Checked by ' || pg_temp.nth('{the manager,the office,the owner,a colleague}', d.n + s)
                     || ' every ' || pg_temp.nth('{week,second week,month,quarter}', d.n * 3 + s) || '.', e'\n\n' order by s)
            from generate_series(1, d.sections) s), '')) as content
  from pg_temp.demo_documents d
  left join pg_temp.demo_texts x on x.n = d.n
  left join pg_temp.demo_topics t on t.topic = coalesce(d.topic, case d.n when 49 then 'booking' when 50 then 'mail' end)
) r
order by n
on conflict do nothing;

-- embeddings: one for each document with a topic, and three that are older than the text of their document.
insert into vault.embeddings (id, document_id, embedding, model, content_md5, created_at, updated_at)
select pg_temp.uuid_id('vault.embeddings', d.n), v.id,
       (select array_agg(u / sqrt(l) order by k)
        from (select k, u, sum(u * u) over () as l
              from (select k, a + 0.25 * b as u from unnest(topics.unit, pg_temp.demo_unit('document:' || d.n)) with ordinality z(a, b, k)) y) x),
       'demo-vector',
       case when d.n in (12, 24, 41) then md5(v.content || e'\n\nEarlier wording.') else v.content_md5 end,
       made.at, made.at
from pg_temp.demo_documents d
join vault.documents v on v.id = pg_temp.uuid_id('vault.documents', d.n)
join (select topic, pg_temp.demo_topic(topic) as unit from pg_temp.demo_topics offset 0) topics on topics.topic = d.topic
cross join lateral (select case when d.n in (12, 24, 41) then v.created_at + interval '3 hours' else v.updated_at + interval '2 hours' end as at) made
order by d.n
on conflict do nothing;

-- sync_status: one for each kind of source: four that succeeded, one that runs, one that failed, one that never ran.
insert into vault.sync_status (id, source, repository, status, last_sync_at, error_message, created_at, updated_at)
select pg_temp.uuid_id('vault.sync_status', n), source, repository, status, last_sync_at, error_message,
       pg_temp.at(-360, 540), coalesce(last_sync_at, pg_temp.at(-360, 540))
from (values
  (1, 'github', 'TekupDK/tekup', 'success', pg_temp.at(-1, 1080), null),
  (2, 'local', 'tekup-workspace', 'success', pg_temp.at(-1, 1081), null),
  (3, 'copilot', 'tekup-workspace', 'success', pg_temp.at(-1, 1083), null),
  (4, 'supabase', 'fjordklar-faq', 'success', pg_temp.at(-1, 1090), null),
  (5, 'notion', 'fjordklar-haandbog', 'in_progress', pg_temp.at(-1, 1439), null),
  (6, 'render', 'renos-backend', 'error', pg_temp.at(-1, 1085), 'The host answered 429 after 1 of 2 files'),
  (7, 'gdrive', 'fjordklar-arkiv', 'pending', null, null)
) s(n, source, repository, status, last_sync_at, error_message)
on conflict do nothing;

-- GET cities?select=id&name=fts(english).oslo&name=plfts.aarhus&name=phfts.oslo&name=not.wfts(simple).odense

select t0."id" as "id"
from "shapes"."cities" as t0
where to_tsvector($1, t0."name") @@ to_tsquery($2, $3) and to_tsvector(t0."name") @@ plainto_tsquery($4) and to_tsvector(t0."name") @@ phraseto_tsquery($5) and not to_tsvector($6, t0."name") @@ websearch_to_tsquery($7, $8);
-- $1 = english
-- $2 = english
-- $3 = oslo
-- $4 = aarhus
-- $5 = oslo
-- $6 = simple
-- $7 = simple
-- $8 = odense

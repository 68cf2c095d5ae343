with pgrst_source as (
select f.*
from "vault"."match_documents"("query_embedding" := $1::public.vector) as f)
select t0."id" as "id", t0."source" as "source", t0."repository" as "repository", t0."path" as "path", t0."content" as "content", t0."metadata" as "metadata", t0."sha" as "sha", t0."similarity" as "similarity"
from pgrst_source as t0
limit $2
-- $1 = Some("x")
-- $2 = Some("3")

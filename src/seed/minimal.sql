-- Minimal sample data, nine rows: what the former package seed made, and one account in renos and crm.
-- Running it again changes nothing: every statement stands back on the natural key. The identifiers are
-- those that the demo data gives the same rows, so that either may run first.

-- vault.documents, 2.
insert into vault.documents (id, source, repository, path, content, metadata, sha)
values
  ('b1e8b1c4-de5a-8b2a-9d0c-ea2d947ba791', 'github', 'TekupDK/tekup', 'README.md', '# Tekup', '{"type": "documentation", "language": "markdown"}', 'ef8b1d311030b99e5787f3d7043c36563973e394'),
  ('1a4683c2-1425-8b92-aed9-c6e757d55f4a', 'github', 'TekupDK/tekup', 'src/index.ts', 'console.log(''Tekup'')', '{"type": "code", "language": "typescript"}', '2cfb3ed64c6141732d591da45ac3407200ef2718')
on conflict (source, repository, path) do nothing;

-- vault.sync_status, 1.
insert into vault.sync_status (id, source, repository, status, last_sync_at)
values ('537a6456-7a92-8571-bb0d-4afe193eccd9', 'github', 'TekupDK/tekup', 'success', now())
on conflict (source, repository) do nothing;

-- billy.organizations, 1: the key is a dummy in the stored form iv:tag:ciphertext.
insert into billy.organizations (id, name, billy_api_key, billy_organization_id, settings, is_active)
values ('abd63744-3994-852f-aa1e-9656f55e6823', 'Test Organization', 'ba0d10910dbc03acd5f2eae3d5a8d0b8:4337de36eaaf00db244c6c70d141f3c4:0f37d6632b0fc3df802bd9ec854b', 'test-org-123',
        '{"cacheEnabled": true, "auditEnabled": true}', true)
on conflict (billy_organization_id) do nothing;

-- billy.users, 1.
insert into billy.users (id, email, organization_id, role, is_active)
select '21324fe0-e0f3-803a-b7bf-66b5a4976258', 'test@tekup.local', id, 'admin', true
from billy.organizations where billy_organization_id = 'test-org-123'
on conflict (email, organization_id) do nothing;

-- shared.users, 1.
insert into shared.users (id, email, name, role)
values ('66e4c96e-d427-86e7-b701-a42627ee5cd0', 'admin@tekup.dk', 'Admin User', 'admin')
on conflict (email) do nothing;

-- renos.users, 1: the owner; no password opens the account.
insert into renos.users (id, email, name, phone, password_hash, role, is_active)
values ('ce2ced3849c884d875e0806ea', 'maja.lindkaer@fjordklar.example', 'Maja Lindkær', '+45 00 82 03 87', '!', 'owner', true)
on conflict (email) do nothing;

-- crm.tenants, 1.
insert into crm.tenants (id, name, slug, domain, cvr_number, address, city, postal_code, phone, email, subscription_tier, max_users, max_jobs, settings)
values ('1da856d7-ef1e-8f8d-ae6c-e29abc404818', 'Fjordklar Rengøring ApS', 'fjordklar', 'fjordklar.example', '16712877', 'Industriparken 901', 'Aarhus C', '8000',
        '+45 00 35 24 75', 'kontakt@fjordklar.example', 'professional', 25, 500,
        '{"timezone": "Europe/Copenhagen", "currency": "DKK", "language": "da", "duplicate_window_hours": 168}')
on conflict (slug) do nothing;

-- crm.users, 1: the owner of that tenant.
insert into crm.users (id, tenant_id, email, name, phone, role, is_active)
select '55e44cf8-65e1-888d-8057-36e1e7303718', id, 'maja.lindkaer@fjordklar.example', 'Maja Lindkær', '+45 00 29 27 88', 'tenant_admin', true
from crm.tenants where slug = 'fjordklar'
on conflict (tenant_id, email) do nothing;

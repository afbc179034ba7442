-- The only writers of a dossier. They decide nothing: everything they write was decided by the caller on what it loaded,
-- and the comparison of the audit head under the row lock proves that nothing moved in between.

-- Rows of a dossier that are simply added. Called with the decision as it came.
create function record_rows(p jsonb) returns void language plpgsql as $$
begin
  if p ? 'enter' then
    insert into active_state select * from jsonb_populate_recordset(null::active_state, p->'enter');
  end if;
  if p ? 'open' then
    insert into work_item select * from jsonb_populate_recordset(null::work_item, p->'open');
  end if;
  if p ? 'clocks' then
    insert into clock select * from jsonb_populate_recordset(null::clock, p->'clocks')
    on conflict (dossier_id, no) do update
      set marks = excluded.marks, due_at = excluded.due_at, ended_at = excluded.ended_at;
  end if;
  if p ? 'timers' then
    insert into timer select * from jsonb_populate_recordset(null::timer, p->'timers')
    on conflict (dossier_id, clock_no) do update
      set kind = excluded.kind, fires_at = excluded.fires_at, attempts = 0, retry_at = null;
  end if;
  insert into audit select * from jsonb_populate_recordset(null::audit, p->'audit');
  if p ? 'more' then
    perform record_more(p->'more');
  end if;
end $$;

-- The rarer tables, in the order their keys ask for.
create function record_more(p jsonb) returns void language plpgsql as $$
begin
  if p ? 'remark' then
    insert into remark select * from jsonb_populate_recordset(null::remark, p->'remark');
  end if;
  if p ? 'document' then
    insert into document select * from jsonb_populate_recordset(null::document, p->'document')
    on conflict (id) do update
      set state = excluded.state, reason = excluded.reason, name = excluded.name, media_type = excluded.media_type,
          size = excluded.size, pages = excluded.pages, sha256 = excluded.sha256, replaced_by = excluded.replaced_by,
          added_by = excluded.added_by, added_at = excluded.added_at;
  end if;
  if p ? 'opinion' then
    insert into opinion select * from jsonb_populate_recordset(null::opinion, p->'opinion')
    on conflict (dossier_id, item_no) do nothing;
  end if;
  if p ? 'payment' then
    insert into payment select * from jsonb_populate_recordset(null::payment, p->'payment')
    on conflict (dossier_id, no) do update set paid_at = excluded.paid_at, proof = excluded.proof;
  end if;
  if p ? 'handoff' then
    insert into handoff select * from jsonb_populate_recordset(null::handoff, p->'handoff')
    on conflict (id) do update
      set state = excluded.state, delivered_at = excluded.delivered_at, registered_at = excluded.registered_at,
          registered_by = excluded.registered_by, closed_at = excluded.closed_at, closed_by = excluded.closed_by,
          close_seq = excluded.close_seq, escalated_at = excluded.escalated_at;
  end if;
  if p ? 'outbox' then
    insert into outbox (message_id, dossier_id, seq, kind, sender, receiver, payload, created_at, attempts)
    select message_id, dossier_id, seq, kind, sender, receiver, payload, created_at, 0
    from jsonb_populate_recordset(null::outbox, p->'outbox');
  end if;
  if p ? 'inbox' then
    insert into inbox select * from jsonb_populate_recordset(null::inbox, p->'inbox');
  end if;
  if p ? 'paper' then
    insert into paper select * from jsonb_populate_recordset(null::paper, p->'paper')
    on conflict (barcode) do update
      set state = excluded.state, unit_id = excluded.unit_id, person_id = excluded.person_id,
          bound_for_unit_id = excluded.bound_for_unit_id, bound_at = excluded.bound_at, run_id = excluded.run_id,
          since = excluded.since;
  end if;
  if p ? 'courier_load' then
    insert into courier_load select * from jsonb_populate_recordset(null::courier_load, p->'courier_load')
    on conflict (run_id, barcode) do update
      set taken_at = coalesce(excluded.taken_at, courier_load.taken_at),
          taken_by = coalesce(excluded.taken_by, courier_load.taken_by), confirmed_at = excluded.confirmed_at,
          confirmed_by = excluded.confirmed_by, missing_at = excluded.missing_at;
  end if;
  if p ? 'incident' then
    insert into incident select * from jsonb_populate_recordset(null::incident, p->'incident');
  end if;
  if p ? 'notice' then
    insert into notice (dossier_id, clock_no, kind, about, unit_id, at)
    select dossier_id, clock_no, kind, about, unit_id, at from jsonb_populate_recordset(null::notice, p->'notice')
    on conflict (dossier_id, clock_no, kind, about, unit_id) do nothing;
  end if;
end $$;

-- A request that was answered before is answered the same again: the stored reply, or null to go on.
create function remember_request(p jsonb) returns jsonb language plpgsql as $$
declare kept idempotency;
begin
  insert into idempotency (actor_id, key, fingerprint, reply)
  values ((p->>'actor_id')::int, p->>'key', (p->>'fingerprint')::bytea, p->>'reply') on conflict do nothing;
  if found then return null; end if;
  select * into kept from idempotency where actor_id = (p->>'actor_id')::int and key = p->>'key';
  return jsonb_build_object('fingerprint', encode(kept.fingerprint, 'hex'), 'reply', kept.reply);
end $$;

create function record_act(p jsonb) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d jsonb := p->'dossier';
  mine bigint := (d->>'id')::bigint;
  seen record;
  before jsonb;
begin
  if p ? 'request' then
    before := remember_request(p->'request');
    if before is not null then return before; end if;
  end if;
  select audit_seq, audit_head into seen from dossier where id = mine for no key update;
  if seen.audit_seq is distinct from (p->>'seen_seq')::int or seen.audit_head is distinct from (p->>'seen_head')::bytea then
    raise exception 'dossier % moved', mine using errcode = 'LT409';
  end if;
  if p ? 'exit' then
    delete from active_state where dossier_id = mine and state = any ((p->>'exit')::text[]);
  end if;
  if p ? 'close' then
    update work_item set closed_at = (p->>'at')::timestamptz, closed_by = (p->>'actor_id')::int, close_event = p->>'event'
    where dossier_id = mine and no = any ((p->>'close')::int[]);
  end if;
  if p ? 'change' then
    update work_item w set available_at = c.available_at, due_at = c.due_at
    from jsonb_populate_recordset(null::work_item, p->'change') c where w.dossier_id = mine and w.no = c.no;
  end if;
  if p ? 'settle' then
    update outbox set sent_at = clock_timestamp(), lease_until = null
    where message_id = any ((p->>'settle')::uuid[]) and sent_at is null;
  end if;
  if p ? 'silence' then
    delete from timer where dossier_id = mine and clock_no = any ((p->>'silence')::int[]);
  end if;
  perform record_rows(p);
  update dossier set
    received_at = (d->>'received_at')::timestamptz, first_due_at = (d->>'first_due_at')::timestamptz,
    due_at = (d->>'due_at')::timestamptz, due_provisional = (d->>'due_provisional')::boolean,
    finished_at = (d->>'finished_at')::timestamptz, closed_at = (d->>'closed_at')::timestamptz,
    outcome = d->>'outcome', status = (d->>'status')::int, history = d->'history',
    supplements = (d->>'supplements')::int, version = (d->>'version')::int, item_no = (d->>'item_no')::int,
    clock_no = (d->>'clock_no')::int, handoff_seq = (d->>'handoff_seq')::int,
    audit_seq = (d->>'audit_seq')::int, audit_head = (d->>'audit_head')::bytea
  where id = mine;
  return null;
end $$;

-- The first act of a dossier. Its code and id were taken before, with take_code.
create function record_receipt(p jsonb) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare before jsonb;
begin
  before := remember_request(p->'request');
  if before is not null then return before; end if;
  insert into dossier select * from jsonb_populate_record(null::dossier, p->'dossier');
  insert into applicant select * from jsonb_populate_record(null::applicant, p->'applicant');
  perform record_rows(p);
  return null;
end $$;

-- AGENCY-YYMMDD-XXXX (Decree 61/2018 art. 26, Circular 01/2018 art. 19); the sequence widens past 9,999.
create function take_code(agency text, period text) returns table (id bigint, code text)
language plpgsql security definer set search_path = public, pg_temp as $$
declare n int;
begin
  insert into number_series as s (agency, series, period, last) values (take_code.agency, 'dossier', take_code.period, 1)
  on conflict on constraint number_series_pkey do update set last = s.last + 1 returning last into n;
  return query select nextval('dossier_id_seq'),
    take_code.agency || '-' || take_code.period || '-' || case when n > 9999 then n::text else lpad(n::text, 4, '0') end;
end $$;

-- The store has the bytes now; not an act, nobody's decision rests on it.
create function document_kept(content text, fresh_state text) returns int
language sql security definer set search_path = public, pg_temp as $$
  with kept as (update document set state = fresh_state
                where sha256 = content and state <> fresh_state and fresh_state in ('stored', 'damaged') returning 1)
  select count(*)::int from kept
$$;

-- Draws up the manifest of a run once: every paper that was ready by the cut-off and is on no other run. What an
-- earlier run left behind is on none any more.
create function draw_manifest(run bigint, moment timestamptz, cut_off timestamptz) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare n int;
begin
  update courier_run set state = 'listed', listed_at = moment where id = run and state = 'planned';
  if not found then return 0; end if;
  with waiting as (
    update paper set run_id = run where state = 'held' and bound_for_unit_id is not null and bound_at <= cut_off
      and (run_id is null or run_id in (select id from courier_run where state in ('departed', 'arrived')))
    returning barcode, dossier_id, unit_id, bound_for_unit_id)
  insert into courier_load (run_id, barcode, dossier_id, from_unit_id, to_unit_id)
  select run, barcode, dossier_id, unit_id, bound_for_unit_id from waiting;
  get diagnostics n = row_count;
  return n;
end $$;

-- What record_act and record_receipt write besides, since procedures may change under a dossier: consultations beside
-- the procedure, requests for additions, claims on objects, parts of bundles, moves between versions.

alter function record_more(jsonb) rename to record_usual;

create function record_more(p jsonb) returns void language plpgsql as $$
begin
  perform record_usual(p);
  if p ?| array['consultation', 'addition', 'obligation', 'asset_claim', 'asset_passed', 'bundle_part', 'bundle',
                'migration_item', 'restate', 'rename', 'version'] then
    perform record_beside(p);
  end if;
end $$;

create function record_beside(p jsonb) returns void language plpgsql as $$
declare renamed jsonb;
begin
  if p ? 'consultation' then
    insert into consultation select * from jsonb_populate_recordset(null::consultation, p->'consultation')
    on conflict (dossier_id, no) do update
      set state = excluded.state, due_at = excluded.due_at, verdict = excluded.verdict, answered_by = excluded.answered_by,
          answered_at = excluded.answered_at, answer_seq = excluded.answer_seq, withdrawn_at = excluded.withdrawn_at;
  end if;
  if p ? 'addition' then
    insert into addition select * from jsonb_populate_recordset(null::addition, p->'addition')
    on conflict (dossier_id, no) do update set asked_at = excluded.asked_at;
  end if;
  if p ? 'obligation' then
    insert into obligation select * from jsonb_populate_recordset(null::obligation, p->'obligation')
    on conflict (dossier_id, no) do update
      set due_at = excluded.due_at, fulfilled_at = excluded.fulfilled_at, fulfilled_by = excluded.fulfilled_by;
  end if;
  if p ? 'asset_claim' then
    insert into asset_claim select * from jsonb_populate_recordset(null::asset_claim, p->'asset_claim')
    on conflict (dossier_id, kind, identity) do update set held_at = excluded.held_at;
  end if;
  if p ? 'asset_passed' then
    -- taken and let go in one act: fails while another dossier holds the object
    update asset_claim a set held_at = n.held_at from jsonb_populate_recordset(null::asset_claim, p->'asset_passed') n
    where (a.dossier_id, a.kind, a.identity) = (n.dossier_id, n.kind, n.identity);
    update asset_claim a set held_at = null from jsonb_populate_recordset(null::asset_claim, p->'asset_passed') n
    where (a.dossier_id, a.kind, a.identity) = (n.dossier_id, n.kind, n.identity);
  end if;
  if p ? 'bundle' then
    -- the acts of all its parts write this row: each says which version of it was seen
    update bundle b set due_at = n.due_at, due_provisional = n.due_provisional, gather_until = n.gather_until,
      partial_at = n.partial_at, partial_by = n.partial_by, closed_at = n.closed_at, letters = n.letters,
      version = b.version + 1
    from jsonb_populate_recordset(null::bundle, p->'bundle') n where b.id = n.id and b.version = n.version;
    if not found then raise exception 'bundle moved' using errcode = 'LT409'; end if;
  end if;
  if p ? 'bundle_part' then
    update bundle_part b set expected_due_at = n.expected_due_at, released_at = n.released_at,
      stopped_for = n.stopped_for
    from jsonb_populate_recordset(null::bundle_part, p->'bundle_part') n
    where b.bundle_id = n.bundle_id and b.part = n.part;
  end if;
  if p ? 'migration_item' then
    insert into migration_item select * from jsonb_populate_recordset(null::migration_item, p->'migration_item')
    on conflict (migration_id, dossier_id) do update
      set state = excluded.state, why = excluded.why, before = excluded.before, moved_seq = excluded.moved_seq,
          at = excluded.at, undone_at = excluded.undone_at, undone_by = excluded.undone_by;
  end if;
  -- a state that is called otherwise in another version was entered when it was entered; names may be exchanged.
  -- without an old name it is entered now
  if p ? 'rename' then
    select jsonb_agg(jsonb_build_object('dossier_id', s.dossier_id, 'state', n.fresh, 'entered_at', s.entered_at))
    into renamed from active_state s
    join jsonb_to_recordset(p->'rename') n(dossier_id bigint, state text, fresh text)
      on s.dossier_id = n.dossier_id and s.state = n.state;
    delete from active_state s using jsonb_to_recordset(p->'rename') n(dossier_id bigint, state text, fresh text)
    where s.dossier_id = n.dossier_id and s.state = n.state;
    insert into active_state select * from jsonb_populate_recordset(null::active_state, coalesce(renamed, '[]'));
    insert into active_state
    select n.dossier_id, n.fresh, n.entered_at
    from jsonb_to_recordset(p->'rename') n(dossier_id bigint, state text, fresh text, entered_at timestamptz)
    where n.state is null;
  end if;
  if p ? 'restate' then
    update work_item w set state = n.state, role = n.role, due_at = n.due_at
    from jsonb_populate_recordset(null::work_item, p->'restate') n
    where w.dossier_id = n.dossier_id and w.no = n.no and w.closed_at is null;
  end if;
  if p ? 'version' then
    update dossier d set version_id = n.version_id
    from jsonb_to_recordset(p->'version') n(dossier_id bigint, version_id int) where d.id = n.dossier_id;
  end if;
end $$;

-- The first act of all parts of a bundle, and the bundle itself: all or nothing.
create function record_bundle(p jsonb) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before jsonb;
  receipt jsonb;
  mine bigint;
begin
  before := remember_request(p->'request');
  if before is not null then return before; end if;
  insert into bundle (code, version_id, intake_agency, intake_unit_id, received_by, channel, return_way, subject,
                      submitted_at, first_due_at, due_at, due_provisional, version, letters)
  select code, version_id, intake_agency, intake_unit_id, received_by, channel, return_way, subject, submitted_at,
         first_due_at, due_at, due_provisional, 1, '[]'
  from jsonb_populate_record(null::bundle, p->'bundle') returning id into mine;
  for receipt in select * from jsonb_array_elements(p->'receipts') loop
    insert into dossier select * from jsonb_populate_record(null::dossier, receipt->'dossier');
    insert into applicant select * from jsonb_populate_record(null::applicant, receipt->'applicant');
    perform record_rows(receipt);
  end loop;
  insert into bundle_part (bundle_id, part, dossier_id, expected_due_at, released_at)
  select mine, part, dossier_id, expected_due_at, released_at
  from jsonb_populate_recordset(null::bundle_part, p->'parts');
  return null;
end $$;

-- What changes of a bundle beside the acts of its parts: expected dates, its close. LT409 when it moved meanwhile.
create function settle_bundle(p jsonb) returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform record_beside(jsonb_build_object('bundle', p->'bundle', 'bundle_part', p->'bundle_part'));
end $$;

-- What the load of an act reads of few dossiers only: a query opens every table it names even when it finds nothing,
-- a function that is not called opens none.

-- A bundle with how its parts stand, as the dossier sees it that is its part `mine`.
create function bundle_of_part(bundle bigint, mine text) returns json language sql stable as $$
  select json_build_object('id', b.id, 'code', b.code, 'version_id', b.version_id, 'part', mine, 'version', b.version,
    'due_at', b.due_at, 'due_provisional', b.due_provisional, 'gather_until', b.gather_until,
    'partial_at', b.partial_at, 'partial_by', b.partial_by, 'closed_at', b.closed_at, 'letters', b.letters,
    'parts', (select json_agg(json_build_object('part', o.part, 'dossier_id', o.dossier_id, 'code', e.code,
        'version_id', e.version_id, 'status', e.status, 'outcome', e.outcome, 'finished_at', e.finished_at,
        'closed_at', e.closed_at, 'due_at', e.due_at, 'expected_due_at', o.expected_due_at,
        'released_at', o.released_at, 'stopped_for', o.stopped_for) order by o.part)
      from bundle_part o join dossier e on e.id = o.dossier_id where o.bundle_id = b.id))
  from bundle b where b.id = bundle_of_part.bundle
$$;

-- The code of the dossier that holds an object now.
create function holder_of(kind text, identity text) returns text language sql stable as $$
  select d.code from asset_claim h join dossier d on d.id = h.dossier_id
  where h.kind = holder_of.kind and h.identity = holder_of.identity and h.held_at is not null
$$;

-- A published version is law: its content never changes, and it never goes away.
create function keep_version() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (to_jsonb(old) - '{state,valid_to,listing}'::text[]) is distinct from
                         (to_jsonb(new) - '{state,valid_to,listing}'::text[]) then
    raise exception 'version % is published and never changes', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger keep_version before update or delete on procedure_version for each row execute function keep_version();
create trigger keep_version before update or delete on bundle_version for each row execute function keep_version();

-- Everybody who ever wrote a draft, whatever its present text says of the last one. A draft begins open; only
-- publish_version publishes it, because nobody else may write published_id; one that has ended never changes.
create function remember_writer() returns trigger language plpgsql as $$
declare
  known int[] := case tg_op when 'INSERT' then '{}' else old.writers end;
begin
  if (tg_op = 'INSERT' and new.state <> 'open') or (tg_op = 'UPDATE' and old.state in ('published', 'discarded'))
     or (new.state = 'published') <> (new.published_id is not null) then
    raise exception 'draft % cannot become so', new.id using errcode = 'check_violation';
  end if;
  new.writers := case when new.changed_by = any (known) then known else known || new.changed_by end;
  return new;
end $$;
create trigger remember_writer before insert or update on procedure_draft for each row execute function remember_writer();

-- Publishes a checked draft. Two persons: whoever wrote or checked it cannot approve it, nor can anybody who is no
-- administrator on that day (LT403). The bytes are those that were checked, of this procedure, as its next version
-- (LT409). The version before it ends the day before this one begins. The application is believed who acts, when, and
-- that the check found nothing; like everywhere, it signs people in.
create function publish_version(draft_id int, seen int, content text, approver int, decision text, begins date,
                                moment timestamptz)
returns int language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d procedure_draft;
  made int;
begin
  select * into d from procedure_draft where id = draft_id for update;
  if d.id is null or d.state <> 'checked' or d.version is distinct from seen or d.checked_by is null
     or d.checked_sha256 is distinct from encode(sha256(convert_to(content, 'UTF8')), 'hex')
     or content::jsonb->>'procedure' is distinct from d.procedure
     or (content::jsonb->>'version')::int is distinct from
        (select coalesce(max(number), 0) + 1 from procedure_version v where v.procedure = d.procedure) then
    raise exception 'draft % is not as it was checked', draft_id using errcode = 'LT409';
  end if;
  if approver in (d.created_by, d.changed_by, d.checked_by) or approver = any (d.writers) or not exists (
      select from membership m join person p on p.id = m.person_id and p.disabled_at is null
      where m.person_id = approver and m.role = 'administrator'
        and (moment at time zone 'Asia/Ho_Chi_Minh')::date between m.valid_from and coalesce(m.valid_to, 'infinity')) then
    raise exception 'draft % needs a second person', draft_id using errcode = 'LT403';
  end if;
  insert into procedure (key) values (d.procedure) on conflict do nothing;
  update procedure_version set valid_to = begins - 1
  where procedure = d.procedure and state = 'published' and valid_from < begins and (valid_to is null or valid_to >= begins);
  insert into procedure_version (procedure, number, content, sha256, state, valid_from, decision_no, published_at,
                                 checked_by, approved_by)
  values (d.procedure, (content::jsonb->>'version')::int, content, d.checked_sha256, 'published', begins, decision, moment,
          d.checked_by, approver)
  returning id into made;
  update procedure_draft set state = 'published', published_id = made, version = version + 1 where id = draft_id;
  update revision set number = number + 1;
  return made;
end $$;

-- Nothing new is received under a retired version after `ends`; dossiers in flight go on. One that is taken back before
-- it begins gives the version before it its open end again.
create function retire_version(version_id int, ends date) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v procedure_version;
begin
  update procedure_version set valid_to = ends, state = case when ends < valid_from then 'retired' else state end
  where id = version_id and state = 'published' and (valid_to is null or valid_to > ends)
  returning * into v;
  if not found then return false; end if;
  if v.state = 'retired' then
    update procedure_version set valid_to = null
    where procedure = v.procedure and state = 'published' and valid_to = v.valid_from - 1;
  end if;
  update revision set number = number + 1;
  return true;
end $$;

-- Which unit fills a party from a day on.
create function bind_party(function_name text, receiving text, unit int, since date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update binding set valid_to = since - 1 where party = function_name and receiving_agency is not distinct from receiving
    and valid_from < since and (valid_to is null or valid_to >= since);
  insert into binding (party, receiving_agency, unit_id, valid_from) values (function_name, receiving, unit, since)
  on conflict (party, (coalesce(receiving_agency, '')), valid_from) do update set unit_id = excluded.unit_id, valid_to = null;
  update revision set number = number + 1;
end $$;

grant select on procedure_draft, pending_import, scenario, bundle_version, consultation, addition, obligation, asset_claim, bundle,
  bundle_part, migration, migration_item to lienthong_app, lienthong_auditor, lienthong_backup;
grant select on all sequences in schema public to lienthong_backup;
grant insert, update on scenario to lienthong_app;
grant insert on procedure_draft to lienthong_app;
grant update (content, version, state, changed_by, changed_at, checked_by, checked_at, checked_sha256, report)
  on procedure_draft to lienthong_app;
grant insert, update, delete on pending_import to lienthong_app;
grant usage on sequence procedure_draft_id_seq, scenario_id_seq, migration_id_seq to lienthong_app;
grant insert on migration to lienthong_app;
grant insert, update on migration_item to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function record_bundle(jsonb), settle_bundle(jsonb), publish_version(int, int, text, int, text, date, timestamptz),
  retire_version(int, date), bind_party(text, text, int, date), bundle_of_part(bigint, text), holder_of(text, text)
  to lienthong_app;

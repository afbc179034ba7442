-- What the exchange between installations writes with an act, and where a message goes.

-- A message for an agency that works at another installation gets its thread and its number in the lane to it. The
-- thread is the code of the dossier where it is mastered: of an answer that is the other side's, which several of our
-- dossiers may share. So the lane is locked until the act is committed, and the numbers have no gap. What is about a
-- hand-off goes to whom that went, or came from, wherever its agency works by now.
create function address_outbox() returns trigger language plpgsql as $$
begin
  if new.peer_id is null and new.kind in ('registered', 'refused', 'recalled', 'kept', 'answered') then
    new.peer_id := (select c.peer_id from counterpart c where c.dossier_id = new.dossier_id);
  elsif new.peer_id is null and new.kind in ('recall', 'withdrawn', 'more_documents', 'progress', 'resend_wanted') then
    new.peer_id := (select o.peer_id from outbox o where o.dossier_id = new.dossier_id and o.kind = 'handoff'
      and o.receiver = new.receiver and o.message_id = coalesce((new.payload->>'handoff')::uuid, o.message_id)
      order by o.seq desc limit 1);
  end if;
  new.peer_id := coalesce(new.peer_id, (select a.peer_id from agency a where a.code = new.receiver));
  if new.peer_id is not null then
    if new.kind in ('registered', 'refused', 'recalled', 'kept', 'answered', 'resend_wanted') then
      new.thread := (select c.thread from counterpart c where c.dossier_id = new.dossier_id and c.peer_id = new.peer_id);
    end if;
    new.thread := coalesce(new.thread, (select d.code from dossier d where d.id = new.dossier_id));
    perform pg_advisory_xact_lock(hashtextextended(new.peer_id || ' out ' || new.thread, 6));
    new.no := coalesce((select max(o.no) from outbox o where o.peer_id = new.peer_id and o.thread = new.thread), 0) + 1;
  end if;
  return new;
end $$;
create trigger address_outbox before insert on outbox for each row execute function address_outbox();

create or replace function record_more(p jsonb) returns void language plpgsql as $$
begin
  perform record_later(p);
  if p ?| array['claim', 'forward', 'mention', 'letter', 'letter_comment', 'signature', 'book', 'message', 'quality'] then
    perform record_desk(p);
  end if;
  if p ?| array['counterpart', 'handoff_note', 'pull', 'applied'] then
    perform record_exchange(p);
  end if;
  if p ?| array['custody', 'transfer', 'bag', 'incident_closed'] then
    perform record_custody(p);
  end if;
  if p ?| array['post_line', 'posting', 'posting_attempt', 'payout', 'payout_visit'] then
    perform record_post(p);
  end if;
  if p ?| array['portal_item'] then
    perform record_portal(p);
  end if;
  if p ?| array['link', 'link_mail', 'link_answer'] then
    perform record_links(p);
  end if;
end $$;

create function record_exchange(p jsonb) returns void language plpgsql as $$
declare
  told arrival;
begin
  if p ? 'counterpart' then
    insert into counterpart select * from jsonb_populate_recordset(null::counterpart, p->'counterpart')
    on conflict (dossier_id) do update
      set task = excluded.task, status = excluded.status, status_name = excluded.status_name, due_at = excluded.due_at,
          ended_at = excluded.ended_at, changed_at = excluded.changed_at;
  end if;
  if p ? 'handoff_note' then
    update handoff h set their_code = coalesce(n.their_code, h.their_code), recall_asked_at = n.recall_asked_at
    from jsonb_populate_recordset(null::handoff, p->'handoff_note') n where h.id = n.id;
  end if;
  if p ? 'pull' then
    insert into pull (document_id, dossier_id, peer_id, message_id, sha256, size, name, media_type, received, attempts)
    select document_id, dossier_id, peer_id, message_id, sha256, size, name, media_type, 0, 0
    from jsonb_populate_recordset(null::pull, p->'pull') on conflict (document_id) do nothing;
  end if;
  if p ? 'applied' then
    -- a message has its effect when it becomes applied, and never again; the next of its lane may follow
    for told in select * from jsonb_populate_recordset(null::arrival, p->'applied') loop
      update arrival a set state = 'applied', applied_at = told.applied_at, dossier_id = told.dossier_id, last_error = null,
        lease_until = null
      where a.peer_id = told.peer_id and a.message_id = told.message_id and a.state in ('waiting', 'parked');
      if not found then
        raise exception 'message % was applied before', told.message_id using errcode = 'LT410';
      end if;
      perform pass_lane(told.peer_id, told.message_id);
    end loop;
  end if;
end $$;

-- The next message of the lane may be applied: this one was, or never will be.
create function pass_lane(peer int, message uuid) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  done arrival;
begin
  select * into done from arrival a where a.peer_id = peer and a.message_id = message;
  -- whoever stores the next one now either sees the lane passed, or is seen
  perform pg_advisory_xact_lock(hashtextextended(peer || ' in ' || done.thread, 6));
  update lane l set expected = done.no + 1
  where l.peer_id = peer and l.thread = done.thread and l.expected = done.no;
  update arrival a set state = 'waiting', next_attempt_at = clock_timestamp()
  where a.peer_id = peer and a.thread = done.thread and a.no = done.no + 1 and a.state = 'held';
end $$;

create function counterpart_of(dossier bigint) returns json language sql stable as $$
  select row_to_json(c) from counterpart c where c.dossier_id = counterpart_of.dossier
$$;

grant select on peer, peer_key, own_key, arrival, lane, counterpart, pull to lienthong_app, lienthong_auditor, lienthong_backup;
grant select on peer_id_seq to lienthong_backup;
grant usage on sequence peer_id_seq to lienthong_app;
grant insert, update (title, url, state, approved_by, approved_at, reached_at, heard_at,
  trouble_since, trouble, failures, retry_at)
  on peer to lienthong_app;
grant insert, update (approved_by, approved_at, revoked_by, revoked_at) on peer_key to lienthong_app;
grant insert, update (retired_at) on own_key to lienthong_app;
grant insert, update (state, attempts, next_attempt_at, lease_until, last_error, receipt) on arrival to lienthong_app;
grant insert on lane to lienthong_app;
grant update (received, attempts, refusals, next_attempt_at, lease_until, done_at, parked_at, last_error, unanswered,
  unanswered_since, owned_at) on pull to lienthong_app;
grant update (envelope, receipt, refusals, unanswered, unanswered_since, owned_at) on outbox to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function counterpart_of(bigint), pass_lane(int, uuid) to lienthong_app;

-- Agencies and units of other installations, as their signed directory names them; what works here is left alone.
create function note_outside(peer int, agencies jsonb, units jsonb) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into agency (code, name_vi, name_en, level, receives, aliases, reach, peer_id)
  select a->>'code', a->>'name_vi', a->>'name_en', a->>'level', false, '{}', 'peer', peer
  from jsonb_array_elements(agencies) a
  on conflict (code) do update set name_vi = excluded.name_vi, name_en = excluded.name_en
    where agency.peer_id = note_outside.peer;
  insert into unit (agency, key, name_vi, name_en)
  select u->>'agency', u->>'key', u->>'name_vi', u->>'name_en' from jsonb_array_elements(units) u
  join agency a on a.code = u->>'agency' and a.peer_id = peer
  on conflict (agency, key) do update set name_vi = excluded.name_vi, name_en = excluded.name_en;
  update revision set number = number + 1;
end $$;
-- A dossier is opened only where people work with this installation: whoever moves an agency holds its units, so he is
-- waited for here, or counts what was opened.
create function works_here() returns trigger language plpgsql as $$
begin
  perform from unit u where u.id = new.intake_unit_id for key share;
  if (select a.reach from agency a where a.code = new.intake_agency) <> 'here' then
    raise exception 'agency % works elsewhere', new.intake_agency using errcode = 'LT409';
  end if;
  return new;
end $$;
create trigger works_here before insert on dossier for each row execute function works_here();

-- How much work is open at an agency, or waits to come back to it; nobody opens more before this transaction ends, since
-- whoever does holds the units his work is at.
create function hold_agency(agency_code text) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from unit u where u.agency = agency_code for update;
  return (select count(*) from unit u join work_item w on w.unit_id = u.id
      where u.agency = agency_code and w.closed_at is null)
    + (select count(*) from unit u join handoff h on h.from_unit_id = u.id
      where u.agency = agency_code and h.state in ('pending', 'delivered'));
end $$;
-- An agency that worked here moves to another installation, to mail or to paper, or comes back.
create function reach_agency(agency_code text, way text, peer int, address text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update agency a set reach = way, peer_id = peer, mail = address where a.code = agency_code;
  if not found then return false; end if;
  update revision set number = number + 1;
  return true;
end $$;
revoke execute on all functions in schema public from public;
grant execute on function note_outside(int, jsonb, jsonb), reach_agency(text, text, int, text), hold_agency(text) to lienthong_app;

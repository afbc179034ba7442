-- Paper: routes, bags and seals, every change of custody, transfers that wait for their receiver.

-- Old papers begin their history with who has them now.
insert into custody (barcode, no, dossier_id, seq, state, unit_id, person_id, since)
select p.barcode, 1, p.dossier_id, d.audit_seq, p.state, p.unit_id, p.person_id, p.since
from paper p join dossier d on d.id = p.dossier_id;

create trigger append_only before update or delete on custody for each row execute function refuse_change();
create trigger append_only_all before truncate on custody for each statement execute function refuse_change();

-- Written at commit, when the act stands as it will be read: nobody can change a holder and forget the history. A paper
-- has one row and so one custodian; its next custodian takes it from the last one in the chain, and from nobody else.
create function keep_custody() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
declare
  now_held paper;
  last custody;
begin
  select * into now_held from paper where barcode = new.barcode;
  select * into last from custody where barcode = new.barcode order by no desc limit 1;
  if (last.state, last.unit_id, last.person_id, last.carrier) is not distinct from
     (now_held.state, now_held.unit_id, now_held.person_id, now_held.carrier) then
    return null;
  end if;
  if last.since > now_held.since then
    raise exception 'paper % was taken before its last holder had it', new.barcode using errcode = 'check_violation';
  end if;
  -- two custodians: one of ours, and somebody outside
  if now_held.carrier is not null and now_held.state not in ('posted', 'missing') and exists (
      select from unit u join agency a on a.code = u.agency where u.id = now_held.unit_id and a.reach = 'here') then
    raise exception 'paper % is with % and with one of ours', new.barcode, now_held.carrier using errcode = 'check_violation';
  end if;
  insert into custody (barcode, no, dossier_id, seq, state, unit_id, person_id, carrier, from_unit_id, from_person_id,
                       since)
  select new.barcode, coalesce(last.no, 0) + 1, new.dossier_id, d.audit_seq, now_held.state, now_held.unit_id,
    now_held.person_id, now_held.carrier, last.unit_id, last.person_id, now_held.since
  from dossier d where d.id = new.dossier_id;
  -- an offer of somebody who has it no more is void
  update transfer set settled_at = now_held.since, settled_by = now_held.person_id, outcome = 'overtaken'
  where barcode = new.barcode and settled_at is null;
  return null;
end $$;
create constraint trigger keep_custody after insert or update on paper deferrable initially deferred
  for each row execute function keep_custody();

create function record_custody(p jsonb) returns void language plpgsql as $$
begin
  if p ? 'custody' then
    update paper x set carrier = c.carrier from jsonb_populate_recordset(null::paper, p->'custody') c
    where x.barcode = c.barcode;
  end if;
  if p ? 'transfer' then
    -- a paper is in a sealed bag or offered by hand, never both: who sealed it in meanwhile was first
    perform from courier_load l where l.taken_at is null and l.confirmed_at is null and l.barcode in (
      select barcode from jsonb_populate_recordset(null::transfer, p->'transfer') where settled_at is null) for update;
    if exists (select from jsonb_populate_recordset(null::transfer, p->'transfer') t
               join courier_load l on l.barcode = t.barcode and l.taken_at is null and l.confirmed_at is null
               join bag b on b.id = l.bag_id and b.opened_at is null where t.settled_at is null) then
      raise exception 'a paper was sealed into a bag' using errcode = 'LT409';
    end if;
    insert into transfer select * from jsonb_populate_recordset(null::transfer, p->'transfer')
    on conflict (id) do update
      set settled_at = excluded.settled_at, settled_by = excluded.settled_by, outcome = excluded.outcome
      where transfer.settled_at is null;
  end if;
  if p ? 'incident_closed' then
    update incident i set closed_at = c.closed_at, closed_by = c.closed_by, closed_why = c.closed_why
    from jsonb_populate_recordset(null::incident, p->'incident_closed') c
    where i.dossier_id = c.dossier_id and i.detail = c.detail and i.closed_at is null
      and (c.id is null or i.id = c.id) and (c.kind is null or i.kind = c.kind);
  end if;
end $$;

-- The offer of each paper of a dossier that waits for its receiver.
create function offers_of(dossier bigint) returns json language sql stable as $$
  select json_agg(t) from transfer t where t.dossier_id = offers_of.dossier and t.settled_at is null
$$;

-- The sealed bag in which a paper of a dossier lies that no courier has taken.
create function bags_of(dossier bigint) returns json language sql stable as $$
  select json_agg(json_build_object('barcode', l.barcode, 'seal', b.seal))
  from courier_load l join bag b on b.id = l.bag_id and b.opened_at is null
  where l.dossier_id = bags_of.dossier and l.taken_at is null and l.confirmed_at is null
$$;

-- A paper belongs to a route that stops at both its ends, else to the general one. Otherwise as before: everything that
-- was ready by the cut-off and is on no other run; what an earlier run left behind is on none any more. A sealed bag that
-- was left behind goes with the run its papers are on now.
create or replace function draw_manifest(run bigint, moment timestamptz, cut_off timestamptz) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  n int;
  route int;
begin
  update courier_run set state = 'listed', listed_at = moment where id = run and state = 'planned'
  returning route_id into route;
  if not found then return 0; end if;
  with waiting as (
    update paper p set run_id = run where p.state = 'held' and p.bound_for_unit_id is not null and p.bound_at <= cut_off
      and (p.run_id is null or p.run_id in (select id from courier_run where state in ('departed', 'arrived')))
      and route = coalesce((select min(r.id) from courier_route r where r.retired_at is null
                            and r.stops @> array[p.unit_id, p.bound_for_unit_id]), 1)
      and not exists (select from transfer t where t.barcode = p.barcode and t.settled_at is null)
    returning barcode, dossier_id, unit_id, bound_for_unit_id)
  insert into courier_load (run_id, barcode, dossier_id, from_unit_id, to_unit_id)
  select run, barcode, dossier_id, unit_id, bound_for_unit_id from waiting;
  get diagnostics n = row_count;
  with stayed as (
    update courier_load o set bag_id = null from bag b, courier_load l
    where b.id = o.bag_id and b.opened_at is null and o.run_id <> run and o.taken_at is null and o.confirmed_at is null
      and l.run_id = run and l.barcode = o.barcode and (l.from_unit_id, l.to_unit_id) = (b.from_unit_id, b.to_unit_id)
    returning o.barcode, b.id),
  packed as (
    update courier_load l set bag_id = s.id from stayed s where l.run_id = run and l.barcode = s.barcode)
  update bag set run_id = run where id in (select id from stayed);
  return n;
end $$;

-- Offers that nobody confirmed in time are told to both units, once.
create function ring_transfers(moment timestamptz) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare n int;
begin
  with late as (
    update transfer set rung_at = moment where settled_at is null and rung_at is null and due_at <= moment
    returning dossier_id, from_unit_id, to_unit_id, due_at)
  insert into notice (dossier_id, clock_no, kind, about, unit_id, at)
  select dossier_id, 0, 'paper_unconfirmed', due_at, unnest(array[from_unit_id, to_unit_id]), moment from late
  on conflict (dossier_id, clock_no, kind, about, unit_id) do nothing;
  get diagnostics n = row_count;
  return n;
end $$;

-- Papers go into a bag and the bag is sealed; what is in another bag, is offered by hand or has left does not go in.
create function seal_bag(run bigint, sender int, receiver int, seal_number text, person int, moment timestamptz,
                         barcodes text[]) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare made bigint;
begin
  -- it has not left: who departs now waits, or is seen
  perform from courier_run where id = run and state = 'listed' for share;
  if not found then raise exception 'the run has left' using errcode = 'LT422'; end if;
  perform from courier_load where run_id = run and barcode = any (barcodes) order by barcode for update;
  insert into bag (run_id, from_unit_id, to_unit_id, seal, sealed_at, sealed_by)
  values (run, sender, receiver, seal_number, moment, person) returning id into made;
  update courier_load set bag_id = made
  where run_id = run and barcode = any (barcodes) and bag_id is null and taken_at is null
    and from_unit_id = sender and to_unit_id = receiver
    and not exists (select from transfer t where t.barcode = courier_load.barcode and t.settled_at is null);
  if not found then raise exception 'nothing to seal' using errcode = 'LT422'; end if;
  return made;
end $$;

-- The papers of a bag that has not left are out of it again; false once it was opened or a courier has one of them.
create function unpack_bag(wanted bigint) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from courier_load where bag_id = wanted order by barcode for update;
  if exists (select from courier_load where bag_id = wanted and (taken_at is not null or confirmed_at is not null))
     or not exists (select from bag where id = wanted and opened_at is null) then
    return false;
  end if;
  update courier_load set bag_id = null where bag_id = wanted;
  return true;
end $$;

-- Many acts in one transaction: each is recorded or, where its dossier moved meanwhile, named in the answer.
create function record_acts(acts jsonb) returns jsonb
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  one jsonb;
  moved jsonb := '[]';
  at int := 0;
begin
  for one in select * from jsonb_array_elements(acts) loop
    begin
      perform record_act(one);
    exception when sqlstate 'LT409' then
      moved := moved || to_jsonb(at);
    end;
    at := at + 1;
  end loop;
  return moved;
end $$;

grant select on custody, transfer, courier_route, bag to lienthong_app, lienthong_auditor, lienthong_backup;
grant select on courier_route_id_seq, bag_id_seq to lienthong_backup;
grant insert, update (name_vi, name_en, stops, departures, retired_at) on courier_route to lienthong_app;
grant usage on sequence courier_route_id_seq to lienthong_app;
grant update (opened_at, opened_by, seal_found, intact) on bag to lienthong_app;
grant update (confirm_by, confirm_by_unit) on courier_run to lienthong_app;
grant insert, update (closed_why) on incident to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function offers_of(bigint), bags_of(bigint), unpack_bag(bigint), ring_transfers(timestamptz), record_acts(jsonb),
  seal_bag(bigint, int, int, text, int, timestamptz, text[]) to lienthong_app;

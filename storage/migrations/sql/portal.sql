-- The national portal: what it is told of each dossier in order, exceptions with an owner, reconciliation.

insert into portal_line (id, failures) values (1, 0);

-- Whoever adds an item has locked the dossier, so the numbers have no gap. The portal learns of a dossier before it
-- learns what was done with it, also where it was taken in before the connector was switched on.
create function record_portal(p jsonb) returns void language plpgsql as $$
declare
  item portal_item;
  last int;
begin
  for item in select * from jsonb_populate_recordset(null::portal_item, p->'portal_item') loop
    select max(i.no) into last from portal_item i where i.dossier_id = item.dossier_id;
    item.reconciled := false; item.next_attempt_at := item.at; item.attempts := 0; item.alone := 0;
    item.no := coalesce(last, 0) + 1;
    if last is null and item.kind <> 'dossier' then
      insert into portal_item (dossier_id, no, kind, status, seq, at, owner_unit_id, reconciled, next_attempt_at, attempts, alone)
      values (item.dossier_id, 1, 'dossier', item.status, item.seq, item.at, item.owner_unit_id, false, item.at, 0, 0);
      item.no := 2;
    end if;
    insert into portal_item select item.*;
  end loop;
end $$;

-- How a dossier stands is told once more, or for the first time; nothing while something of it waits to be told.
create function tell_portal(dossier bigint, moment timestamptz, reconciliation boolean) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d record;
  next_no int;
begin
  select id, status, audit_seq, intake_unit_id, mirror into d from dossier where id = tell_portal.dossier for no key update;
  if d.id is null or d.mirror is not null or exists (
      select from portal_item i where i.dossier_id = d.id and i.sent_at is null and i.closed_at is null) then
    return null;
  end if;
  select coalesce(max(i.no), 0) + 1 into next_no from portal_item i where i.dossier_id = d.id;
  insert into portal_item (dossier_id, no, kind, status, seq, at, owner_unit_id, reconciled, next_attempt_at, attempts, alone)
  values (d.id, next_no, 'dossier', d.status, d.audit_seq, moment, d.intake_unit_id, reconciliation, moment, 0, 0);
  return next_no;
end $$;

grant select on portal_item, portal_line, portal_day, portal_difference to lienthong_app, lienthong_auditor, lienthong_backup;
grant update (next_attempt_at, attempts, lease_until, tried_at, alone, payload, sha256, sent_at, held_at, faults, corrections,
  closed_at, closed_by, closed_why) on portal_item to lienthong_app;
grant update (reached_at, trouble_since, trouble, failures, retry_at) on portal_line to lienthong_app;
grant insert, update, delete on portal_day, portal_difference to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function tell_portal(bigint, timestamptz, boolean) to lienthong_app;

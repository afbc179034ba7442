-- Post and bags: what came out of a bag, what lies in one is not given away, a slip goes one way, where a result was
-- sent, an order whose recipient died.

-- The papers of a bag that has not left are out of it again, and the bag says which they were; false once it was opened
-- or a courier has one of them.
create or replace function unpack_bag(wanted bigint) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from courier_load where bag_id = wanted order by barcode for update;
  if exists (select from courier_load where bag_id = wanted and (taken_at is not null or confirmed_at is not null))
     or not exists (select from bag where id = wanted and opened_at is null) then
    return false;
  end if;
  with unpacked as (update courier_load set bag_id = null where bag_id = wanted returning barcode)
  update bag set unpacked = array(select barcode from unpacked order by barcode) where id = wanted;
  return true;
end $$;

-- As before; and only what its sender still has.
create or replace function seal_bag(run bigint, sender int, receiver int, seal_number text, person int,
                                    moment timestamptz, barcodes text[]) returns bigint
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
    and exists (select from paper p where p.barcode = courier_load.barcode and p.state = 'held')
    and not exists (select from transfer t where t.barcode = courier_load.barcode and t.settled_at is null);
  if not found then raise exception 'nothing to seal' using errcode = 'LT422'; end if;
  return made;
end $$;

-- What lies in a sealed bag is handed to nobody: who seals it in at this moment waits, or is seen.
create function keep_sealed() returns trigger language plpgsql as $$
begin
  perform from courier_load where barcode = new.barcode and taken_at is null and confirmed_at is null for update;
  if exists (select from courier_load l join bag b on b.id = l.bag_id and b.opened_at is null
             where l.barcode = new.barcode and l.taken_at is null and l.confirmed_at is null) then
    raise exception 'a paper was sealed into a bag' using errcode = 'LT409';
  end if;
  return new;
end $$;
create trigger keep_sealed before update on paper
  for each row when (old.state = 'held' and new.state in ('posted', 'handed_over')) execute function keep_sealed();

-- A slip brought papers or took a result away, never both: who uses it the other way at this moment waits, or is seen.
create function keep_slip() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.slip, 9));
  if tg_table_name = 'posting' and exists (select from post_intake_line l where l.slip = new.slip) then
    raise exception 'this slip brought papers' using errcode = 'LT409';
  end if;
  if tg_table_name = 'post_intake_line' and exists (select from posting p where p.slip = new.slip) then
    raise exception 'a result went with this slip' using errcode = 'unique_violation';
  end if;
  return new;
end $$;
create trigger keep_slip before insert on posting for each row execute function keep_slip();
create trigger keep_slip before insert on post_intake_line for each row execute function keep_slip();

create or replace function record_post(p jsonb) returns void language plpgsql as $$
begin
  if p ? 'post_line' then
    update post_intake_line l set dossier_id = n.dossier_id
    from jsonb_populate_recordset(null::post_intake_line, p->'post_line') n
    where l.intake_id = n.intake_id and l.no = n.no and l.dossier_id is null;
    if not found then
      raise exception 'this slip has become a dossier' using errcode = 'LT409';
    end if;
  end if;
  if p ? 'posting' then
    insert into posting select * from jsonb_populate_recordset(null::posting, p->'posting')
    on conflict (dossier_id, no) do update
      set state = excluded.state, attempts = excluded.attempts, why = excluded.why, delivered_on = excluded.delivered_on,
          received_by = excluded.received_by, proof = excluded.proof, ended_at = excluded.ended_at;
    -- who has only the slip in hand finds the dossier
    update applicant a set search = a.search || ' ' || lower(n.slip)
    from jsonb_populate_recordset(null::posting, p->'posting') n
    where a.dossier_id = n.dossier_id and position(lower(n.slip) in a.search) = 0;
  end if;
  if p ? 'posting_attempt' then
    insert into posting_attempt select * from jsonb_populate_recordset(null::posting_attempt, p->'posting_attempt');
  end if;
  if p ? 'payout' then
    -- what is put on a list, for somebody new too, is on it when it is passed on, or goes on the next
    perform pg_advisory_xact_lock_shared(hashtextextended(n.agency || coalesce(n.since_month, n.first_month), 8))
    from jsonb_populate_recordset(null::payout, p->'payout') n where not named_before(n);
    if exists (select from jsonb_populate_recordset(null::payout, p->'payout') n
               join payout_list l on l.agency = n.agency and l.month = coalesce(n.since_month, n.first_month)
               where not named_before(n)) then
      raise exception 'this list was passed on' using errcode = 'LT409';
    end if;
    insert into payout select * from jsonb_populate_recordset(null::payout, p->'payout')
    on conflict (dossier_id, no) do update
      set month = excluded.month, failed = excluded.failed, visits = excluded.visits, paid_on = excluded.paid_on,
          beneficiary = excluded.beneficiary, address = excluded.address, account = excluded.account,
          way = excluded.way, since_month = excluded.since_month, closed_on = excluded.closed_on;
  end if;
  if p ? 'payout_visit' then
    insert into payout_visit select * from jsonb_populate_recordset(null::payout_visit, p->'payout_visit');
  end if;
  if p ? 'payout_turn' then
    insert into payout_turn select * from jsonb_populate_recordset(null::payout_turn, p->'payout_turn');
  end if;
end $$;

-- Whether an order stands for this recipient, since that list, already.
create function named_before(wanted payout) returns boolean language sql stable as $$
  select exists (select from payout p where (p.dossier_id, p.no) = (wanted.dossier_id, wanted.no)
    and (p.beneficiary, p.since_month) is not distinct from (wanted.beneficiary, wanted.since_month))
$$;

-- What the post has to do with a dossier: when it was submitted by post, where its results went and would go, what is to
-- be paid to whom.
create or replace function post_of(dossier bigint) returns json language sql stable as $$
  select json_build_object(
    'submitted_at', (select max(i.signed_at) from post_intake_line l join post_intake i on i.id = l.intake_id
      where l.dossier_id = post_of.dossier and l.complete),
    'address', (select a.address from applicant a where a.dossier_id = post_of.dossier),
    'postings', (select json_agg(p order by p.no) from posting p where p.dossier_id = post_of.dossier),
    'payouts', (select json_agg(to_jsonb(p) || jsonb_build_object(
        'listed', exists (select from payout_list l where l.agency = p.agency
          and l.month = coalesce(p.since_month, p.first_month)),
        'turns', coalesce((select jsonb_agg(to_jsonb(t) || jsonb_build_object('by', o.name) order by t.no)
          from payout_turn t join person o on o.id = t.recorded_by
          where t.dossier_id = p.dossier_id and t.payout_no = p.no), '[]')) order by p.no)
      from payout p where p.dossier_id = post_of.dossier))
$$;

drop trigger keep_paid on payout;
create trigger keep_paid before update or delete on payout
  for each row when (old.paid_on is not null or old.closed_on is not null) execute function refuse_change();
create trigger append_only before update or delete on payout_turn for each row execute function refuse_change();

grant select on payout_turn to lienthong_app, lienthong_auditor, lienthong_backup;
revoke execute on all functions in schema public from public;

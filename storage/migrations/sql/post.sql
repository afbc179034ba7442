-- Post: papers taken in by post, results sent by post with proof, money paid out at home.

create function record_post(p jsonb) returns void language plpgsql as $$
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
    -- what is ordered for a list is on it when it is passed on, or goes on the next
    perform pg_advisory_xact_lock_shared(hashtextextended(n.agency || n.month, 8))
    from jsonb_populate_recordset(null::payout, p->'payout') n where n.visits = 0;
    if exists (select from jsonb_populate_recordset(null::payout, p->'payout') n
               join payout_list l on l.agency = n.agency and l.month = n.month where n.visits = 0) then
      raise exception 'this list was passed on' using errcode = 'LT409';
    end if;
    insert into payout select * from jsonb_populate_recordset(null::payout, p->'payout')
    on conflict (dossier_id, no) do update
      set month = excluded.month, failed = excluded.failed, visits = excluded.visits, paid_on = excluded.paid_on;
  end if;
  if p ? 'payout_visit' then
    insert into payout_visit select * from jsonb_populate_recordset(null::payout_visit, p->'payout_visit');
  end if;
end $$;

-- What the post has to do with a dossier: when it was submitted by post, where its results went, what is to be paid.
create function post_of(dossier bigint) returns json language sql stable as $$
  select json_build_object(
    'submitted_at', (select max(i.signed_at) from post_intake_line l join post_intake i on i.id = l.intake_id
      where l.dossier_id = post_of.dossier and l.complete),
    'postings', (select json_agg(p order by p.no) from posting p where p.dossier_id = post_of.dossier),
    'payouts', (select json_agg(to_jsonb(p) || jsonb_build_object('listed', exists (select from payout_list l
        where l.agency = p.agency and l.month = p.first_month)) order by p.no)
      from payout p where p.dossier_id = post_of.dossier))
$$;

-- A record that both have signed is as it was signed; only what became of its lines is added.
create function keep_signed_intake() returns trigger language plpgsql as $$
declare
  signed boolean;
begin
  select i.signed_at is not null into signed from post_intake i
  where i.id = case when tg_op = 'DELETE' then old.intake_id else new.intake_id end;
  if signed and (tg_op <> 'UPDATE' or old.dossier_id is not null
                 or to_jsonb(old) - 'dossier_id' <> to_jsonb(new) - 'dossier_id') then
    raise exception 'a signed hand-over record does not change' using errcode = 'restrict_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger keep_signed before insert or update or delete on post_intake_line
  for each row execute function keep_signed_intake();
create trigger keep_signed before update or delete on post_intake
  for each row when (old.signed_at is not null) execute function refuse_change();
create trigger keep_paid before update or delete on payout
  for each row when (old.paid_on is not null) execute function refuse_change();
create trigger append_only before update or delete on payout_visit for each row execute function refuse_change();
create trigger append_only before update or delete on posting_attempt for each row execute function refuse_change();

grant select on post_intake, post_intake_line, post_batch, posting, posting_attempt, payout, payout_visit, payout_list
  to lienthong_app, lienthong_auditor, lienthong_backup;
grant select on post_intake_id_seq, post_batch_id_seq to lienthong_backup;
grant usage on sequence post_intake_id_seq, post_batch_id_seq to lienthong_app;
grant insert, update (signed_at, signed_by, worker, receiver, entered_at) on post_intake to lienthong_app;
grant insert, delete on post_intake_line to lienthong_app;
grant insert, update (closed_at) on post_batch to lienthong_app;
grant insert on payout_list to lienthong_app;
revoke execute on all functions in schema public from public;
grant execute on function post_of(bigint) to lienthong_app;

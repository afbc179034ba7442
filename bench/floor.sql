-- The floor: the very rows of one linear act, written by one prepared call that decides nothing and parses nothing.
create function bench_floor(mine bigint, actor int, key text, fingerprint bytea, reply text, moment timestamptz,
  leaves text, enters text, closes int, opens int, unit int, ends_clock int, starts_clock int, limit_json jsonb,
  marks jsonb, due timestamptz, alarm timestamptz, seq int, actor_name text, unit_name text, event text, details text,
  prev bytea, hash bytea, words text, words_key bytea) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into idempotency (actor_id, key, fingerprint, reply) values (actor, key, fingerprint, reply) on conflict do nothing;
  perform 1 from dossier where id = mine for no key update;
  delete from active_state where dossier_id = mine and state = leaves;
  insert into active_state values (mine, enters, moment);
  update work_item set closed_at = moment, closed_by = actor, close_event = event where dossier_id = mine and no = closes;
  insert into work_item (dossier_id, no, state, duty, unit_id, role, opened_version, opened_at, available_at, due_at)
  values (mine, opens, enters, 'step', unit, 'head', seq, moment, moment, due);
  update clock set marks = bench_floor.marks, ended_at = moment where dossier_id = mine and no = ends_clock;
  insert into clock values (mine, starts_clock, 'step', opens, limit_json, 'HOUR', bench_floor.marks, due, due, null, null, 1, null);
  delete from timer where dossier_id = mine and clock_no = ends_clock;
  insert into timer values (mine, starts_clock, 'warn_80', alarm, 0, null);
  if words is not null then insert into remark values (mine, seq, words, words_key); end if;
  insert into audit values (mine, seq, moment, actor, actor_name, unit, unit_name, event, array[leaves], array[enters],
    details, prev, hash);
  update dossier set status = 4, history = '{}', version = version + 1, item_no = opens, clock_no = starts_clock,
    audit_seq = seq, audit_head = hash where id = mine;
end $$;
grant execute on function bench_floor to lienthong_app;
